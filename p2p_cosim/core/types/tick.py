"""What operators may see, and the record of one tick."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from p2p_cosim.core.limits import MAX_TAP, TAP_STEP_PU
from p2p_cosim.core.types.alerts import Alert
from p2p_cosim.core.types.backup import BackupOffer
from p2p_cosim.core.types.chain import Receipt
from p2p_cosim.core.types.grid import (
    Alarm,
    Decision,
    Fault,
    FloatArray,
    GridState,
    HouseSite,
    RegulatorSite,
    TapMove,
)
from p2p_cosim.core.types.houses import HouseFlows
from p2p_cosim.core.types.market import GateClosure, Ledger, Settlement, Trade
from p2p_cosim.core.types.short import count, table, traded, voltages

if TYPE_CHECKING:
    from p2p_cosim.core.protocols import GridModel


def _not_measured() -> FloatArray:
    return np.full(3, np.nan)


@dataclass(frozen=True, slots=True, eq=False)
class MeterView:
    """What a utility has at the end of a tick: readings of the houses and of the head.

    v_pu, p_kw, q_kvar: shape (houses,); NaN where no reading arrived, 0 without supply.
    last_gasp: shape (houses,), the meter reported that it has just lost its supply; gasp_s:
        seconds after it did so, NaN for the others, where last gasps are messages of their own.
    head_p_kw, head_q_kvar, head_v_pu: shape (3,), into the feeder at its source by phase;
        NaN if not measured. taps: by regulator name.
    measured_tick: the tick that the readings are of, when they come late; else None.
    on_tie: houses that the utility feeds through their tie, cut off from their own drop. Such
        a house has a voltage, and its outage is not over.
    """

    tick: int
    sites: tuple[HouseSite, ...]
    v_pu: FloatArray
    p_kw: FloatArray
    q_kvar: FloatArray
    last_gasp: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, dtype=bool))
    head_p_kw: FloatArray = field(default_factory=_not_measured)
    head_q_kvar: FloatArray = field(default_factory=_not_measured)
    head_v_pu: FloatArray = field(default_factory=_not_measured)
    taps: Mapping[str, int] = field(default_factory=dict)
    measured_tick: int | None = None
    on_tie: frozenset[str] = frozenset()
    gasp_s: FloatArray | None = None

    @property
    def missing(self) -> NDArray[np.bool_]:
        """Shape (houses,): no reading arrived. The flag and the NaN cannot disagree."""
        return np.isnan(self.v_pu)

    @property
    def of_tick(self) -> int:
        """The tick that the readings are of; negative before the first arrived."""
        return self.tick if self.measured_tick is None else self.measured_tick

    def head_i_a(self, base_kv: float) -> FloatArray:
        """Current into each phase at the head in A, from its power and voltage; shape (3,).

        base_kv: nominal line-to-line voltage of the source bus.
        """
        apparent_kva = np.hypot(self.head_p_kw, self.head_q_kvar)
        amperes: FloatArray = apparent_kva / (self.head_v_pu * base_kv / math.sqrt(3))
        return amperes

    def __repr__(self) -> str:
        late = "" if self.measured_tick is None else f" of tick {self.measured_tick}"
        houses = count(len(self.sites), "house")
        return f"MeterView(tick {self.tick}: {houses}{late}, {voltages(self.v_pu)})"


@dataclass(frozen=True, slots=True, eq=False)
class ControlView:
    """All that a tap controller knows before delivery of a tick.

    meters: the house meters of the tick before. trades: the cleared trades of the coming
    interval, read from contract events. taps: present taps by regulator name.
    regulator_phases: the phase each regulator serves, by name. regulator_sites: which houses it
    serves and how, by name; empty if only phases are known.
    network: what the operator may compute about the feeder. day: calendar days since the
    run's first, for limits that count by the day.
    """

    tick: int
    meters: MeterView
    trades: tuple[Trade, ...]
    taps: dict[str, int]
    regulator_phases: dict[str, str]
    network: GridModel
    interval_s: int = 900
    day: int = 0
    regulator_sites: Mapping[str, RegulatorSite] = field(default_factory=dict)

    def regulator(self, name: str) -> RegulatorSite:
        """What a regulator serves; by its phase alone where nothing else is known."""
        if name in self.regulator_sites:
            return self.regulator_sites[name]
        phase = self.regulator_phases[name]
        serves = np.array([site.phase in phase for site in self.meters.sites], dtype=bool)
        return RegulatorSite(name, phase, serves, TAP_STEP_PU, -MAX_TAP, MAX_TAP)

    def __repr__(self) -> str:
        taps = ", ".join(f"{name} {tap:+d}" for name, tap in self.taps.items())
        trades = count(len(self.trades), "trade")
        return f"ControlView(tick {self.tick}: {trades}, {taps}, {self.meters!r})"


@dataclass(frozen=True, slots=True, eq=False)
class PartOfTick:
    """A power flow inside an interval.

    offset_s: when it begins, after the interval's beginning. tap_moves, capacitor_moves: how many
    regulators and capacitors the feeder's own controls moved in it.
    """

    offset_s: float
    grid: GridState
    tap_moves: int = 0
    capacitor_moves: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class TickRecord:
    """Everything that happened in one tick; the recorder turns it into table rows.

    paid_in_wei: deposits less withdrawals since the delivery before, by account that made any.
    late_trades: as in `Delivery`.
    parts: power flows inside the interval, of which `grid` is the mean; empty where there is one.
    """

    tick: int
    gate: GateClosure
    tap_moves: tuple[TapMove, ...]
    meters: tuple[HouseFlows, ...]
    grid: GridState
    settlements: tuple[Settlement, ...]
    settle_receipts: tuple[Receipt, ...]
    ledger: Ledger
    alarms: tuple[Alarm, ...]
    faults: tuple[Fault, ...] = ()  # that struck in this tick, then what protection opened
    offers: tuple[BackupOffer, ...] = ()  # to houses told of their outage in this tick
    alerts: tuple[Alert, ...] = ()  # that people are told in this tick, or deliberately not
    decision: Decision = field(default_factory=Decision)
    paid_in_wei: Mapping[str, int] = field(default_factory=dict)
    late_trades: tuple[Trade, ...] = ()
    parts: tuple[PartOfTick, ...] = ()

    @property
    def trades(self) -> tuple[Trade, ...]:
        """All trades since the delivery before."""
        return (*self.gate.clearing.trades, *self.late_trades)

    def __repr__(self) -> str:
        gate = self.gate.clearing
        return (
            f"TickRecord({self.tick}: "
            f"{traded(gate.energy_wh, len(gate.trades), gate.price_wei_per_wh)}, "
            f"{voltages(self.grid.house_v_pu)}, {count(len(self.tap_moves), 'tap move')}, "
            f"{count(len(self.alarms), 'alarm')})"
        )

    def _repr_html_(self) -> str:
        gate, grid = self.gate.clearing, self.grid
        rejected = sum(placement.order_id is None for placement in self.gate.placements)
        return table(
            f"Tick {self.tick}",
            {
                "Market": traded(gate.energy_wh, len(gate.trades), gate.price_wei_per_wh),
                "Orders": f"{len(self.gate.placements)}, {rejected} rejected",
                "House voltages": voltages(grid.house_v_pu),
                "Into the feeder": f"{float(grid.head_p_kw.sum()):.1f} kW",
                "Losses": f"{grid.losses_kw:.1f} kW",
                "Tap moves": "; ".join(f"{m.regulator} to {m.tap:+d}" for m in self.tap_moves)
                or "none",
                "Faults": "; ".join(f"{f.kind} at {f.place}" for f in self.faults) or "none",
                "Alarms": "; ".join(f"{a.kind} at {a.place}" for a in self.alarms) or "none",
            },
        )
