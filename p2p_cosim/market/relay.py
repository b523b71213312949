"""Orders that people signed, until the operator places them at the gate."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence

from p2p_cosim.chain.contract import Contract, ran_out_of_gas
from p2p_cosim.core.types import Receipt, Transaction
from p2p_cosim.market.submission import BATCH, Call, operator_call

SignedWords = tuple[int, int, bytes, bytes]
"""Order, terms, r and vs, as contracts/SignedOrder.sol has them."""


Send = Callable[[Sequence[Call]], list[tuple[str, Receipt]]]
"""Sends calls together: each one's label and receipt."""


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
        return self._call(round_id, [*self._waiting, *more]).transaction

    def place(self, round_id: int, send: Send) -> list[tuple[str, Receipt]]:
        """Send what waits in batches, and forget it. What was sent, with its label.

        A batch without enough gas for all is sent again in halves, in the same order: a few orders
        that are dear to place, as those of traders with orders on the other side, keep no others
        out.
        """
        waiting, self._waiting = self._waiting, []
        parts = deque(waiting[i : i + BATCH] for i in range(0, len(waiting), BATCH))
        told = []
        while parts:
            part = parts.popleft()
            call = self._call(round_id, part)
            told += send([call])
            if len(part) > 1 and ran_out_of_gas(told[-1][1], call.transaction.gas_limit):
                middle = len(part) // 2
                parts.extendleft((part[middle:], part[:middle]))
        return told

    def _call(self, round_id: int, batch: Sequence[SignedWords]) -> Call:
        return operator_call(self._contract, "placeSigned", (round_id, batch))
