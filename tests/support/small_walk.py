"""The walk through every round of a small world, on the contract and on the reference at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from copy import copy
from dataclasses import dataclass, field
from typing import NamedTuple

from collusion import Before
from small_market import SmallMarket
from small_worlds import MAX_WH, RETAIL, Choice, Silent, SmallWorld, Way

from p2p_cosim.core.types import Order, Reading, Tariff
from p2p_cosim.market import MarketRules
from p2p_cosim.market.oracle.mechanisms import MECHANISMS
from p2p_cosim.market.oracle.reference import ReferenceAccounts

MOST_TOLD = 3


@dataclass
class Tally:
    """What was played. rounds: all; cleared, settled: how many of these steps were executed, since
    others begin in a state where one was. states: of money, from which second rounds began.
    traded: clearings in which something was traded, by mechanism."""

    rounds: int = 0
    cleared: int = 0
    settled: int = 0
    states: int = 0
    traded: Counter[str] = field(default_factory=Counter)
    faults: int = 0
    told: list[str] = field(default_factory=list)


class Node(NamedTuple):
    """Where a round stands: a state of the chain (None without), the accounts and the book of the
    reference, what was paid in (wei), and how it came there."""

    state: object
    accounts: ReferenceAccounts
    book: tuple[Order, ...]
    paid_in_wei: int
    way: tuple[object, ...]


class Walk:
    """All rounds of a world under one tariff and rule.

    seen: the states after a clearing that were settled already, under whatever rule.
    """

    def __init__(
        self,
        world: SmallWorld,
        tariff: Tariff,
        rule: tuple[str, int],
        tally: Tally,
        seen: set[object],
    ) -> None:
        self.world, self.tariff, self.tally, self.seen = world, tariff, tally, seen
        self.mechanism, self.k_basis_points = rule
        rules = MarketRules(
            tariff,
            max_price_wei_per_wh=max(RETAIL, *world.limits),
            max_energy_wh=MAX_WH,
            mechanism=self.mechanism,
            k_basis_points=self.k_basis_points,
        )
        self.market = SmallMarket(rules, world.accounts) if world.contract else None
        self.round_id = 1
        self.choices = {name: world.choices(name, tariff) for name in world.accounts}
        self.ends: dict[object, Node] = {}

    def play(self) -> Iterator[None]:
        """Play; yields after each choice of the first account."""
        state = self.market.start if self.market else None
        start = Node(state, ReferenceAccounts("utility", self.tariff), (), 0, ())
        for child, count in self._placed(start, self.world.accounts[0]):
            self._go(child, 1, count)
            yield
        if self.world.rounds == 1:
            return
        starts, self.ends = self.ends, {}
        self.round_id = 2
        self.tally.states += len(starts)
        for name in self.world.accounts:
            self.choices[name] = [Choice(0, book) for book in self.world.books(name)]
        for start in starts.values():
            self._go(start._replace(book=()), 0, 1)
            yield

    def _go(self, node: Node, depth: int, count: int) -> None:
        if depth == len(self.world.accounts):
            self._clear(node, count)
            return
        for child, times in self._placed(node, self.world.accounts[depth]):
            self._go(child, depth + 1, count * times)

    def _placed(self, node: Node, name: str) -> list[tuple[Node, int]]:
        """The states that an account's choices lead to, with how many lead to each: an order that
        is refused leaves all as if there were none."""
        children: dict[object, tuple[Node, int]] = {}
        for choice in self.choices[name]:
            child = self._place(node, name, choice)
            if child is None:
                continue
            key = (self._digest(), _money(child.accounts), child.book)
            known, count = children.get(key, (child, 0))
            children[key] = (known, count + 1)
        return list(children.values())

    def _place(self, node: Node, name: str, choice: Choice) -> Node | None:
        """None where the contract did not take the same orders, which is told."""
        accounts, book = _copied(node.accounts), list(node.book)
        accounts.credit(name, choice.deposit_wei)
        taken = []
        for order in choice.orders:
            own = [other for other in book if other.trader == name]
            taken.append(accounts.can_place(order, own))
            if taken[-1]:
                accounts.escrow(order)
                book.append(order)
        paid_in_wei = node.paid_in_wei + choice.deposit_wei
        child = Node(None, accounts, tuple(book), paid_in_wei, (*node.way, f"{name} {choice}"))
        if self.market is None:
            return child
        got = self.market.place(node.state, name, choice, self.round_id)
        if got != tuple(taken):
            self._found(child, f"orders taken: contract {got}, reference {tuple(taken)}")
            return None
        return child._replace(state=self.market.chain.snapshot())

    def _clear(self, node: Node, count: int) -> None:
        self.tally.rounds += count * len(self.world.ways)
        self.tally.cleared += 1
        accounts = _copied(node.accounts)
        before = Before.of(accounts, self.world.accounts)
        result = MECHANISMS[self.mechanism](node.book, self.k_basis_points)
        accounts.book_clearing(self.round_id, node.book, result)
        self.tally.traded[self.mechanism] += bool(result.pairs)
        if self.market:
            self.market.clear(node.state, self.round_id)
        waiting = accounts.waiting[self.round_id]
        locked = tuple((name, w.contracted_wh, w.locked_wei) for name, w in waiting.items())
        price = accounts.price_wei_per_wh[self.round_id]
        told = (tuple(before.free_wei.values()), tuple(before.open_wei.values()))
        key = (self._digest(), _money(accounts), locked, price, told, self.round_id)
        if key in self.seen:
            return
        self.seen.add(key)
        rule = f"{self.mechanism}, k {self.k_basis_points}"
        cleared = node._replace(accounts=accounts, way=(*node.way, rule))
        if self.market:
            cleared = cleared._replace(state=self.market.chain.snapshot())
        for way in self.world.ways:
            self._settle(cleared, before, way)

    def _settle(self, cleared: Node, before: Before, way: Way) -> None:
        self.tally.settled += 1
        accounts = _copied(cleared.accounts)
        traded = tuple(accounts.waiting[self.round_id])
        end = cleared._replace(accounts=accounts, way=(*cleared.way, way))
        readings = self._read(accounts, way)
        utility_wei = accounts.balance_wei["utility"] - accounts.claims_wei
        lost = before.losses(accounts.open_wei, utility_wei, readings, self.tariff)
        accounts.pay_claims()
        if self.market:
            self.market.settle(cleared.state, self.round_id, way, traded)
            lost += self._lost_on_contract(end, before, readings)
        for each in lost:
            self._found(end, each)
        if self.world.rounds > self.round_id and (key := _money(accounts)) not in self.ends:
            state = self.market.chain.snapshot() if self.market else None
            self.ends[key] = end._replace(state=state)

    def _read(self, accounts: ReferenceAccounts, way: Way) -> list[Reading]:
        """Settle all, those that nobody reads last; what counts as each account's reading."""
        readings = {}
        for name, wh in zip(self.world.accounts, way, strict=True):
            if wh not in (Silent.UNREAD, Silent.NEITHER):
                readings[name] = Reading(name, 0 if isinstance(wh, Silent) else wh)
                accounts.read(self.round_id, readings[name])
        if len(readings) < len(way):
            accounts.pay_claims()
        for name, wh in zip(self.world.accounts, way, strict=True):
            if name in readings:
                continue
            has_meter, metered_wh = wh is Silent.UNREAD, 0
            if name in accounts.waiting[self.round_id]:
                settled = accounts.release(self.round_id, name, has_meter=has_meter)
                metered_wh = settled.metered_wh
            readings[name] = Reading(name, metered_wh)
        return list(readings.values())

    def _lost_on_contract(self, end: Node, before: Before, readings: list[Reading]) -> list[str]:
        """What the contract's own figures tell, and where they are not the reference's."""
        assert self.market is not None
        ends, accounts = self.market.ends(end.paid_in_wei), end.accounts
        expected = {
            name: (accounts.balance_wei[name], accounts.open_wei[name], accounts.energy_wh[name])
            for name in ends.accounts
        }
        open_wei = {name: position for name, (_, position, _) in ends.accounts.items()}
        utility_wei = ends.accounts["utility"][0] - ends.claims_wei
        found = before.losses(open_wei, utility_wei, readings, self.tariff)
        if ends.accounts != expected:
            found.append(f"the contract ends with {ends.accounts}, the reference with {expected}")
        if ends.astray_wei:
            found.append(f"{ends.astray_wei} wei are astray")
        return found

    def _digest(self) -> bytes | None:
        return self.market.digest() if self.market else None

    def _found(self, node: Node, what: str) -> None:
        self.tally.faults += 1
        if len(self.tally.told) < MOST_TOLD:
            way = "; ".join(map(_words, node.way))
            self.tally.told.append(f"{self.world.name}, {self.tariff}: {way}: {what}")


def _words(step: object) -> str:
    """A step as a counterexample tells it."""
    if not isinstance(step, tuple):
        return str(step)
    told = (wh.value if isinstance(wh, Silent) else f"{wh} Wh" for wh in step)
    return f"meters in the order of names: {' | '.join(told)}"


def _money(accounts: ReferenceAccounts) -> tuple[object, ...]:
    """What an end is known by."""
    return tuple(sorted(accounts.balance_wei.items())), tuple(sorted(accounts.open_wei.items()))


def _copied(accounts: ReferenceAccounts) -> ReferenceAccounts:
    """Apart from what waits for readings of a round that is cleared, which is only taken out."""
    other = copy(accounts)
    for name in ("balance_wei", "open_wei", "energy_wh", "price_wei_per_wh"):
        setattr(other, name, getattr(accounts, name).copy())
    other.waiting = {round_id: waiting.copy() for round_id, waiting in accounts.waiting.items()}
    return other


def walks(world: SmallWorld, tally: Tally) -> Iterator[Walk]:
    """One for each tariff and rule."""
    for tariff in world.tariffs:
        seen: set[object] = set()
        for rule in world.rules:
            yield Walk(world, tariff, rule, tally, seen)
