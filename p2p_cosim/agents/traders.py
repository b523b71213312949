"""Agents with a meter and a market account."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import mesa
import numpy as np

from p2p_cosim.core.protocols import Strategy
from p2p_cosim.core.types import (
    Account,
    Fault,
    FloatArray,
    HouseholdMeter,
    Order,
    QuoteView,
    Side,
    Tariff,
)
from p2p_cosim.core.units import energy_wh_down

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
    """

    trader: TraderPlan
    load_kw: FloatArray
    pv_kw: FloatArray
    kvar_per_kw: float


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

    def quote(
        self, tick: int, account: Account, last_price_wei_per_wh: int | None
    ) -> tuple[Order, ...]:
        """Orders for the coming interval, from the forecast and the state of tick - 1."""
        noise = self._plan.forecast_error * self._plan.rng.standard_normal()
        net_kw = float(self._plan.net_kw[tick]) * (1 + noise)
        self.forecast_wh = energy_wh_down(net_kw, self._interval_s)
        view = QuoteView(
            trader=self.name,
            tick=tick,
            forecast_wh=self.forecast_wh,
            tariff=self._tariff,
            last_price_wei_per_wh=last_price_wei_per_wh,
            balance_wei=account.balance_wei,
            debt_wei=max(0, -account.open_wei),
        )
        return _affordable(self.strategy.quote(view, self._plan.rng), account)


class Household(Trader):
    """A house with a load and perhaps PV behind one net meter."""

    def __init__(
        self, model: mesa.Model, plan: HouseholdPlan, tariff: Tariff, interval_s: int
    ) -> None:
        super().__init__(model, plan.trader, tariff, interval_s)
        self.load_kw = plan.load_kw
        self.pv_kw = plan.pv_kw
        self.kvar_per_kw = plan.kvar_per_kw
        self._trips: set[Fault] = set()

    def apply(self, fault: Fault) -> None:
        """Trip the inverter. The trader does not know and goes on expecting its PV."""
        self._trips.add(fault)

    def clear(self, fault: Fault) -> None:
        """Put the inverter back into service."""
        self._trips.discard(fault)

    def injection(self, tick: int) -> tuple[float, float]:
        """What it would draw in the interval: kW and kvar, negative is export."""
        load_kw = float(self.load_kw[tick])
        return load_kw - self._produced_kw(tick), load_kw * self.kvar_per_kw

    def behind_the_meter(self, tick: int, supplied: bool, metered_kw: float) -> HouseholdMeter:
        """What it consumed and produced, given what its meter says.

        A house at a voltage far from nominal draws another power than it wanted, and one that
        may not export stops its inverter; both show in what the meter says.
        """
        load_kw, pv_kw = float(self.load_kw[tick]), self._produced_kw(tick)
        if not supplied:
            load_kw = pv_kw = 0.0
        elif abs(metered_kw - (load_kw - pv_kw)) > _METER_TOLERANCE_KW:
            exporting = load_kw < pv_kw
            if exporting and metered_kw >= 0:
                load_kw, pv_kw = metered_kw, 0.0
            elif exporting:
                pv_kw = load_kw - metered_kw
            else:
                load_kw = metered_kw + pv_kw
        return HouseholdMeter(self.name, load_kw, pv_kw, self.forecast_wh, supplied)

    def _produced_kw(self, tick: int) -> float:
        return 0.0 if self._trips else float(self.pv_kw[tick])


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
