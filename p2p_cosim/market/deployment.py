"""Deploying the market: a clearing rule, and the contract that holds the money."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from p2p_cosim.chain.artifact import load_artifact
from p2p_cosim.chain.contract import Contract, deploy
from p2p_cosim.core.errors import InputError
from p2p_cosim.core.protocols import Chain
from p2p_cosim.core.roles import MECHANISMS
from p2p_cosim.market.rules import NOBODY, MarketRules, Places

MARKET, SEALED_MARKET, SETTLEMENT_RULE = "OpenMarket", "SealedMarket", "DualPrice"
OPERATOR, METER_ORACLE, UTILITY, SURPLUS = "operator", "meter_oracle", "utility", "surplus"
TARIFF_SETTER = "tariff_setter"
"""Labels of the accounts with a role; `UTILITY` and `SURPLUS` are in the ledger too."""


def deploy_rule(
    chain: Chain, mechanism: str, k_basis_points: int, sender: str, price_size_wh: int = 1
) -> Contract:
    """Deploy a mechanism's clearing rule; what the mechanism has no use for is left out.

    Raises InputError for an unknown mechanism, RevertError (WeightAboveMaximum) for k.
    """
    artifact = load_artifact(_artifact_name(mechanism))
    constructor = next((entry for entry in artifact.abi if entry["type"] == "constructor"), None)
    inputs: Any = constructor["inputs"] if constructor else ()
    return deploy(chain, artifact, [k_basis_points, price_size_wh][: len(inputs)], sender)


def deploy_market(chain: Chain, rules: MarketRules) -> Contract:
    """Deploy the rule and the market from the operator's account: a `SealedMarket` if the rules
    have a `sealing`, else an `OpenMarket`.

    Raises InputError for an unknown mechanism, RevertError (InvalidConfig,
    WeightAboveMaximum) if the rules do not fit.
    """
    operator = chain.account(OPERATOR)
    rule = deploy_rule(chain, rules.mechanism, rules.k_basis_points, operator, rules.price_size_wh)
    settlement = deploy(chain, load_artifact(SETTLEMENT_RULE), [], operator)
    places = Places(
        operator=operator,
        meter_oracle=chain.account(METER_ORACLE),
        utility=chain.account(UTILITY),
        surplus_to=chain.account(SURPLUS),
        clearing_rule=rule.address,
        settlement_rule=settlement.address,
        tariff_setter=chain.account(TARIFF_SETTER) if rules.sets_tariffs else NOBODY,
    )
    config = rules.config(places, chain.timestamp)
    if sealing := rules.sealing:
        args = [config, sealing.bond_wei, sealing.reveal_s]
        return deploy(chain, load_artifact(SEALED_MARKET), args, operator)
    return deploy(chain, load_artifact(MARKET), [config], operator)


def bytecode_hash(mechanism: str, *, sealed: bool = False) -> str:
    """SHA-256 in hex over the init codes of the market and of its rules."""
    names = (SEALED_MARKET if sealed else MARKET, _artifact_name(mechanism), SETTLEMENT_RULE)
    return sha256(b"".join(load_artifact(name).bytecode for name in names)).hexdigest()


def _artifact_name(mechanism: str) -> str:
    try:
        return MECHANISMS[mechanism].contract
    except KeyError:
        raise InputError(
            f"mechanism {mechanism!r} is unknown: choose from {', '.join(MECHANISMS)}"
        ) from None
