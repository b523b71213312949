"""What agents may see, and the record of one tick."""

from __future__ import annotations

from dataclasses import dataclass

from p2p_cosim.core.types.chain import Receipt
from p2p_cosim.core.types.grid import Alarm, FloatArray, GridState, HouseSite, TapMove
from p2p_cosim.core.types.market import GateClosure, Ledger, Settlement, Tariff, Trade


@dataclass(frozen=True, slots=True)
class QuoteView:
    """All that a trader knows when it quotes for an interval.

    forecast_wh: its own forecast of net energy; positive needs, negative is surplus.
    last_price_wei_per_wh: the newest clearing price, or None before the first trade.
    balance_wei: its free balance after the last settlement; debt_wei: what it owes.
    """

    trader: str
    tick: int
    forecast_wh: int
    tariff: Tariff
    last_price_wei_per_wh: int | None
    balance_wei: int
    debt_wei: int


@dataclass(frozen=True, slots=True, eq=False)
class MeterView:
    """The house meters of one tick, as a utility has them (arrays of shape (houses,))."""

    tick: int
    sites: tuple[HouseSite, ...]
    v_pu: FloatArray
    p_kw: FloatArray
    q_kvar: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class ControlView:
    """All that a tap controller knows before delivery of a tick.

    meters: the house meters of the tick before. trades: the cleared trades of the coming
    interval, read from contract events. taps: present taps by regulator name.
    regulator_phases: the phase each regulator serves, by name.
    """

    tick: int
    meters: MeterView
    trades: tuple[Trade, ...]
    taps: dict[str, int]
    regulator_phases: dict[str, str]


@dataclass(frozen=True, slots=True)
class HouseholdMeter:
    """Behind one household's meter in a tick: what it consumed and produced.

    `load_kw` and `pv_kw` are what was served and produced, so both are 0 without supply.
    """

    trader: str
    load_kw: float
    pv_kw: float
    forecast_wh: int
    supplied: bool


@dataclass(frozen=True, slots=True, eq=False)
class TickRecord:
    """Everything that happened in one tick; the recorder turns it into table rows."""

    tick: int
    gate: GateClosure
    tap_moves: tuple[TapMove, ...]
    meters: tuple[HouseholdMeter, ...]
    grid: GridState
    settlements: tuple[Settlement, ...]
    settle_receipt: Receipt
    ledger: Ledger
    alarms: tuple[Alarm, ...]
