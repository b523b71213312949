"""How long the Python reference of each mechanism takes to clear, by orders in the book.

    python benchmarks/reference_speed.py

Best of several repeats, books of one half bids and one half asks of which about half trade.
The last columns divide by n log2 n, relative to the smallest book: a mechanism that grows
like n log n stays near 1. Ends with an error if a limit of the first line is missed.
"""

from __future__ import annotations

import math
import sys
import time

import numpy as np

from p2p_cosim.core.types import Order, Side
from p2p_cosim.market.oracle.mechanisms import MECHANISMS, Mechanism

SIZES = (100, 1_000, 10_000, 100_000)
REPEATS = {100: 200, 1_000: 50, 10_000: 5, 100_000: 3}
LIMIT_MS = {1_000: 5.0, 100_000: 1_000.0}


def book(size: int) -> list[Order]:
    """A seeded book: limits spread over one range for both sides, in random arrival."""
    rng = np.random.default_rng(size)
    energy_wh = rng.integers(1, 5_000, size).tolist()
    prices = rng.integers(80, 300, size).tolist()
    sides = rng.permutation([Side.BID, Side.ASK] * (size // 2)).tolist()
    return [
        Order(f"t{i}", Side(side), wh, price)
        for i, (side, wh, price) in enumerate(zip(sides, energy_wh, prices, strict=True))
    ]


def best_ms(mechanism: Mechanism, orders: list[Order], repeats: int) -> float:
    """Least time of one clearing in milliseconds."""
    best = math.inf
    for _ in range(repeats):
        begin = time.perf_counter()
        mechanism(orders, 5_000)
        best = min(best, time.perf_counter() - begin)
    return best * 1e3


def main() -> None:
    """Print a row for each mechanism; exit with an error if one is too slow."""
    books = {size: book(size) for size in SIZES}
    limits = ", ".join(f"{size:,} orders in {ms:,.0f} ms" for size, ms in LIMIT_MS.items())
    print(f"limits: {limits}\n")
    print(f"{'ms':18}" + "".join(f"{size:>10,}" for size in SIZES) + "   relative to n log2 n")
    missed = []
    for name, mechanism in MECHANISMS.items():
        ms = {size: best_ms(mechanism, books[size], REPEATS[size]) for size in SIZES}
        growth = [ms[size] / (size * math.log2(size)) for size in SIZES]
        print(
            f"{name:18}"
            + "".join(f"{ms[size]:10.2f}" for size in SIZES)
            + "".join(f"{g / growth[0]:8.2f}" for g in growth)
        )
        missed += [f"{name} {size}" for size, limit in LIMIT_MS.items() if ms[size] > limit]
    sys.exit(f"too slow: {', '.join(missed)}" if missed else 0)


if __name__ == "__main__":
    main()
