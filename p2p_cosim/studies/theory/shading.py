"""What shading costs in double auctions of m buyers and m sellers, and how fast it vanishes.

Everybody has one unit, with a value or cost uniform on [0, 1]. The price is `k` of the way from the
m-th to the (m+1)-th lowest of all 2m offers, which are the ends of the competitive prices: what
the contract calls `walrasian`. (Its `k_double_auction` mixes the limits of the marginal pair.)

Sources: Satterthwaite and Williams, Rev. Econ. Studies 56 (1989) 477, for k = 1; Rustichini,
Satterthwaite and Williams, Econometrica 62 (1994) 1041: in any equilibrium the share of the gains
that is lost falls as 1/m^2; Chatterjee and Samuelson, Operations Research 31 (1983) 835,
doi:10.1287/opre.31.5.835, for m = 1, k = 1/2.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from p2p_cosim.core.limits import BASIS_POINTS
from p2p_cosim.core.types import FloatArray, Order, Side
from p2p_cosim.market.oracle.mechanisms.walrasian import walrasian

SCALE = 1_000_000_000
"""Wei per Wh of a value of 1."""
GRID = np.linspace(0.0, 1.0, 201)
"""Values and bids at which strategies are told; between them they are straight."""


@dataclass(frozen=True, slots=True, eq=False)
class Strategy:
    """bids: a buyer's bid at each value of `GRID`. k: of the auction. Sellers are the buyers'
    mirror image, and at k = 1, where no seller can move the price, truthful."""

    bids: FloatArray
    k: float

    def bid(self, value: FloatArray) -> FloatArray:
        """What buyers with these values bid."""
        return np.interp(value, GRID, self.bids)

    def ask(self, cost: FloatArray) -> FloatArray:
        """What sellers with these costs ask."""
        return cost if self.k == 1.0 else 1.0 - self.bid(1.0 - cost)


def buyers_bid(m: int) -> Strategy:
    """The equilibrium at k = 1: `m v / (m + 1)` against truthful sellers."""
    return Strategy(GRID * m / (m + 1), 1.0)


def split_the_difference() -> Strategy:
    """The linear equilibrium of one buyer and one seller at k = 1/2: `2 v / 3 + 1 / 12`; who
    cannot trade at that tells the truth, which trades as little."""
    return Strategy(np.minimum(GRID, 2 * GRID / 3 + 1 / 12), 0.5)


@dataclass(frozen=True, slots=True, eq=False)
class Odds:
    """What a bid of `GRID` means for one buyer among others that play a strategy. wins: chance
    to trade. pays: expected payment, zero where it does not trade."""

    wins: FloatArray
    pays: FloatArray

    def gain(self, value: float, bid: float) -> float:
        """What a buyer with this value expects of a bid."""
        return value * float(np.interp(bid, GRID, self.wins)) - float(
            np.interp(bid, GRID, self.pays)
        )

    def best(self, value: float) -> float:
        """The most that it can expect of any bid on the grid."""
        return float((value * self.wins - self.pays).max())


def odds(strategy: Strategy, m: int, samples: int, rng: np.random.Generator) -> Odds:
    """From samples of the other 2m - 1 offers: a bid trades if it is above their m-th lowest x,
    at `(1 - k) x + k min(bid, y)` with y the next."""
    others = np.concatenate(
        [
            strategy.bid(rng.random((samples, m - 1))),
            strategy.ask(rng.random((samples, m))),
        ],
        axis=1,
    )
    others.sort(axis=1)
    x = others[:, m - 1]
    y = others[:, m] if m > 1 else np.ones(samples)
    wins, pays = np.empty(len(GRID)), np.empty(len(GRID))
    for i, bid in enumerate(GRID):
        trades = bid > x
        price = (1 - strategy.k) * x + strategy.k * np.minimum(bid, y)
        wins[i], pays[i] = trades.mean(), (price * trades).mean()
    return Odds(wins, pays)


def learned(
    k: float, m: int, rng: np.random.Generator, steps: int = 60, samples: int = 20_000
) -> Strategy:
    """A symmetric strategy found by answering itself best, a part of the way at a time.

    It starts from the truth. Nothing promises that this converges: `regret` tells how far it is
    from an equilibrium.
    """
    strategy = Strategy(GRID.copy(), k)
    for step in range(steps):
        found = odds(strategy, m, samples, rng)
        gains = GRID[:, None] * found.wins - found.pays  # (value, bid)
        gains[GRID[None, :] > GRID[:, None]] = -np.inf  # above its value nobody bids
        ties = np.isclose(gains, gains.max(axis=1, keepdims=True), atol=1e-12)
        answer = GRID[np.where(ties, np.arange(len(GRID)), -1).max(axis=1)]
        share = 1 / (2 + step / 4)
        strategy = Strategy(np.maximum.accumulate((1 - share) * strategy.bids + share * answer), k)
    return strategy


def regret(strategy: Strategy, m: int, rng: np.random.Generator, samples: int = 100_000) -> float:
    """The most that a buyer of any value could expect to gain by another bid, over what buyers
    expect on average."""
    found = odds(strategy, m, samples, rng)
    gains = np.array([found.gain(v, b) for v, b in zip(GRID, strategy.bids, strict=True)])
    best = np.array([found.best(v) for v in GRID])
    return float((best - gains).max() / gains.mean())


def loss(strategy: Strategy, m: int, books: int, rng: np.random.Generator) -> tuple[float, float]:
    """Share of the gains that is lost, cleared by the contract's reference, and its standard
    error."""
    k = round(strategy.k * BASIS_POINTS)
    best, got = np.empty(books), np.empty(books)
    for i in range(books):
        values, costs = rng.random(m), rng.random(m)
        gains = np.sort(values)[::-1] - np.sort(costs)
        best[i] = gains[gains > 0].sum()
        bids = np.rint(strategy.bid(values) * SCALE).astype(int).tolist()
        asks = np.rint(strategy.ask(costs) * SCALE).astype(int).tolist()
        book = [Order(f"b{j}", Side.BID, 1, price) for j, price in enumerate(bids)]
        book += [Order(f"s{j}", Side.ASK, 1, price) for j, price in enumerate(asks)]
        got[i] = sum(values[p.bid] - costs[p.ask - m] for p in walrasian(book, k).pairs)
    share = 1 - got.sum() / best.sum()
    error = np.std(best - got - share * best) / best.mean() / np.sqrt(books)
    return float(share), float(error)
