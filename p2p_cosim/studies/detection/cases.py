"""Which faults a detector is trained on, and which it is measured on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

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
from p2p_cosim.core.types import Fault, Injections
from p2p_cosim.detection.places import place_of
from p2p_cosim.feeders.elements import is_primary
from p2p_cosim.grid.faults import PHASE_SHORTS, possible_opens
from p2p_cosim.grid.opendss import OpenDSSGrid

T = TypeVar("T")

BEFORE, DURING, AFTER = 20, 12, 4
"""Ticks of an episode: until the fault, with it, and after its repair."""
BANDS_OHM = ((0.1, 20.0), (20.0, 200.0), (200.0, 1000.0))
"""Short circuits on the primary: one of each band at each place, log-uniform within it."""
_SERVICE_BAND_OHM = (0.01, 0.2)

TRAIN_BUSES = {"one": ("671", "652", "633", "692"), "three": ("671", "692", "633")}
HELD_OUT_BUSES = {"one": ("632", "675", "680", "645", "611", "684"), "three": ("632", "675", "680")}
# Houses and lines that training sees; the others are for the measurement. Every transformer is
# on both sides, because there are only five.
_TRAIN_LINES = ("632-645", "671-684", "684-652", "692-675", "632-670")
_OPENS, _OPEN_REPEATS = (TRANSFORMER_OUTAGE, LATERAL_OPEN, SWITCH_OPEN, OPEN_PHASE), 3
_SPLIT_FEEDER = "ieee13"  # the only one that anything is trained on
_FEW_BUSES, _FEW_OPENS = {"one": 6, "three": 3}, 6  # of another feeder, evenly spread
_UNSEEN_EVERY = 3  # houses with a kind that no detector can tell
_NOTHING_LOST_KW = 0.5  # by an open beyond which nobody is supplied

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


@dataclass(frozen=True, slots=True)
class Breaking:
    """Something that breaks, with ticks to be filled in, and an impedance if it has a band."""

    fault: Fault
    band_ohm: tuple[float, float] | None = None

    def at(self, start_tick: int, rng: np.random.Generator) -> Fault:
        """It on a day, of an impedance that is log-uniform in the band."""
        ohm = 0.0
        if self.band_ohm is not None:
            low, high = np.log(self.band_ohm)
            ohm = float(f"{np.exp(rng.uniform(low, high)):.3g}")
        return replace(
            self.fault,
            start_tick=start_tick,
            end_tick=start_tick + DURING,
            impedance_ohm=ohm,
        )


def places(held_out: bool, grid: OpenDSSGrid) -> list[Breaking]:
    """Everything that breaks on one side of the split; on another feeder all is held out."""
    found: list[Breaking] = []
    buses = _buses(held_out, grid)
    for kind, phases in PHASE_SHORTS:
        for bus in buses["one" if kind == SLG else "three"]:
            if set(phases) <= set(grid.circuit.buses[bus].phases):
                found += [Breaking(Fault(kind, bus, 0, 1, phases), band) for band in BANDS_OHM]
    found += [Breaking(fault) for fault in _opens(held_out, grid)]
    for i, house in enumerate(grid.houses):
        if (i % 2 == 0) == held_out:
            found.append(Breaking(Fault(HOUSE_OUTAGE, house.name, 0, 1)))
            found.append(Breaking(Fault(LV_SHORT, house.name, 0, 1), _SERVICE_BAND_OHM))
            if held_out and i % _UNSEEN_EVERY == 0:
                kinds = (INVERTER_TRIP, LYING_METER)
                found += [Breaking(Fault(kind, house.name, 0, 1)) for kind in kinds]
    return found


def _buses(held_out: bool, grid: OpenDSSGrid) -> dict[str, tuple[str, ...]]:
    if grid.circuit.name == _SPLIT_FEEDER:
        return HELD_OUT_BUSES if held_out else TRAIN_BUSES
    own = [bus for bus in grid.circuit.buses.values() if is_primary(bus)]
    own = [bus for bus in own if bus.name != grid.circuit.source_bus]
    full = [bus.name for bus in own if len(bus.phases) == 3]
    return {
        "one": _spread([bus.name for bus in own], _FEW_BUSES["one"]),
        "three": _spread(full, _FEW_BUSES["three"]),
    }


def _opens(held_out: bool, grid: OpenDSSGrid) -> list[Fault]:
    found = possible_opens(grid.circuit, grid.houses)
    own = grid.circuit.name == _SPLIT_FEEDER
    both = (TRANSFORMER_OUTAGE, SWITCH_OPEN)  # too few to be on one side only
    if own:
        kept = [f for f in found if f.kind in both or (f.place in _TRAIN_LINES) != held_out]
        return [fault for fault in kept if _loses(grid, fault)]
    lost = [fault for fault in found if _loses(grid, fault)]
    kinds = dict.fromkeys(fault.kind for fault in lost)
    return [
        fault
        for kind in kinds
        for fault in _spread([f for f in lost if f.kind == kind], _FEW_OPENS)
    ]


def _loses(grid: OpenDSSGrid, fault: Fault) -> bool:
    """Whether anybody is supplied through it: with an open beyond all loads nothing is lost."""
    before = grid.injections
    grid.dispatch(Injections(np.ones(len(grid.houses)), np.zeros(len(grid.houses)), 1.0))
    whole = grid.solve()
    grid.apply(fault)
    broken = grid.solve()
    grid.clear(fault)
    grid.dispatch(before)
    change = np.abs(broken.spot_p_kw - whole.spot_p_kw).sum()
    change += np.abs(broken.house_p_kw - whole.house_p_kw).sum()
    return float(change) > _NOTHING_LOST_KW


def _spread(found: Sequence[T], count: int) -> tuple[T, ...]:
    """At most so many of them, evenly."""
    if len(found) <= count:
        return tuple(found)
    return tuple(found[round(i * (len(found) - 1) / (count - 1))] for i in range(count))


def episodes(
    grid: OpenDSSGrid, held_out: bool, per_place: int, every: int = 1
) -> Iterator[Episode]:
    """`per_place` episodes of each place on drawn days and times, more of opens, of which
    there are few; `every` thins the places."""
    first_seed = DAY_SEEDS["held out" if held_out else "train"]
    rng = np.random.default_rng(first_seed)
    for number, breaking in enumerate(_repeated(places(held_out, grid)[::every]) * per_place):
        start = int(rng.integers(BEFORE, 96 - DURING - AFTER))
        yield Episode(first_seed + number, breaking.at(start, rng))


def _repeated(found: list[Breaking]) -> list[Breaking]:
    return [
        breaking
        for breaking in found
        for _ in range(_OPEN_REPEATS if breaking.fault.kind in _OPENS else 1)
    ]


def band(fault: Fault) -> str:
    """The row of a table that a short circuit on the primary belongs to; "-" of others."""
    if place_of(fault) == fault.place:
        return "-"
    low, high = next((b for b in BANDS_OHM if fault.impedance_ohm <= b[1]), BANDS_OHM[-1])
    return f"{low:g} to {high:g} ohm"
