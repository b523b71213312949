"""What a trader may know, of itself, of its past and of the coming interval."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from p2p_cosim.core.often import made_often
from p2p_cosim.core.types.flexibility import Outlook
from p2p_cosim.core.types.grid import FloatArray
from p2p_cosim.core.types.market import Placement, Tariff


@made_often
@dataclass(frozen=True, slots=True)
class DeviceState:
    """A device of its own, before the interval. stored_wh: None if it stores nothing."""

    name: str
    kind: str
    stored_wh: float | None = None


@made_often
@dataclass(frozen=True, slots=True)
class OwnState:
    """A trader's own state before an interval.

    balance_wei: its free balance after the last settlement; debt_wei: what it owes.
    energy_wh: bought minus sold since the start. devices: behind its meter, if it is a house.
    outage: it has been told that its own supply is dead, and has not seen it live since.
    value_wei_per_wh, cost_wei_per_wh: what a Wh from a neighbour is worth to it, and what a Wh for
    one costs it; None for the tariff.
    """

    balance_wei: int
    debt_wei: int = 0
    energy_wh: int = 0
    devices: tuple[DeviceState, ...] = ()
    outage: bool = False
    value_wei_per_wh: int | None = None
    cost_wei_per_wh: int | None = None

    @property
    def stored_wh(self) -> float:
        """Energy in all its devices that store."""
        return sum((device.stored_wh or 0.0 for device in self.devices), 0.0)


@made_often
@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a trader's orders in a round that is settled.

    orders: its own, in the order in which they arrived, with rejections and fills.
    price_wei_per_wh: the round's clearing price; None if nobody traded.
    contracted_wh: bought less sold. market_wei: paid to sellers less received from buyers.
    metered_wh: None without a reading. imbalance_wh: metered less contracted; positive is short.
    imbalance_wei: owed to the utility for that; negative is owed by it.
    """

    tick: int
    orders: tuple[Placement, ...]
    price_wei_per_wh: int | None
    contracted_wh: int = 0
    market_wei: int = 0
    metered_wh: int | None = None
    imbalance_wh: int = 0
    imbalance_wei: int = 0

    @property
    def cost_wei(self) -> int:
        """What the interval cost it, market and imbalance; negative is earned."""
        return self.market_wei + self.imbalance_wei


@made_often
@dataclass(frozen=True, slots=True)
class QuoteView:
    """All that a trader knows when it quotes for an interval.

    forecast_wh: its own forecast of net energy; positive needs, negative is surplus.
    last_price_wei_per_wh: the newest clearing price, or None before the first trade.
    own: its own state. last: what became of its orders in the round before; None before the
    first. outlook: what it expects of the coming intervals and can move in them, as many as its
    strategy has as `horizon`; None for a strategy without one.
    """

    trader: str
    tick: int
    forecast_wh: int
    tariff: Tariff
    last_price_wei_per_wh: int | None
    own: OwnState
    last: Outcome | None = None
    outlook: Outlook | None = None

    @property
    def balance_wei(self) -> int:
        """Its free balance after the last settlement."""
        return self.own.balance_wei

    @property
    def debt_wei(self) -> int:
        """What it owes."""
        return self.own.debt_wei

    @property
    def value_wei_per_wh(self) -> int:
        """What a Wh from a neighbour is worth to it: the retail price, unless it has its own."""
        own = self.own.value_wei_per_wh
        return self.tariff.retail_wei_per_wh if own is None else own

    @property
    def cost_wei_per_wh(self) -> int:
        """What a Wh for a neighbour costs it: the feed-in price, unless it has its own; 0 where
        that is negative, because no order has a limit below."""
        own = self.own.cost_wei_per_wh
        return self.tariff.floor_wei_per_wh if own is None else own


@made_often
@dataclass(frozen=True, slots=True, eq=False)
class ForecastView:
    """All that a trader knows when it forecasts.

    tick: the first interval to forecast, and `time` when it begins. horizon: how many to
    forecast. past_load_kw, past_pv_kw: shape (tick,), its own consumption and production in all
    intervals before, as means. A bulk consumer has no PV.
    """

    trader: str
    tick: int
    time: datetime
    interval_s: int
    past_load_kw: FloatArray
    past_pv_kw: FloatArray
    horizon: int = 1


@made_often
@dataclass(frozen=True, slots=True, eq=False)
class Expected:
    """A forecast: means over the intervals in kW, both at least 0; shape (horizon,) each."""

    load_kw: FloatArray
    pv_kw: FloatArray
