"""Agents with a meter and a market account."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from p2p_cosim.agents.framework import Agent, Model
from p2p_cosim.core.protocols import Strategy
from p2p_cosim.core.types import (
    Account,
    FloatArray,
    Order,
    QuoteView,
    Side,
    Step,
    Tariff,
)
from p2p_cosim.core.units import energy_wh_down
from p2p_cosim.houses import House
from p2p_cosim.seams import Source, checked_orders


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
    """What a household is made of: a trader with a house.

    backup: how it bids for the energy that it expects to draw through its tie while its own
    service drop is dead.
    """

    trader: TraderPlan
    house: House
    backup: Strategy | None = None


class Trader(Agent):  # type: ignore[misc]  # mesa is untyped
    """Forecasts its net energy, asks its strategy for orders, and keeps to its money."""

    def __init__(self, model: Model, plan: TraderPlan, tariff: Tariff, interval_s: int) -> None:
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
        """Orders for the coming interval, from the forecast and the state of tick - 1.

        Raises PluginError if the strategy returns what are none.
        """
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
        source = Source("strategy", strategy, tick, self.name)
        with source.asked():
            orders = strategy.quote(view, self._plan.rng)
        return _affordable(checked_orders(source, orders, self.name), account)

    def _expected_kw(self, tick: int, error: float) -> float:
        """What it will draw, by a forecast that errs by this factor."""
        return float(self._plan.net_kw[tick]) * error

    def _strategy_now(self) -> Strategy | None:
        """How it prices the coming interval; None to stay out of the market."""
        return self.strategy


class Household(Trader):
    """A trader with a house.

    outage: it has been told that its own drop is dead, and has not seen it live since. It
    then bids for backup power if it has a tie, and otherwise stays out of the market.
    """

    def __init__(self, model: Model, plan: HouseholdPlan, tariff: Tariff, interval_s: int) -> None:
        super().__init__(model, plan.trader, tariff, interval_s)
        self.house = plan.house
        self.outage = False
        self._backup = plan.backup

    def tell(self, outage: bool) -> None:
        """Tell it that its own drop is dead, or that it is live."""
        self.outage = outage

    def _expected_kw(self, tick: int, error: float) -> float:
        step = Step(tick, self._interval_s)
        if self.outage:
            tie = self.house.tie
            return tie.carries_kw(self.house.essential_kw(step) * error) if tie else 0.0
        return super()._expected_kw(tick, error) + self.house.planned_kw(step)

    def _strategy_now(self) -> Strategy | None:
        if not self.outage:
            return self.strategy
        return self._backup if self.house.tie else None


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
