"""A simulation that is played with: steps, resets, and what comes in from outside.

Nothing here waits or runs at the same time as anything else; `dapp.player` has the clock and
the one thread that all of this is called in.
"""

from __future__ import annotations

import secrets
from pathlib import Path

from p2p_cosim import __version__
from p2p_cosim.agents.mandate import Terms
from p2p_cosim.chain.explorer import OpenChain
from p2p_cosim.chain.pool import RefusedTransactionError
from p2p_cosim.chain.rules import CHAIN_ID
from p2p_cosim.chain.signed import decode_signed
from p2p_cosim.chain.strangers import strangers_call
from p2p_cosim.chain.terms import ChainTerms, Past
from p2p_cosim.core.errors import CosimError, InputError
from p2p_cosim.core.types import OutsideInput, Receipt, Transaction
from p2p_cosim.dapp.classroom import Classroom, require_houses
from p2p_cosim.dapp.errors import ConflictError
from p2p_cosim.dapp.faucet import FAUCET_WEI, Asker, Faucet
from p2p_cosim.dapp.hands import HAND, Hands, market_of
from p2p_cosim.dapp.house_requests import TAKE_OVER, HouseRequest, Signed
from p2p_cosim.dapp.mandates import MANDATE, MandateRequest, Mandates, written
from p2p_cosim.dapp.operating import TAP, Operating
from p2p_cosim.dapp.rpc.service import RpcService
from p2p_cosim.dapp.signed_orders import (
    SIGNED_ORDER,
    SignedOrder,
    SignedOrders,
    words_as_text,
)
from p2p_cosim.dapp.typed import Domain
from p2p_cosim.market import OnChainMarket
from p2p_cosim.market.relay import SignedWords
from p2p_cosim.record import ParquetRecorder, RunInfo
from p2p_cosim.scenario import Scenario
from p2p_cosim.simulation import Simulation

FIRST_CHAIN_ID, CHAIN_IDS = 10**12, 10**12
"""Of served runs: ids that no public network or common node has, and that MetaMask takes."""


def drawn_chain_id() -> int:
    """A chain id that no other server has, so that nothing counts here that was signed for one:
    neither orders nor transactions, whose nonces begin at 0 again."""
    return FIRST_CHAIN_ID + secrets.randbelow(CHAIN_IDS)


def _chain_id_for(scenario: Scenario) -> int:
    """A node that somebody else has started has the chain id that every run asks for."""
    return CHAIN_ID if scenario.chain.backend == "jsonrpc" else drawn_chain_id()


class Session:
    """One scenario, run and reset as often as wanted.

    scenario: what to run. out: folder of results; a run is written when it ends, by a reset or
    with the session, and what came in stands beside it. chain_id: of the run's chain, which
    stays the same over resets; where none is given it is drawn, or the node's with the backend
    `jsonrpc`. It is kept with what came in. Raises InputError
    for a market with sealed orders. players: of a class, each of whom gets a house; 0 is no class.

    outside: what came in since the run began, in order. resets: how often it was reset. hands:
    houses that people trade for. classroom: None without a class. token: what a page that changes
    the run sends along. salt: of what wallets sign; both are new after every reset, and in no
    result.
    """

    def __init__(
        self, scenario: Scenario, out: Path, chain_id: int | None = None, players: int = 0
    ) -> None:
        _require_open(scenario)
        self.scenario = scenario
        self.chain_id = _chain_id_for(scenario) if chain_id is None else chain_id
        self.resets = 0
        self._out = out
        self._taken: set[bytes] = set()  # digests of signed orders, of all episodes
        self._begin(Past())
        self.classroom = Classroom(self.house_names, players) if players else None

    def _begin(self, past: Past) -> None:
        terms = ChainTerms(self.chain_id, kept=None, past=past)
        self.simulation = Simulation(self.scenario, out=self._out, terms=terms)
        self.failure: CosimError | None = None
        self.faucet = Faucet()
        opened: dict[str, object] = {"chain_id": self.chain_id, "first_block": past.first}
        if past.nonces:
            opened["nonces"] = {a: past.nonces[a] for a in sorted(past.nonces) if past.nonces[a]}
        self._opened = opened
        self.token = secrets.token_urlsafe(24)
        self.salt = secrets.token_bytes(32)
        self.mandates = Mandates(self.simulation, self._note_mandate)
        self.hands = Hands(self.simulation, self._send_own, self._note_hand, self.mandates)
        self.operating = Operating(self.simulation, self._note_tap)
        self.signed_orders = SignedOrders(self.chain, self.market, self._note_signed, self._taken)
        self._signed = Signed(Domain(self.chain_id, self.market.contract.address, self.salt))
        self.rpc = RpcService(self.chain, f"p2p_cosim/{__version__}", self.send_raw)

    @property
    def chain(self) -> OpenChain:
        """The run's own chain."""
        return self.simulation.chain

    @property
    def market(self) -> OnChainMarket:
        """The market that the run trades in."""
        return market_of(self.simulation)

    @property
    def info(self) -> RunInfo:
        """What the run is, and the names in its records."""
        recorder = self.simulation.model.parts.recorder
        assert isinstance(recorder, ParquetRecorder)  # noqa: S101 (`build` makes no other)
        return recorder.info

    @property
    def outside(self) -> tuple[OutsideInput, ...]:
        """What the run took from outside so far; empty if nothing did come in."""
        return self.simulation.outside

    @property
    def house_names(self) -> list[str]:
        """Of all houses, in the grid's order."""
        return [site.name for site in self.simulation.model.grid.houses]

    def step(self) -> None:
        """Run one tick. Raises ConflictError if there is none to run, and CosimError if it fails,
        after which only a reset helps.
        """
        self._require_goes_on()
        led = self._led_at_the_gate()
        try:
            self.simulation.step()
        except CosimError as error:
            self.failure = error
            raise
        self.operating.after_tick()
        if self.classroom and (record := self.simulation.last):
            tariff = self.info.tariffs[record.tick]
            self.classroom.count(record, led, tariff, (self.resets + 1, self.scenario.name))
        if not self.simulation.done:
            self.hands.after_tick()
            self.mandates.after_tick()

    def _led_at_the_gate(self) -> list[str]:
        """Houses that people lead. Of a class those stay with their agents whose players are not
        there and have sent nothing for the gate."""
        led = self.hands.led()
        for house in self.classroom.absent([*led]) if self.classroom else ():
            signed = {each["trader"] for each in self.signed_orders.waiting()}
            if led[house] not in signed and not self.chain.pool.of(led[house]):
                self.hands.give_back(house, led.pop(house))
        return [*led]

    def reset(self, scenario: Scenario | None = None) -> None:
        """Begin the run again, or another scenario. Block numbers and nonces go on, so that wallets
        stay usable.

        Raises InputError, before anything is lost, for a scenario that cannot be served, or has
        fewer houses than the class players.
        """
        if scenario is not None:
            _require_open(scenario)
            if self.classroom:
                houses = [f"house_{i + 1}" for i in range(scenario.houses.count)]
                require_houses(houses, len(self.classroom.seats))
        past = self.chain.past()
        self.close()
        self.resets += 1
        self.scenario = scenario or self.scenario
        self._begin(past)

    def send_raw(self, raw: bytes) -> bytes:
        """Take a signed transaction for the next gate closure; its hash.

        Raises ChainError, worded as wallets know it, and for one of the run's own accounts: their
        keys follow from their names, so that everybody has them.
        """
        if decode_signed(raw).sender in self.chain.labels:
            raise RefusedTransactionError(
                "sender is an account of the run: use a wallet of your own"
            )
        hash_ = self.chain.send_raw(raw)
        self._note("transaction", {"raw": "0x" + raw.hex()})
        return hash_

    def grant(self, address: str, asker: Asker | None = None) -> int:
        """Give an address the faucet's ether, in wei. Raises as `Faucet.require` does."""
        asker = asker or Asker()
        self.faucet.require(address, asker)
        self.chain.grant(address, FAUCET_WEI)
        self.faucet.note(address, asker)
        self._note("grant", {"address": address, "wei": str(FAUCET_WEI)})
        return FAUCET_WEI

    def decide(self, request: HouseRequest | MandateRequest) -> dict[str, object]:
        """Do what a wallet asks for a house; who trades for which by then, and how bound.

        Raises as `Signed.require` and the methods of `Hands` do.
        """
        if self.failure is not None:
            raise ConflictError(f"the run has failed ({self.failure}): reset it")
        self._signed.require(request, self.simulation.tick)
        if isinstance(request, MandateRequest):
            self.hands.give_mandate(request)
        elif request.action == TAKE_OVER:
            self.hands.take_over(request.house, request.address)
        else:
            self.hands.give_back(request.house, request.address)
        return {"people": self.hands.people(), "mandates": self.mandates.told()}

    def take_signed(self, order: SignedOrder) -> list[dict[str, object]]:
        """Take a signed order for the next gate; all that wait for it then.

        Raises as `SignedOrders.take` does, and ConflictError when nothing follows.
        """
        self._require_goes_on()
        self.signed_orders.take(order)
        return self.signed_orders.waiting()

    def _require_goes_on(self) -> None:
        if self.failure is not None:
            raise ConflictError(f"the run has failed ({self.failure}): reset it")
        if self.simulation.done:
            raise ConflictError("all ticks are run: reset to begin again")

    def close(self) -> None:
        """End the run and write what there is of it."""
        if self.simulation.tick:
            self.simulation.write()
        self.simulation.close()

    def _send_own(self, transaction: Transaction) -> Receipt:
        """Send for one of the run's own accounts, at once."""
        (receipt,) = self.chain.transact_many([transaction])
        self._note(*strangers_call(transaction, self.chain.labels))
        return receipt

    def _note_hand(self, house: str, address: str | None) -> None:
        self._note(HAND, {"house": house, "address": address})

    def _note_mandate(self, house: str, terms: Terms | None) -> None:
        self._note(MANDATE, written(house, terms))

    def _note_tap(self, regulator: str, tap: int) -> None:
        self._note(TAP, {"regulator": regulator, "tap": tap})

    def _note_signed(self, words: SignedWords) -> None:
        self._note(SIGNED_ORDER, {"words": words_as_text(words)})

    def _note(self, kind: str, payload: dict[str, object]) -> None:
        if not self.outside:
            self.simulation.took(OutsideInput(0, "chain", self._opened))
        self.simulation.took(OutsideInput(self.simulation.tick, kind, payload))


def _require_open(scenario: Scenario) -> None:
    if scenario.market.submission == "sealed":
        raise InputError(
            "market.submission sealed: pages and wallets of a served run order in the open, "
            "so choose individual, batched or signed, or run it without a server"
        )
