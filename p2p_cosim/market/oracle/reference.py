"""The market's accounts in plain Python: the oracle that the contract is tested against.

Never a substitute for the contract. What a round trades comes from `market.mechanisms`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from p2p_cosim.core.types import Order, Reading, Settlement, Side, Tariff
from p2p_cosim.market.oracle.mechanisms import ReferenceClearing


def charge_wei(imbalance_wh: int, tariff: Tariff) -> int:
    """What an imbalance costs the trader; negative is what the utility pays for it."""
    short = imbalance_wh > 0
    return imbalance_wh * (tariff.retail_wei_per_wh if short else tariff.feed_in_wei_per_wh)


class ReferenceAccounts:
    """The contract's bookkeeping: balances, escrow, positions and energy, by trader.

    Amounts in wei, energy in Wh; `open_wei` as in `core.types.Settlement`.
    """

    def __init__(self, utility: str, tariff: Tariff) -> None:
        self.utility = utility
        self.tariff = tariff
        self.balance_wei: defaultdict[str, int] = defaultdict(int)
        self.open_wei: defaultdict[str, int] = defaultdict(int)
        self.energy_wh: defaultdict[str, int] = defaultdict(int)
        self.escrow_wei = 0
        self.contracted_wh: dict[str, int] = {}

    def credit(self, trader: str, amount_wei: int) -> None:
        """Money that comes in (a deposit, a refund, proceeds); pays a debt first."""
        self.balance_wei[trader] += amount_wei
        if self.open_wei[trader] < 0:
            self.pay(trader)

    def can_bid(self, order: Order) -> bool:
        """Whether the trader has no debt and the money to back a bid."""
        cost_wei = order.energy_wh * order.price_wei_per_wh
        return self.open_wei[order.trader] >= 0 and cost_wei <= self.balance_wei[order.trader]

    def escrow(self, order: Order) -> None:
        """Set aside what a bid costs at most; an ask costs nothing."""
        if order.side is Side.BID:
            cost_wei = order.energy_wh * order.price_wei_per_wh
            self.balance_wei[order.trader] -= cost_wei
            self.escrow_wei += cost_wei

    def refund(self, order: Order) -> None:
        """Give back the escrow of a cancelled order."""
        if order.side is Side.BID:
            cost_wei = order.energy_wh * order.price_wei_per_wh
            self.escrow_wei -= cost_wei
            self.credit(order.trader, cost_wei)

    def book_clearing(self, orders: Sequence[Order], result: ReferenceClearing) -> None:
        """Pay sellers, and the utility its surplus, from the buyers' escrow; give back the rest."""
        self.contracted_wh = {}
        money_wei = [0] * len(orders)  # what a bid pays, what an ask gets
        for pair in result.pairs:
            money_wei[pair.bid] += pair.energy_wh * pair.buy_wei_per_wh
            money_wei[pair.ask] += pair.energy_wh * pair.sell_wei_per_wh
        for order, filled_wh, wei in zip(orders, result.filled_wh, money_wei, strict=True):
            bought_wh = filled_wh if order.side is Side.BID else -filled_wh
            if order.side is Side.BID:
                cost_wei = order.energy_wh * order.price_wei_per_wh
                self.escrow_wei -= cost_wei
                self.credit(order.trader, cost_wei - wei)
            else:
                self.credit(order.trader, wei)
            if filled_wh:
                self.energy_wh[order.trader] += bought_wh
                self.contracted_wh.setdefault(order.trader, 0)
                self.contracted_wh[order.trader] += bought_wh
        self.credit(self.utility, result.budget_surplus_wei)

    def settle(self, readings: Iterable[Reading]) -> tuple[Settlement, ...]:
        """Charge imbalances at the tariff: all debts first, then claims, in reading order.

        `open_wei` of the settlements is what stays open at the end. A trader without a
        reading has no imbalance.
        """
        readings = tuple(readings)
        imbalance_wh = {
            r.trader: r.metered_wh - self.contracted_wh.get(r.trader, 0) for r in readings
        }
        for trader, wh in imbalance_wh.items():
            self.energy_wh[trader] += wh
            self.energy_wh[self.utility] -= wh
            self.open_wei[trader] -= charge_wei(wh, self.tariff)
            if self.open_wei[trader] < 0:
                self.pay(trader)
        for trader in imbalance_wh:
            self.pay(trader)
        return tuple(
            Settlement(
                trader=r.trader,
                contracted_wh=self.contracted_wh.get(r.trader, 0),
                metered_wh=r.metered_wh,
                imbalance_wh=imbalance_wh[r.trader],
                charge_wei=charge_wei(imbalance_wh[r.trader], self.tariff),
                open_wei=self.open_wei[r.trader],
            )
            for r in readings
        )

    def pay(self, trader: str) -> None:
        """Pay what can be paid of an open position, in either direction."""
        open_wei = self.open_wei[trader]
        debtor, creditor = (trader, self.utility) if open_wei < 0 else (self.utility, trader)
        paid_wei = min(abs(open_wei), self.balance_wei[debtor])
        self.balance_wei[debtor] -= paid_wei
        self.balance_wei[creditor] += paid_wei
        self.open_wei[trader] += paid_wei if open_wei < 0 else -paid_wei

    def withdrawable_wei(self, trader: str) -> int:
        """Free balance; the utility's without what it owes."""
        if trader != self.utility:
            return self.balance_wei[trader]
        claims_wei = sum(open_wei for open_wei in self.open_wei.values() if open_wei > 0)
        return max(0, self.balance_wei[trader] - claims_wei)
