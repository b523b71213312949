"""The market as a contract on any chain. The chain holds all state; this follows its events.

Everything this module reports about rounds, trades and accounts comes from contract events, as
a DApp would read it. The contract is open to anybody, so that nothing here takes the operator's
transactions for the only ones: what others did in between is told, and if they did what the
operator was about to do, it is done.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from p2p_cosim.chain.contract import DEFAULT_GAS_LIMIT, Contract
from p2p_cosim.chain.explorer import OpenChain
from p2p_cosim.core.errors import InputError
from p2p_cosim.core.protocols import Chain
from p2p_cosim.core.types import Account, Delivery, GateClosure, Ledger, Order, Reading, Receipt
from p2p_cosim.market import records
from p2p_cosim.market.deployment import METER_ORACLE, OPERATOR, SURPLUS, UTILITY, deploy_market
from p2p_cosim.market.follower import Followed, Follower, Phase, Round, read_accounts
from p2p_cosim.market.meter_calls import registering, settling
from p2p_cosim.market.names import Names
from p2p_cosim.market.records import with_counter_entry
from p2p_cosim.market.relay import Relay
from p2p_cosim.market.rules import MarketRules
from p2p_cosim.market.submission import (
    CLEAR,
    PAYOUTS,
    Call,
    Sent,
    clearing_call,
    operator_call,
    unfit,
)
from p2p_cosim.market.ways import submission_of


class OnChainMarket:
    """`core.protocols.Market` over a deployed OpenMarket or SealedMarket contract.

    contract: on an open chain, so that what others send to it is seen.
    traders: labels of all who trade or are metered, without the utility. Others take part under
    their address; they have no meter, and so what they trade is settled against a reading of 0.
    submission: how orders reach the contract, one of `ways.SUBMISSIONS`.
    payouts: most orders that a transaction pays out; a larger round takes several.
    Transactions in the results are labelled by function and sender: `placeBid house_1`.

    Raises InputError for a submission that is unknown, or none of this contract's.
    """

    def __init__(
        self,
        contract: Contract,
        traders: Iterable[str],
        submission: str = "individual",
        payouts: int = PAYOUTS,
    ) -> None:
        self._chain = OpenChain.of(contract.chain)
        self.contract = contract.on(self._chain)
        self.payouts = payouts
        self.traders = tuple(traders)
        names = (*self.traders, UTILITY, SURPLUS)
        self.names = Names(
            {name: self._chain.account(name) for name in names},
            {role: self._chain.account(role) for role in (OPERATOR, METER_ORACLE)},
        )
        way_into = (self.contract, self.names.addresses, payouts, self._chain.chain_id)
        self._submission = submission_of(submission, *way_into)
        self.relay = Relay(self.contract)
        self._follower = Follower(self.contract, self._chain)
        self._receipts: list[tuple[str, Receipt]] = []  # to be told with the next gate closure
        self._set_up: list[tuple[str, Receipt]] = []  # to be told with the next deposit
        self._trades_told = 0
        self._closing = 0  # the round whose gate was closed last

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
            if name in (OPERATOR, METER_ORACLE, UTILITY, SURPLUS):
                raise InputError(f"trader {name!r} has the name of a role: rename it")
            if names.count(name) > 1:
                raise InputError(f"trader {name!r} occurs {names.count(name)} times: rename it")
        market = cls(deploy_market(OpenChain.of(chain), rules), names, submission, payouts)
        market.register_meters(dict.fromkeys(names, rules.max_energy_wh))
        return market

    def register_meters(self, limits_wh: Mapping[str, int]) -> None:
        """Have traders agree to a meter, and the oracle register it. limits_wh: most that a
        reading may be, either sign, by trader. Told with the next deposit."""
        self._read_on()
        meters = {name: (self.names.address(name), wh) for name, wh in limits_wh.items()}
        calls = registering(self.contract, self._chain.account(METER_ORACLE), meters)
        self.set_up("registerMeters", calls)

    def set_up(self, function: str, calls: Sequence[Call]) -> None:
        """Send what has to succeed before a round; told with the next deposit."""
        told = self._send(calls)
        for _, receipt in told:
            self._require_success(function, receipt)
        self._set_up += told

    # ------------------------------------------------------------------------------- the round

    def deposit(self, amounts_wei: Mapping[str, int]) -> tuple[tuple[str, Receipt], ...]:
        """Pay ether in from the traders' (or the utility's) own accounts, in one block.

        Raises ChainError if an account has not got the ether.
        """
        self._read_on()
        told = self._send(
            [
                Call(
                    f"deposit {name}",
                    self.contract.transaction(
                        "deposit", sender=self.names.address(name), value_wei=wei
                    ),
                )
                for name, wei in amounts_wei.items()
            ]
        )
        for _, receipt in told:
            self._require_success("deposit", receipt)
        set_up, self._set_up = self._set_up, []
        return (*set_up, *told)

    def close_gate(self, orders: Sequence[Order], timestamp: int) -> GateClosure:
        """Place all orders in order of arrival and clear the round, in one block; if they are
        sealed, in three.

        An order that the contract refuses is a rejected placement; so is one whose numbers
        do not fit the contract's types, which is not sent. Where somebody else has cleared the
        round before, the contract refuses them all. Raises InputError for an unknown trader,
        RevertError if the clearing itself reverts.
        """
        for order in orders:
            self.names.address(order.trader)
        self._chain.advance_to(timestamp)
        self._read_on()
        for begun in [*self._follower.delivered.values()]:  # by somebody else, who left it there
            while begun.phase is Phase.CLEARING:
                self._receipts += self._clear_on(begun)
        present, news = self._follower.round, self._follower.news
        self._receipts += self.relay.place(present.id, self._send)
        sent = [Sent(order, rejection=unfit(order)) for order in orders]
        fit = [each for each in sent if not each.rejection]
        for block in self._submission.blocks(fit, present, timestamp):
            if block.timestamp > timestamp:
                self._chain.advance_to(block.timestamp)
            self._receipts += self._send(block.calls)
        while present.phase in (Phase.OPEN, Phase.CLEARING):
            self._receipts += self._clear_on(present)
        self._closing = present.id
        self._trades_told = len(news.trades)
        receipts, self._receipts = tuple(self._receipts), []
        book = {i: entry for (round_id, i), entry in news.entries.items() if round_id == present.id}
        return GateClosure(
            round_id=present.id,
            placements=records.placements(sent, book, self.names.label),
            clearing=records.clearing(news.summaries, news.trades, self.names.label),
            receipts=receipts,
            gas_clear=news.gas_clear,
        )

    def settle(self, readings: Sequence[Reading], timestamp: int) -> Delivery:
        """Settle the round whose gate was closed last by these readings, in as many transactions
        as it takes, and end it; and end rounds of which others closed the gate.

        A reading beyond the trader's meter settles nothing: the contract leaves it out. Raises
        InputError for an unknown trader, RevertError if the contract refuses (no cleared round,
        delivery not over).
        """
        rows = [(self.names.address(reading.trader), reading.metered_wh) for reading in readings]
        self._chain.advance_to(timestamp)
        self._read_on()
        news = self._follower.news
        others = [i for i in self._follower.delivered if i != self._closing]
        calls = self._settling(self._closing, rows)
        calls += [call for round_id in others for call in self._settling(round_id, [])]
        receipts = [receipt for _, receipt in self._send(calls)]
        for receipt in receipts:
            self._require_success("settle", receipt)
        ledger = self.ledger()
        self._follower.start_afresh()
        return Delivery(
            tuple(
                records.settlement(e, ledger.accounts, self.names.label) for e in news.settlements
            ),
            tuple(receipts),
            ledger,
            tuple(
                records.trade(event, self.names.label) for event in news.trades[self._trades_told :]
            ),
        )

    def _settling(self, round_id: int, rows: list[tuple[str, int]]) -> list[Call]:
        """Transactions of the oracle; whoever has no meter took and gave nothing."""
        delivered = self._follower.delivered.get(round_id)
        strangers = delivered.positions_wh if delivered else ()
        rows = rows + [(address, 0) for address in strangers if address not in self.names]
        return settling(self.contract, self._chain.account(METER_ORACLE), round_id, rows)

    def ledger(self) -> Ledger:
        """Accounts of the traders, the utility and all whom events have named since the
        deployment, the escrow and the ether held."""
        self._read_on()
        money, totals = self._money(), self.contract.read.totals()
        paid_in: Counter[str] = Counter()
        for address, wei in self._follower.paid_in_wei.items():
            paid_in[self.names.label(address)] += wei
        # Of claims that were paid in part, what rounding has left between all of them.
        claims_wei = sum(max(0, account.open_wei) for account in money.values())
        return Ledger(
            accounts=with_counter_entry(self.names.summed(money.items())),
            # Asked of the contract, and not of its events, which the balances are held against.
            escrow_wei=self.contract.read.book().escrowWei
            + totals.lockedWei
            + totals.sealedWei
            + claims_wei
            - totals.claimsWei,
            contract_wei=self._chain.balance_wei(self.contract.address),
            paid_in_wei=dict(paid_in),
        )

    # --------------------------------------------------------------------------- transactions

    def _read_on(self) -> None:
        for followed in self._follower.read_on():
            self._receipts.append((self._label_of(followed), followed.receipt))

    def _send(self, calls: Sequence[Call]) -> list[tuple[str, Receipt]]:
        """Send, and learn what became of it and of what others sent meanwhile."""
        receipts = self._chain.transact_many([call.transaction for call in calls])
        own = {id(receipt): call for receipt, call in zip(receipts, calls, strict=True)}
        for followed in self._follower.read_on():
            if call := own.get(id(followed.receipt)):
                self._submission.learn(call, followed.receipt, followed.events)
            else:
                self._receipts.append((self._label_of(followed), followed.receipt))
        return [(call.label, receipt) for call, receipt in zip(calls, receipts, strict=True)]

    def _clear_on(self, present: Round) -> list[tuple[str, Receipt]]:
        """Bring a round that is not cleared on. Raises RevertError if that changes nothing."""
        before = (present.phase, present.paid_out)
        if present.begun is None:
            calls = [clearing_call(self.contract, present.id, present.orders, self.payouts)]
        else:
            args = (present.id, *present.begun, self.payouts)
            parts = range(present.paid_out, present.orders, self.payouts)
            part = replace(operator_call(self.contract, "clearNext", args), label=CLEAR)
            calls = [part for _ in parts]
        told = self._send(calls)
        if (present.phase, present.paid_out) == before:
            self._require_success("clear", told[0][1], calls[0].transaction.gas_limit)
        return told

    def _require_success(
        self, function: str, receipt: Receipt, gas_limit: int = DEFAULT_GAS_LIMIT
    ) -> None:
        if not receipt.status:
            raise self.contract.failure(function, receipt, gas_limit)

    # ----------------------------------------------------------------------- names and accounts

    def _money(self) -> dict[str, Account]:
        """Accounts by address; the contract keeps a position of zero for the utility."""
        known = self.names.accounts
        addresses = [*known, *(each for each in self._follower.addresses if each not in known)]
        found = zip(addresses, read_accounts(self.contract, addresses), strict=True)
        return {
            address: Account(money.balance, money.position, energy_wh)
            for address, (money, energy_wh) in found
        }

    def _label_of(self, followed: Followed) -> str:
        """Of a transaction that was not sent from here."""
        transaction = followed.included.transaction
        at_market = transaction.to == self.contract.address
        function = self.contract.function_of(transaction.data) if at_market else "through"
        return f"{function} {self.names.label(transaction.sender)}"
