"""What every device behind a meter can be asked. Asking changes nothing."""

from __future__ import annotations

from typing import Protocol, Self

from p2p_cosim.core.types import Flexibility, Power, Step

LOAD = "load"
PV = "pv"
BATTERY = "battery"


class Device(Protocol):
    """Something behind the meter of a house, in one state.

    name: of its own in the house. kind: what it is, for tables: `load`, `pv`, `battery`, or a
    word of one's own. stored_wh: energy in it that it can give back; None if it stores nothing.

    works_unasked: whether it covers what the house needs and takes what it has over, also of
    what the house neither bought nor sold. Others move for a position in the market alone.

    A class that inherits from this one has to give these two, `expected_kw` and `draw`; the
    other answers are those of a device that stores nothing, may be switched off, could not
    give more than it does and is not moved by what the house bought or sold.
    """

    name: str
    kind: str
    stored_wh: float | None = None
    works_unasked: bool = False

    def expected_kw(self, step: Step) -> float:
        """What it expects to draw with an ordinary supply, if nobody tells it anything."""
        ...

    def essential_kw(self, step: Step) -> float:  # noqa: ARG002 (most have none)
        """What it still needs while the house has lost its own supply."""
        return 0.0

    def available_kw(self, step: Step) -> float:  # noqa: ARG002
        """The most that it can give from what it does not store: sun, wind."""
        return 0.0

    def range_kw(self, step: Step) -> tuple[float, float] | None:  # noqa: ARG002
        """Least and most that it can be told to draw with an ordinary supply; None if what the
        house bought or sold does not move it."""
        return None

    def outlook(self, horizon: int, interval_s: int) -> Flexibility | None:  # noqa: ARG002
        """What a strategy may know of it in the coming `horizon` intervals; None if it is no
        store."""
        return None

    def draw(self, step: Step, v_pu: float, told: Power | None = None) -> Power:
        """What it draws at a voltage, in pu of the nominal.

        told: its set-point; it comes as near as it can. None lets it do as it would.
        """
        ...

    def after(self, power: Power, seconds: float) -> Self:  # noqa: ARG002
        """The device after it has drawn this for so many seconds."""
        return self
