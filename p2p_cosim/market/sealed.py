"""The way into a sealed market: commit until the gate, reveal after it, then clear."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from eth_hash.auto import keccak

from p2p_cosim.chain.accounts import sign_digest
from p2p_cosim.chain.contract import Contract
from p2p_cosim.core.types import Event, Receipt, Tariff
from p2p_cosim.market.follower import Round
from p2p_cosim.market.signing import SIDES, commitment
from p2p_cosim.market.submission import (
    Block,
    Call,
    Sent,
    clearing_call,
    order_id_of,
    reason_of,
)


class Sealed:
    """Orders that their traders commit to in the second of the gate, and reveal in the next, in
    the same order of arrival.

    A trader covers its order exactly, which hides least and ties up least, and sets the bond
    aside beside it. It commits to one order a round: its others are refused.

    addresses: by trader. payouts: most orders that a transaction pays out. chain_id: of the
    contract's chain.
    """

    def __init__(
        self, contract: Contract, addresses: Mapping[str, str], payouts: int, chain_id: int
    ) -> None:
        self.contract = contract
        self.addresses = addresses
        self.payouts = payouts
        self.chain_id = chain_id
        self.reveal_s = int(contract.read.REVEAL_SECONDS())

    def blocks(self, sent: Sequence[Sent], present: Round, timestamp: int, /) -> Iterator[Block]:
        """As `Submission.blocks`: commitments, reveals of those that were taken, the clearing."""
        told = self.contract.read.round(present.id)
        tariff = Tariff(told.retail, told.feedIn)
        yield Block(timestamp, [self._committing(each, present.id, tariff) for each in sent])
        taken = [each for each in sent if not each.rejection]
        yield Block(timestamp + 1, [self._revealing(each, present.id) for each in taken])
        clearing = clearing_call(self.contract, present.id, present.orders, self.payouts)
        yield Block(timestamp + self.reveal_s + 1, [clearing])

    def learn(self, call: Call, receipt: Receipt, events: Sequence[Event], /) -> None:
        """As `Submission.learn`; a reason has the error's values."""
        function = call.label.split()[0]
        for sent in call.carries:
            if not receipt.status:
                sent.rejection = reason_of(self.contract, self.addresses, function, receipt.output)
            elif function == "reveal":
                sent.order_id = order_id_of(events)

    def _committing(self, sent: Sent, round_id: int, tariff: Tariff) -> Call:
        order, trader = sent.order, self.addresses[sent.order.trader]
        market, salt = self.contract.address, self._salt(sent.order.trader, round_id)
        hash_ = commitment(self.chain_id, market, round_id, order, trader, salt)
        cover_wei = order.energy_wh * tariff.cover_wei_per_wh(order.side, order.price_wei_per_wh)
        args = (round_id, hash_, cover_wei)
        transaction = self.contract.transaction("commit", *args, sender=trader)
        return Call(f"commit {order.trader}", transaction, (sent,))

    def _revealing(self, sent: Sent, round_id: int) -> Call:
        order, salt = sent.order, self._salt(sent.order.trader, round_id)
        args = (round_id, SIDES[order.side], order.energy_wh, order.price_wei_per_wh, salt)
        transaction = self.contract.transaction(
            "reveal", *args, sender=self.addresses[order.trader]
        )
        return Call(f"reveal {order.trader}", transaction, (sent,))

    def _salt(self, trader: str, round_id: int) -> bytes:
        """What nobody can guess who has not got the trader's key, and the same in every run."""
        named = keccak(f"{self.contract.address} {round_id}".encode())
        r, _, _ = sign_digest(trader, named)
        return r.to_bytes(32, "big")
