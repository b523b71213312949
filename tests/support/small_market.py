"""A market contract for millions of small rounds: each transaction made once, each step undone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b

from market_world import PLACE, RING, T0, World
from small_worlds import Choice, Silent, Way

from p2p_cosim.chain.generated import GeneratedChain
from p2p_cosim.chain.generated.state import Account
from p2p_cosim.core.types import Transaction
from p2p_cosim.market import MarketRules


@dataclass(frozen=True)
class Ends:
    """What the contract answers after a round: balance, position and energy by name, and how far
    its money is from what was paid in (wei)."""

    accounts: dict[str, tuple[int, int, int]]
    claims_wei: int
    astray_wei: int


class SmallMarket:
    """Steps of a round from any state that an earlier step gave; `start` is the first.

    A state is a snapshot of the chain, to which a step goes back before it is made. All accounts
    have meters.
    """

    def __init__(self, rules: MarketRules, names: Sequence[str]) -> None:
        self.names = tuple(names)
        self.chain = GeneratedChain(timestamp=T0)
        self.world = World(rules, self.chain)
        self.world.register(*names)
        self._made: dict[object, Transaction] = {}
        self._gate = self.world.gate(1)
        self._market = int(self.world.contract.address, 16)
        self._code = blake2b(self._account.code).digest()
        self._everybody = (*names, "utility", "surplus")
        self.start = self.chain.snapshot()

    def digest(self) -> bytes:
        """Tells the present state by the code and every slot of the market. From two that are alike
        all goes on alike until a rule clears, be it another one: rules keep nothing."""
        slots = repr(sorted(self._account.storage.items())).encode()
        return blake2b(self._code + slots, digest_size=20).digest()

    def place(self, state: object, name: str, choice: Choice, round_id: int) -> tuple[bool, ...]:
        """Pay in and order; whether each order was taken."""
        self.chain.revert(state)
        if choice.deposit_wei:
            self._send(name, "deposit", value_wei=choice.deposit_wei)
        return tuple(
            self._try(
                name,
                PLACE[order.side],
                round_id,
                order.energy_wh,
                order.price_wei_per_wh,
            )
            for order in choice.orders
        )

    def clear(self, state: object, round_id: int) -> None:
        """At the gate."""
        self.chain.revert(state)
        self._clear(round_id)

    def settle(self, state: object, round_id: int, way: Way, traded: Sequence[str]) -> None:
        """Tell what meters told, and end the round. Who is not read, of those that traded, is
        settled when the window for readings is over, and then claims are paid once more."""
        self.chain.revert(state)
        told = dict(zip(self.names, way, strict=True))
        for name in self.names:
            if told[name] in (Silent.GONE, Silent.NEITHER):
                self._send("meter_oracle", "registerMeters", (self.world.address(name),), 0)
        rows = tuple(
            (self.world.address(name), 0 if wh is Silent.GONE else wh)
            for name, wh in told.items()
            if wh not in (Silent.UNREAD, Silent.NEITHER)
        )
        self.world.until(self._gate_of(round_id + 1) - 1)
        self._send("meter_oracle", "settle", round_id, rows, True)
        unread = [name for name in traded if told[name] in (Silent.UNREAD, Silent.NEITHER)]
        if not unread:
            return
        for later in range(1, RING + 1):
            self._clear(round_id + later)
        for name in unread:
            self._send(name, "release", self.world.address(name), round_id)
        self._send("operator", "payClaims")

    def ends(self, paid_in_wei: int) -> Ends:
        """Where everybody stands, in a market into which so much was paid."""
        accounts, totals = self.world.accounts(self._everybody), self.world.totals
        balances = sum(balance for balance, _, _ in accounts.values())
        claims = sum(max(0, position) for _, position, _ in accounts.values())
        # Claims paid in part are rounded, and what that leaves is nobody's until they are paid.
        there = balances + totals.lockedWei + claims - totals.claimsWei
        astray = abs(paid_in_wei - totals.heldWei) + abs(paid_in_wei - there)
        return Ends(accounts, totals.claimsWei, astray + abs(self.world.ether - paid_in_wei))

    @property
    def _account(self) -> Account:
        # No answer of the contract tells all that it keeps.
        return self.chain._world[self._market]

    def _gate_of(self, round_id: int) -> int:
        return self._gate + (round_id - 1) * self.world.rules.interval_s

    def _clear(self, round_id: int) -> None:
        self.world.until(self._gate_of(round_id))
        self._send("operator", "clear", round_id)

    def _send(self, by: str, function: str, *args: object, value_wei: int = 0) -> None:
        if not self._try(by, function, *args, value_wei=value_wei):
            raise AssertionError(f"{function}{args} by {by} failed")

    def _try(self, by: str, function: str, *args: object, value_wei: int = 0) -> bool:
        call = (by, function, args, value_wei)
        if call not in self._made:
            self._made[call] = self.world.contract.transaction(
                function, *args, sender=self.world.address(by), value_wei=value_wei
            )
        (receipt,) = self.chain.transact_many([self._made[call]])
        return bool(receipt.status)
