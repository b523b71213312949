"""Orders that people signed, until the operator places them at the gate."""

from __future__ import annotations

from collections.abc import Sequence

from p2p_cosim.chain.contract import Contract
from p2p_cosim.core.types import Transaction
from p2p_cosim.market.submission import BATCH, Call, operator_call

SignedWords = tuple[int, int, bytes, bytes]
"""Order, terms, r and vs, as contracts/SignedOrder.sol has them."""


class Relay:
    """Signed orders in the order in which they came. All are for the round that is open."""

    def __init__(self, contract: Contract) -> None:
        self._contract = contract
        self._waiting: list[SignedWords] = []

    def __repr__(self) -> str:
        return f"Relay({len(self)} signed orders wait)"

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self, signed: SignedWords) -> None:
        """Place an order at the next gate. What the contract refuses then, it tells in an event."""
        self._waiting.append(signed)

    def placing(self, round_id: int, *more: SignedWords) -> Transaction:
        """What the operator would send now, with more orders behind those that wait."""
        batch = [*self._waiting, *more]
        return operator_call(self._contract, "placeSigned", (round_id, batch)).transaction

    def calls(self, round_id: int) -> list[Call]:
        """The transactions that place what waits, which is forgotten."""
        waiting, self._waiting = self._waiting, []
        return [
            operator_call(self._contract, "placeSigned", (round_id, part))
            for part in _parts(waiting)
        ]


def _parts(waiting: Sequence[SignedWords]) -> list[Sequence[SignedWords]]:
    return [waiting[i : i + BATCH] for i in range(0, len(waiting), BATCH)]
