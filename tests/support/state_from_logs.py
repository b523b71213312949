"""All public state of a market, from its logs and the times of their blocks alone.

Whoever has the logs of a market needs no archive node: `StateFromLogs` reads them one by one, and
then has what the contract's views answer. One method an event. What it adds up stands here a
second time, so that it holds the contract to its own events.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field
from types import SimpleNamespace

from market_structs import Account, Clearing, Order, Position, Round

from p2p_cosim.core.types import Event

RING, MAX_NONCE = 4, 2**32 - 1
WHOLE, SCALE, MOST_SCALES = 10**36, 10**9, 3  # of contracts/Ledger.sol
BID, ASK, HAS_VOID = 1, 2, 4
OPEN, CLEARING, CLEARED, SETTLED = range(1, 5)
CAPITAL = re.compile(r"(?<!^)(?=[A-Z])")


@dataclass
class StateFromLogs:
    """Feed it with `read`."""

    accounts: dict[str, Account] = field(default_factory=lambda: defaultdict(Account))
    energy: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    limits: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    consents: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    withdrawals: dict[str, list[int]] = field(default_factory=lambda: defaultdict(lambda: [0, 0]))
    rounds: dict[int, Round] = field(default_factory=dict)
    ring: dict[tuple[str, int], Position] = field(default_factory=lambda: defaultdict(Position))
    commitments: dict[str, tuple[bytes, int, int]] = field(default_factory=dict)
    snapshots: dict[str, tuple[int, int, int]] = field(default_factory=dict)
    charges: dict[int, int] = field(default_factory=dict)
    trades: list[tuple[int, ...]] = field(default_factory=list)
    clearing: Clearing | None = None
    held: int = 0
    locked: int = 0
    claims: int = 0
    paid: int = 0
    sealed: int = 0
    bond: int = 0
    cleared_round: int = 0
    left: int = WHOLE
    epoch: int = 0
    scale: int = 0

    def read(self, event: Event, timestamp: int) -> None:
        """Take in the next log."""
        self.now = timestamp
        name = CAPITAL.sub("_", event.name).lower()
        handler = getattr(self, f"on_{name}", None)
        if handler is not None:
            handler(SimpleNamespace(**event.args))

    # ------------------------------------------------------------------------- rules and rounds

    def on_configured(self, e):
        self.config = e.config

    def on_sealing_configured(self, e):
        self.bond = e.bondWei

    def on_tariff_set(self, e):
        self.rounds[e.round] = Round(e.retail, e.feedIn)

    def on_round_opened(self, e):
        if self.clearing and not self.clearing.in_parts:
            self.pay_out(len(self.clearing.book))
        self.rounds[e.round] = Round(e.retail, e.feedIn, since=self.now, phase=OPEN)
        self.present, self.book, self.freed, self.escrow = e.round, [], [], 0

    def on_round_settled(self, e):
        self.rounds[e.round].phase = SETTLED

    # --------------------------------------------------------------------------- orders

    def on_order_charged(self, e):
        self.charges[e.orderId] = e.chargePerWh

    def on_order_placed(self, e):
        needs_place = self.config.openPlaces < self.config.maxOrders
        opened = needs_place and not self.limits[e.trader]
        cover = self.enter(e.orderId, (e.trader, e.energy, e.price, e.side), e.nonce, opened)
        assert cover == e.coverWei

    def on_signed_orders_placed(self, e):
        for word, place in zip(e.orders, e.places, strict=True):
            trader = next(address for address in self.accounts if int(address, 16) == word % 2**160)
            fields = (trader, word >> 160 & 2**32 - 1, word >> 192 & 2**56 - 1, word >> 248 & 63)
            self.enter(place & 0xFFFF, fields, place >> 16, bool(word >> 254 & 1))

    def enter(self, order_id, fields, nonce, opened):
        order = Order(*fields, self.charges.pop(order_id, 0), opened)
        if order_id == len(self.book):
            self.book.append(order)
        else:
            assert self.freed.pop() == order_id
            self.book[order_id] = order
        cover = self.cover(order, self.rounds[self.present])
        self.escrow += cover
        account = self.accounts[order.trader]
        account.balance -= cover
        if account.orders_round != self.present:
            account.orders_round, account.orders = self.present, 0
            account.flags &= HAS_VOID
        account.orders += 1
        account.flags |= order.side
        account.nonce = min(nonce + 1, MAX_NONCE)
        return cover

    def on_order_cancelled(self, e):
        self.book[e.orderId] = None
        self.freed.append(e.orderId)
        self.escrow -= e.refundWei
        self.accounts[e.trader].balance += e.refundWei

    def margin(self, order, terms):
        return max(0, -terms.feed_in if order.side == BID else terms.retail - order.price)

    def cover(self, order, terms):
        pays = order.price if order.side == BID else 0
        return order.energy * (pays + self.margin(order, terms) + order.charge)

    def on_nonce_raised(self, e):
        self.accounts[e.trader].nonce = e.nonce

    def on_signed_order_cancelled(self, e):
        self.accounts[e.trader].flags |= HAS_VOID

    # --------------------------------------------------------------------------- sealed orders

    def on_committed(self, e):
        self.accounts[e.trader].balance -= e.coverWei + self.bond
        self.sealed += e.coverWei + self.bond
        self.commitments[e.trader] = (e.hash, e.coverWei, e.round)

    def on_revealed(self, e):
        del self.commitments[e.trader]
        self.sealed -= e.releasedWei
        self.accounts[e.trader].balance += e.releasedWei

    def on_bond_forfeited(self, e):
        del self.commitments[e.trader]
        self.sealed -= e.bondWei + e.coverWei
        self.accounts[self.config.surplusTo].balance += e.bondWei
        self.accounts[e.trader].balance += e.coverWei

    # --------------------------------------------------------------------------- clearing

    def on_trade_cleared(self, e):
        self.trades.append((e.bidId, e.askId, e.energy, e.buyPrice, e.sellPrice))

    def on_round_cleared(self, e):
        self.cleared_round, self.rounds[e.round].price = e.round, e.price
        self.clearing, self.trades = Clearing(self.book, self.trades, e.surplusWei), []

    def on_clearing_begun(self, _e):
        self.clearing.in_parts = True

    def on_paid_out(self, e):
        self.pay_out(e.orderId)

    def pay_out(self, until):
        cleared, terms = self.clearing, self.rounds[self.cleared_round]
        surplus = self.accounts[self.config.surplusTo]
        for order_id in range(cleared.done, until):
            if order := cleared.book[order_id]:
                self.pay(order_id, order, terms)
        cleared.done, done = until, until == len(cleared.book)
        surplus.balance += cleared.surplus if done else 0
        terms.phase, terms.since = CLEARED if done else CLEARING, self.now
        terms.paid_out = 0 if done else until

    def pay(self, order_id, order, terms):
        mine = [trade for trade in self.clearing.trades if trade[order.side - 1] == order_id]
        filled = sum(trade[2] for trade in mine)
        money = sum(trade[2] * trade[2 + order.side] for trade in mine)
        margin, charge = filled * self.margin(order, terms), filled * order.charge
        spent = money if order.side == BID else 0
        locked = margin + (0 if order.side == BID else money)
        self.accounts[order.trader].balance += self.cover(order, terms) - margin - charge - spent
        self.accounts[self.config.surplusTo].balance += charge
        self.locked += locked
        if not filled:
            return
        key = (order.trader, self.cleared_round % RING)
        if self.ring[key].round != self.cleared_round:
            self.ring[key] = Position(self.cleared_round)
            terms.open_positions += 1
        self.ring[key].contracted_wh += filled if order.side == BID else -filled
        self.ring[key].locked_wei += locked

    # --------------------------------------------------------------------------- settlement

    def on_imbalance_settled(self, e):
        key = (e.trader, e.round % RING)
        late = self.cleared_round >= e.round + RING
        if self.ring[key].round == e.round:
            self.rounds[e.round].open_positions -= not late
        elif not late:
            self.ring[key] = Position(e.round)
        if self.ring[key].round == e.round:
            self.ring[key].settled = True
        self.energy[e.trader] += e.meteredWh
        self.energy[self.config.utility] -= e.imbalanceWh
        self.locked -= e.releasedWei
        account = self.accounts[e.trader]
        account.balance += e.releasedWei - e.paidWei
        self.accounts[self.config.utility].balance += e.paidWei
        before, after = max(0, account.position), max(0, e.position)
        account.position = e.position
        if after > 0:
            self.snapshots[e.trader] = (self.left, self.epoch, self.scale)
        if after > before:
            self.claims += after - before
        elif after < before:
            self.drop_claims(before - after)

    def drop_claims(self, wei):
        unpaid = min(wei, self.claims)
        self.claims -= unpaid
        self.paid -= wei - unpaid
        self.accounts[self.config.utility].balance += wei - unpaid
        if self.claims == 0:
            self.left, self.epoch = WHOLE, self.epoch + 1

    def on_claims_paid(self, e):
        self.accounts[self.config.utility].balance -= e.paidWei
        self.paid, self.claims = self.paid + e.paidWei, e.leftWei
        if e.leftWei == 0:
            self.left, self.epoch = WHOLE, self.epoch + 1
            return
        left, claims = self.left * e.leftWei, e.leftWei + e.paidWei
        while left < claims * WHOLE // SCALE:
            left, self.scale = left * SCALE, self.scale + 1
        self.left = -(-left // claims)

    def on_claim_collected(self, e):
        account = self.accounts[e.trader]
        account.balance, account.position = account.balance + e.paidWei, e.leftWei
        self.paid -= e.paidWei
        self.snapshots[e.trader] = (self.left, self.epoch, self.scale)

    def collectable(self, trader):
        """What the utility paid of a claim, and was not moved yet."""
        claim = self.accounts[trader].position
        if claim <= 0:
            return 0
        left, epoch, scale = self.snapshots[trader]
        if epoch < self.epoch:
            return claim
        scales = self.scale - scale
        if scales > MOST_SCALES:
            return claim - 1
        return claim + (-claim * self.left // (left * SCALE**scales))

    # --------------------------------------------------------------------------- money, meters

    def on_deposited(self, e):
        self.held += e.amountWei
        self.accounts[e.trader].balance += e.amountWei

    def on_debt_paid(self, e):
        account = self.accounts[e.trader]
        account.balance, account.position = account.balance - e.paidWei, -e.debtWei
        self.accounts[self.config.utility].balance += e.paidWei

    def on_withdrawal_requested(self, e):
        self.withdrawals[e.trader] = [e.amountWei, e.afterRound]

    def on_withdrawn(self, e):
        self.held -= e.amountWei
        self.accounts[e.trader].balance -= e.amountWei
        self.withdrawals[e.trader][0] -= e.amountWei

    def on_finisher_paid(self, e):
        self.accounts[self.config.operator].balance -= e.amountWei
        self.accounts[e.finisher].balance += e.amountWei

    def on_meter_consented(self, e):
        self.consents[e.trader] = e.most

    def on_meter_registered(self, e):
        self.limits[e.trader] = e.limit
