"""Agents with a meter and a market account."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from p2p_cosim.agents.framework import Agent, Model
from p2p_cosim.agents.mandate import Mandate
from p2p_cosim.core.brief import Brief
from p2p_cosim.core.clock import Clock
from p2p_cosim.core.protocols import Forecaster, Strategy
from p2p_cosim.core.types import (
    Account,
    DeviceState,
    Expected,
    ForecastView,
    Order,
    Outcome,
    Outlook,
    OwnState,
    QuoteView,
    Step,
    Tariff,
)
from p2p_cosim.core.units import energy_wh_down
from p2p_cosim.forecasts import History
from p2p_cosim.houses import House
from p2p_cosim.seams import Source, checked_expected, checked_orders


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class TraderPlan(Brief):
    """What a trader is made of.

    rng: what its strategy draws from, and nobody else. value_wei_per_wh, cost_wei_per_wh: as in
    `OwnState`, of every interval.
    """

    name: str
    forecaster: Forecaster
    strategy: Strategy
    rng: np.random.Generator
    value_wei_per_wh: Sequence[int] | None = None
    cost_wei_per_wh: Sequence[int] | None = None


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class HouseholdPlan(Brief):
    """What a household is made of: a trader with a house.

    backup: how it bids for the energy that it expects to draw through its tie while its own
    service drop is dead.
    """

    trader: TraderPlan
    house: House
    backup: Strategy | None = None


class Trader(Agent):  # type: ignore[misc]  # mesa is untyped
    """Forecasts its net energy, asks its strategy for orders, and keeps to its money.

    by_hand: somebody trades for it, so that it goes on expecting and orders nothing itself.
    outage: it has been told that its own supply is dead, and has not seen it live since.
    """

    by_hand = False
    outage = False

    def __init__(
        self, model: Model, plan: TraderPlan, tariffs: Sequence[Tariff], clock: Clock
    ) -> None:
        super().__init__(model)
        self.name = plan.name
        self.strategy = plan.strategy
        self.forecast_wh = 0
        self.last: Outcome | None = None
        self._forecaster, self._rng = plan.forecaster, plan.rng
        self._tariffs, self._clock = tariffs, clock
        self._value, self._cost = plan.value_wei_per_wh, plan.cost_wei_per_wh
        self._past = History()
        self._asked: Strategy | None = None

    def __repr__(self) -> str:
        strategy = type(self.strategy).__name__
        return f"{type(self).__name__}({self.name!r}, expects {self.forecast_wh} Wh, {strategy})"

    def forecast(self, tick: int) -> int:
        """Net energy in Wh that it expects of an interval, as it publishes it; negative is
        surplus. The same whether it is asked for at the end of tick - 1 or to quote.

        Raises PluginError if the forecaster returns what is none.
        """
        expected = self._expect(tick, 1)
        load_kw, pv_kw = float(expected.load_kw[0]), float(expected.pv_kw[0])
        expected_kw = self._expected_kw(tick, load_kw, pv_kw)
        return energy_wh_down(expected_kw, self._clock.interval_s)

    def _expect(self, tick: int, horizon: int) -> Expected:
        view = ForecastView(
            trader=self.name,
            tick=tick,
            time=self._clock.time(tick),
            interval_s=self._clock.interval_s,
            past_load_kw=self._past.load_kw,
            past_pv_kw=self._past.pv_kw,
            horizon=horizon,
        )
        with Source("forecaster", self._forecaster, tick, self.name) as source:
            expected = self._forecaster.expect(view)
        return checked_expected(source, expected, view)

    def quote(
        self, tick: int, account: Account, last_price_wei_per_wh: int | None
    ) -> tuple[Order, ...]:
        """Orders for the coming interval, from the forecast and the state of tick - 1.

        Raises PluginError if the strategy returns what are none.
        """
        self.forecast_wh = self.forecast(tick)
        self._asked = strategy = self._strategy_now()
        if strategy is None:
            return ()
        view = QuoteView(
            trader=self.name,
            tick=tick,
            forecast_wh=self.forecast_wh,
            tariff=self._tariffs[tick],
            last_price_wei_per_wh=last_price_wei_per_wh,
            own=self._own(tick, account),
            last=self.last,
            outlook=self._outlook(tick, getattr(strategy, "horizon", 0)),
        )
        with Source("strategy", strategy, tick, self.name) as source:
            orders = strategy.quote(view, self._rng)
        checked = checked_orders(source, orders, self.name)
        return _affordable(checked, account, self._tariffs[tick])

    def observe(self, load_kw: float, pv_kw: float) -> None:
        """Take note of what it consumed and produced in an interval."""
        self._past.add(load_kw, pv_kw)

    def learn(self, outcome: Outcome) -> None:
        """Take note of what became of its orders, and tell the strategy that gave them, if
        that learns."""
        self.last = outcome
        learn = getattr(self._asked, "learn", None)
        if learn is not None:
            with Source("strategy", self._asked, outcome.tick, self.name):
                learn(outcome)

    def _own(self, tick: int, account: Account) -> OwnState:
        return OwnState(
            balance_wei=account.balance_wei,
            debt_wei=max(0, -account.open_wei),
            energy_wh=account.energy_wh,
            devices=self._devices(),
            outage=self.outage,
            value_wei_per_wh=None if self._value is None else self._value[tick],
            cost_wei_per_wh=None if self._cost is None else self._cost[tick],
        )

    def _outlook(self, tick: int, horizon: int) -> Outlook | None:
        """What it expects of the coming intervals, none beyond the end of the run."""
        intervals = min(horizon, self._clock.ticks - tick)
        if intervals < 1:
            return None
        expected = self._expect(tick, intervals)
        net_kw = expected.load_kw - expected.pv_kw
        told = tuple(self._tariffs[tick : tick + intervals])
        return Outlook(self._clock.interval_s, net_kw, tariffs=told)

    def _devices(self) -> tuple[DeviceState, ...]:
        """What is behind its meter, as its strategy may know it."""
        return ()

    def _expected_kw(self, tick: int, load_kw: float, pv_kw: float) -> float:  # noqa: ARG002
        """What it will draw, if its load and PV are as forecast."""
        return load_kw - pv_kw

    def _strategy_now(self) -> Strategy | None:
        """How it prices the coming interval; None to stay out of the market."""
        return self.strategy


class Household(Trader):
    """A trader with a house.

    In an outage it bids for backup power if it has a tie, and otherwise stays out of the market.
    mandate: limits inside which it trades for somebody; None for its strategy's own.
    """

    def __init__(
        self, model: Model, plan: HouseholdPlan, tariffs: Sequence[Tariff], clock: Clock
    ) -> None:
        super().__init__(model, plan.trader, tariffs, clock)
        self.house = plan.house
        self.mandate: Mandate | None = None
        self._backup = plan.backup

    def quote(
        self, tick: int, account: Account, last_price_wei_per_wh: int | None
    ) -> tuple[Order, ...]:
        """As `Trader.quote`, inside the mandate."""
        orders = super().quote(tick, account, last_price_wei_per_wh)
        return self.mandate.within(tick, orders) if self.mandate else orders

    def learn(self, outcome: Outcome) -> None:
        """As `Trader.learn`."""
        super().learn(outcome)
        if self.mandate:
            self.mandate.learn(outcome)

    def tell(self, outage: bool) -> None:
        """Tell it that its own drop is dead, or that it is live."""
        self.outage = outage

    def _devices(self) -> tuple[DeviceState, ...]:
        return tuple([DeviceState(d.name, d.kind, d.stored_wh) for d in self.house.devices])

    def _expected_kw(self, tick: int, load_kw: float, pv_kw: float) -> float:
        step = Step(tick, self._clock.interval_s)
        if self.outage:
            tie = self.house.tie
            return tie.carries_kw(self.house.essential_of_kw(step, load_kw)) if tie else 0.0
        return load_kw - pv_kw + self.house.planned_kw(step)

    def _outlook(self, tick: int, horizon: int) -> Outlook | None:
        outlook = super()._outlook(tick, horizon)
        if outlook is None:
            return None
        step = Step(tick, self._clock.interval_s)
        net_kw = outlook.net_kw.copy()
        net_kw[0] += self.house.undecided_kw(step)
        stores = self.house.stores(len(net_kw), self._clock.interval_s)
        return replace(outlook, net_kw=net_kw, stores=stores)

    def _strategy_now(self) -> Strategy | None:
        if self.by_hand:
            return None
        if not self.outage:
            return self.strategy
        return self._backup if self.house.tie else None


class BulkConsumer(Trader):
    """A published spot load of the feeder that takes part in the market."""


def _affordable(orders: Sequence[Order], account: Account, tariff: Tariff) -> tuple[Order, ...]:
    """The orders that the account can back: none with a debt, and none larger than the balance
    can cover, in the order the strategy gave them."""
    if account.open_wei < 0:
        return ()
    kept: list[Order] = []
    free_wei = account.balance_wei
    for order in orders:
        energy_wh, limit = order.energy_wh, order.price_wei_per_wh
        cover = tariff.cover_wei_per_wh(order.side, limit)
        if cover > 0:
            energy_wh = min(energy_wh, free_wei // cover)
            free_wei -= energy_wh * cover
        if energy_wh == order.energy_wh > 0:
            kept.append(order)
        elif energy_wh > 0:
            kept.append(replace(order, energy_wh=energy_wh))
    return tuple(kept)
