"""The section on what energy costs outside the market."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from p2p_cosim.core.types import Tariff
from p2p_cosim.core.units import price_wei_per_wh_down, wei_down
from p2p_cosim.scenario.schema.section import Section

_Price = Annotated[float, Field(ge=0, le=100)]


class TariffSection(Section):
    """What energy costs outside the market, and what ether is worth."""

    retail_eur_per_kwh: _Price = Field(
        default=0.30, description="Price of energy from the utility."
    )
    feed_in_eur_per_kwh: _Price = Field(
        default=0.08, description="Price the utility pays for surplus."
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

    def tariff(self) -> Tariff:
        """Both prices as the contract takes them, rounded down."""
        return Tariff(
            self.price_wei_per_wh(self.retail_eur_per_kwh),
            self.price_wei_per_wh(self.feed_in_eur_per_kwh),
        )
