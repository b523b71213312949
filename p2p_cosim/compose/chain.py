"""The EVM that a scenario names."""

from __future__ import annotations

from p2p_cosim.chain.explorer import OpenChain
from p2p_cosim.chain.rules import CHAIN_ID
from p2p_cosim.chain.terms import ChainTerms
from p2p_cosim.core.errors import InputError
from p2p_cosim.core.protocols import Chain
from p2p_cosim.scenario import Scenario

OWN_CHAIN_ID = ("generated", "pyevm", "anvil")
"""Backends that take any chain id."""


def chain_of(scenario: Scenario, timestamp: int, terms: ChainTerms) -> OpenChain:
    """The chain of a scenario, its first block at this timestamp (Unix seconds).

    Raises InputError for a backend that has no other chain id than its own, and ChainError for
    a node that will not do.
    """
    chain = _backend(scenario, timestamp, terms.chain_id)
    if terms.past.nonces and (go_on := getattr(chain, "go_on", None)):
        go_on(terms.past.nonces)  # a node checks them itself
    return OpenChain(chain, terms.kept, terms.past)


def chain_engine(chain: Chain) -> dict[str, str]:
    """Versions of what this chain runs on and the others do not."""
    node: str | None = getattr(chain, "version", None)
    return {} if node is None else {"Ethereum node": node}


def _backend(scenario: Scenario, timestamp: int, chain_id: int) -> Chain:
    backend = scenario.chain.backend
    if chain_id != CHAIN_ID and backend not in OWN_CHAIN_ID:
        raise InputError(
            f"chain.backend {backend!r} has the chain id {CHAIN_ID} and no other: choose "
            f"{' or '.join(OWN_CHAIN_ID)}"
        )
    # Imported here, because each backend loads an EVM that the others do not need.
    match backend:
        case "ethtester":
            from p2p_cosim.chain.ethtester import EthTesterChain

            return EthTesterChain(timestamp)
        case "anvil":
            from p2p_cosim.chain.jsonrpc import AnvilChain

            return AnvilChain(timestamp, chain_id)
        case "jsonrpc":
            from p2p_cosim.chain.jsonrpc import JsonRpcChain

            return JsonRpcChain(scenario.chain.url or "", timestamp)
        case "pyevm":
            from p2p_cosim.chain.pyevm import PyEvmChain

            return PyEvmChain(timestamp, chain_id)
        case "generated":
            from p2p_cosim.chain.generated import GeneratedChain

            return GeneratedChain(timestamp, chain_id)
