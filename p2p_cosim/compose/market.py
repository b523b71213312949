"""The market that a scenario describes: its rules, its contract, and what was paid in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import fields
from typing import Any

from p2p_cosim.core.protocols import Chain
from p2p_cosim.core.types import Receipt, Tariff
from p2p_cosim.market import UTILITY, Billing, MarketRules, OnChainMarket, Sealing
from p2p_cosim.market.tariff_calls import announcing
from p2p_cosim.scenario import Scenario


def market_of(
    scenario: Scenario,
    chain: Chain,
    tariffs: Sequence[Tariff],
    houses: Iterable[str],
    bulk: Iterable[str],
) -> tuple[OnChainMarket, tuple[tuple[str, Receipt], ...], Billing]:
    """The deployed contract with everybody's deposit in it, the receipts of that, and how bills
    fill accounts again.

    tariffs: of every interval. bulk: names of the spot loads that trade.
    """
    section, tariff = scenario.market, scenario.tariff
    deposits_wei = {
        UTILITY: tariff.amount_wei(section.utility_deposit_eur),
        **dict.fromkeys(houses, tariff.amount_wei(section.deposit_eur)),
        **dict.fromkeys(bulk, tariff.amount_wei(section.bulk_deposit_eur)),
    }
    market = OnChainMarket.deploy(
        chain,
        rules_of(scenario, tariffs),
        traders=tuple(name for name in deposits_wei if name != UTILITY),
        submission=section.submission,
    )
    others = {i: tariff for i, tariff in enumerate(tariffs, start=1) if tariff != tariffs[0]}
    for calls in announcing(market.contract, others):
        market.set_up("setTariff", calls)
    billing = Billing(section.ticks_between_bills(scenario.clock.interval_min), deposits_wei)
    return market, market.deposit(deposits_wei), billing


def rules_of(scenario: Scenario, tariffs: Sequence[Tariff]) -> MarketRules:
    """The section's values in the contract's units; what is called alike is taken as it is.

    The first interval's tariff is that of every round that is told no other.
    """
    section, tariff, clock = scenario.market, scenario.tariff, scenario.clock.clock()
    in_units_of_the_contract: dict[str, Any] = {
        "tariff": tariffs[0],
        "max_price_wei_per_wh": tariff.price_wei_per_wh(section.max_price_eur_per_kwh),
        "min_energy_wh": section.least_order_wh(scenario.clock.interval_min * 60),
        "max_energy_wh": section.max_order_wh,
        "price_size_wh": section.pricing_order_wh(clock.interval_s),
        "first_gate": clock.gate_closure_timestamp(0),
        "interval_s": clock.interval_s,
        "grace_s": section.grace_min * 60,
    }
    if len(set(tariffs)) > 1:
        most = max(each.retail_wei_per_wh for each in tariffs)
        least = min(each.feed_in_wei_per_wh for each in tariffs)
        bounds = {"max_retail_wei_per_wh": most, "min_feed_in_wei_per_wh": least}
        in_units_of_the_contract |= bounds
    if section.submission == "sealed":
        bond_wei = tariff.amount_wei(section.bond_eur)
        in_units_of_the_contract["sealing"] = Sealing(bond_wei, section.reveal_s)
    alike: dict[str, Any] = {
        field.name: getattr(section, field.name)
        for field in fields(MarketRules)
        if field.name not in in_units_of_the_contract and hasattr(section, field.name)
    }
    return MarketRules(**alike, **in_units_of_the_contract)
