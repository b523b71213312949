"""Ways for a round's orders to reach an open market, each with the clearing at its end.

`individual`: every trader sends a transaction of its own. `batched`: traders sign, and the
operator places what they signed, many in a transaction. `signed`: the operator's one transaction
places and clears what they signed without storing it; a round too large for that is `batched`.
`market.sealed` is the way into a sealed market; `market.ways` has all by name.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import count
from typing import Any, Protocol

from p2p_cosim.chain.contract import OUT_OF_GAS, Contract, ran_out_of_gas
from p2p_cosim.core.limits import ENERGY_BITS, PRICE_BITS
from p2p_cosim.core.often import made_often
from p2p_cosim.core.types import Event, Order, Receipt, Side, Transaction
from p2p_cosim.market.deployment import OPERATOR
from p2p_cosim.market.follower import Round, integer, read_accounts, words
from p2p_cosim.market.signing import Terms, packed_order, signed_order

PAYOUTS = 256
"""Orders that one transaction pays out: benchmarks/gas.py measures that new accounts fit."""

BATCH = 200
"""Signed orders in one transaction, and most that are cleared by the one that brings them."""

CLEAR = f"clear {OPERATOR}"
"""Label of all transactions that clear a round of stored orders, or pay it out."""

_PLACE = {Side.BID: "placeBid", Side.ASK: "placeAsk"}


@dataclass(slots=True)
class Sent:
    """An order on its way, and what became of it: an id in the book, or a reason why not."""

    order: Order
    order_id: int | None = None
    rejection: str = ""


@made_often
@dataclass(frozen=True, slots=True)
class Call:
    """A transaction with its label, and the orders that it carries."""

    label: str
    transaction: Transaction
    carries: tuple[Sent, ...] = ()


@dataclass(frozen=True, slots=True)
class Block:
    """Transactions that are sent together, and when (Unix seconds)."""

    timestamp: int
    calls: list[Call]


class Submission(Protocol):
    """Turns orders into transactions, and learns from their receipts what became of each."""

    def blocks(self, sent: Sequence[Sent], present: Round, timestamp: int, /) -> Iterator[Block]:
        """All transactions up to the one that clears the round, which is the last.

        timestamp: of the gate (Unix seconds). A block is asked for when what became of the one
        before has been learnt.
        """
        ...

    def learn(self, call: Call, receipt: Receipt, events: Sequence[Event], /) -> None:
        """Write into the orders of a call what its receipt, and the events in it, say of them."""
        ...


class Individual:
    """A transaction for every order, from its trader.

    addresses: by trader. payouts: most orders that a transaction pays out.
    """

    def __init__(self, contract: Contract, addresses: Mapping[str, str], payouts: int) -> None:
        self.contract = contract
        self.addresses = addresses
        self.payouts = payouts

    def blocks(self, sent: Sequence[Sent], present: Round, timestamp: int, /) -> Iterator[Block]:
        """As `Submission.blocks`: one."""
        total = present.orders + len(sent)
        clearing = clearing_call(self.contract, present.id, total, self.payouts)
        yield Block(timestamp, [*(self._placing(each, present.id) for each in sent), clearing])

    def learn(self, call: Call, receipt: Receipt, events: Sequence[Event], /) -> None:
        """As `Submission.learn`; a reason has the error's values."""
        for sent in call.carries:
            if receipt.status:
                sent.order_id = order_id_of(events)
            else:
                function = _PLACE[sent.order.side]
                sent.rejection = reason_of(self.contract, self.addresses, function, receipt.output)

    def _placing(self, sent: Sent, round_id: int) -> Call:
        order, function = sent.order, _PLACE[sent.order.side]
        transaction = self.contract.transaction(
            function,
            round_id,
            order.energy_wh,
            order.price_wei_per_wh,
            sender=self.addresses[order.trader],
        )
        return Call(f"{function} {order.trader}", transaction, (sent,))


class Aggregated:
    """Orders signed by their traders and sent by the operator.

    addresses, payouts: as in `Individual`. at_once: whether a round that fits is placed and
    cleared in one transaction. batch: most orders of a transaction.
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

    def blocks(self, sent: Sequence[Sent], present: Round, timestamp: int, /) -> Iterator[Block]:
        """As `Submission.blocks`: one. Nonces go on from each trader's floor in the contract."""
        yield Block(timestamp, self._calls(sent, present, timestamp))

    def _calls(self, sent: Sequence[Sent], present: Round, timestamp: int) -> list[Call]:
        signed = self._signed([each.order for each in sent], present.id, expiry=timestamp)
        total = present.orders + len(sent)
        if self.at_once and total <= self.batch:
            args = (present.id, signed, total)
            return [operator_call(self.contract, "clearSigned", args, tuple(sent))]
        parts = [slice(i, i + self.batch) for i in range(0, len(signed), self.batch)]
        placing = [
            operator_call(self.contract, "placeSigned", (present.id, signed[p]), tuple(sent[p]))
            for p in parts
        ]
        return [*placing, clearing_call(self.contract, present.id, total, self.payouts)]

    def learn(self, call: Call, receipt: Receipt, events: Sequence[Event], /) -> None:
        """As `Submission.learn`; a reason is the error's name alone.

        Refusals and the others are told in the order of the batch. Of two equal orders the
        earlier is never the only one refused, so that contents tell.
        """
        if not receipt.status:  # the batch as a whole: its round was over, or it is too dear
            is_dear = ran_out_of_gas(receipt, call.transaction.gas_limit)
            reason = OUT_OF_GAS if is_dear else error_name(self.contract, receipt.output)
            for sent in call.carries:
                sent.rejection = reason
        if not receipt.status or not call.carries:
            return
        refused: deque[Any] = deque(
            event.args["reason"] for event in events if event.name == "SignedOrderRefused"
        )
        (placed,) = (event for event in events if event.name == "SignedOrdersPlaced")
        places = iter(words(placed, "places"))
        accepted = iter(words(placed, "orders"))
        following = next(accepted, None)
        for sent in call.carries:
            if packed_order(sent.order, self.addresses[sent.order.trader]) == following:
                sent.order_id = next(places) & 0xFFFF
                following = next(accepted, None)
            else:
                sent.rejection = error_name(self.contract, refused.popleft())

    def _signed(
        self, orders: Sequence[Order], round_id: int, expiry: int
    ) -> list[tuple[object, ...]]:
        separator = self.contract.read.domainSeparator()
        traders = list(dict.fromkeys(order.trader for order in orders))
        found = read_accounts(self.contract, [self.addresses[name] for name in traders])
        nonces = {name: count(m.nonce) for name, (m, _) in zip(traders, found, strict=True)}
        return [
            signed_order(
                order,
                Terms(self.addresses[order.trader], round_id, next(nonces[order.trader]), expiry),
                separator,
            )
            for order in orders
        ]


def error_name(contract: Contract, output: bytes) -> str:
    """Name of the error that a selector, or all of an error's data, stands for."""
    values = bytes(32 * 4)  # whatever they are: no error here has more than four
    selector = output[:4]
    error = contract.revert_error("placeSigned", selector and selector + values)
    return error.name or "Reverted"


def unfit(order: Order) -> str:
    """Why the contract's integer types cannot hold an order, or ""."""
    if not 0 <= order.energy_wh < 2**ENERGY_BITS:
        return f"DoesNotFit(energy_wh={order.energy_wh}, bits={ENERGY_BITS})"
    if not 0 <= order.price_wei_per_wh < 2**PRICE_BITS:
        return f"DoesNotFit(price_wei_per_wh={order.price_wei_per_wh}, bits={PRICE_BITS})"
    return ""


def order_id_of(events: Sequence[Event]) -> int:
    """Of the one order that was placed."""
    (placed,) = (event for event in events if event.name == "OrderPlaced")
    return integer(placed, "orderId")


def reason_of(
    contract: Contract, addresses: Mapping[str, str], function: str, output: bytes
) -> str:
    """Why a call was refused, with the error's values. addresses: by trader."""
    error = contract.revert_error(function, output)
    labels = {address: name for name, address in addresses.items()}
    values = ", ".join(
        f"{key}={labels.get(str(value), value)}" for key, value in error.args_by_name.items()
    )
    return f"{error.name or 'Reverted'}({values})"


def operator_call(
    contract: Contract, function: str, args: Sequence[object], carries: tuple[Sent, ...] = ()
) -> Call:
    """A call by the market's operator."""
    transaction = contract.transaction(function, *args, sender=contract.chain.account(OPERATOR))
    return Call(f"{function} {OPERATOR}", transaction, carries)


def clearing_call(contract: Contract, round_id: int, orders: int, payouts: int) -> Call:
    """Clears a round of stored orders; one too large for a transaction pays out nobody yet."""
    if orders <= payouts:
        return operator_call(contract, "clear", (round_id,))
    in_parts = operator_call(contract, "clearInParts", (round_id, 0))
    return replace(in_parts, label=CLEAR)
