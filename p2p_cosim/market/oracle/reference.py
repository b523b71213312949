"""The market's accounts in plain Python: the oracle that the contract is tested against.

Never a substitute for the contract. What a round trades comes from `market.oracle.mechanisms`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from p2p_cosim.core.types import Order, Reading, Settlement, Side, Tariff
from p2p_cosim.market.oracle.mechanisms import ReferenceClearing

WHOLE = 10**36
"""What one wei of a claim has left, when nothing of it is paid: `Ledger.WHOLE`."""


def charge_wei(contracted_wh: int, metered_wh: int, tariff: Tariff, price_wei_per_wh: int) -> int:
    """What a difference costs the trader; negative is what the utility pays for it.

    Energy that was bought and not taken earns the lesser of feed-in and the round's price.
    """
    imbalance_wh = metered_wh - contracted_wh
    if imbalance_wh >= 0:
        return imbalance_wh * tariff.retail_wei_per_wh
    feed_in = tariff.feed_in_wei_per_wh
    not_taken_wh = min(-imbalance_wh, max(0, contracted_wh))
    exported_wh = -imbalance_wh - not_taken_wh
    return -(exported_wh * feed_in + not_taken_wh * min(feed_in, price_wei_per_wh))


def margin_price(order: Order, tariff: Tariff) -> int:
    """What stays locked for each Wh that trades, beside what it costs or earns, in wei."""
    return tariff.margin_wei_per_wh(order.side, order.price_wei_per_wh)


def cover_wei(order: Order, tariff: Tariff) -> int:
    """The most that an order can cost, whatever its trader delivers."""
    return order.energy_wh * tariff.cover_wei_per_wh(order.side, order.price_wei_per_wh)


def crosses(order: Order, other: Order) -> bool:
    """Whether the two orders would trade with each other."""
    if order.side is other.side:
        return False
    bid, ask = (order, other) if order.side is Side.BID else (other, order)
    return bid.price_wei_per_wh >= ask.price_wei_per_wh


@dataclass(slots=True)
class Waiting:
    """What a trader contracted in a round, and what is locked until its reading comes."""

    contracted_wh: int = 0
    locked_wei: int = 0


class ReferenceAccounts:
    """The contract's bookkeeping: balances, escrow, positions and energy, by trader.

    Amounts in wei, energy in Wh; `open_wei` as in `core.types.Settlement`. Claims are drawn as
    soon as they are paid, where the contract waits until their owner comes.
    """

    def __init__(self, utility: str, tariff: Tariff, surplus: str = "surplus") -> None:
        self.utility = utility
        self.surplus = surplus
        self.tariff = tariff
        self.balance_wei: defaultdict[str, int] = defaultdict(int)
        self.open_wei: defaultdict[str, int] = defaultdict(int)
        self.energy_wh: defaultdict[str, int] = defaultdict(int)
        self.escrow_wei = 0
        self.waiting: dict[int, dict[str, Waiting]] = {}
        self.price_wei_per_wh: dict[int, int] = {}

    @property
    def locked_wei(self) -> int:
        """What waits for readings, in all rounds."""
        return sum(each.locked_wei for r in self.waiting.values() for each in r.values())

    @property
    def claims_wei(self) -> int:
        """What the utility owes traders."""
        return sum(max(0, wei) for wei in self.open_wei.values())

    def credit(self, trader: str, amount_wei: int) -> None:
        """Money that comes in (a deposit, a refund); pays a debt first."""
        debt_wei = max(0, -self.open_wei[trader])
        paid_wei = min(debt_wei, amount_wei)
        self.open_wei[trader] += paid_wei
        self.balance_wei[self.utility] += paid_wei
        self.balance_wei[trader] += amount_wei - paid_wei

    def can_place(self, order: Order, own: Iterable[Order] = ()) -> bool:
        """Whether the trader has no debt, the money to cover the order, and none in the book
        that it would trade with. own: the trader's orders in the book."""
        if self.open_wei[order.trader] < 0 or any(crosses(order, other) for other in own):
            return False
        return cover_wei(order, self.tariff) <= self.balance_wei[order.trader]

    def escrow(self, order: Order) -> None:
        """Set aside what an order costs at most."""
        self.balance_wei[order.trader] -= cover_wei(order, self.tariff)
        self.escrow_wei += cover_wei(order, self.tariff)

    def refund(self, order: Order) -> None:
        """Give back the cover of a cancelled order."""
        self.escrow_wei -= cover_wei(order, self.tariff)
        self.credit(order.trader, cover_wei(order, self.tariff))

    def book_clearing(
        self, round_id: int, orders: Sequence[Order], result: ReferenceClearing
    ) -> None:
        """Lock what backs trades and what sales earned; give back the rest of the escrow."""
        waiting = self.waiting[round_id] = {}
        self.price_wei_per_wh[round_id] = result.clearing.price_wei_per_wh or 0
        money_wei = [0] * len(orders)  # what a bid pays, what an ask gets
        for pair in result.pairs:
            money_wei[pair.bid] += pair.energy_wh * pair.buy_wei_per_wh
            money_wei[pair.ask] += pair.energy_wh * pair.sell_wei_per_wh
        for order, filled_wh, wei in zip(orders, result.filled_wh, money_wei, strict=True):
            cover = cover_wei(order, self.tariff)
            margin_wei = filled_wh * margin_price(order, self.tariff)
            buys = order.side is Side.BID
            self.escrow_wei -= cover
            self.credit(order.trader, cover - margin_wei - (wei if buys else 0))
            if not filled_wh:
                continue
            bought_wh = filled_wh if buys else -filled_wh
            self.energy_wh[order.trader] += bought_wh
            mine = waiting.setdefault(order.trader, Waiting())
            mine.contracted_wh += bought_wh
            mine.locked_wei += margin_wei + (0 if buys else wei)
        self.credit(self.surplus, result.budget_surplus_wei)

    def read(self, round_id: int, reading: Reading) -> Settlement:
        """Settle one reading: what was locked and the balance pay the charge; what is left of
        it is a debt, what is due to the trader is a claim."""
        trader, metered_wh = reading.trader, reading.metered_wh
        mine = self.waiting.get(round_id, {}).pop(trader, Waiting())
        charge = charge_wei(
            mine.contracted_wh, metered_wh, self.tariff, self.price_wei_per_wh.get(round_id, 0)
        )
        imbalance_wh = metered_wh - mine.contracted_wh
        self.energy_wh[trader] += imbalance_wh
        self.energy_wh[self.utility] -= imbalance_wh
        money_wei = self.balance_wei[trader] + mine.locked_wei
        open_wei = self.open_wei[trader] - charge
        paid_wei = min(money_wei, max(0, -open_wei))
        self.balance_wei[trader] = money_wei - paid_wei
        self.balance_wei[self.utility] += paid_wei
        self.open_wei[trader] = open_wei + paid_wei
        return Settlement(
            trader=trader,
            contracted_wh=mine.contracted_wh,
            metered_wh=metered_wh,
            imbalance_wh=imbalance_wh,
            charge_wei=charge,
            open_wei=self.open_wei[trader],
        )

    def settle(self, round_id: int, readings: Iterable[Reading]) -> tuple[Settlement, ...]:
        """Settle readings in their order, and end the round: claims are paid."""
        settled = tuple(self.read(round_id, reading) for reading in readings)
        self.pay_claims()
        return settled

    def release(self, round_id: int, trader: str, *, has_meter: bool) -> Settlement:
        """Settle a trader whose reading never came: as contracted, or nothing without a meter."""
        contracted_wh = self.waiting[round_id][trader].contracted_wh
        return self.read(round_id, Reading(trader, contracted_wh if has_meter else 0))

    def pay_claims(self) -> None:
        """Of every claim the utility pays the same part, rounded down."""
        claims_wei = self.claims_wei
        pays_wei = min(claims_wei, self.balance_wei[self.utility])
        if pays_wei == 0:
            return
        left = -(-WHOLE * (claims_wei - pays_wei) // claims_wei)
        self.balance_wei[self.utility] -= pays_wei
        for trader, open_wei in self.open_wei.items():
            if open_wei > 0:
                paid_wei = open_wei + (-open_wei * left // WHOLE)
                self.open_wei[trader] -= paid_wei
                self.balance_wei[trader] += paid_wei

    def withdrawable_wei(self, trader: str) -> int:
        """Free balance; the utility's without what it owes."""
        if trader != self.utility:
            return self.balance_wei[trader]
        return max(0, self.balance_wei[trader] - self.claims_wei)
