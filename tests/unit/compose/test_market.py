"""A scenario's market section becomes the rules of the contract."""

from datetime import UTC, datetime

from p2p_cosim.compose.market import rules_of
from p2p_cosim.core.types import Tariff
from p2p_cosim.market import MarketRules
from p2p_cosim.scenario import Scenario, tariffs_of


def test_every_rule_is_the_scenarios_in_the_units_of_the_contract():
    scenario = Scenario(name="x").replace(
        mechanism="pay_as_bid",
        k=0.25,
        interval_min=30,
        max_order_wh=5_000,
        max_price_eur_per_kwh=0.5,
        max_orders=64,
        max_orders_per_trader=3,
        grace_min=45,
        retail_eur_per_kwh=0.3,
        feed_in_eur_per_kwh=0.1,
        eur_per_ether=2_000.0,
    )
    assert rules_of(scenario, tariffs_of(scenario)) == MarketRules(
        tariff=Tariff(150_000_000_000, 50_000_000_000),
        max_price_wei_per_wh=250_000_000_000,
        max_energy_wh=5_000,
        mechanism="pay_as_bid",
        k_basis_points=2_500,
        min_energy_wh=20,
        max_orders=64,
        max_orders_per_trader=3,
        grace_s=2_700,
        price_size_wh=200,  # 0.4 kW over half an hour
        # The second before the first interval, so that a block of its own closes the gate.
        first_gate=int(datetime(2024, 6, 20, 23, 59, 59, tzinfo=UTC).timestamp()),
        interval_s=1_800,
    )
