"""Records of the market side. Energy in whole Wh, prices in wei per Wh, amounts in wei."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from p2p_cosim.core.often import made_often
from p2p_cosim.core.types.chain import Receipt
from p2p_cosim.core.types.short import count, table, traded


class Side(StrEnum):
    """A bid buys, an ask sells."""

    BID = "bid"
    ASK = "ask"


@made_often
@dataclass(frozen=True, slots=True)
class Order:
    """A limit order of one trader for one round."""

    trader: str
    side: Side
    energy_wh: int
    price_wei_per_wh: int


@made_often
@dataclass(frozen=True, slots=True)
class Placement:
    """What became of an order that was sent to the market.

    order_id: its index in the round's book, or None if it was rejected.
    rejection: the custom error with its values, or "".
    filled_wh: how much of it was traded when the round was cleared.
    cancelled: whether its trader took it back before the round was cleared.
    """

    order: Order
    order_id: int | None
    rejection: str = ""
    filled_wh: int = 0
    cancelled: bool = False

    @property
    def in_book(self) -> bool:
        """Whether the order took part in the auction."""
        return self.order_id is not None and not self.cancelled


@made_often
@dataclass(frozen=True, slots=True)
class Trade:
    """Energy that changes hands between two traders.

    price_wei_per_wh: what the buyer pays. budget_surplus_wei: the part of the payment that goes to
    the surplus account instead of the seller, under a mechanism with two prices.
    """

    buyer: str
    seller: str
    energy_wh: int
    price_wei_per_wh: int
    budget_surplus_wei: int = 0

    @property
    def payment_wei(self) -> int:
        """What the buyer pays."""
        return self.energy_wh * self.price_wei_per_wh

    @property
    def proceeds_wei(self) -> int:
        """What the seller gets."""
        return self.payment_wei - self.budget_surplus_wei


def contracted_wh(trades: Iterable[Trade]) -> dict[str, int]:
    """What everybody who traded in a round bought, less what it sold."""
    contracted: dict[str, int] = {}
    for trade in trades:
        contracted[trade.buyer] = contracted.get(trade.buyer, 0) + trade.energy_wh
        contracted[trade.seller] = contracted.get(trade.seller, 0) - trade.energy_wh
    return contracted


@dataclass(frozen=True, slots=True)
class Clearing:
    """The result of one round's auction.

    price_wei_per_wh: the market clearing price, or None when nothing traded; where trades
    have prices of their own, what buyers paid by what they bought, rounded down.
    welfare_wei: sum over trades of energy times (bid limit minus ask limit).
    trades: pairs in matching order (best bid with best ask first, if there is a ranking).
    budget_surplus_wei: what buyers paid and sellers did not get; the surplus account's.
    """

    price_wei_per_wh: int | None
    energy_wh: int
    welfare_wei: int
    trades: tuple[Trade, ...]
    budget_surplus_wei: int = 0

    def __repr__(self) -> str:
        return f"Clearing({traded(self.energy_wh, len(self.trades), self.price_wei_per_wh)})"


@dataclass(frozen=True, slots=True)
class GateClosure:
    """Everything that happened in the market from the last settlement to gate closure.

    round_id: the round that the gate closed on. placements: of everybody, in order of arrival;
    who is no trader of the scenario stands under his address. clearing: of the round, and of
    those that others cleared before it. receipts: of everybody's transactions.
    gas_clear: of all transactions that cleared the round and paid it out.
    """

    round_id: int
    placements: tuple[Placement, ...]
    clearing: Clearing
    receipts: tuple[tuple[str, Receipt], ...]  # (label, receipt) in block order
    gas_clear: int

    def __repr__(self) -> str:
        rejected = sum(placement.order_id is None for placement in self.placements)
        orders = count(len(self.placements), "order") + f" ({rejected} rejected)" * bool(rejected)
        clearing = repr(self.clearing).removeprefix("Clearing(").removesuffix(")")
        return f"GateClosure(round {self.round_id}: {orders}, {clearing})"

    def _repr_html_(self) -> str:
        clearing = self.clearing
        by_side = {
            f"{side}s".capitalize(): count(
                sum(placement.order.side is side for placement in self.placements), "order"
            )
            for side in Side
        }
        rejected = sum(placement.order_id is None for placement in self.placements)
        return table(
            f"Round {self.round_id}",
            {
                **by_side,
                "Rejected": rejected,
                "Traded": traded(
                    clearing.energy_wh, len(clearing.trades), clearing.price_wei_per_wh
                ),
                "Transactions": len(self.receipts),
            },
        )


@made_often
@dataclass(frozen=True, slots=True)
class Reading:
    """What a trader's meter measured in the interval; positive is net consumption."""

    trader: str
    metered_wh: int


@made_often
@dataclass(frozen=True, slots=True)
class Settlement:
    """The imbalance of one trader, settled with the utility.

    imbalance_wh: metered minus contracted; positive is short (bought at the retail
    tariff), negative is long (sold at the feed-in tariff).
    charge_wei: positive is owed to the utility, negative is owed by it.
    open_wei: what is still open afterwards: negative a debt of the trader, positive a
    claim on the utility.
    """

    trader: str
    contracted_wh: int
    metered_wh: int
    imbalance_wh: int
    charge_wei: int
    open_wei: int


@made_often
@dataclass(frozen=True, slots=True)
class Account:
    """A trader's account in the contract.

    balance_wei: free internal balance. open_wei: as in `Settlement`; the utility's is the
    counter entry, so that all accounts sum to zero: what it is owed less what it owes.
    energy_wh: energy bought minus sold since the start (market and utility).
    """

    balance_wei: int
    open_wei: int
    energy_wh: int


@dataclass(frozen=True, slots=True)
class Ledger:
    """All accounts at one moment, with what the contract itself holds.

    accounts: by trader, and by address for those whom the scenario does not name.
    paid_in_wei: deposits less withdrawals since the start, by account; what was paid in before
    the market was followed stands under "". contract_wei: ether held, which is more than that
    where somebody forced ether upon the contract.
    """

    accounts: Mapping[str, Account]
    escrow_wei: int
    contract_wei: int
    paid_in_wei: Mapping[str, int]

    def paid_in_since(self, before: Ledger) -> dict[str, int]:
        """Deposits less withdrawals since an earlier ledger, by account that made any."""
        since = {
            trader: wei - before.paid_in_wei.get(trader, 0)
            for trader, wei in self.paid_in_wei.items()
        }
        return {trader: wei for trader, wei in since.items() if wei}

    def __repr__(self) -> str:
        held = f"escrow {self.escrow_wei} wei, contract {self.contract_wei} wei"
        return f"Ledger({count(len(self.accounts), 'account')}, {held})"


@dataclass(frozen=True, slots=True)
class Delivery:
    """What happened in the delivery block of a round, and all accounts after it.

    receipts: of the transactions that settled it. late_trades: of rounds that others cleared
    after gate closure.
    """

    settlements: tuple[Settlement, ...]
    receipts: tuple[Receipt, ...]
    ledger: Ledger
    late_trades: tuple[Trade, ...] = ()

    def __repr__(self) -> str:
        return f"Delivery({count(len(self.settlements), 'settlement')}, {self.ledger!r})"


@dataclass(frozen=True, slots=True)
class Tariff:
    """Retail price a trader pays the utility and feed-in price it gets, in wei per Wh."""

    retail_wei_per_wh: int
    feed_in_wei_per_wh: int

    @property
    def floor_wei_per_wh(self) -> int:
        """The least limit that makes sense: the feed-in price, and 0 where that is negative,
        because no order has a limit below."""
        return max(0, self.feed_in_wei_per_wh)

    def margin_wei_per_wh(self, side: Side, limit_wei_per_wh: int) -> int:
        """What an order sets aside for each Wh beside what it pays: an ask what it costs beyond
        its limit to deliver nothing, a bid what it costs to be left with energy at a negative
        feed-in price."""
        if side is Side.BID:
            return max(0, -self.feed_in_wei_per_wh)
        return max(0, self.retail_wei_per_wh - limit_wei_per_wh)

    def cover_wei_per_wh(self, side: Side, limit_wei_per_wh: int) -> int:
        """The most that an order can cost for each Wh, whatever its trader delivers."""
        pays = limit_wei_per_wh if side is Side.BID else 0
        return pays + self.margin_wei_per_wh(side, limit_wei_per_wh)
