"""Houses that people trade for: whose each is, and how it changes hands.

A house keeps its name in every table. What changes is the account behind its meter: the wallet
agrees to the meter on the chain, and when the round that is open then is settled, the oracle
registers the meter under the wallet's address, and the old account pays what it holds in for the
wallet (`depositFor`). Whoever gives a house back keeps his money; the agent goes on with as much
as the old account gave away, out of its own ether.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from p2p_cosim.core.types import Receipt, Transaction
from p2p_cosim.dapp.errors import ConflictError
from p2p_cosim.dapp.mandates import MandateRequest, Mandates
from p2p_cosim.market import OnChainMarket
from p2p_cosim.market.deployment import METER_ORACLE
from p2p_cosim.simulation import Simulation

Json = dict[str, object]
HAND = "hand"
"""The kind of an input that is a house in other hands."""

ALL_WEI = 2**88 - 1
"""A request of the contract's largest amount lets every later balance out without another."""

PATIENCE_TICKS = 3
"""So long a house waits for a wallet to agree to its meter."""


@dataclass(slots=True)
class Hand:
    """Somebody who trades for a house, or will.

    address: his wallet's. since: the tick whose gate was open when he asked. leads: whether the
    house is his by now. moved_wei: what the house's own account gave him.
    """

    address: str
    since: int
    leads: bool = False
    moved_wei: int = 0


class Hands:
    """Who trades for which house of a run.

    send: a transaction of one of the run's own accounts, which is noted for the replay. note:
    a house that changes hands (None for its agent). mandates: houses whose agents are bound.
    """

    def __init__(
        self,
        simulation: Simulation,
        send: Callable[[Transaction], Receipt],
        note: Callable[[str, str | None], None],
        mandates: Mandates,
    ) -> None:
        self._simulation = simulation
        self._market = market_of(simulation)
        self._send, self._note = send, note
        self._mandates = mandates
        self._hands: dict[str, Hand] = {}

    def people(self) -> list[Json]:
        """Everybody who trades for a house, or will, by house."""
        chain = self._simulation.chain
        return [
            {
                "house": house,
                "address": hand.address,
                "account": chain.account(house),
                "leads": hand.leads,
                "since": hand.since,
            }
            for house, hand in sorted(self._hands.items())
        ]

    def led(self) -> dict[str, str]:
        """Houses that are somebody's by now, with his address."""
        return {house: hand.address for house, hand in self._hands.items() if hand.leads}

    def take_over(self, house: str, address: str) -> None:
        """Have a wallet trade for a house from the next round on, if it agrees to the meter.

        Raises ConflictError for a house that there is not or that is somebody's already, and for
        a wallet that may not have it.
        """
        if not any(site.name == house for site in self._simulation.model.grid.houses):
            raise ConflictError(f"{house[:40]!r} is no house of this run: choose one of its houses")
        self._check_free(house, address)
        if self._mandates.holder(house):
            self._mandates.end(house)
        own = self._simulation.chain.account(house)
        self._call("requestWithdrawal", ALL_WEI, sender=own)
        self._hands[house] = Hand(address, self._simulation.tick)

    def give_back(self, house: str, address: str) -> None:
        """Let a house's agent trade for it again, at once. Raises ConflictError if the house is
        not that wallet's."""
        if self._mandates.holder(house) == address:
            self._mandates.end(house)
            return
        hand = self._hands.get(house)
        if hand is None or hand.address != address:
            raise ConflictError(f"{house} is not in the hands of {address}: nothing to give back")
        if hand.leads:
            own = self._simulation.chain.account(house)
            self._register(own, address)
            if hand.moved_wei:  # before the agent reads what it has
                self._call("deposit", sender=own, value_wei=hand.moved_wei)
            self._hand_over(house, None)
        del self._hands[house]

    def give_mandate(self, request: MandateRequest) -> None:
        """Bind a house's agent to limits. Raises ConflictError if somebody trades for the house."""
        if taken := self._hands.get(request.house):
            raise ConflictError(
                f"{request.house} is in the hands of {taken.address}: its agent does not trade"
            )
        self._mandates.give(request)

    def after_tick(self) -> None:
        """Between two ticks: houses whose wallets have agreed change hands, and what has come
        in for an old account goes on to the wallet."""
        for house, hand in [*self._hands.items()]:
            if not hand.leads and self._may_begin(hand):
                self._register(hand.address, self._simulation.chain.account(house))
                self._hand_over(house, hand.address)
                hand.leads = True
            elif not hand.leads and self._simulation.tick - hand.since >= PATIENCE_TICKS:
                del self._hands[house]
            if hand.leads:
                self._move_on(house, hand)

    def _may_begin(self, hand: Hand) -> bool:
        consent_wh: int = self._market.contract.read.meter(hand.address).consentWh
        return consent_wh >= self._limit_wh

    @property
    def _limit_wh(self) -> int:
        return self._simulation.scenario.market.max_order_wh

    def _register(self, address: str, instead_of: str) -> None:
        """Have the oracle register a meter, and take another away."""
        own = self._simulation.chain.labels
        oracle = self._simulation.chain.account(METER_ORACLE)
        if address in own:
            self._call("consentToMeter", self._limit_wh, sender=address)
        self._call("registerMeters", [instead_of], 0, sender=oracle)
        self._call("registerMeters", [address], self._limit_wh, sender=oracle)

    def _move_on(self, house: str, hand: Hand) -> None:
        """What the house's own account holds by now goes to the wallet."""
        own = self._simulation.chain.account(house)
        (money,), _ = self._market.contract.read.accounts([own])
        asked = self._market.contract.read.withdrawal(own)
        settled = self._market.contract.read.book().round - 1
        if money.balance == 0 or asked.afterRound > settled:
            return
        self._call("withdraw", money.balance, sender=own)
        self._call("depositFor", hand.address, sender=own, value_wei=money.balance)
        hand.moved_wei += money.balance

    def _hand_over(self, house: str, address: str | None) -> None:
        hand_over(self._simulation, house, address)
        self._note(house, address)

    def _call(self, function: str, *args: object, sender: str, value_wei: int = 0) -> None:
        contract = self._market.contract
        sent = contract.transaction(function, *args, sender=sender, value_wei=value_wei)
        receipt = self._send(sent)
        if not receipt.status:
            raise contract.failure(function, receipt)

    def _check_free(self, house: str, address: str) -> None:
        chain = self._simulation.chain
        holder = self._mandates.holder(house)
        if holder not in (None, address):
            raise ConflictError(f"{house} is taken by {holder}: choose another house")
        if taken := self._hands.get(house):
            raise ConflictError(f"{house} is taken by {taken.address}: choose another house")
        if held := [name for name, hand in self._hands.items() if hand.address == address]:
            raise ConflictError(f"{address} has {held[0]} already: give that back first")
        if address in chain.labels or address in self._market.names:
            raise ConflictError(f"{address} is an account of the run: use a wallet of your own")
        if self._simulation.done:
            raise ConflictError("all ticks are run: reset to begin again")


def hand_over(simulation: Simulation, house: str, address: str | None) -> None:
    """Let a house trade under a wallet's address, by hand; None gives it to its agent again.

    Raises InputError for an unknown house, and for an address that is another's.
    """
    market_of(simulation).names.bind(house, address)
    simulation.model.hand_over(house, by_hand=address is not None)


def market_of(simulation: Simulation) -> OnChainMarket:
    """The market that a run trades in."""
    market = simulation.model.market
    assert isinstance(market, OnChainMarket)  # noqa: S101 (`build` makes no other)
    return market
