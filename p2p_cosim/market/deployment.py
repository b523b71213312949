"""Deploying the market: a clearing rule, and the contract that holds the money."""

from __future__ import annotations

from hashlib import sha256

from p2p_cosim.chain.artifact import load_artifact
from p2p_cosim.chain.contract import Contract, deploy
from p2p_cosim.core.errors import InputError
from p2p_cosim.core.protocols import Chain
from p2p_cosim.core.roles import MECHANISMS
from p2p_cosim.market.rules import MarketRules

MARKET, SEALED_MARKET = "EnergyMarket", "SealedMarket"
OPERATOR, METER_ORACLE, UTILITY = "operator", "meter_oracle", "utility"
"""Labels of the accounts with a role; `UTILITY` is in the ledger too."""


def deploy_rule(chain: Chain, mechanism: str, k_basis_points: int, sender: str) -> Contract:
    """Deploy a mechanism's clearing rule; k is left out where the mechanism has none.

    Raises InputError for an unknown mechanism, RevertError (WeightAboveMaximum) for k.
    """
    artifact = load_artifact(_artifact_name(mechanism))
    constructor = next((entry for entry in artifact.abi if entry["type"] == "constructor"), None)
    return deploy(chain, artifact, [k_basis_points] if constructor else [], sender)


def deploy_market(chain: Chain, rules: MarketRules) -> Contract:
    """Deploy the rule and the market from the operator's account.

    Raises InputError for an unknown mechanism, RevertError (InvalidConfig,
    WeightAboveMaximum) if the rules do not fit.
    """
    return _deploy(chain, rules, MARKET)


def deploy_sealed_market(
    chain: Chain, rules: MarketRules, bond_wei: int, reveal_s: int
) -> Contract:
    """Deploy a market whose orders are committed to, and revealed when the gate has closed.

    bond_wei: what a trader loses who does not reveal. reveal_s: how long the gate is closed
    before the round can be cleared, in seconds. Raises as `deploy_market` does.
    """
    return _deploy(chain, rules, SEALED_MARKET, bond_wei, reveal_s)


def _deploy(chain: Chain, rules: MarketRules, name: str, *more: int) -> Contract:
    operator = chain.account(OPERATOR)
    rule = deploy_rule(chain, rules.mechanism, rules.k_basis_points, operator)
    roles = (operator, chain.account(METER_ORACLE), chain.account(UTILITY))
    config = rules.config(*roles, rule.address)
    return deploy(chain, load_artifact(name), [config, *more], operator)


def bytecode_hash(mechanism: str) -> str:
    """SHA-256 in hex over the init codes of the market and of the mechanism's rule."""
    names = (MARKET, _artifact_name(mechanism))
    return sha256(b"".join(load_artifact(name).bytecode for name in names)).hexdigest()


def _artifact_name(mechanism: str) -> str:
    try:
        return MECHANISMS[mechanism].contract
    except KeyError:
        raise InputError(
            f"mechanism {mechanism!r} is unknown: choose from {', '.join(MECHANISMS)}"
        ) from None
