"""A normally open second feed of a house."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Tie:
    """What other devices draw flows through it while it is closed; it draws nothing itself.

    power_kw: most that may flow through it to the house. end: the service transformer there.
    """

    power_kw: float
    end: str

    def carries_kw(self, wanted_kw: float) -> float:
        """What flows through it of what is wanted: towards the house alone."""
        return max(0.0, min(self.power_kw, wanted_kw))
