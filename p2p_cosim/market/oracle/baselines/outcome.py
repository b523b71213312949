"""What a baseline makes of a book: fills by order, payments by trader."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from p2p_cosim.core.types import Order, Side
from p2p_cosim.market.oracle.mechanisms import Pair


@dataclass(frozen=True, slots=True)
class Outcome:
    """Energy that each order trades (Wh, in order of arrival) and what each trader pays (wei).

    A negative payment is received. Who trades nothing and pays nothing may be missing.
    """

    filled_wh: tuple[int, ...]
    paid_wei: Mapping[str, int]

    @property
    def budget_surplus_wei(self) -> int:
        """What is left with the operator; negative is a deficit that somebody has to cover."""
        return sum(self.paid_wei.values())

    def welfare_wei(self, orders: Sequence[Order]) -> int:
        """Sum of energy times limit over bids, minus the same over asks."""
        return sum(_worth_wei(o, wh) for o, wh in zip(orders, self.filled_wh, strict=True))

    def gain_wei(self, orders: Sequence[Order], trader: str) -> int:
        """A trader's gain if its true values are those of `orders`, minus what it pays.

        Give the true orders after clearing misreported ones to see what a lie is worth.
        """
        fills = zip(orders, self.filled_wh, strict=True)
        worth_wei = sum(_worth_wei(o, wh) for o, wh in fills if o.trader == trader)
        return worth_wei - self.paid_wei.get(trader, 0)


def outcome_of(orders: Sequence[Order], pairs: Iterable[Pair]) -> Outcome:
    """The outcome of pairs with prices, as every on-chain mechanism makes them."""
    filled_wh = [0] * len(orders)
    paid_wei: defaultdict[str, int] = defaultdict(int)
    for pair in pairs:
        filled_wh[pair.bid] += pair.energy_wh
        filled_wh[pair.ask] += pair.energy_wh
        paid_wei[orders[pair.bid].trader] += pair.energy_wh * pair.buy_wei_per_wh
        paid_wei[orders[pair.ask].trader] -= pair.energy_wh * pair.sell_wei_per_wh
    return Outcome(tuple(filled_wh), dict(paid_wei))


def _worth_wei(order: Order, energy_wh: int) -> int:
    sign = 1 if order.side is Side.BID else -1
    return sign * energy_wh * order.price_wei_per_wh
