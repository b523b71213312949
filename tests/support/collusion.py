"""Random plays of colluding accounts among honest ones: does trading make debts?

    python tests/support/collusion.py                 10,000 plays
    python tests/support/collusion.py --plays 100     fewer
    python tests/support/collusion.py --seed 7        others
    python tests/support/collusion.py --contract      on the contract too: it must end alike

A play is a few rounds in which up to four colluders and three honest houses, with and without a
meter, rich and poor, bid and ask what they like in any rule, and meters tell the truth. It is
played on the reference, and on the contract if it is asked to.

What is looked for: an account that owes more than its readings alone would leave it owing, if
the money that backed its orders had not been there; and a utility that got less than the net
energy of all is worth.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from market_world import RULES, World
from rich.progress import track

from p2p_cosim.core.types import Order, Reading, Side, Tariff
from p2p_cosim.market.oracle.mechanisms import MECHANISMS
from p2p_cosim.market.oracle.reference import ReferenceAccounts, cover_wei

PLAYS = 10_000
COLLUDERS, HONEST = ("m1", "m2", "m3", "m4"), ("a", "b", "c")
MAX_PRICE = 100
MAX_WH = 50


@dataclass(frozen=True)
class Play:
    """What everybody does, round by round. Readings of who has no meter are 0."""

    mechanism: str
    k_basis_points: int
    tariff: Tariff
    deposits_wei: dict[str, int]
    rounds: tuple[tuple[tuple[Order, ...], tuple[Reading, ...]], ...]
    meters: frozenset[str] = field(default=frozenset())

    @property
    def everybody(self) -> tuple[str, ...]:
        """All who take part."""
        return tuple(self.deposits_wei)


def random_play(rng: np.random.Generator, feed_in: int | None = None) -> Play:
    """Colluders draw limits at the extremes as often as between them."""
    retail = 30
    feed_in = int(rng.choice([8, 0, -5])) if feed_in is None else feed_in
    everybody = (*COLLUDERS[: int(rng.integers(1, 5))], *HONEST)
    meters = frozenset(name for name in everybody if rng.random() < 0.7)
    deposits = {name: int(rng.choice([0, 50, 500, 5_000])) for name in everybody}
    return Play(
        mechanism=str(rng.choice(sorted(MECHANISMS))),
        k_basis_points=int(rng.choice([0, 3_333, 5_000, 10_000])),
        tariff=Tariff(retail, feed_in),
        deposits_wei=deposits,
        rounds=tuple(
            (
                tuple(_order(rng, everybody) for _ in range(int(rng.integers(0, 13)))),
                tuple(
                    Reading(name, int(rng.integers(-MAX_WH, MAX_WH + 1)) if name in meters else 0)
                    for name in everybody
                ),
            )
            for _ in range(int(rng.integers(1, 4)))
        ),
        meters=meters,
    )


def _order(rng: np.random.Generator, everybody: tuple[str, ...]) -> Order:
    name = str(rng.choice(everybody))
    wild = name in COLLUDERS and rng.random() < 0.5
    price = rng.choice([0, 1, 29, 30, 31, MAX_PRICE]) if wild else rng.integers(0, 40)
    side = Side.BID if rng.random() < 0.5 else Side.ASK
    return Order(name, side, int(rng.integers(1, MAX_WH + 1)), int(price))


def admitted(play: Play, accounts: ReferenceAccounts, orders: tuple[Order, ...]) -> list[Order]:
    """The orders that enter the book, their covers set aside."""
    book: list[Order] = []
    for order in orders:
        own = [other for other in book if other.trader == order.trader]
        if accounts.can_place(order, own):
            accounts.escrow(order)
            book.append(order)
    return book


@dataclass(frozen=True)
class Before:
    """Money when the book closed: what backed no order, and positions, by trader; and the
    utility's, without what it owes."""

    free_wei: Mapping[str, int]
    open_wei: Mapping[str, int]
    utility_wei: int

    @classmethod
    def of(cls, accounts: ReferenceAccounts, names: Iterable[str]) -> Before:
        """As the reference has it."""
        names = tuple(names)
        return cls(
            {name: accounts.balance_wei[name] for name in names},
            {name: accounts.open_wei[name] for name in names},
            accounts.balance_wei["utility"] - accounts.claims_wei,
        )

    def losses(
        self,
        open_wei: Mapping[str, int],
        utility_wei: int,
        readings: Iterable[Reading],
        tariff: Tariff,
    ) -> list[str]:
        """What a round cost others, in words: debts made by trading, and a loss of the utility.

        open_wei, utility_wei: as above, when all readings are settled.
        """
        found, net_wh, debts_wei = [], 0, 0
        for reading in readings:
            name, before_wei = reading.trader, self.open_wei[reading.trader]
            allowed_wei = max(0, _alone(reading, tariff) - self.free_wei[name] - before_wei)
            debt_wei = max(0, -open_wei[name])
            if debt_wei > allowed_wei:
                found.append(f"{name} owes {debt_wei}, alone {allowed_wei}")
            net_wh += reading.metered_wh
            debts_wei += debt_wei - max(0, -before_wei)
        got_wei = utility_wei - self.utility_wei
        worth_wei = _alone(Reading("all", net_wh), tariff)
        if got_wei + debts_wei < worth_wei:
            found.append(f"the utility got {got_wei}, the net energy is worth {worth_wei}")
        return found


def faults(play: Play) -> list[str]:
    """What the play finds, in words; empty if nothing."""
    accounts, found = ReferenceAccounts("utility", play.tariff), []
    for name, wei in play.deposits_wei.items():
        accounts.credit(name, wei)
    for round_id, (orders, readings) in enumerate(play.rounds, 1):
        book = admitted(play, accounts, orders)
        before = Before.of(accounts, play.everybody)
        result = MECHANISMS[play.mechanism](book, play.k_basis_points)
        accounts.book_clearing(round_id, book, result)
        for reading in readings:
            accounts.read(round_id, reading)
        utility_wei = accounts.balance_wei["utility"] - accounts.claims_wei
        lost = before.losses(accounts.open_wei, utility_wei, readings, play.tariff)
        found += [f"{each}, {play}" for each in lost]
        accounts.pay_claims()
    return found


def differences(play: Play) -> list[str]:
    """Where the contract does not end a round of the play as the reference does, in words."""
    rules = replace(
        RULES, tariff=play.tariff, mechanism=play.mechanism, k_basis_points=play.k_basis_points
    )
    world, accounts = World(rules), ReferenceAccounts("utility", play.tariff)
    world.deposit(utility=10**6, **play.deposits_wei)
    world.register(*sorted(play.meters))
    world.metered.update(play.everybody)  # the others have none
    for name, wei in (*play.deposits_wei.items(), ("utility", 10**6)):
        accounts.credit(name, wei)
    for round_id, (orders, readings) in enumerate(play.rounds, 1):
        receipts = world.chain.transact_many([world.placement(order) for order in orders])
        book = admitted(play, accounts, orders)
        if sum(receipt.status for receipt in receipts) != len(book):
            return [f"other orders were admitted in round {round_id}, {play}"]
        world.clear()
        result = MECHANISMS[play.mechanism](book, play.k_basis_points)
        accounts.book_clearing(round_id, book, result)
        world.settle(round_id=round_id, **{r.trader: r.metered_wh for r in readings})
        accounts.settle(round_id, readings)
        expected = {
            name: (accounts.balance_wei[name], accounts.open_wei[name], accounts.energy_wh[name])
            for name in play.everybody
        }
        if (got := world.accounts(play.everybody)) != expected:
            return [f"round {round_id} ends with {got}, in the reference with {expected}, {play}"]
    world.check_money(play.everybody)
    return []


def _alone(reading: Reading, tariff: Tariff) -> int:
    """What a reading costs without any order."""
    wh = reading.metered_wh
    return wh * (tariff.retail_wei_per_wh if wh > 0 else tariff.feed_in_wei_per_wh)


def locked_for(orders: list[Order], tariff: Tariff) -> int:
    """What covers these orders, in wei."""
    return sum(cover_wei(order, tariff) for order in orders)


def main() -> int:
    """Play; the exit code is 1 if anything was found."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--plays", type=int, default=PLAYS)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--contract", action="store_true", help="play on the contract too")
    options = parser.parse_args()
    searches: list[Callable[[Play], list[str]]] = [faults, *[differences] * options.contract]
    rng = np.random.default_rng(options.seed)
    plays = (random_play(rng) for _ in track(range(options.plays), "plays"))
    found = [f for play in plays for search in searches for f in search(play)]
    told = ", or other ends on the contract" if options.contract else ""
    print(f"{options.plays} plays, {len(found)} debts or losses made by trading{told}")  # noqa: T201
    print("\n".join(found[:3]))  # noqa: T201
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
