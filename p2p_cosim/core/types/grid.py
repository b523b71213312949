"""Records of the power flow side. Power in kW and kvar, voltages in pu of the nominal."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from p2p_cosim.core.types.short import count, voltages

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class HouseSite:
    """Where a house stands.

    bus, phase: node of the feeder that its service is connected to; two letters between phases,
    three on all, whose power is shared alike.
    transformer: that it is behind, its service transformer or one of the feeder's own.
    base_kv: nominal voltage at its meter, between two phases or else to neutral. on_secondary: the
    bus is low voltage, and the service drop begins there.
    """

    name: str
    bus: str
    phase: str
    transformer: str
    base_kv: float = 0.24
    on_secondary: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class RegulatorSite:
    """A regulator as a controller sees it.

    phase: `"ABC"` if ganged. serves: shape (houses,), houses that have no supply without it.
    pu_per_tap: by which a step up changes the voltage behind it, relative to one at neutral;
    negative where a higher tap lowers the voltage. min_tap, max_tap: its range.
    """

    name: str
    phase: str
    serves: NDArray[np.bool_]
    pu_per_tap: float
    min_tap: int
    max_tap: int

    def ratio(self, tap: int) -> float:
        """Voltage behind the regulator over that before it."""
        return 1 + self.pu_per_tap * tap if self.pu_per_tap > 0 else 1 / (1 - self.pu_per_tap * tap)


@dataclass(frozen=True, slots=True)
class RatedElement:
    """A line or transformer, and the current that it may carry for long, at its first terminal."""

    name: str
    kind: str
    rated_a: float


class Feed(StrEnum):
    """What feeds a house: its own service drop, its tie, its battery, or nothing."""

    DROP = "drop"
    TIE = "tie"
    BATTERY = "battery"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class SpotLoad:
    """A published spot load: its bus, conductors (`"A"`, `"BC"`, ...) and nominal power."""

    name: str
    bus: str
    phases: str
    p_kw: float
    q_kvar: float


@dataclass(frozen=True, slots=True, eq=False)
class Injections:
    """What every connection point draws in an interval (negative is export).

    house_p_kw, house_q_kvar: shape (houses,), in the grid's order of houses.
    spot_scale: multiplies the nominal power of every spot load; one number for all, or
        shape (spot loads,), one for each.
    source_v_pu: voltage at the head; None leaves it. at_s: seconds since the run began, which
        controls with delays of their own go by; None leaves their clock.
    """

    house_p_kw: FloatArray
    house_q_kvar: FloatArray
    spot_scale: float | FloatArray = 1.0
    source_v_pu: float | None = None
    at_s: float | None = None

    def __repr__(self) -> str:
        total_kw = float(np.sum(self.house_p_kw))
        return f"Injections({count(len(self.house_p_kw), 'house')}, {total_kw:.3g} kW in all)"


@dataclass(frozen=True, slots=True)
class LossesByClass:
    """Losses in kW of lines and transformers, those of the houses' services apart.

    services_kw: of service transformers, drops and ties. What shunts and a short circuit
    dissipate is in none of them.
    """

    lines_kw: float = 0.0
    transformers_kw: float = 0.0
    services_kw: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class GridState:
    """One solved operating point.

    house_v_pu: shape (houses,), at the house meters; 0 for a house without supply.
    house_p_kw, house_q_kvar: shape (houses,), as delivered and metered.
    spot_p_kw: shape (spot loads,), as delivered.
    node_v_pu: shape (nodes,), in the grid's `node_names` order.
    head_p_kw, head_q_kvar: shape (3,), into the feeder per phase at the source.
    losses_kw: in lines, transformers, regulators, shunts and a short circuit. other_p_kw: drawn by
    elements of the feeder that are neither; negative is generation. current_a: shape (rated
    elements,), in the fullest phase, in the grid's order of `rated_elements`.
    losses: the part of losses_kw that is lines' and transformers'. head_a: current into the feeder
    in the fullest phase. fault_a: through a standing short circuit, in its fullest phase.
    neutral_v: highest voltage to ground of a neutral that the feeder models. Both None without one.
    taps: regulator taps, -16 to 16, in the grid's order of regulators.
    source_v_pu: voltage at the head where it changes during a run; else None.
    capacitors: steps in service of each capacitor that a control switches.
    house_phase_v_pu: shape (houses, 3), voltages of houses on three phases, NaN for others; of such
    a house `house_v_pu` has the one farthest from 1 pu of those with supply. Empty without one.
    """

    house_v_pu: FloatArray
    house_p_kw: FloatArray
    house_q_kvar: FloatArray
    spot_p_kw: FloatArray
    node_v_pu: FloatArray
    head_p_kw: FloatArray
    head_q_kvar: FloatArray
    losses_kw: float
    taps: tuple[int, ...]
    other_p_kw: float = 0.0
    current_a: FloatArray = field(default_factory=lambda: np.zeros(0))
    losses: LossesByClass = LossesByClass()
    head_a: float = 0.0
    fault_a: float | None = None
    neutral_v: float | None = None
    source_v_pu: float | None = None
    capacitors: tuple[int, ...] = ()
    house_phase_v_pu: FloatArray = field(default_factory=lambda: np.zeros((0, 3)))

    def __repr__(self) -> str:
        taps = " ".join(f"{tap:+d}" for tap in self.taps)
        houses = count(len(self.house_v_pu), "house")
        where = f"{houses}, {voltages(self.house_v_pu)}"
        return f"GridState({where}, losses {self.losses_kw:.3g} kW, taps {taps})"


@dataclass(frozen=True, slots=True)
class TapMove:
    """An intention to set a regulator's tap, with the reason in words.

    house: the house whose voltage decided it, or "".
    """

    regulator: str
    tap: int
    reason: str
    house: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Decision:
    """What a controller wants before delivery of an interval.

    moves: to make now. refusals: moves that were wanted and are not made, each with why.
    expected_p_kw: what the controller expects the houses to draw; None if it expects nothing.
    predicted_v_pu: voltages it expects at the house meters in the interval, with its moves
    made; None if it predicts nothing. Arrays have shape (houses,).
    """

    moves: tuple[TapMove, ...] = ()
    refusals: tuple[TapMove, ...] = ()
    expected_p_kw: FloatArray | None = None
    predicted_v_pu: FloatArray | None = None

    def __repr__(self) -> str:
        moves = ", ".join(f"{move.regulator} to {move.tap:+d}" for move in self.moves)
        refused = f", {len(self.refusals)} refused" * bool(self.refusals)
        predicted = "" if self.predicted_v_pu is None else f", {voltages(self.predicted_v_pu)}"
        return f"Decision({moves or 'no moves'}{refused}{predicted})"


@dataclass(frozen=True, slots=True, eq=False)
class Sensitivities:
    """How the house voltages answer small changes round an operating point.

    dv_dp: shape (houses, houses), pu per kW drawn: row is the meter, column the house that
    draws. dv_dtap: shape (houses, regulators), pu per tap step, in the grid's order of
    regulators.
    """

    dv_dp: FloatArray
    dv_dtap: FloatArray


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that breaks. A fault is physical; what a detector reports is an `Alarm`.

    kind: one of `p2p_cosim.core.fault_kinds`, which tells what each does.
    place: a house, a service transformer (`service_2`), a line or switch by its buses
    (`"671-692"`), a bus or a regulator, as the kind needs.
    start_tick: first tick with the fault; end_tick: first tick without it.
    phases: of `"ABC"`, where the kind needs them.
    impedance_ohm: of a short circuit, from each phase to ground or between two; 0 is bolted.
    """

    kind: str
    place: str
    start_tick: int
    end_tick: int
    phases: str = ""
    impedance_ohm: float = 0.0


@dataclass(frozen=True, slots=True)
class Alarm:
    """What a detector reports at the end of a tick.

    kind: as of a `Fault`. place_kind: what `place` names: `house`, `transformer`, `lateral`
    (a line or switch), `phase` (one to three letters) or `feeder`.
    confidence: the detector's own, from 0 to 1.
    first_tick: when the readings first showed it; None for `tick` itself.
    known_s: seconds after the beginning of `tick` at which a last gasp told it; None for what
    readings tell, which arrive at its end.
    """

    tick: int
    kind: str
    place: str
    detector: str
    place_kind: str = "house"
    confidence: float = 1.0
    first_tick: int | None = None
    known_s: float | None = None
