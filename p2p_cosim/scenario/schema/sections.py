"""The sections of a scenario. Pure data; what must hold between fields is in `checks`."""

from __future__ import annotations

import math
from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from p2p_cosim.core.clock import Clock
from p2p_cosim.core.types import Tariff
from p2p_cosim.core.units import price_wei_per_wh_down, wei_down
from p2p_cosim.scenario.schema.fields import (
    MAX_HOUSE_KW,
    CsvPath,
    DssPath,
    LocalTime,
    Series,
    Sites,
    Taps,
    Weight,
    named,
)

_Price = Annotated[float, Field(ge=0, le=100)]
_Amount = Annotated[float, Field(ge=0, le=1e9)]
_Share = Annotated[float, Field(ge=0, le=1)]
_MAX_TICKS = 35_136  # a leap year of quarter hours
_UINT40 = 2**40 - 1  # EnergyWh in contracts/IEnergyMarket.sol
_MAX_ORDERS = 1024  # MAX_ORDERS in contracts/MarketRules.sol


class Section(BaseModel):
    """Frozen, refuses unknown fields, and takes no text or truth value for a number."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


class ClockSection(Section):
    """When the run starts, and how long it is."""

    start: LocalTime = Field(
        default=datetime(2024, 6, 21),
        description="First instant of tick 0, in local mean solar time without daylight saving.",
    )
    interval_min: Literal[1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30, 60] = Field(
        default=15, description="Length of a market interval (tick) in minutes; a divisor of 60."
    )
    ticks: int = Field(
        default=96, ge=1, le=_MAX_TICKS, description="Number of intervals of the run."
    )

    def clock(self) -> Clock:
        """The run's clock."""
        return Clock(self.start, self.interval_min * 60, self.ticks)


class SpotLoadsSection(Section):
    """The published loads of the feeder beside the houses."""

    scale: float = Field(default=1.0, ge=0, le=2, description="Multiplies every published load.")
    profile: Literal["constant", "daily"] = Field(
        default="constant",
        description="`constant`, or `daily`: a day's shape between 0.55 and 0.98 on top of scale.",
    )
    bid: bool = Field(
        default=False,
        description="Whether the published spot loads buy in the market as bulk consumers.",
    )


class FeederSection(Section):
    """The distribution feeder and its state before the run."""

    name: Literal["ieee13", "ieee34", "ieee123"] = Field(
        default="ieee13", description="Published test feeder."
    )
    master: DssPath = Field(
        default=None,
        description="An OpenDSS master file of your own, relative to the scenario's; then name is "
        "not read. docs/feeder.md tells what it may contain.",
    )
    source_v_pu: float | None = Field(
        default=None,
        ge=0.9,
        le=1.1,
        description="Voltage at the feeder's head; by default the feeder's own.",
    )
    taps: Taps = Field(
        default="settle",
        description="Regulator taps at the start, -16 to 16, one for each regulator (ieee13: "
        "phases A, B, C), or `settle`: where the feeder's regulator controls come to rest.",
    )
    spot_loads: SpotLoadsSection = Field(
        default=SpotLoadsSection(), description="The published loads."
    )


class HousesSection(Section):
    """How many houses there are, and where they stand."""

    count: int = Field(
        default=30, ge=1, le=1000, description="Houses; `house_1` to `house_<count>`."
    )
    sites: Sites = Field(
        default=("652.A", "611.C", "684.A", "684.C", "675.B"),
        description="Primary nodes as bus.phase; houses fill them in equal blocks, in order. Or "
        "`by_load`: each node has houses by its share of the published spot load.",
    )
    per_transformer: int = Field(
        default=6, ge=1, le=100, description="Most houses behind one service transformer."
    )
    transformer_kva: float = Field(
        default=50.0, ge=5, le=500, description="Rating of a service transformer."
    )
    drop_ft: float = Field(
        default=80.0, ge=1, le=2000, description="Length of a house's service drop."
    )
    mode: Literal["add", "replace"] = Field(
        default="add",
        description="`add` the houses to the published loads, or `replace` part of the spot load "
        "of the same bus and phase by nominal_house_kw for each house.",
    )
    nominal_house_kw: float = Field(
        default=3.5, gt=0, le=MAX_HOUSE_KW, description="What one house replaces (mode `replace`)."
    )


class ProfilesSection(Section):
    """What the houses consume and produce, and how well they foresee it."""

    source: Literal["generated", "csv"] = Field(
        default="generated", description="Seeded generators, or measured data from a file."
    )
    csv: CsvPath = Field(
        default=None,
        description="File with measured data (source `csv`), relative to the scenario's.",
    )
    load_kwh_per_day: float = Field(
        default=22.7,
        gt=0,
        le=200,
        description="Mean consumption of a house; 22.7 is 8.3 MWh a year.",
    )
    pv_share: _Share = Field(default=0.5, description="Share of the houses that have PV.")
    pv_kw: float = Field(
        default=5.0, ge=0, le=MAX_HOUSE_KW, description="Rating of a PV array at 1000 W/m2."
    )
    pv_performance_ratio: float = Field(
        default=0.85, gt=0, le=1, description="Real over rated PV output at the same irradiance."
    )
    latitude_deg: float = Field(
        default=40.0, ge=-66, le=66, description="Latitude, north positive."
    )
    cloudiness: _Share = Field(default=0.2, description="Mean share of the sky under cloud.")
    power_factor: float = Field(
        default=0.97,
        ge=0.5,
        le=1,
        description="Lagging power factor of the household load; PV has 1.",
    )
    forecast_error: _Share = Field(
        default=0.1,
        description="Relative standard deviation of a trader's forecast of its net energy.",
    )

    @property
    def kvar_per_kw(self) -> float:
        """Reactive per active power of the household load."""
        return math.tan(math.acos(self.power_factor))


class MarketSection(Section):
    """The rules of the auction, as the contract is deployed with them."""

    mechanism: Literal["k_double_auction", "walrasian", "pay_as_bid", "mcafee", "continuous"] = (
        Field(
            default="k_double_auction",
            description="Who trades with whom, and at which prices: docs/market.md.",
        )
    )
    k: Weight = Field(
        default=0.5,
        description="Weight of the higher limit in the price; 0 pays the lower. `mcafee` and "
        "`continuous` have no use for it.",
    )
    submission: Literal["individual", "batched", "signed"] = Field(
        default="individual",
        description="How orders reach the contract: each in a transaction of its trader, or "
        "signed by traders and sent by the operator, to be stored (`batched`) or cleared at once "
        "(`signed`).",
    )
    strategy: Annotated[str, named("strategy", "zic", "truthful", "fixed")] = Field(
        default="zic",
        description="How households price: `zic`, `truthful`, `fixed` or package.module:Name.",
    )
    bulk_strategy: Annotated[str, named("strategy of bulk consumers", "zic", "truthful")] = Field(
        default="zic",
        description="How the spot loads price, if they bid: as strategy, without `fixed`.",
    )
    min_order_wh: int = Field(default=10, ge=1, le=_UINT40, description="Least energy of an order.")
    max_order_wh: int = Field(
        default=2_000_000,
        ge=1,
        le=_UINT40,
        description="Most energy of an order, and most that a meter may report, either sign.",
    )
    max_price_eur_per_kwh: float = Field(
        default=1.0, gt=0, le=100, description="Highest limit price of an order."
    )
    max_orders: int = Field(
        default=128, ge=1, le=_MAX_ORDERS, description="Most orders in a round."
    )
    max_orders_per_trader: int | None = Field(
        default=None,
        ge=1,
        le=_MAX_ORDERS,
        description="Most orders of one account in a round, at most max_orders; none if empty.",
    )
    deposit_eur: _Amount = Field(
        default=100.0, description="What a household pays in before tick 0."
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

    @property
    def k_basis_points(self) -> int:
        """`k` as the contract takes it."""
        return round(self.k * 10_000)


class TariffSection(Section):
    """What energy costs outside the market, and what ether is worth."""

    retail_eur_per_kwh: _Price = Field(
        default=0.30, description="Price of energy from the utility."
    )
    feed_in_eur_per_kwh: _Price = Field(
        default=0.08, description="Price the utility pays for surplus."
    )
    eur_per_ether: float = Field(
        default=2500.0, ge=1, le=1e6, description="Exchange rate, fixed for the run."
    )

    def price_wei_per_wh(self, eur_per_kwh: float) -> int:
        """A price as the contract takes it, rounded down."""
        return price_wei_per_wh_down(eur_per_kwh, self.eur_per_ether)

    def amount_wei(self, eur: float) -> int:
        """An amount as the contract takes it, rounded down."""
        return wei_down(eur, self.eur_per_ether)

    def tariff(self) -> Tariff:
        """Both prices as the contract takes them, rounded down."""
        return Tariff(
            self.price_wei_per_wh(self.retail_eur_per_kwh),
            self.price_wei_per_wh(self.feed_in_eur_per_kwh),
        )


class ChainSection(Section):
    """The EVM that runs the contract."""

    backend: Literal["pyevm", "ethtester", "anvil", "jsonrpc", "revm"] = Field(
        default="pyevm",
        description="`pyevm` in this process; `ethtester` with full blocks; `anvil`, started for "
        "the run; `jsonrpc`, the node at `url`; `revm`, fastest and without exact gas.",
    )
    url: str | None = Field(
        default=None,
        description="Address of the anvil or Hardhat node (backend `jsonrpc`), which the run has "
        "for itself: `http://127.0.0.1:8545`.",
    )
    gas: Literal["exact", "ignore"] = Field(
        default="exact",
        description="`exact` refuses a backend whose gas is not the protocol's; `ignore` leaves "
        "all gas columns empty.",
    )
    gas_price_gwei: float = Field(
        default=1.0,
        ge=0,
        le=100_000,
        description="What a unit of gas costs, to tell the run's gas in money (with "
        "tariff.eur_per_ether). In the run itself gas is free.",
    )


class Trader(Section):
    """What one house has instead of its generated profile and the common rules."""

    load_kw: Series = Field(
        default=None, description="Consumption: one number, or a list with one for each tick."
    )
    pv_kw: Series = Field(
        default=None, description="PV production: one number, or a list with one for each tick."
    )
    strategy: Annotated[
        str | None, named("strategy", "zic", "truthful", "fixed", optional=True)
    ] = Field(default=None, description="As market.strategy, for this house.")
    bid_eur_per_kwh: _Price | None = Field(
        default=None, description="What `fixed` bids for a need."
    )
    ask_eur_per_kwh: _Price | None = Field(
        default=None, description="What `fixed` asks for a surplus."
    )
    forecast_error: _Share | None = Field(
        default=None, description="As profiles.forecast_error, for this house."
    )


EVERY_HOUSE = "every_house"  # in `traders`, the values of all houses that have none of their own
