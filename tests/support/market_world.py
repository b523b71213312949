"""A market contract on the default chain, for tests that talk to it function by function."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from p2p_cosim.chain.contract import Contract
from p2p_cosim.chain.generated import GeneratedChain
from p2p_cosim.core.protocols import Chain
from p2p_cosim.core.types import Event, Order, Receipt, Side, Tariff, Transaction
from p2p_cosim.market import MarketRules
from p2p_cosim.market.deployment import deploy_market

OPEN, CLEARING, CLEARED = range(3)  # IEnergyMarket.Phase
T0 = 1_750_000_000
TARIFF = Tariff(retail_wei_per_wh=30, feed_in_wei_per_wh=8)
RULES = MarketRules(TARIFF, max_price_wei_per_wh=100, max_energy_wh=1_000, grace_s=900)
PLACE = {Side.BID: "placeBid", Side.ASK: "placeAsk"}


class World:
    """One contract and the labelled accounts around it. Unknown names become accounts."""

    def __init__(self, rules: MarketRules = RULES, chain: Chain | None = None) -> None:
        self.chain = chain or GeneratedChain(timestamp=T0)
        self.tariff = rules.tariff
        self.contract: Contract = deploy_market(self.chain, rules)

    def address(self, name: str) -> str:
        return self.chain.account(name)

    def send(self, function: str, *args: object, by: str, value_wei: int = 0) -> list[Event]:
        """Events of a transaction; raises RevertError."""
        receipt = self.contract.transact(
            function, *args, sender=self.address(by), value_wei=value_wei
        )
        return list(self.contract.decode_events(receipt))

    def deposit(self, **amounts_wei: int) -> None:
        for name, wei in amounts_wei.items():
            self.send("deposit", by=name, value_wei=wei)

    def bid(self, trader: str, energy_wh: int, price: int) -> int:
        (event,) = self.send("placeBid", energy_wh, price, by=trader)
        return int(event.args["orderId"])

    def ask(self, trader: str, energy_wh: int, price: int) -> int:
        (event,) = self.send("placeAsk", energy_wh, price, by=trader)
        return int(event.args["orderId"])

    def placement(self, order: Order) -> Transaction:
        return self.contract.transaction(
            PLACE[order.side],
            order.energy_wh,
            order.price_wei_per_wh,
            sender=self.address(order.trader),
        )

    def clear(self, by: str = "operator") -> list[Event]:
        return self.send("clear", self.round_id, by=by)

    def clear_in_parts(self, orders: int, by: str = "operator") -> list[Event]:
        """Clear the round, this many orders paid out by a transaction; all their events."""
        round_id = self.round_id
        events = self.send("clearInParts", round_id, orders, by=by)
        begun = [event.args for event in events if event.name == "ClearingBegun"]
        while self.round.phase == CLEARING:
            book, pairs = begun[0]["book"], begun[0]["pairs"]
            events += self.send("clearNext", round_id, book, pairs, orders, by="stranger")
        return events

    def settle(self, by: str = "meter_oracle", **metered_wh: int) -> list[Event]:
        rows = [(self.address(name), wh) for name, wh in metered_wh.items()]
        return self.send("settle", self.round_id, rows, by=by)

    def wait(self, seconds: int) -> None:
        self.chain.advance_to(self.chain.timestamp + seconds)

    @property
    def round(self) -> Any:
        return self.contract.read.round()

    @property
    def round_id(self) -> int:
        return int(self.round.id)

    def accounts(self, names: Iterable[str]) -> dict[str, tuple[int, int, int]]:
        """Balance (wei), position (wei) and energy (Wh) by name."""
        names = list(names)
        money, energy = self.contract.read.accounts([self.address(name) for name in names])
        return {
            name: (m.balance, m.position, e.balanceWh)
            for name, m, e in zip(names, money, energy, strict=True)
        }

    def account(self, name: str) -> tuple[int, int, int]:
        return self.accounts([name])[name]

    @property
    def ether(self) -> int:
        return self.chain.balance_wei(self.contract.address)

    def events(self, receipts: Iterable[Receipt]) -> list[Event]:
        return [event for receipt in receipts for event in self.contract.decode_events(receipt)]
