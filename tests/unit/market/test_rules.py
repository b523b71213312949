"""The configuration that a contract is deployed with."""

from __future__ import annotations

from typing import Any

import pytest

from p2p_cosim.chain.artifact import load_artifact
from p2p_cosim.core.types import Tariff
from p2p_cosim.market.rules import MarketRules, Places, contract_name

PLACES = Places(*(f"0x{digit:040x}" for digit in range(1, 7)))
RULES = MarketRules(Tariff(300, -50), max_price_wei_per_wh=500, max_energy_wh=9_000)


def test_the_configuration_has_the_names_of_the_contract() -> None:
    (constructor,) = [entry for entry in load_artifact().abi if entry["type"] == "constructor"]
    inputs: Any = constructor["inputs"]
    expected = {component["name"] for component in inputs[0]["components"]}
    assert set(RULES.config(PLACES, timestamp=1_000)) == expected


def test_what_is_not_given_follows_what_it_depends_on() -> None:
    config = RULES.config(PLACES, timestamp=1_000)
    assert config["maxOrdersPerTrader"] == config["openPlaces"] == RULES.max_orders
    assert config["firstGate"] == 1_000 + RULES.interval_s
    assert (config["retail"], config["maxRetail"]) == (300, 300)
    assert (config["feedIn"], config["minFeedIn"]) == (-50, -50)


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("max_price_wei_per_wh", "maxPrice"),
        ("finisher_reward_wei", "finisherReward"),
        ("max_energy_wh", "maxEnergy"),
        ("grace_s", "graceSeconds"),
        ("interval_s", "interval"),
        ("meter_oracle", "meterOracle"),
    ],
)
def test_names_are_written_as_in_solidity(name: str, written: str) -> None:
    assert contract_name(name) == written
