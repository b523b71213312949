"""The seams. Everything above them knows these protocols and no concrete engine.

Each protocol has a conformance suite in tests/conformance that every implementation runs.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, runtime_checkable

from p2p_cosim.core.operator_protocols import (
    Controller,
    Detector,
    GridModel,
    InverterRule,
    Metering,
)
from p2p_cosim.core.trader_protocols import Forecaster, Strategy
from p2p_cosim.core.types import (
    Alert,
    Block,
    Delivery,
    Fault,
    FoundLog,
    GateClosure,
    GridState,
    HouseSite,
    Included,
    Injections,
    Ledger,
    Mined,
    Order,
    RatedElement,
    Reading,
    Receipt,
    RegulatorSite,
    SpotLoad,
    TapMove,
    TickRecord,
    Transaction,
)


@dataclass(frozen=True, slots=True)
class ChainCapabilities:
    """What a chain backend can do exactly.

    exact_gas: `gas_used` equals the protocol's. blocks: real blocks with hashes.
    signatures: transactions are signed and recovered. fork: EVM rule set by name.
    """

    exact_gas: bool
    blocks: bool
    signatures: bool
    fork: str


@runtime_checkable
class Chain(Protocol):
    """An EVM. Addresses are checksum hex strings; time is simulated, in Unix seconds."""

    @property
    def capabilities(self) -> ChainCapabilities:
        """What this backend does exactly."""
        ...

    @property
    def timestamp(self) -> int:
        """Timestamp of the block that is being built."""
        ...

    def account(self, label: str) -> str:
        """The address of a labelled account, created and funded at first use.

        The same label gives the same address on every backend.
        """
        ...

    def advance_to(self, timestamp: int) -> None:
        """Close the block being built and begin one with this (strictly later) timestamp.

        Raises ChainError if the timestamp is not later than the present one.
        """
        ...

    def transact_many(self, transactions: Sequence[Transaction]) -> list[Receipt]:
        """Execute in order in the block being built. A revert is a receipt with
        `status=False` and the revert data in `output`, never an exception."""
        ...

    def call(self, transaction: Transaction) -> tuple[bool, bytes]:
        """Execute without effect on the present state: success, and output or revert data."""
        ...

    def balance_wei(self, address: str) -> int:
        """Ether held by an address."""
        ...

    def snapshot(self) -> object:
        """An opaque token of the present state, block and time."""
        ...

    def revert(self, token: object) -> None:
        """Go back to a snapshot. A token may be used more than once."""
        ...

    def close(self) -> None:
        """Let go of a process or connection; the chain is of no use after. Harmless twice."""
        ...


@runtime_checkable
class Explorer(Protocol):
    """What a chain has done, by whomever, and a way in for those who are no agents of the run.

    It stands on transactions, receipts and blocks alone, and so beside any `Chain`. The newest
    block is the one that is being built. Hashes have 32 bytes.
    """

    @property
    def chain_id(self) -> int:
        """What signatures are bound to (EIP-155)."""
        ...

    @property
    def position(self) -> int:
        """How many transactions there are so far."""
        ...

    @property
    def turns(self) -> int:
        """How often the chain went back to a snapshot: positions from before are void then."""
        ...

    def included(self, start: int) -> Sequence[Included]:
        """All transactions from a position on, in block order.

        Raises ChainError if some of them are kept no more.
        """
        ...

    @property
    def head(self) -> int:
        """Number of the newest block."""
        ...

    def block(self, number: int) -> Block | None:
        """The block of a number, with its transactions; None if there is none."""
        ...

    def number_of(self, block_hash: bytes) -> int | None:
        """The number of the block with that hash."""
        ...

    def transaction(self, transaction_hash: bytes) -> Mined | None:
        """The transaction of that hash, with its receipt; None until it is in a block."""
        ...

    def logs(
        self,
        first: int,
        last: int,
        addresses: Collection[str] = (),
        topics: Sequence[Collection[bytes] | None] = (),
    ) -> Iterable[FoundLog]:
        """Logs of the blocks from first to last, in order.

        addresses: of the contracts that emitted them; empty for any. topics: for each place
        those that will do, None where any does; a log with fewer topics does not match.
        """
        ...

    def nonce(self, address: str) -> int:
        """How many transactions an address has sent."""
        ...

    def code(self, address: str) -> bytes:
        """The code at an address, empty if there is none."""
        ...

    def send_raw(self, raw: bytes) -> bytes:
        """Take a signed transaction for the next block, and return its hash.

        What came from outside stands first in the block, in the order in which it came; of one
        sender by nonce, and what is behind a gap of nonces waits. Raises ChainError, worded as
        wallets know it, for what is no transaction or not valid on this chain.
        """
        ...


@runtime_checkable
class Market(Protocol):
    """A round per interval: orders, clearing, settlement. Traders are named by label."""

    def deposit(self, amounts_wei: Mapping[str, int]) -> tuple[tuple[str, Receipt], ...]:
        """Open or top up internal balances from the traders' own accounts."""
        ...

    def close_gate(self, orders: Sequence[Order], timestamp: int) -> GateClosure:
        """Place all orders in arrival order and clear the round, in one block.

        Orders the market refuses come back as rejected placements with the reason. What
        others did in the market since the last settlement is told too, and what they did in
        the operator's place is taken as done.
        """
        ...

    def settle(self, readings: Sequence[Reading], timestamp: int) -> Delivery:
        """Settle imbalances of the cleared round with the utility and open the next."""
        ...

    def ledger(self) -> Ledger:
        """All accounts, also of those whom the scenario does not name, escrow and ether held."""
        ...


@runtime_checkable
class Grid(Protocol):
    """A distribution feeder with houses.

    Taps have one owner, decided when the grid is built: the caller through `set_tap`, or the
    grid's own regulator controls, which then move them within `solve`.
    """

    @property
    def houses(self) -> tuple[HouseSite, ...]:
        """Sites in the order of every house array."""
        ...

    @property
    def spot_loads(self) -> tuple[SpotLoad, ...]:
        """Published spot loads in the order of `GridState.spot_p_kw`."""
        ...

    @property
    def node_names(self) -> tuple[str, ...]:
        """`bus.phase` (`"671.A"`), in the order of `GridState.node_v_pu`."""
        ...

    @property
    def regulators(self) -> Mapping[str, str]:
        """Phase by regulator name, in the order of `GridState.taps`."""
        ...

    @property
    def rated_elements(self) -> tuple[RatedElement, ...]:
        """Lines and transformers in the order of `GridState.current_a`."""
        ...

    @property
    def regulator_sites(self) -> Mapping[str, RegulatorSite]:
        """Which houses each regulator serves and how, in the order of `GridState.taps`."""
        ...

    @property
    def taps(self) -> Mapping[str, int]:
        """Present tap by regulator name."""
        ...

    def dispatch(self, injections: Injections) -> None:
        """Set what every connection point draws. A house without supply draws nothing."""
        ...

    def set_tap(self, move: TapMove) -> None:
        """Move a regulator. Raises GridError for an unknown regulator or a tap beyond 16."""
        ...

    def solve(self) -> GridState:
        """One power flow. Raises DivergenceError if it does not converge or gives NaN."""
        ...

    def apply(self, fault: Fault) -> None:
        """Break something. Raises GridError for an unknown kind or place."""
        ...

    def clear(self, fault: Fault) -> None:
        """Repair it. The voltages return to the state before."""
        ...

    def transfer(self, house: str, to_tie: bool) -> None:
        """Throw a house's transfer switch: to its tie, or back to its own service drop.

        Never are both closed, whatever is broken. Raises GridError for a house without a tie.
        """
        ...


class Notifier(Protocol):
    """Tells people outside. It must never make a tick wait for anybody."""

    def notify(self, alerts: Sequence[Alert]) -> None:
        """Keep these for delivery, in order, and return at once."""
        ...

    def close(self) -> None:
        """The run is over, however it ended. What is not delivered yet is kept."""
        ...


class Recorder(Protocol):
    """Collects ticks and writes them out once."""

    @property
    def ticks(self) -> int:
        """Whole ticks recorded."""
        ...

    def record(self, record: TickRecord) -> None:
        """Keep one tick."""
        ...

    def write(self, status: str) -> Path:
        """Write everything recorded so far atomically and return the folder."""
        ...


__all__ = [
    "Chain",
    "ChainCapabilities",
    "Controller",
    "Detector",
    "Explorer",
    "Forecaster",
    "Grid",
    "GridModel",
    "InverterRule",
    "Market",
    "Metering",
    "Notifier",
    "Recorder",
    "Strategy",
]
