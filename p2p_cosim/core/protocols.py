"""The seams. Everything above them knows these protocols and no concrete engine.

Each protocol has a conformance suite in tests/conformance that every implementation runs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol, runtime_checkable

from p2p_cosim.core.chain_protocols import Chain, ChainCapabilities, Explorer
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
    Delivery,
    Fault,
    GateClosure,
    GridState,
    HouseSite,
    Injections,
    Ledger,
    Order,
    RatedElement,
    Reading,
    Receipt,
    RegulatorSite,
    SpotLoad,
    TapMove,
    TickRecord,
)


@runtime_checkable
class Market(Protocol):
    """A round per interval: orders, clearing, settlement. Traders are named by label."""

    def deposit(self, amounts_wei: Mapping[str, int]) -> tuple[tuple[str, Receipt], ...]:
        """Open or top up internal balances from the traders' own accounts."""
        ...

    def close_gate(self, orders: Sequence[Order], timestamp: int) -> GateClosure:
        """Place all orders in arrival order and clear the round, in one block.

        timestamp: of the block, in Unix seconds.

        Orders the market refuses come back as rejected placements with the reason. What
        others did in the market since the last settlement is told too, and what they did in
        the operator's place is taken as done.
        """
        ...

    def settle(self, readings: Sequence[Reading], timestamp: int) -> Delivery:
        """Settle imbalances of the cleared round with the utility and open the next.

        timestamp: Unix seconds; the interval's last second or later, and before the next gate.
        """
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
