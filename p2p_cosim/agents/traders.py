"""Agents with a meter and a market account."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import mesa
import numpy as np

from p2p_cosim.backup import BackupPlan, Battery, TieFeed
from p2p_cosim.core.protocols import Strategy
from p2p_cosim.core.types import (
    Account,
    Fault,
    Feed,
    FloatArray,
    HouseFlows,
    Order,
    QuoteView,
    Side,
    Tariff,
)
from p2p_cosim.core.units import energy_wh_down, p_kw_of

_METER_TOLERANCE_KW = 1e-3  # of the power flow, far above its tolerance


@dataclass(frozen=True, slots=True, eq=False)
class TraderPlan:
    """What a trader is made of.

    net_kw: shape (ticks,), net consumption it will really have. forecast_error: relative
    standard deviation of its own forecast of it, drawn anew every tick.
    """

    name: str
    net_kw: FloatArray
    forecast_error: float
    strategy: Strategy
    rng: np.random.Generator


@dataclass(frozen=True, slots=True, eq=False)
class HouseholdPlan:
    """What a household is made of: a trader with a load and perhaps PV.

    load_kw, pv_kw: shape (ticks,); the trader's `net_kw` is their difference.
    kvar_per_kw: reactive per active power of the load; PV runs at unity power factor.
    backup: what feeds it while its own service drop is dead; None leaves it dark.
    inverter_kva: rating of its PV inverter, where inverters answer the voltage.
    """

    trader: TraderPlan
    load_kw: FloatArray
    pv_kw: FloatArray
    kvar_per_kw: float
    backup: BackupPlan | None = None
    inverter_kva: float = 0.0


class Trader(mesa.Agent):  # type: ignore[misc]  # mesa is untyped
    """Forecasts its net energy, asks its strategy for orders, and keeps to its money."""

    def __init__(
        self, model: mesa.Model, plan: TraderPlan, tariff: Tariff, interval_s: int
    ) -> None:
        super().__init__(model)
        self.name = plan.name
        self.strategy = plan.strategy
        self.forecast_wh = 0
        self._plan = plan
        self._tariff = tariff
        self._interval_s = interval_s
        self._forecast = (-1, 0)

    def forecast(self, tick: int) -> int:
        """Net energy in Wh that it expects of an interval, as it publishes it; negative is
        surplus. Drawn once, whether it is asked for at the end of tick - 1 or to quote."""
        if self._forecast[0] != tick:
            noise = self._plan.forecast_error * self._plan.rng.standard_normal()
            expected_kw = self._expected_kw(tick, 1 + noise)
            self._forecast = (tick, energy_wh_down(expected_kw, self._interval_s))
        return self._forecast[1]

    def quote(
        self, tick: int, account: Account, last_price_wei_per_wh: int | None
    ) -> tuple[Order, ...]:
        """Orders for the coming interval, from the forecast and the state of tick - 1."""
        self.forecast_wh = self.forecast(tick)
        strategy = self._strategy_now()
        if strategy is None:
            return ()
        view = QuoteView(
            trader=self.name,
            tick=tick,
            forecast_wh=self.forecast_wh,
            tariff=self._tariff,
            last_price_wei_per_wh=last_price_wei_per_wh,
            balance_wei=account.balance_wei,
            debt_wei=max(0, -account.open_wei),
        )
        return _affordable(strategy.quote(view, self._plan.rng), account)

    def _expected_kw(self, tick: int, error: float) -> float:
        """What it will draw, by a forecast that errs by this factor."""
        return float(self._plan.net_kw[tick]) * error

    def _strategy_now(self) -> Strategy | None:
        """How it prices the coming interval; None to stay out of the market."""
        return self.strategy


class Household(Trader):
    """A house with a load and perhaps PV behind one net meter, and perhaps a backup path.

    outage: it has been told that its own drop is dead, and has not seen it live since. It
    then bids for backup power if it has a tie, and otherwise stays out of the market. Its PV
    stays off, because its inverter has nothing to follow or may not feed a network under
    repair.
    curtailed_kw, inverter_kvar: what its inverter makes of the voltage in the interval that is
    being solved: output given up, and reactive power drawn.
    """

    def __init__(
        self, model: mesa.Model, plan: HouseholdPlan, tariff: Tariff, interval_s: int
    ) -> None:
        super().__init__(model, plan.trader, tariff, interval_s)
        self.load_kw = plan.load_kw
        self.pv_kw = plan.pv_kw
        self.kvar_per_kw = plan.kvar_per_kw
        self.inverter_kva = plan.inverter_kva
        self.curtailed_kw = self.inverter_kvar = 0.0
        self.outage = False
        self._backup = plan.backup
        feed = plan.backup.feed if plan.backup else None
        self.tie = feed if isinstance(feed, TieFeed) else None
        self.battery = feed if isinstance(feed, Battery) else None
        self._trips: set[Fault] = set()

    def apply(self, fault: Fault) -> None:
        """Trip the inverter. The trader does not know and goes on expecting its PV."""
        self._trips.add(fault)

    def clear(self, fault: Fault) -> None:
        """Put the inverter back into service."""
        self._trips.discard(fault)

    def injection(self, tick: int) -> tuple[float, float]:
        """What it would draw from its own drop: kW and kvar, negative is export."""
        load_kw = float(self.load_kw[tick])
        net_kw = load_kw - self.produced_kw(tick) + self._charging_kw()
        return net_kw, load_kw * self.kvar_per_kw + self.inverter_kvar

    def tie_injection(self, tick: int, bought_wh: int) -> tuple[float, float]:
        """What it draws from its tie: kW and kvar. Of its essential load, no more than the
        tie carries and no more than it bought; the rest is shed."""
        contracted_kw = p_kw_of(bought_wh, self._interval_s)
        p_kw = max(0.0, min(self._through_tie_kw(tick, 1.0), contracted_kw))
        return p_kw, p_kw * self.kvar_per_kw

    def behind_the_meter(self, tick: int, feed: Feed, metered_kw: float) -> HouseFlows:
        """What it consumed, produced and stored, given what feeds it and what its meter says.

        To be called once a tick, after delivery: the battery goes into its next state. A
        house at a voltage far from nominal draws another power than it wanted, and one that
        may not export stops its inverter; both show in what the meter says.
        """
        load_kw = pv_kw = battery_kw = 0.0
        if feed is Feed.DROP:
            battery_kw = self._charging_kw()
            load_kw, pv_kw = self._served(tick, metered_kw - battery_kw)
        elif feed is Feed.TIE:
            load_kw = metered_kw
        elif self.battery is not None:
            load_kw = self.battery.giving_kw(self._essential_kw(tick), self._interval_s)
            battery_kw = -load_kw
            feed = Feed.BATTERY if load_kw > 0 else feed
        if self.battery is not None:
            self.battery = self.battery.after(battery_kw, self._interval_s)
        return HouseFlows(
            trader=self.name,
            load_kw=load_kw,
            pv_kw=pv_kw,
            forecast_wh=self.forecast_wh,
            supplied=feed in (Feed.DROP, Feed.TIE),
            feed=feed,
            battery_kw=battery_kw,
            stored_wh=self.battery.stored_wh if self.battery else 0.0,
            curtailed_kw=self.curtailed_kw if feed is Feed.DROP else 0.0,
        )

    def _served(self, tick: int, net_kw: float) -> tuple[float, float]:
        """Load and PV in kW behind a net power that may not be what was wanted."""
        load_kw, pv_kw = float(self.load_kw[tick]), self.produced_kw(tick)
        if abs(net_kw - (load_kw - pv_kw)) <= _METER_TOLERANCE_KW:
            return load_kw, pv_kw
        if load_kw >= pv_kw:
            return net_kw + pv_kw, pv_kw
        return (net_kw, 0.0) if net_kw >= 0 else (load_kw, load_kw - net_kw)

    def produced_kw(self, tick: int) -> float:
        """PV output, less what its inverter curtails."""
        return 0.0 if self._trips else float(self.pv_kw[tick]) - self.curtailed_kw

    def _charging_kw(self) -> float:
        return self.battery.charging_kw(self._interval_s) if self.battery else 0.0

    def _essential_kw(self, tick: int) -> float:
        return self._backup.essential_share * float(self.load_kw[tick]) if self._backup else 0.0

    def _through_tie_kw(self, tick: int, error: float) -> float:
        return min(self.tie.power_kw, self._essential_kw(tick) * error) if self.tie else 0.0

    def _expected_kw(self, tick: int, error: float) -> float:
        if self.outage:
            return max(0.0, self._through_tie_kw(tick, error))
        return super()._expected_kw(tick, error) + self._charging_kw()

    def _strategy_now(self) -> Strategy | None:
        if not self.outage:
            return self.strategy
        return self._backup.strategy if self._backup and self.tie else None


class BulkConsumer(Trader):
    """A published spot load of the feeder that takes part in the market."""


def _affordable(orders: Sequence[Order], account: Account) -> tuple[Order, ...]:
    """The orders that the account can back: none to buy with a debt, and bids no larger
    than the balance can escrow, in the order the strategy gave them."""
    kept: list[Order] = []
    free_wei = account.balance_wei if account.open_wei >= 0 else 0
    for order in orders:
        energy_wh = order.energy_wh
        if order.side is Side.BID and order.price_wei_per_wh > 0:
            energy_wh = min(energy_wh, free_wei // order.price_wei_per_wh)
            free_wei -= energy_wh * order.price_wei_per_wh
        if energy_wh > 0:
            kept.append(Order(order.trader, order.side, energy_wh, order.price_wei_per_wh))
    return tuple(kept)
