"""What breaks when."""

from __future__ import annotations

from dataclasses import dataclass

from p2p_cosim.core.types import Fault


@dataclass(frozen=True, slots=True)
class Schedule:
    """Faults of a run. A fault acts from its `start_tick` until before its `end_tick`."""

    faults: tuple[Fault, ...] = ()

    def starting(self, tick: int) -> tuple[Fault, ...]:
        """Faults that strike before delivery of this tick."""
        return tuple(fault for fault in self.faults if fault.start_tick == tick)

    def ending(self, tick: int) -> tuple[Fault, ...]:
        """Faults that are repaired before delivery of this tick."""
        return tuple(fault for fault in self.faults if fault.end_tick == tick)
