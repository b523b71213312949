"""A market contract on the default chain, for tests that talk to it function by function."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from p2p_cosim.chain.contract import Contract
from p2p_cosim.chain.generated import GeneratedChain
from p2p_cosim.core.errors import RevertError
from p2p_cosim.core.protocols import Chain
from p2p_cosim.core.types import Event, Order, Receipt, Side, Tariff, Transaction
from p2p_cosim.market import MarketRules
from p2p_cosim.market.deployment import deploy_market

OPEN, CLEARING, CLEARED, SETTLED = range(1, 5)  # IMarketTypes.Phase
T0 = 1_750_000_000
TARIFF = Tariff(retail_wei_per_wh=30, feed_in_wei_per_wh=8)
RULES = MarketRules(TARIFF, max_price_wei_per_wh=100, max_energy_wh=1_000, grace_s=900)
PLACE = {Side.BID: "placeBid", Side.ASK: "placeAsk"}
RING = 4  # of contracts/MarketRules.sol


class World:
    """One contract and the labelled accounts around it. Unknown names become accounts.

    Time goes on by itself where the contract asks for it: `clear` waits for the gate, `settle`
    for the end of delivery. Whoever is named in `settle` gets a meter first.
    """

    def __init__(self, rules: MarketRules = RULES, chain: Chain | None = None) -> None:
        self.rules = rules
        self.chain = chain or GeneratedChain(timestamp=T0)
        self.tariff = rules.tariff
        self.metered: set[str] = set()
        self.contract: Contract = self.deploy()

    def deploy(self) -> Contract:
        return deploy_market(self.chain, self.rules)

    def address(self, name: str) -> str:
        return self.chain.account(name)

    def send(self, function: str, *args: object, by: str, value_wei: int = 0) -> list[Event]:
        """Events of a transaction; raises RevertError."""
        receipt = self.contract.transact(
            function, *args, sender=self.address(by), value_wei=value_wei
        )
        return list(self.contract.decode_events(receipt))

    def fails(self, function: str, *args: object, by: str) -> RevertError:
        """The error of a transaction that must fail."""
        try:
            self.send(function, *args, by=by)
        except RevertError as error:
            return error
        raise AssertionError(f"{function}{args} by {by} went through")

    def deposit(self, **amounts_wei: int) -> None:
        for name, wei in amounts_wei.items():
            self.send("deposit", by=name, value_wei=wei)

    def register(self, *names: str, limit_wh: int | None = None) -> None:
        """Give meters to who has none."""
        new = [name for name in names if name not in self.metered]
        limit = self.rules.max_energy_wh if limit_wh is None else limit_wh
        for name in new:
            self.send("consentToMeter", limit, by=name)
        if new:
            addresses = [self.address(name) for name in new]
            self.send("registerMeters", addresses, limit, by="meter_oracle")
        self.metered.update(new)

    def bid(self, trader: str, energy_wh: int, price: int) -> int:
        return self.order_id(self.send("placeBid", self.round_id, energy_wh, price, by=trader))

    def ask(self, trader: str, energy_wh: int, price: int) -> int:
        return self.order_id(self.send("placeAsk", self.round_id, energy_wh, price, by=trader))

    def cancel(self, order_id: int, by: str) -> list[Event]:
        return self.send("cancel", self.round_id, order_id, by=by)

    @staticmethod
    def order_id(events: Iterable[Event]) -> int:
        (placed,) = (event for event in events if event.name == "OrderPlaced")
        return int(placed.args["orderId"])  # type: ignore[call-overload]

    def placement(self, order: Order) -> Transaction:
        return self.contract.transaction(
            PLACE[order.side],
            self.round_id,
            order.energy_wh,
            order.price_wei_per_wh,
            sender=self.address(order.trader),
        )

    def clear(self, by: str = "operator") -> list[Event]:
        self.until(self.gate())
        return self.send("clear", self.round_id, by=by)

    def clear_in_parts(self, orders: int, by: str = "operator") -> list[Event]:
        """Clear the round, this many orders paid out by a transaction; all their events."""
        self.until(self.gate())
        round_id = self.round_id
        events = self.send("clearInParts", round_id, orders, by=by)
        begun = [event.args for event in events if event.name == "ClearingBegun"]
        while self.past(round_id).phase == CLEARING:
            book, pairs = begun[0]["book"], begun[0]["pairs"]
            events += self.send("clearNext", round_id, book, pairs, orders, by="stranger")
        return events

    def settle(self, *, last: bool = True, round_id: int | None = None, **metered_wh: int) -> Any:
        """The oracle's readings of the round before the one that takes orders."""
        round_id = self.round_id - 1 if round_id is None else round_id
        self.register(*metered_wh)
        self.until(self.delivered(round_id))
        rows = [(self.address(name), wh) for name, wh in metered_wh.items()]
        return self.send("settle", round_id, rows, last, by="meter_oracle")

    def withdraw(self, name: str, amount_wei: int) -> None:
        """Request, let two empty rounds pass, and withdraw."""
        self.send("requestWithdrawal", amount_wei, by=name)
        for _ in range(2):
            self.clear()
            self.settle()
        self.send("withdraw", amount_wei, by=name)

    def gate(self, round_id: int | None = None) -> int:
        return int(self.contract.read.gateOf(round_id or self.round_id))

    def delivered(self, round_id: int) -> int:
        """From when on readings of the round are taken."""
        return self.gate(round_id) + self.rules.interval_s - 1

    def until(self, timestamp: int) -> None:
        """Let time go on to `timestamp`, if it has not come so far."""
        if timestamp > self.chain.timestamp:
            self.chain.advance_to(timestamp)

    def wait(self, seconds: int) -> None:
        self.chain.advance_to(self.chain.timestamp + seconds)

    @property
    def book(self) -> Any:
        return self.contract.read.book()

    @property
    def round_id(self) -> int:
        return int(self.book.round)

    def past(self, round_id: int) -> Any:
        return self.contract.read.round(round_id)

    @property
    def totals(self) -> Any:
        return self.contract.read.totals()

    def position(self, name: str, round_id: int | None = None) -> Any:
        """In the round that was cleared last, if no other is named."""
        return self.contract.read.position(self.address(name), round_id or self.round_id - 1)

    def accounts(self, names: Iterable[str]) -> dict[str, tuple[int, int, int]]:
        """Balance (wei), position (wei) and energy (Wh) by name."""
        names = list(names)
        money, energy = self.contract.read.accounts([self.address(name) for name in names])
        return {
            name: (m.balance, m.position, wh)
            for name, m, wh in zip(names, money, energy, strict=True)
        }

    def account(self, name: str) -> tuple[int, int, int]:
        return self.accounts([name])[name]

    @property
    def ether(self) -> int:
        return self.chain.balance_wei(self.contract.address)

    def check_money(self, names: Iterable[str]) -> None:
        """What is held is what these accounts, the book, and what waits for readings have."""
        accounts = self.accounts([*names, "utility", "surplus", "operator"])
        totals = self.totals
        balances = sum(balance for balance, _, _ in accounts.values())
        claims = sum(max(0, position) for _, position, _ in accounts.values())
        waiting = self.book.escrowWei + totals.lockedWei + totals.sealedWei
        # Claims paid in part are rounded, and what that leaves is nobody's until they are paid.
        assert totals.heldWei == balances + waiting + claims - totals.claimsWei
        assert self.ether >= totals.heldWei
        assert all(balance == 0 for balance, position, _ in accounts.values() if position < 0)

    def events(self, receipts: Iterable[Receipt]) -> list[Event]:
        return [event for receipt in receipts for event in self.contract.decode_events(receipt)]
