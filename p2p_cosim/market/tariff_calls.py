"""Transactions of the account that sets the tariffs of rounds to come."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from p2p_cosim.chain.contract import Contract
from p2p_cosim.core.types import Tariff
from p2p_cosim.market.deployment import TARIFF_SETTER
from p2p_cosim.market.submission import Call

PER_BLOCK = 500
"""Tariffs set in one block: some 22 million gas."""


def announcing(contract: Contract, tariffs: Mapping[int, Tariff]) -> Iterator[list[Call]]:
    """The transactions, a block at a time. tariffs: by number of the round."""
    sender = contract.chain.account(TARIFF_SETTER)
    calls = []
    for round_id, tariff in tariffs.items():
        args = (round_id, tariff.retail_wei_per_wh, tariff.feed_in_wei_per_wh)
        call = contract.transaction("setTariff", *args, sender=sender)
        calls.append(Call(f"setTariff {TARIFF_SETTER}", call))
    for i in range(0, len(calls), PER_BLOCK):
        yield calls[i : i + PER_BLOCK]
