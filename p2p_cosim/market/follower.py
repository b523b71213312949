"""What a market's events tell, by whomever they were caused.

The contract knows no roster: whoever sends a transaction takes part. So everything that is
known of a round here, and of who has an account, is what the contract said in events.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum

from p2p_cosim.chain.contract import Contract
from p2p_cosim.core.protocols import Explorer
from p2p_cosim.core.types import Event, Included, Receipt, Side
from p2p_cosim.market.signing import unpacked_order


class Phase(IntEnum):
    """`IEnergyMarket.Phase`."""

    OPEN = 0
    CLEARING = 1
    CLEARED = 2


@dataclass(slots=True)
class Round:
    """Where a round stands.

    orders: placed so far, cancelled ones included. begun: book and pairs of a round that is
    paid out in parts, as `clearNext` takes them. paid_out: orders paid out of it.
    """

    id: int
    phase: Phase = Phase.OPEN
    orders: int = 0
    begun: tuple[object, object] | None = None
    paid_out: int = 0


@dataclass(slots=True)
class Entry:
    """An order in the book. trader: address."""

    trader: str
    side: Side
    energy_wh: int
    price_wei_per_wh: int
    cancelled: bool = False
    filled_wh: int = 0


@dataclass(slots=True)
class News:
    """What was told since the delivery before, in the order in which it was.

    entries: by round and order id. trades, summaries, settlements: the events `TradeCleared`,
    `RoundCleared`, `ImbalanceSettled`. settled: rounds that ended. gas_clear: of
    transactions that cleared a round or paid one out.
    """

    entries: dict[tuple[int, int], Entry] = field(default_factory=dict)
    trades: list[Event] = field(default_factory=list)
    summaries: list[Event] = field(default_factory=list)
    settlements: list[Event] = field(default_factory=list)
    settled: list[int] = field(default_factory=list)
    gas_clear: int = 0


@dataclass(frozen=True, slots=True)
class Followed:
    """A transaction in which the market had a part, and what the market told in it."""

    included: Included
    events: tuple[Event, ...]

    @property
    def receipt(self) -> Receipt:
        """The transaction's receipt: the object that `Chain.transact_many` returned."""
        return self.included.receipt


class Follower:
    """Reads a market's events once each, as its chain goes on.

    round: the present one. news: what was told since `start_afresh`. addresses: of everybody
    whom an event has named, in order of appearance. positions_wh: energy bought minus sold in
    the round that is not settled yet, by address. paid_in_wei: deposits less withdrawals by
    address; what was paid in before this began stands under "".
    """

    def __init__(self, contract: Contract, explorer: Explorer) -> None:
        self._contract = contract
        self._explorer = explorer
        self.addresses: dict[str, None] = {}
        self.news = News()
        self.paid_in_wei: Counter[str] = Counter()
        self.positions_wh: Counter[str] = Counter()
        self._tellers: Mapping[str, Callable[[Event], None]] = {
            "Deposited": self._deposited,
            "Withdrawn": self._withdrawn,
            "OrderPlaced": self._placed,
            "SignedOrdersPlaced": self._signed_placed,
            "OrderCancelled": self._cancelled,
            "TradeCleared": self._traded,
            "RoundCleared": self._cleared,
            "ClearingBegun": self._begun,
            "PaidOut": self._paid_out,
            "ImbalanceSettled": self._imbalance_settled,
            "RoundSettled": self._settled,
        }
        self._begin_at_present()

    def read_on(self) -> list[Followed]:
        """Take in all transactions since the last call; those the market had a part in."""
        if self._turns != self._explorer.turns:
            self._begin_at_present()
            return []
        included = self._explorer.included(self._position)
        self._position += len(included)
        return [followed for each in included if (followed := self._follow(each))]

    def start_afresh(self) -> News:
        """What was told since the last call; orders of the present round are told again."""
        told, self.news = self.news, News()
        present = self.round.id
        self.news.entries = {key: e for key, e in told.entries.items() if key[0] == present}
        return told

    def _begin_at_present(self) -> None:
        """Take the round from the contract, for want of the events that led to it."""
        self._turns, self._position = self._explorer.turns, self._explorer.position
        present = self._contract.read.round()
        self.round = Round(present.id, Phase(present.phase), present.orders)
        self.paid_in_wei.clear()
        self.paid_in_wei[""] = self._contract.chain.balance_wei(self._contract.address)
        self.news = News()
        self.positions_wh.clear()

    def _follow(self, included: Included) -> Followed | None:
        events = self._contract.decode_events(included.receipt)
        if not events and included.transaction.to != self._contract.address:
            return None
        for event in events:
            self._note_addresses(event)
            if teller := self._tellers.get(event.name):
                teller(event)
        if any(event.name in ("RoundCleared", "PaidOut") for event in events):
            self.news.gas_clear += included.receipt.gas_used
        return Followed(included, events)

    def _note_addresses(self, event: Event) -> None:
        for name in ("trader", "buyer", "seller"):
            if name in event.args:
                self.addresses.setdefault(str(event.args[name]))

    # ------------------------------------------------------------------- one method an event

    def _deposited(self, event: Event) -> None:
        self.paid_in_wei[str(event.args["trader"])] += integer(event, "amountWei")

    def _withdrawn(self, event: Event) -> None:
        self.paid_in_wei[str(event.args["trader"])] -= integer(event, "amountWei")

    def _placed(self, event: Event) -> None:
        side = Side.BID if integer(event, "side") == 1 else Side.ASK
        entry = Entry(
            str(event.args["trader"]), side, integer(event, "energy"), integer(event, "price")
        )
        self._enter(integer(event, "orderId"), entry)

    def _signed_placed(self, event: Event) -> None:
        for order_id, word in enumerate(words(event, "orders"), integer(event, "firstId")):
            entry = Entry(*unpacked_order(word))
            self.addresses.setdefault(entry.trader)
            self._enter(order_id, entry)

    def _enter(self, order_id: int, entry: Entry) -> None:
        self.news.entries[self.round.id, order_id] = entry
        self.round.orders = order_id + 1

    def _cancelled(self, event: Event) -> None:
        if entry := self.news.entries.get((self.round.id, integer(event, "orderId"))):
            entry.cancelled = True

    def _traded(self, event: Event) -> None:
        self.news.trades.append(event)
        energy_wh = integer(event, "energy")
        self.positions_wh[str(event.args["buyer"])] += energy_wh
        self.positions_wh[str(event.args["seller"])] -= energy_wh
        for order_id in (integer(event, "bidId"), integer(event, "askId")):
            if entry := self.news.entries.get((self.round.id, order_id)):
                entry.filled_wh += energy_wh

    def _cleared(self, event: Event) -> None:
        self.news.summaries.append(event)
        self.round.phase = Phase.CLEARED

    def _begun(self, event: Event) -> None:
        self.round.phase = Phase.CLEARING
        self.round.begun = (event.args["book"], event.args["pairs"])

    def _paid_out(self, event: Event) -> None:
        self.round.paid_out = integer(event, "orderId")
        done = self.round.paid_out == self.round.orders
        self.round.phase = Phase.CLEARED if done else Phase.CLEARING

    def _imbalance_settled(self, event: Event) -> None:
        self.news.settlements.append(event)

    def _settled(self, event: Event) -> None:
        self.news.settled.append(integer(event, "round"))
        self.round = Round(integer(event, "round") + 1)
        self.positions_wh.clear()


def integer(event: Event, argument: str) -> int:
    """An argument of an event. Raises TypeError if it is no whole number."""
    value = event.args[argument]
    if not isinstance(value, int):
        raise TypeError(f"{event.name}.{argument} is {value!r}: expected an integer")
    return value


def words(event: Event, argument: str) -> tuple[int, ...]:
    """An argument of an event that is an array. Raises TypeError if it is none."""
    value = event.args[argument]
    if not isinstance(value, tuple):
        raise TypeError(f"{event.name}.{argument} is {value!r}: expected an array")
    return value
