"""Every kind of fault, and what is to be known of it: the one file that names them.

Other modules compare with the constants, or ask `FAULT_KINDS` for a kind by its name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

HOUSE_OUTAGE = "house_outage"
TRANSFORMER_OUTAGE = "transformer_outage"
LATERAL_OPEN = "lateral_open"
SWITCH_OPEN = "switch_open"
OPEN_PHASE = "open_phase"
SLG = "slg"
LL = "ll"
LLG = "llg"
THREE_PHASE = "three_phase"
LV_SHORT = "lv_short"
REVERSED_REGULATOR = "reversed_regulator"
INVERTER_TRIP = "inverter_trip"
LYING_METER = "lying_meter"
SLOW_THEFT = "slow_theft"
STUCK_REGULATOR = "stuck_regulator"

HOUSE_RESTORED = "house_restored"
"""No fault: the kind of the alarm that a house has its own supply again."""

Part = Literal["grid", "meter", "house"]
Place = Literal["house", "transformer", "switch", "branch", "bus", "regulator"]


@dataclass(frozen=True, slots=True)
class FaultKind:
    """A kind of fault.

    acts_on: the grid, a house's meter, or what a house has behind its meter.
    place: what a fault of this kind stands at; a `branch` is a line or a switch.
    phases: how many phases it needs to be told.
    is_open, is_short: whether it interrupts a conductor, or joins conductors to each other or
    to ground.
    needs_own_control: whether only a regulator's own control can break so.
    label: in figures, if not the name itself. meaning: a sentence for the reference.
    """

    name: str
    acts_on: Part
    place: Place
    meaning: str
    phases: int = 0
    is_open: bool = False
    is_short: bool = False
    label: str = ""
    needs_own_control: bool = False

    @property
    def alarm_place(self) -> str:
        """What an alarm can tell of the place: `house`, `transformer`, `lateral`, `phase` or
        `regulator`. Meters place a short circuit on its phases; its bus is left to whoever
        drives along the line."""
        if self.place == "bus":
            return "phase"
        return "lateral" if self.place in ("switch", "branch") else self.place

    @property
    def words(self) -> str:
        """The kind as a figure names it."""
        return self.label or self.name.replace("_", " ")


_ALL = (
    FaultKind(HOUSE_OUTAGE, "grid", "house", "opens the service drop of a house", is_open=True),
    FaultKind(
        TRANSFORMER_OUTAGE,
        "grid",
        "transformer",
        "opens the primary of a service transformer",
        is_open=True,
    ),
    # A switch is a branch too: what its opening is called does not matter to the network.
    FaultKind(LATERAL_OPEN, "grid", "branch", "opens a line", is_open=True),
    FaultKind(SWITCH_OPEN, "grid", "switch", "opens a switch", is_open=True),
    FaultKind(OPEN_PHASE, "grid", "branch", "opens one phase of a line or switch", 1, is_open=True),
    FaultKind(SLG, "grid", "bus", "one phase to ground", 1, is_short=True, label="SLG"),
    FaultKind(LL, "grid", "bus", "between two phases", 2, is_short=True, label="LL"),
    FaultKind(LLG, "grid", "bus", "two phases to ground", 2, is_short=True, label="LLG"),
    FaultKind(
        THREE_PHASE, "grid", "bus", "all phases to ground", 3, is_short=True, label="3-phase"
    ),
    FaultKind(
        LV_SHORT,
        "grid",
        "house",
        "across the service of a house",
        is_short=True,
        label="LV short",
    ),
    FaultKind(
        REVERSED_REGULATOR,
        "grid",
        "regulator",
        "a regulator's own control, under power that flows backwards, regulates the source's side",
        needs_own_control=True,
    ),
    FaultKind(INVERTER_TRIP, "house", "house", "the PV of a house is off"),
    FaultKind(LYING_METER, "meter", "house", "the meter of a house reports half of its power"),
    FaultKind(
        SLOW_THEFT,
        "meter",
        "house",
        "the meter of a house reports less and less of its power, half at the end",
    ),
    FaultKind(STUCK_REGULATOR, "grid", "regulator", "a regulator's tap stays where it is"),
)

FAULT_KINDS: Mapping[str, FaultKind] = MappingProxyType({kind.name: kind for kind in _ALL})
"""By name, in the order of the reference."""

GRID_KINDS = tuple(kind.name for kind in _ALL if kind.acts_on == "grid")
METER_KINDS = tuple(kind.name for kind in _ALL if kind.acts_on == "meter")
HOUSE_KINDS = tuple(kind.name for kind in _ALL if kind.acts_on == "house")
AT_A_HOUSE = tuple(kind.name for kind in _ALL if kind.place == "house")
OPENS = tuple(kind.name for kind in _ALL if kind.is_open)
SHORTS = tuple(kind.name for kind in _ALL if kind.is_short)
BUS_SHORTS = tuple(kind.name for kind in _ALL if kind.is_short and kind.place == "bus")
