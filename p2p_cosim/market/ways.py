"""Ways of submission by the names that scenarios give them."""

from __future__ import annotations

from collections.abc import Mapping

from p2p_cosim.chain.contract import Contract
from p2p_cosim.core.errors import InputError
from p2p_cosim.market.sealed import Sealed
from p2p_cosim.market.submission import Aggregated, Individual, Submission

SUBMISSIONS = ("individual", "batched", "signed", "sealed")


def submission_of(
    name: str, contract: Contract, addresses: Mapping[str, str], payouts: int, chain_id: int
) -> Submission:
    """The way of that name. Raises InputError for an unknown one, and for one that does not lead
    into the contract.

    addresses: by trader. payouts: most orders that a transaction pays out. chain_id: of the
    contract's chain.
    """
    if name not in SUBMISSIONS:
        raise InputError(f"submission {name!r} is unknown: choose from {', '.join(SUBMISSIONS)}")
    takes_sealed = "reveal" in contract.functions
    if (name == "sealed") is not takes_sealed:
        kind, remedy = ("a sealed", "without") if takes_sealed else ("an open", "with")
        raise InputError(
            f"submission {name!r} does not lead into {kind} market: deploy it {remedy} "
            "MarketRules.sealing"
        )
    if name == "sealed":
        return Sealed(contract, addresses, payouts, chain_id)
    if name == "individual":
        return Individual(contract, addresses, payouts)
    return Aggregated(contract, addresses, payouts, at_once=name == "signed")
