"""Which faults a detector is trained on, and which it is measured on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from p2p_cosim.core.fault_kinds import (
    HOUSE_OUTAGE,
    INVERTER_TRIP,
    LATERAL_OPEN,
    LV_SHORT,
    LYING_METER,
    OPEN_PHASE,
    SLG,
    SWITCH_OPEN,
    TRANSFORMER_OUTAGE,
)
from p2p_cosim.core.types import Fault
from p2p_cosim.detection.places import place_of
from p2p_cosim.grid.faults import PHASE_SHORTS, possible_opens
from p2p_cosim.grid.opendss import OpenDSSGrid

BEFORE, DURING, AFTER = 20, 12, 4
"""Ticks of an episode: until the fault, with it, and after its repair."""
_SHORT_OHM = (0.0, 1.0, 5.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1000.0)
_SERVICE_OHM = (0.01, 0.05, 0.1)

TRAIN_BUSES = {"one": ("671", "652", "633", "692"), "three": ("671", "692", "633")}
HELD_OUT_BUSES = {"one": ("632", "675", "680", "645", "611", "684"), "three": ("632", "675", "680")}
# Houses and lines that training sees; the others are for the measurement. Every transformer is
# on both sides, because there are only five.
_TRAIN_LINES = ("632-645", "671-684", "684-652", "692-675", "632-670")
_OPENS, _OPEN_REPEATS = (TRANSFORMER_OUTAGE, LATERAL_OPEN, SWITCH_OPEN, OPEN_PHASE), 3
_NOTHING_BEYOND = "671-680"  # nobody is supplied through it, so nothing is lost with it

DAY_SEEDS = {"train": 0, "calibrate": 100_000, "held out": 200_000, "fault free": 300_000}
"""First seed of each disjoint set of days."""


@dataclass(frozen=True, slots=True)
class Episode:
    """A fault on a day: `BEFORE` normal ticks, the fault, and the repair."""

    day_seed: int
    fault: Fault

    @property
    def first(self) -> int:
        """First tick of the day that the detector sees."""
        return self.fault.start_tick - BEFORE

    @property
    def last(self) -> int:
        """First tick that it does not see any more."""
        return self.fault.end_tick + AFTER


def places(held_out: bool, grid: OpenDSSGrid) -> list[Fault]:
    """Everything that breaks on one side of the split, with ticks to be filled in."""
    buses = HELD_OUT_BUSES if held_out else TRAIN_BUSES
    found: list[Fault] = []
    for kind, phases in PHASE_SHORTS:
        for bus in buses["one" if kind == SLG else "three"]:
            if set(phases) <= set(grid.circuit.buses[bus].phases):
                found += [Fault(kind, bus, 0, 1, phases, ohm) for ohm in _SHORT_OHM]
    for fault in possible_opens(grid.circuit, grid.houses):
        if fault.place == _NOTHING_BEYOND:
            continue
        trained = fault.place in _TRAIN_LINES
        if fault.kind in (TRANSFORMER_OUTAGE, SWITCH_OPEN) or trained != held_out:
            found.append(fault)
    for i, house in enumerate(grid.houses):
        if (i % 2 == 0) == held_out:
            found.append(Fault(HOUSE_OUTAGE, house.name, 0, 1))
            found += [Fault(LV_SHORT, house.name, 0, 1, "", ohm) for ohm in _SERVICE_OHM]
            if held_out:
                found += [Fault(kind, house.name, 0, 1) for kind in (INVERTER_TRIP, LYING_METER)]
    return found


def episodes(
    grid: OpenDSSGrid, held_out: bool, per_place: int, every: int = 1
) -> Iterator[Episode]:
    """`per_place` episodes of each place on drawn days and times, more of opens, of which
    there are few; `every` thins the places."""
    first_seed = DAY_SEEDS["held out" if held_out else "train"]
    rng = np.random.default_rng(first_seed)
    for number, fault in enumerate(_repeated(places(held_out, grid)[::every]) * per_place):
        start = int(rng.integers(BEFORE, 96 - DURING - AFTER))
        placed = Fault(
            fault.kind, fault.place, start, start + DURING, fault.phases, fault.impedance_ohm
        )
        yield Episode(first_seed + number, placed)


def _repeated(found: list[Fault]) -> list[Fault]:
    return [fault for fault in found for _ in range(_OPEN_REPEATS if fault.kind in _OPENS else 1)]


def decade(fault: Fault) -> str:
    """The row of the table that a fault belongs to."""
    if place_of(fault) == fault.place:
        return "-"
    if fault.impedance_ohm <= 20:
        return "0 to 20 ohm"
    return "50 and 100 ohm" if fault.impedance_ohm <= 100 else "200 to 1000 ohm"
