"""Zero intelligence in a continuous double auction of single units.

Source: Gode and Sunder, J. Political Economy 101 (1993) 119, doi:10.1086/261868. A trader has
units, of which it trades one after the other. Whose turn it is, is drawn; it shouts a price drawn
between the end of the scale and the value of its unit (`constrained`) or anywhere on the scale. A
shout that does not better the best that stands is void; one that crosses it trades at the price
that stood first, and then nothing stands.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from p2p_cosim.core.types import Order, Side
from p2p_cosim.market.oracle.mechanisms import MECHANISMS
from p2p_cosim.market.oracle.mechanisms.continuous import continuous

LOWEST, HIGHEST = 1, 200
"""Ends of the scale of prices, in wei per Wh: the paper's scale, in its own unit."""
_WH = 1
_HALF = 5_000


@dataclass(frozen=True, slots=True)
class Traders:
    """Values and costs of units by trader, in the order in which a trader trades them."""

    values: tuple[tuple[int, ...], ...]
    costs: tuple[tuple[int, ...], ...]

    @property
    def best(self) -> int:
        """The most that can be gained: dearest value with cheapest cost, while it gains."""
        values = sorted((v for units in self.values for v in units), reverse=True)
        costs = sorted(c for units in self.costs for c in units)
        return sum(max(0, v - c) for v, c in zip(values, costs, strict=False))


def drawn(count: int, units: int, rng: np.random.Generator) -> Traders:
    """`count` buyers and as many sellers with values and costs drawn from the whole scale; a
    buyer's dearest and a seller's cheapest unit is the first that it may trade."""
    values = np.sort(rng.integers(LOWEST, HIGHEST, (count, units), endpoint=True))[:, ::-1]
    costs = np.sort(rng.integers(LOWEST, HIGHEST, (count, units), endpoint=True))
    return Traders(
        tuple(tuple(row) for row in values.tolist()), tuple(tuple(row) for row in costs.tolist())
    )


@dataclass(frozen=True, slots=True)
class Period:
    """What a period came to. gained: values less costs of what traded. best: the most there was.
    trades: how many. prices: of each, in order."""

    gained: int
    best: int
    prices: tuple[int, ...]

    @property
    def efficiency(self) -> float:
        """Gained over best; 1 where there was nothing to gain."""
        return self.gained / self.best if self.best else 1.0


def shouting(
    traders: Traders, shouts: int, rng: np.random.Generator, *, constrained: bool = True
) -> Period:
    """A period of the continuous auction with so many shouts."""
    sides = [(Side.BID, units) for units in traders.values]
    sides += [(Side.ASK, units) for units in traders.costs]
    done = [0] * len(sides)
    standing: dict[Side, Order] = {}
    gained, prices = 0, []
    turns, draws = rng.integers(0, len(sides), shouts), rng.random(shouts)
    for turn, draw in zip(turns.tolist(), draws.tolist(), strict=True):
        side, units = sides[turn]
        if done[turn] == len(units):
            continue
        order = Order(
            str(turn), side, _WH, _shout(side, units[done[turn]], draw, constrained=constrained)
        )
        if not _betters(order, standing.get(side)):
            continue
        standing[side] = order
        book = [*(o for s, o in standing.items() if s is not side), order]  # the earlier first
        if pairs := continuous(book, _HALF).pairs:
            buyer, seller = (int(book[i].trader) for i in pairs[0][:2])
            gained += sides[buyer][1][done[buyer]] - sides[seller][1][done[seller]]
            done[buyer] += 1
            done[seller] += 1
            prices.append(pairs[0].buy_wei_per_wh)
            standing.clear()
    return Period(gained, traders.best, tuple(prices))


def calling(traders: Traders, mechanism: str, rng: np.random.Generator) -> Period:
    """One call market of the same traders: every unit is shouted once, and all clear together.

    mechanism: by its name in `market.oracle.mechanisms`.
    """
    units = [(Side.BID, v) for row in traders.values for v in row]
    units += [(Side.ASK, c) for row in traders.costs for c in row]
    draws, book = rng.random(len(units)).tolist(), []
    for i in rng.permutation(len(units)).tolist():
        side, worth = units[i]
        price = _shout(side, worth, draws[i], constrained=True)
        book.append(Order(str(i), side, _WH, price))
    pairs = MECHANISMS[mechanism](book, _HALF).pairs
    worths = [units[int(order.trader)][1] for order in book]
    gained = sum(worths[pair.bid] - worths[pair.ask] for pair in pairs)
    return Period(gained, traders.best, tuple(pair.buy_wei_per_wh for pair in pairs))


def efficiency(periods: Sequence[Period]) -> float:
    """Of all periods together: everything gained over the most there was."""
    return sum(p.gained for p in periods) / sum(p.best for p in periods)


def _shout(side: Side, worth: int, draw: float, *, constrained: bool) -> int:
    low, high = LOWEST, HIGHEST
    if constrained:
        low, high = (low, worth) if side is Side.BID else (worth, high)
    return low + int(draw * (high - low + 1))


def _betters(order: Order, best: Order | None) -> bool:
    if best is None:
        return True
    price, other = order.price_wei_per_wh, best.price_wei_per_wh
    return price > other if order.side is Side.BID else price < other
