"""Small worlds of which every round is played: accounts, orders, money and meters."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import Enum
from itertools import product

from p2p_cosim.core.types import Order, Side, Tariff
from p2p_cosim.market.oracle.mechanisms import MECHANISMS
from p2p_cosim.market.oracle.reference import cover_wei

RETAIL, MAX_WH = 3, 2  # wei per Wh, and Wh of an order and of a reading
LIMITS = tuple(range(RETAIL + 2))  # up to above retail, where an ask needs no margin
FEED_INS = (1, 0, -1)
RULES = tuple(
    (name, k)
    for name in MECHANISMS
    for k in ((5_000,) if name in ("mcafee", "continuous") else (0, 5_000, 10_000))
)
"""Mechanisms with k in basis points; two of them make no use of it."""


class Silent(Enum):
    """What becomes of a meter that tells no energy."""

    GONE = "has no meter, read as 0"
    UNREAD = "has a meter that nobody reads"
    NEITHER = "has no meter, and nobody reads it"


Way = tuple[int | Silent, ...]
"""What the meter of each account tells: Wh, positive for what was taken."""


@dataclass(frozen=True)
class Choice:
    """What an account pays in (wei) and then orders."""

    deposit_wei: int
    orders: tuple[Order, ...]

    def __str__(self) -> str:
        orders = [
            f"{order.side.name.lower()}s {order.energy_wh} Wh at {order.price_wei_per_wh}"
            for order in self.orders
        ]
        return f"pays in {self.deposit_wei}, {' and '.join(orders) or 'orders nothing'}"


def every_deposit(cover: int) -> Iterable[int]:
    """Up to what pays the dearest reading beside the cover: more makes no debt."""
    return range(cover + MAX_WH * RETAIL + 1)


def exactly(cover: int) -> Iterable[int]:
    """The cover."""
    return (cover,)


def beside(*spare_wei: int) -> Callable[[int], Iterable[int]]:
    """Nothing, a wei less than the cover, and so much more than it."""

    def deposits(cover: int) -> Iterable[int]:
        return sorted({0, max(0, cover - 1), *(cover + wei for wei in spare_wei)})

    return deposits


@dataclass(frozen=True)
class SmallWorld:
    """All rounds of these accounts, which order in this order of arrival.

    orders: most of one account. deposits_wei: by the cover of what it orders. meters_wh: what a
    meter may tell. rounds: 2 for a second round, without deposits, after every state of money in
    which a first can end. contract: whether it is played there too, or on the reference alone.
    """

    name: str
    accounts: tuple[str, ...] = ("a", "b")
    orders: int = 1
    energies_wh: tuple[int, ...] = (1, 2)
    limits: tuple[int, ...] = LIMITS
    deposits_wei: Callable[[int], Iterable[int]] = every_deposit
    meters_wh: tuple[int | Silent, ...] = (-2, -1, 0, 1, 2)
    feed_ins: tuple[int, ...] = FEED_INS
    rules: tuple[tuple[str, int], ...] = RULES
    rounds: int = 1
    contract: bool = True

    @property
    def tariffs(self) -> tuple[Tariff, ...]:
        """One for each feed-in."""
        return tuple(Tariff(RETAIL, feed_in) for feed_in in self.feed_ins)

    @property
    def ways(self) -> tuple[Way, ...]:
        """All that the meters may tell."""
        return tuple(product(self.meters_wh, repeat=len(self.accounts)))

    def books(self, name: str) -> list[tuple[Order, ...]]:
        """All that an account may order, with its first order first."""
        single = [
            Order(name, side, energy_wh, limit)
            for side, energy_wh, limit in product(Side, self.energies_wh, self.limits)
        ]
        return [b for n in range(self.orders + 1) for b in product(single, repeat=n)]

    def choices(self, name: str, tariff: Tariff) -> list[Choice]:
        """All that an account may pay in and order."""
        return [
            Choice(wei, book)
            for book in self.books(name)
            for wei in self.deposits_wei(sum(cover_wei(order, tariff) for order in book))
        ]


HALFWAY = tuple((name, 5_000) for name in MECHANISMS)

SHORT = (
    SmallWorld(
        "one order each",
        limits=(0, 2),
        deposits_wei=beside(0),
        meters_wh=(-1, 0, 2),
        feed_ins=(1, -1),
        rules=HALFWAY,
    ),
    SmallWorld(
        "three accounts",
        ("a", "b", "c"),
        limits=(2, 3),
        deposits_wei=exactly,
        meters_wh=(-2, 2),
        feed_ins=(1,),
        rules=(("mcafee", 5_000),),
    ),
    SmallWorld(
        "nobody reads",
        energies_wh=(1,),
        limits=(1, 3),
        deposits_wei=beside(0),
        meters_wh=tuple(Silent),
        feed_ins=(1, -1),
        rules=HALFWAY[:1],
    ),
    SmallWorld(
        "two rounds",
        energies_wh=(1,),
        limits=(0, 3),
        deposits_wei=beside(0),
        meters_wh=(-1, 2),
        feed_ins=(1, -1),
        rules=HALFWAY[:1],
        rounds=2,
    ),
)

LONG = (
    SmallWorld("nobody reads", limits=(0, 2, 4), deposits_wei=beside(0), meters_wh=(-1, *Silent)),
    SmallWorld(
        "two rounds",
        energies_wh=(1,),
        limits=(0, 2, 3, 4),
        deposits_wei=beside(0),
        meters_wh=(-1, 0, 2),
        rules=HALFWAY[:1],
        rounds=2,
    ),
    SmallWorld("one order each", deposits_wei=beside(0, 2)),
    SmallWorld(
        "two orders each",
        orders=2,
        energies_wh=(1,),
        limits=(0, 2, 3, 4),
        deposits_wei=exactly,
        meters_wh=(-2, 2),
    ),
    SmallWorld(
        "three accounts",
        ("a", "b", "c"),
        limits=(0, 2, 3),
        deposits_wei=exactly,
        meters_wh=(-2, 2),
    ),
    SmallWorld("every deposit", contract=False),
)
