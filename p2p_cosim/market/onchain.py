"""The market as a contract on any chain. The chain holds all state; this holds none.

Everything this module reports about trades comes from contract events, as a DApp would
read it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from p2p_cosim.chain.contract import Contract
from p2p_cosim.core.errors import InputError
from p2p_cosim.core.protocols import Chain
from p2p_cosim.core.types import (
    Account,
    Clearing,
    Delivery,
    Event,
    GateClosure,
    Ledger,
    Order,
    Placement,
    Reading,
    Receipt,
    Settlement,
    Trade,
)
from p2p_cosim.market.deployment import METER_ORACLE, OPERATOR, UTILITY, deploy_market
from p2p_cosim.market.rules import ENERGY_BITS, PRICE_BITS, MarketRules
from p2p_cosim.market.submission import PAYOUTS, submission_of


class OnChainMarket:
    """`core.protocols.Market` over a deployed EnergyMarket contract.

    traders: labels of all who trade or are metered, without the utility.
    submission: how orders reach the contract, one of `submission.SUBMISSIONS`.
    payouts: most orders that a transaction pays out; a larger round takes several.
    Transactions in the results are labelled by function and sender: `placeBid house_1`.
    """

    def __init__(
        self,
        contract: Contract,
        traders: Iterable[str],
        submission: str = "individual",
        payouts: int = PAYOUTS,
    ) -> None:
        self.contract = contract
        self.payouts = payouts
        self.traders = tuple(traders)
        self._chain = contract.chain
        self._addresses = {name: self._chain.account(name) for name in (*self.traders, UTILITY)}
        self._labels = {address: name for name, address in self._addresses.items()}
        self._submission = submission_of(submission, contract, self._addresses, payouts)

    def __repr__(self) -> str:
        return f"OnChainMarket({self.contract.address}, {len(self.traders)} traders)"

    @classmethod
    def deploy(
        cls,
        chain: Chain,
        rules: MarketRules,
        traders: Iterable[str],
        submission: str = "individual",
        payouts: int = PAYOUTS,
    ) -> OnChainMarket:
        """Deploy the contracts for these traders.

        Raises InputError if a trader's name is taken or occurs twice or the mechanism or
        submission is unknown, and RevertError (InvalidConfig, WeightAboveMaximum) if the
        rules do not fit.
        """
        names = tuple(traders)
        for name in names:
            if name in (OPERATOR, METER_ORACLE, UTILITY):
                raise InputError(f"trader {name!r} has the name of a role: rename it")
            if names.count(name) > 1:
                raise InputError(f"trader {name!r} occurs {names.count(name)} times: rename it")
        return cls(deploy_market(chain, rules), names, submission, payouts)

    def deposit(self, amounts_wei: Mapping[str, int]) -> tuple[tuple[str, Receipt], ...]:
        """Pay ether in from the traders' (or the utility's) own accounts, in one block.

        Raises ChainError if an account has not got the ether.
        """
        receipts = self._chain.transact_many(
            [
                self.contract.transaction("deposit", sender=self._address(name), value_wei=wei)
                for name, wei in amounts_wei.items()
            ]
        )
        for receipt in receipts:
            self._require_success("deposit", receipt)
        return tuple(
            (f"deposit {name}", receipt)
            for name, receipt in zip(amounts_wei, receipts, strict=True)
        )

    def close_gate(self, orders: Sequence[Order], timestamp: int) -> GateClosure:
        """Place all orders in order of arrival and clear the round, in one block.

        An order that the contract refuses is a rejected placement; so is one whose numbers
        do not fit the contract's types, which is not sent. Raises InputError for an unknown
        trader, RevertError if the clearing itself reverts.
        """
        self._chain.advance_to(timestamp)
        present = self.contract.read.round()
        unfit = [_unfit(order) for order in orders]
        sent = [order for order, reason in zip(orders, unfit, strict=True) if not reason]
        for order in sent:
            self._address(order.trader)
        calls = self._submission.calls(sent, present, timestamp)
        receipts = self._chain.transact_many([transaction for _, transaction in calls])
        self._require_success("clear", receipts[-1])
        events = self.contract.decode_events(receipts[-1])
        parts = self._pay_out(present.id, events)
        outcomes = iter(self._submission.outcomes(sent, receipts))
        filled_wh = _filled_wh(events)
        return GateClosure(
            round_id=present.id,
            placements=tuple(
                Placement(order, None, reason)
                if reason
                else _placement(order, *next(outcomes), filled_wh)
                for order, reason in zip(orders, unfit, strict=True)
            ),
            clearing=self._clearing(events),
            receipts=(
                *((label, receipt) for (label, _), receipt in zip(calls, receipts, strict=True)),
                *((f"clear {OPERATOR}", receipt) for receipt in parts),
            ),
            gas_clear=sum(receipt.gas_used for receipt in (receipts[-1], *parts)),
        )

    def _pay_out(self, round_id: int, events: Iterable[Event]) -> list[Receipt]:
        """Pay out a round that is `Clearing`, part by part; an empty book needs no part."""
        begun = [event.args for event in events if event.name == "ClearingBegun"]
        if not begun:
            return []
        book, pairs = begun[0]["book"], begun[0]["pairs"]
        orders = len(book) if isinstance(book, tuple) else 0
        receipts = self._chain.transact_many(
            [
                self.contract.transaction(
                    "clearNext",
                    *(round_id, book, pairs, self.payouts),
                    sender=self._chain.account(OPERATOR),
                )
                for _ in range(0, orders, self.payouts)
            ]
        )
        for receipt in receipts:
            self._require_success("clearNext", receipt)
        return receipts

    def settle(self, readings: Sequence[Reading], timestamp: int) -> Delivery:
        """Settle the cleared round by these readings and open the next one.

        Raises InputError for an unknown trader, RevertError if the contract refuses (a
        reading out of range or repeated, no cleared round).
        """
        self._chain.advance_to(timestamp)
        round_id = self.contract.read.round().id
        rows = [(self._address(reading.trader), reading.metered_wh) for reading in readings]
        receipt = self.contract.transact(
            "settle", round_id, rows, sender=self._chain.account(METER_ORACLE)
        )
        ledger = self.ledger()
        settlements = tuple(
            self._settlement(event, ledger.accounts)
            for event in self.contract.decode_events(receipt)
            if event.name == "ImbalanceSettled"
        )
        return Delivery(settlements, receipt, ledger)

    def ledger(self) -> Ledger:
        """Accounts of all traders and the utility, the escrow and the ether held."""
        return Ledger(
            accounts=self._accounts(),
            escrow_wei=self.contract.read.round().escrow,
            contract_wei=self._chain.balance_wei(self.contract.address),
        )

    def _accounts(self) -> dict[str, Account]:
        money, energy = self.contract.read.accounts(list(self._addresses.values()))
        return {
            name: Account(m.balance, m.position, e.balanceWh)
            for name, m, e in zip(self._addresses, money, energy, strict=True)
        }

    def _clearing(self, events: Iterable[Event]) -> Clearing:
        trades = []
        for event in events:
            if event.name == "TradeCleared":
                energy_wh, price = _int(event, "energy"), _int(event, "buyPrice")
                budget_surplus_wei = energy_wh * (price - _int(event, "sellPrice"))
                buyer, seller = self._label(event, "buyer"), self._label(event, "seller")
                trades.append(Trade(buyer, seller, energy_wh, price, budget_surplus_wei))
            elif event.name == "RoundCleared":
                summary = event
        return Clearing(
            price_wei_per_wh=_int(summary, "price") if trades else None,
            energy_wh=_int(summary, "energy"),
            welfare_wei=_int(summary, "welfareWei"),
            trades=tuple(trades),
            budget_surplus_wei=_int(summary, "surplusWei"),
        )

    def _settlement(self, event: Event, accounts: Mapping[str, Account]) -> Settlement:
        trader = self._label(event, "trader")
        metered_wh, imbalance_wh = _int(event, "meteredWh"), _int(event, "imbalanceWh")
        return Settlement(
            trader=trader,
            contracted_wh=metered_wh - imbalance_wh,
            metered_wh=metered_wh,
            imbalance_wh=imbalance_wh,
            charge_wei=_int(event, "chargeWei"),
            open_wei=accounts[trader].open_wei,
        )

    def _address(self, trader: str) -> str:
        try:
            return self._addresses[trader]
        except KeyError:
            raise InputError(
                f"{trader!r} is no trader of this market: name it in `deploy(traders=...)`"
            ) from None

    def _label(self, event: Event, argument: str) -> str:
        address = str(event.args[argument])
        return self._labels.get(address, address)  # others may trade in the same contract

    def _require_success(self, function: str, receipt: Receipt) -> None:
        if not receipt.status:
            raise self.contract.revert_error(function, receipt.output)


def _unfit(order: Order) -> str:
    """Why the contract's integer types cannot hold an order, or ""."""
    if not 0 <= order.energy_wh < 2**ENERGY_BITS:
        return f"DoesNotFit(energy_wh={order.energy_wh}, bits={ENERGY_BITS})"
    if not 0 <= order.price_wei_per_wh < 2**PRICE_BITS:
        return f"DoesNotFit(price_wei_per_wh={order.price_wei_per_wh}, bits={PRICE_BITS})"
    return ""


def _placement(
    order: Order, order_id: int | None, reason: str, filled_wh: Mapping[int, int]
) -> Placement:
    filled = 0 if order_id is None else filled_wh.get(order_id, 0)
    return Placement(order, order_id, reason, filled)


def _filled_wh(events: Iterable[Event]) -> Counter[int]:
    """Energy traded by order id."""
    filled: Counter[int] = Counter()
    for event in events:
        if event.name == "TradeCleared":
            filled[_int(event, "bidId")] += _int(event, "energy")
            filled[_int(event, "askId")] += _int(event, "energy")
    return filled


def _int(event: Event, argument: str) -> int:
    value = event.args[argument]
    if not isinstance(value, int):
        raise TypeError(f"{event.name}.{argument} is {value!r}: expected an integer")
    return value
