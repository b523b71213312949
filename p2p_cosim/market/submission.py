"""Ways for a round's orders to reach the contract, each with the clearing at its end.

`individual`: every trader sends a transaction of its own. `batched`: traders sign, and the
operator places what they signed, many in a transaction. `signed`: the operator's one transaction
places and clears what they signed without storing it; a round too large for that is `batched`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from itertools import count
from typing import Any, Protocol

from p2p_cosim.chain.contract import Contract
from p2p_cosim.core.errors import InputError
from p2p_cosim.core.types import Event, Order, Receipt, Side, Transaction
from p2p_cosim.market.deployment import OPERATOR
from p2p_cosim.market.signing import Terms, packed_order, signed_order

SUBMISSIONS = ("individual", "batched", "signed")

PAYOUTS = 256
"""Orders that one transaction pays out: benchmarks/gas.py measures that new accounts fit."""

BATCH = 200
"""Signed orders in one transaction, and most that are cleared by the one that brings them."""

Call = tuple[str, Transaction]  # label and transaction
Outcome = tuple[int | None, str]  # order id, or None and the reason
_PLACE = {Side.BID: "placeBid", Side.ASK: "placeAsk"}


def submission_of(
    name: str, contract: Contract, addresses: Mapping[str, str], payouts: int
) -> Submission:
    """The way of that name. Raises InputError for an unknown one.

    addresses: by trader. payouts: most orders that a transaction pays out.
    """
    if name == "individual":
        return Individual(contract, addresses, payouts)
    if name in SUBMISSIONS:
        return Aggregated(contract, addresses, payouts, at_once=name == "signed")
    raise InputError(f"submission {name!r} is unknown: choose from {', '.join(SUBMISSIONS)}")


class Submission(Protocol):
    """Turns orders into transactions, and their receipts into what became of each order."""

    def calls(self, orders: Sequence[Order], present: Any, timestamp: int, /) -> list[Call]:
        """All transactions up to the one that clears the round, which is the last.

        present: the contract's round. timestamp: of the block they are for (Unix seconds).
        """
        ...

    def outcomes(self, orders: Sequence[Order], receipts: Sequence[Receipt], /) -> list[Outcome]:
        """By order, from the receipts of the `calls` for these orders."""
        ...


class Individual:
    """A transaction for every order, from its trader."""

    def __init__(self, contract: Contract, addresses: Mapping[str, str], payouts: int) -> None:
        self.contract = contract
        self.addresses = addresses
        self.payouts = payouts

    def calls(self, orders: Sequence[Order], present: Any, _timestamp: int, /) -> list[Call]:
        """As `Submission.calls`."""
        placing = [
            (
                f"{_PLACE[order.side]} {order.trader}",
                self.contract.transaction(
                    *(_PLACE[order.side], order.energy_wh, order.price_wei_per_wh),
                    sender=self.addresses[order.trader],
                ),
            )
            for order in orders
        ]
        total = present.orders + len(orders)
        return [*placing, _clearing(self.contract, present.id, total, self.payouts)]

    def outcomes(self, orders: Sequence[Order], receipts: Sequence[Receipt], /) -> list[Outcome]:
        """As `Submission.outcomes`; a reason has the error's values."""
        return [
            self._outcome(order, receipt)
            for order, receipt in zip(orders, receipts[:-1], strict=True)
        ]

    def _outcome(self, order: Order, receipt: Receipt) -> Outcome:
        if receipt.status:
            (event,) = self.contract.decode_events(receipt)
            return _integer(event.args["orderId"]), ""
        error = self.contract.revert_error(_PLACE[order.side], receipt.output)
        labels = {address: name for name, address in self.addresses.items()}
        values = ", ".join(
            f"{key}={labels.get(str(value), value)}" for key, value in error.args_by_name.items()
        )
        return None, f"{error.name or 'Reverted'}({values})"


class Aggregated:
    """Orders signed by their traders and sent by the operator.

    at_once: whether a round that fits is placed and cleared in one transaction.
    """

    def __init__(
        self,
        contract: Contract,
        addresses: Mapping[str, str],
        payouts: int,
        *,
        at_once: bool,
        batch: int = BATCH,
    ) -> None:
        self.contract = contract
        self.addresses = addresses
        self.payouts = payouts
        self.at_once = at_once
        self.batch = batch

    def calls(self, orders: Sequence[Order], present: Any, timestamp: int, /) -> list[Call]:
        """As `Submission.calls`. Nonces go on from each trader's floor in the contract."""
        signed = self._signed(orders, present.id, expiry=timestamp)
        total = present.orders + len(orders)
        if self.at_once and total <= self.batch:
            return [_by_operator(self.contract, "clearSigned", present.id, signed, total)]
        parts = [signed[i : i + self.batch] for i in range(0, len(signed), self.batch)]
        placing = [_by_operator(self.contract, "placeSigned", present.id, part) for part in parts]
        return [*placing, _clearing(self.contract, present.id, total, self.payouts)]

    def outcomes(self, orders: Sequence[Order], receipts: Sequence[Receipt], /) -> list[Outcome]:
        """As `Submission.outcomes`; a reason is the error's name alone."""
        batches = [orders[i : i + self.batch] for i in range(0, len(orders), self.batch)]
        return [
            outcome
            for part, receipt in zip(batches, receipts, strict=False)  # the last may only clear
            for outcome in self._outcomes(part, self.contract.decode_events(receipt))
        ]

    def _outcomes(self, orders: Sequence[Order], events: Sequence[Event]) -> Iterator[Outcome]:
        """Of a batch. Refusals are told in its order, and the others have consecutive ids.

        Of two equal orders the earlier is never the only one refused, so that contents tell.
        """
        refused: deque[Any] = deque(
            event.args["reason"] for event in events if event.name == "SignedOrderRefused"
        )
        (placed,) = (e.args for e in events if e.name == "SignedOrdersPlaced")
        ids = count(_integer(placed["firstId"]))
        accepted = iter(placed["orders"])  # type: ignore[call-overload]
        following = next(accepted, None)
        for order in orders:
            if packed_order(order, self.addresses[order.trader]) == following:
                yield next(ids), ""
                following = next(accepted, None)
            else:
                yield None, self._error_name(refused.popleft())

    def _signed(
        self, orders: Sequence[Order], round_id: int, expiry: int
    ) -> list[tuple[object, ...]]:
        separator = self.contract.read.domainSeparator()
        traders = list(dict.fromkeys(order.trader for order in orders))
        money, _ = self.contract.read.accounts([self.addresses[name] for name in traders])
        nonces = {name: count(account.nonce) for name, account in zip(traders, money, strict=True)}
        return [
            signed_order(
                order,
                Terms(self.addresses[order.trader], round_id, next(nonces[order.trader]), expiry),
                separator,
            )
            for order in orders
        ]

    def _error_name(self, selector: bytes) -> str:
        values = bytes(32 * 4)  # whatever they are: no error here has more than four
        return self.contract.revert_error("placeSigned", selector + values).name


def _by_operator(contract: Contract, function: str, *args: object) -> Call:
    sender = contract.chain.account(OPERATOR)
    return f"{function} {OPERATOR}", contract.transaction(function, *args, sender=sender)


def _clearing(contract: Contract, round_id: int, orders: int, payouts: int) -> Call:
    """Clears a round of stored orders; one too large for a transaction pays out nobody yet."""
    if orders <= payouts:
        return _by_operator(contract, "clear", round_id)
    return f"clear {OPERATOR}", _by_operator(contract, "clearInParts", round_id, 0)[1]


def _integer(value: object) -> int:
    if not isinstance(value, int):
        raise TypeError(f"{value!r} is no integer: does the artifact fit the contract?")
    return value
