"""What a market's events tell, by whomever they were caused.

The contract knows no roster: whoever sends a transaction takes part. So everything that is
known of a round here, and of who has an account, is what the contract said in events.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

from p2p_cosim.chain.contract import Contract
from p2p_cosim.core.often import made_often
from p2p_cosim.core.protocols import Explorer
from p2p_cosim.core.types import Event, Included, Receipt, Side
from p2p_cosim.market.signing import unpacked_order

_ACCOUNTS = 200  # that one call reads


class Phase(IntEnum):
    """`IMarketTypes.Phase`."""

    OPEN = 1
    CLEARING = 2
    CLEARED = 3
    SETTLED = 4


@dataclass(slots=True)
class Round:
    """Where a round stands.

    orders: places in use, those of cancelled ones included. begun: book and pairs of a round
    that is paid out in parts, as `clearNext` takes them. paid_out: orders paid out of it.
    positions_wh: energy bought minus sold in it, by address.
    """

    id: int
    phase: Phase = Phase.OPEN
    orders: int = 0
    begun: tuple[object, object] | None = None
    paid_out: int = 0
    positions_wh: Counter[str] = field(default_factory=Counter)


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


@made_often
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

    round: the one that takes orders. delivered: rounds whose gate has closed and that have not
    ended, by id. news: what was told since `start_afresh`. addresses: of everybody whom an event
    has named, in order of appearance. paid_in_wei: deposits less withdrawals by address; what
    was paid in before this began stands under "".
    """

    def __init__(self, contract: Contract, explorer: Explorer) -> None:
        self._contract = contract
        self._explorer = explorer
        self.addresses: dict[str, None] = {}
        self.news = News()
        self.paid_in_wei: Counter[str] = Counter()
        self.delivered: dict[int, Round] = {}
        self._tellers: Mapping[str, Callable[[Event], None]] = {
            "Deposited": self._deposited,
            "Withdrawn": self._withdrawn,
            "RoundOpened": self._opened,
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
        present = self._contract.read.book()
        self.round = Round(present.round, orders=present.orders)
        self.paid_in_wei.clear()
        self.paid_in_wei[""] = self._contract.read.totals().heldWei
        self.news = News()
        self.delivered = {}

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

    def _opened(self, event: Event) -> None:
        self.delivered[self.round.id] = self.round
        self.round = Round(integer(event, "round"))

    def _placed(self, event: Event) -> None:
        side = Side.BID if integer(event, "side") == 1 else Side.ASK
        entry = Entry(
            str(event.args["trader"]), side, integer(event, "energy"), integer(event, "price")
        )
        self._enter(integer(event, "orderId"), entry)

    def _signed_placed(self, event: Event) -> None:
        for place, word in zip(words(event, "places"), words(event, "orders"), strict=True):
            entry = Entry(*unpacked_order(word))
            self.addresses.setdefault(entry.trader)
            self._enter(place & 0xFFFF, entry)

    def _enter(self, order_id: int, entry: Entry) -> None:
        self.news.entries[self.round.id, order_id] = entry
        self.round.orders = max(self.round.orders, order_id + 1)

    def _cancelled(self, event: Event) -> None:
        if entry := self.news.entries.get((self.round.id, integer(event, "orderId"))):
            entry.cancelled = True

    def _traded(self, event: Event) -> None:
        self.news.trades.append(event)
        energy_wh = integer(event, "energy")
        self.round.positions_wh[str(event.args["buyer"])] += energy_wh
        self.round.positions_wh[str(event.args["seller"])] -= energy_wh
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
        if paid := self.delivered.get(integer(event, "round")):
            paid.paid_out = integer(event, "orderId")
            done = paid.paid_out == paid.orders
            paid.phase = Phase.CLEARED if done else Phase.CLEARING

    def _imbalance_settled(self, event: Event) -> None:
        self.news.settlements.append(event)

    def _settled(self, event: Event) -> None:
        self.news.settled.append(integer(event, "round"))
        if ended := self.delivered.pop(integer(event, "round"), None):
            ended.phase = Phase.SETTLED


def read_accounts(contract: Contract, addresses: Sequence[str]) -> list[tuple[Any, int]]:
    """Money and energy (Wh) of accounts, asked for in parts that fit a call."""
    found: list[tuple[Any, int]] = []
    for i in range(0, len(addresses), _ACCOUNTS):
        money, energy_wh = contract.read.accounts(list(addresses[i : i + _ACCOUNTS]))
        found += zip(money, energy_wh, strict=True)
    return found


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
