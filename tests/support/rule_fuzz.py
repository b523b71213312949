"""Random books through each clearing rule's contract and through its Python reference.

    python tests/support/rule_fuzz.py                 10,000 books a mechanism
    python tests/support/rule_fuzz.py --books 100     fewer
    python tests/support/rule_fuzz.py --seed 7        others

Only the rule runs on the chain, because a market around it would take most of the time; whole
rounds are compared in tests/oracles/test_contract_against_reference.py.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from rich.progress import track

from p2p_cosim.chain.contract import Contract
from p2p_cosim.chain.generated import GeneratedChain
from p2p_cosim.core.types import Order, Side
from p2p_cosim.market.deployment import deploy_rule
from p2p_cosim.market.oracle.mechanisms import MECHANISMS, k_double_auction

BOOKS = 10_000
K_BASIS_POINTS = (0, 3_333, 5_000, 10_000)
PRICE_SIZES_WH = (1, 2, 3)  # nothing is dust; some books are, some have some, and some none
SIDES = {Side.BID: 1, Side.ASK: 2}  # IMarketTypes.Side; 0 is cancelled
TRADER = 0xA11CE  # a rule does not look at it


@dataclass(frozen=True)
class Book:
    """Orders in order of arrival, and which of them are cancelled."""

    orders: tuple[Order, ...]
    cancelled: tuple[bool, ...]

    def packed(self) -> list[int]:
        """As the contract gets it: see PackedOrder.sol."""
        return [
            TRADER
            | order.energy_wh << 160
            | order.price_wei_per_wh << 192
            | (0 if gone else SIDES[order.side]) << 248
            for order, gone in zip(self.orders, self.cancelled, strict=True)
        ]

    def pairs(
        self, mechanism: str, k_basis_points: int, price_size_wh: int
    ) -> list[tuple[int, ...]]:
        """What the reference makes of it, with ids that count the cancelled orders too."""
        ids = [i for i, gone in enumerate(self.cancelled) if not gone]
        orders = [self.orders[i] for i in ids]
        if mechanism == "k_double_auction":
            result = k_double_auction(orders, k_basis_points, price_size_wh)
        else:
            result = MECHANISMS[mechanism](orders, k_basis_points)
        return [(ids[pair.bid], ids[pair.ask], *pair[2:]) for pair in result.pairs]


def random_book(rng: np.random.Generator) -> Book:
    """Mostly small books, with few or many prices and quantities, and the widest of either."""
    size = int(rng.integers(0, 61)) if rng.random() < 0.1 else int(rng.integers(0, 13))
    most_wh = int(rng.choice([1, 3, 50, 2**32 - 1]))
    most_price = int(rng.choice([1, 5, 100, 2**56 - 1]))
    bids_are = rng.choice([0.2, 0.5, 0.8])
    orders = tuple(
        Order(
            "t",
            Side.BID if rng.random() < bids_are else Side.ASK,
            int(rng.integers(1, most_wh, endpoint=True)),
            int(rng.integers(0, most_price, endpoint=True)),
        )
        for _ in range(size)
    )
    return Book(orders, tuple(bool(gone) for gone in rng.random(size) < 0.1))


def unpacked(pair: int) -> tuple[int, ...]:
    """Bid, ask, energy and both prices of a word: see PackedPair.sol."""
    ids = (pair >> 160 & 0xFFFF, pair >> 144 & 0xFFFF)
    return (*ids, pair >> 112 & 2**32 - 1, pair >> 56 & 2**56 - 1, pair & 2**56 - 1)


def mismatches(mechanism: str, books: int, seed: int) -> Iterator[str | None]:
    """For each book None, or what differs."""
    chain = GeneratedChain()
    sender = chain.account("deployer")
    rules: dict[tuple[int, int], Contract] = {
        (k, size): deploy_rule(chain, mechanism, k, sender, size)
        for k in K_BASIS_POINTS
        for size in PRICE_SIZES_WH
    }
    rng = np.random.default_rng([seed, *mechanism.encode()])
    for _ in range(books):
        book = random_book(rng)
        k, size = int(rng.choice(K_BASIS_POINTS)), int(rng.choice(PRICE_SIZES_WH))
        expected = book.pairs(mechanism, k, size)
        got = [unpacked(pair) for pair in rules[k, size].read.clear(book.packed())]
        where = f"{book}, k={k}, price size {size}"
        yield None if got == expected else f"{where}: contract {got}, reference {expected}"


def main() -> int:
    """Compare all mechanisms; the exit code is 1 if anything differs."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--books", type=int, default=BOOKS, help="books a mechanism")
    parser.add_argument("--seed", type=int, default=1, help="of the random books")
    options = parser.parse_args()
    bad = 0
    for mechanism in MECHANISMS:
        books = mismatches(mechanism, options.books, options.seed)
        found = [m for m in track(books, mechanism, total=options.books) if m]
        bad += len(found)
        print(f"{mechanism}: {options.books} books, {len(found)} mismatches")  # noqa: T201
        print("\n".join(found[:3]), end="")  # noqa: T201
    return int(bad > 0)


if __name__ == "__main__":
    sys.exit(main())
