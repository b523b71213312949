"""The section on what energy costs outside the market."""

from __future__ import annotations

import math
from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from p2p_cosim.core.types import Tariff
from p2p_cosim.core.units import price_wei_per_wh_down, wei_down
from p2p_cosim.scenario.schema.fields import CsvPath
from p2p_cosim.scenario.schema.section import Section

_MOST_EUR = 100.0
_Price = Annotated[float, Field(ge=0, le=_MOST_EUR)]
_FeedIn = Annotated[float, Field(ge=-_MOST_EUR, le=_MOST_EUR)]
_Hour = Annotated[float, Field(ge=0, le=24)]
_SATURDAY = 5


class TariffPeriod(Section):
    """Hours with prices of their own; others have those of the section."""

    from_hour: _Hour = Field(description="Where it begins, in hours since midnight.")
    to_hour: _Hour = Field(
        description="Where it ends; below from_hour, that is in the morning after."
    )
    days: Literal["all", "weekdays", "weekends"] = Field(
        default="all",
        description="On which days; the morning after counts by its own day.",
    )
    retail_eur_per_kwh: _Price | None = Field(
        default=None, description="As in the section, in these hours."
    )
    feed_in_eur_per_kwh: _FeedIn | None = Field(
        default=None, description="As in the section, in these hours."
    )

    def holds(self, time: datetime) -> bool:
        """Whether the instant is one of its hours."""
        weekend = time.weekday() >= _SATURDAY
        if self.days != "all" and weekend != (self.days == "weekends"):
            return False
        hour = time.hour + time.minute / 60 + time.second / 3600
        if self.from_hour <= self.to_hour:
            return self.from_hour <= hour < self.to_hour
        return hour >= self.from_hour or hour < self.to_hour


class TariffSection(Section):
    """What energy costs outside the market, and what ether is worth."""

    retail_eur_per_kwh: _Price = Field(
        default=0.30, description="Price of energy from the utility."
    )
    feed_in_eur_per_kwh: _FeedIn = Field(
        default=0.08,
        description="Price the utility pays for surplus; below 0 feeding in costs something.",
    )
    periods: Annotated[tuple[TariffPeriod, ...], Field(strict=False)] = Field(
        default=(),
        description="Hours of the day with other prices: from_hour, to_hour, days, and "
        "retail_eur_per_kwh or feed_in_eur_per_kwh or both; the first that holds counts.",
    )
    prices_csv: CsvPath = Field(
        default=None,
        description="File with prices over time, relative to the scenario's: columns timestamp, "
        "retail_eur_per_kwh and, if wanted, feed_in_eur_per_kwh.",
    )
    losses_eur_per_kwh: _FeedIn = Field(
        default=0.06,
        description="What the utility pays for a kWh that the feeder loses; its account tells it.",
    )
    network_eur_per_kwh: _Price = Field(
        default=0.0, description="Network charge in the retail price, without VAT; bills tell it."
    )
    levies_eur_per_kwh: _Price = Field(
        default=0.0, description="Levies in the retail price, without VAT; bills tell them."
    )
    vat_share: Annotated[float, Field(ge=0, le=1)] = Field(
        default=0.0, description="Value added tax in the retail price, over the rest of it."
    )
    fixed_eur_per_day: Annotated[float, Field(ge=0, le=100)] = Field(
        default=0.0, description="What every house pays a day, with and without the market."
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

    def prices_at(self, time: datetime) -> tuple[float, float]:
        """Retail and feed-in price in EUR/kWh at an instant, without a file."""
        held = next((period for period in self.periods if period.holds(time)), None)
        if held is None:
            return self.retail_eur_per_kwh, self.feed_in_eur_per_kwh
        return self.prices_at_period(held)

    def prices_at_period(self, period: TariffPeriod) -> tuple[float, float]:
        """Retail and feed-in price in EUR/kWh in the hours of a period."""
        own_retail, own_feed_in = period.retail_eur_per_kwh, period.feed_in_eur_per_kwh
        return (
            self.retail_eur_per_kwh if own_retail is None else own_retail,
            self.feed_in_eur_per_kwh if own_feed_in is None else own_feed_in,
        )

    def refusal(self, retail: float, feed_in: float, max_price: float) -> str:
        """Why the market does not take these prices in EUR/kWh; "" if it does."""
        if not (math.isfinite(retail) and math.isfinite(feed_in)):
            return f"retail {retail} and feed-in {feed_in} EUR/kWh: give numbers"
        if abs(feed_in) > _MOST_EUR:
            return f"feed-in {feed_in:g} EUR/kWh is beyond {_MOST_EUR:g}: give EUR and not cents"
        if self.price_wei_per_wh(retail) < 1:
            return (
                f"retail {retail:g} EUR/kWh is no price above 0, and the contract takes no other: "
                "raise it; what feeding in earns may be negative"
            )
        if retail > max_price:
            return (
                f"retail {retail:g} EUR/kWh exceeds market.max_price_eur_per_kwh {max_price:g}: a "
                "truthful buyer could not bid, so lower it or raise the limit"
            )
        if feed_in > retail:
            return (
                f"feed-in {feed_in:g} exceeds retail {retail:g} EUR/kWh: buying to sell back would "
                "pay, so lower it"
            )
        return ""

    def tariff(self) -> Tariff:
        """Both prices of the section as the contract takes them, rounded down."""
        return Tariff(
            self.price_wei_per_wh(self.retail_eur_per_kwh),
            self.price_wei_per_wh(self.feed_in_eur_per_kwh),
        )
