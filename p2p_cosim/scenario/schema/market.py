"""The section on the auction."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from p2p_cosim.core.limits import BASIS_POINTS, MAX_ENERGY_WH, MAX_ORDERS
from p2p_cosim.core.roles import BULK_STRATEGIES, MECHANISMS, STRATEGIES
from p2p_cosim.core.units import energy_wh_down
from p2p_cosim.scenario.schema.fields import OneOf, Plugin, Weight
from p2p_cosim.scenario.schema.section import Section

_Amount = Annotated[float, Field(ge=0, le=1e9)]
_LEAST_ORDER_KW, _PRICE_ORDER_KW = 0.04, 0.4


class MarketSection(Section):
    """The rules of the auction, as the contract is deployed with them."""

    mechanism: Annotated[str, OneOf(tuple(MECHANISMS))] = Field(
        default="k_double_auction",
        description="Who trades with whom, and at which prices: docs/market.md.",
    )
    k: Weight = Field(
        default=0.5,
        description="Weight of the higher limit in the price; 0 pays the lower. `mcafee` and "
        "`continuous` have no use for it.",
    )
    submission: Literal["individual", "batched", "signed", "sealed"] = Field(
        default="individual",
        description="How orders reach the contract: each in a transaction of its trader, or "
        "signed by traders and sent by the operator, to be stored (`batched`) or cleared at once "
        "(`signed`); or hidden until the gate and revealed after it, each in two transactions of "
        "its trader (`sealed`).",
    )
    bond_eur: float = Field(
        default=1.0,
        gt=0,
        le=1e6,
        description="What a trader sets aside with a sealed order, and loses if it does not "
        "reveal it. For `sealed` alone.",
    )
    reveal_s: int = Field(
        default=60,
        ge=60,
        le=10_000_000,
        description="How long after the gate sealed orders can be revealed; the round is cleared "
        "after that. For `sealed` alone.",
    )
    strategy: Annotated[str, Plugin("strategy", tuple(STRATEGIES))] = Field(
        default="zic",
        description="How households price; docs/extending.md shows a class of your own.",
    )
    value_spread: Annotated[float, Field(ge=0, le=1)] = Field(
        default=0.0,
        description="How far houses differ in what energy is worth to them: values are drawn "
        "between the retail price and this share of the way down to feed-in, costs between the "
        "feed-in price and this share of the way up to retail. 0: all have those of the tariff.",
    )
    bulk_strategy: Annotated[str, Plugin("strategy of bulk consumers", BULK_STRATEGIES)] = Field(
        default="zic",
        description="How the spot loads price, if they bid: as strategy, without `fixed`.",
    )
    min_order_wh: int | None = Field(
        default=None,
        ge=1,
        le=MAX_ENERGY_WH,
        description="Least energy of an order; by default what 40 W are in an interval, such as "
        "10 Wh in a quarter of an hour.",
    )
    price_order_wh: int | None = Field(
        default=None,
        ge=1,
        le=MAX_ENERGY_WH,
        description="Least energy of an order that may set the price of `k_double_auction`; by "
        "default what 400 W are in an interval, such as 100 Wh in a quarter of an hour.",
    )
    max_order_wh: int = Field(
        default=2_000_000,
        ge=1,
        le=MAX_ENERGY_WH,
        description="Most energy of an order, and most that a meter may report, either sign.",
    )
    max_price_eur_per_kwh: float = Field(
        default=1.0, gt=0, le=100, description="Highest limit price of an order."
    )
    max_orders: int = Field(
        default=MAX_ORDERS, ge=1, le=MAX_ORDERS, description="Most orders in a round."
    )
    max_orders_per_trader: int | None = Field(
        default=None,
        ge=1,
        le=MAX_ORDERS,
        description="Most orders of one account in a round, at most max_orders; none if empty.",
    )
    deposit_eur: _Amount = Field(
        default=100.0, description="What a household pays in before tick 0."
    )
    bill_every_days: int | None = Field(
        default=30,
        ge=1,
        le=366,
        description="How long after tick 0, and after the bill before, a bill settles accounts up "
        "to what was paid in before tick 0, or to what the time since took, if that is more; null "
        "never. docs/market.md.",
    )
    bulk_deposit_eur: _Amount = Field(
        default=10_000.0, description="What a bulk consumer pays in before tick 0."
    )
    utility_deposit_eur: _Amount = Field(
        default=1_000.0, description="What the utility pays in before tick 0."
    )
    grace_min: int = Field(
        default=120,
        ge=1,
        le=10_000_000,
        description="After this long in one phase anybody may move the round on.",
    )

    def least_order_wh(self, interval_s: int) -> int:
        """`min_order_wh`, or its default for intervals of this length."""
        if self.min_order_wh is not None:
            return self.min_order_wh
        return max(1, energy_wh_down(_LEAST_ORDER_KW, interval_s))

    def pricing_order_wh(self, interval_s: int) -> int:
        """`price_order_wh`, or its default for intervals of this length."""
        if self.price_order_wh is not None:
            return self.price_order_wh
        return max(1, energy_wh_down(_PRICE_ORDER_KW, interval_s))

    def ticks_between_bills(self, interval_min: int) -> int:
        """`bill_every_days` in intervals; 0 without bills."""
        return (self.bill_every_days or 0) * 24 * 60 // interval_min

    @property
    def k_basis_points(self) -> int:
        """`k` as the contract takes it."""
        return round(self.k * BASIS_POINTS)
