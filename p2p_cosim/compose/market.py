"""The market that a scenario describes: its rules, its contract, and what was paid in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields
from typing import Any

from p2p_cosim.core.protocols import Chain
from p2p_cosim.core.types import Receipt
from p2p_cosim.market import UTILITY, Billing, MarketRules, OnChainMarket, Sealing
from p2p_cosim.scenario import Scenario


def market_of(
    scenario: Scenario, chain: Chain, houses: Iterable[str], bulk: Iterable[str]
) -> tuple[OnChainMarket, tuple[tuple[str, Receipt], ...], Billing]:
    """The deployed contract with everybody's deposit in it, the receipts of that, and how bills
    fill accounts again.

    bulk: names of the spot loads that trade.
    """
    section, tariff = scenario.market, scenario.tariff
    deposits_wei = {
        UTILITY: tariff.amount_wei(section.utility_deposit_eur),
        **dict.fromkeys(houses, tariff.amount_wei(section.deposit_eur)),
        **dict.fromkeys(bulk, tariff.amount_wei(section.bulk_deposit_eur)),
    }
    market = OnChainMarket.deploy(
        chain,
        rules_of(scenario),
        traders=tuple(name for name in deposits_wei if name != UTILITY),
        submission=section.submission,
    )
    billing = Billing(section.ticks_between_bills(scenario.clock.interval_min), deposits_wei)
    return market, market.deposit(deposits_wei), billing


def rules_of(scenario: Scenario) -> MarketRules:
    """The section's values in the contract's units; what is called alike is taken as it is."""
    section, tariff, clock = scenario.market, scenario.tariff, scenario.clock.clock()
    in_units_of_the_contract: dict[str, Any] = {
        "tariff": tariff.tariff(),
        "max_price_wei_per_wh": tariff.price_wei_per_wh(section.max_price_eur_per_kwh),
        "min_energy_wh": section.least_order_wh(scenario.clock.interval_min * 60),
        "max_energy_wh": section.max_order_wh,
        "price_size_wh": section.pricing_order_wh(clock.interval_s),
        "first_gate": clock.gate_closure_timestamp(0),
        "interval_s": clock.interval_s,
        "grace_s": section.grace_min * 60,
    }
    if section.submission == "sealed":
        bond_wei = tariff.amount_wei(section.bond_eur)
        in_units_of_the_contract["sealing"] = Sealing(bond_wei, section.reveal_s)
    alike: dict[str, Any] = {
        field.name: getattr(section, field.name)
        for field in fields(MarketRules)
        if field.name not in in_units_of_the_contract and hasattr(section, field.name)
    }
    return MarketRules(**alike, **in_units_of_the_contract)
