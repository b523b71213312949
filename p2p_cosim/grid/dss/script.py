"""What is left of a DSS script for the engine, while it is read."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from p2p_cosim.grid.dss.statements import Statement
from p2p_cosim.grid.dss.switches import Switches


@dataclass(frozen=True, slots=True)
class Command:
    """A statement for the engine, and where it stands."""

    text: str
    where: str


@dataclass(slots=True)
class Script:
    """What is left of a script.

    commands: for the engine, without controls. controls: the controls. bases: options that set
    voltage bases. coordinates: statements that name files with bus coordinates. skipped: number
    of statements by what was left out and why. active: the element that was named last, which a
    continuation goes on with. switches: what holds something open. base_hz: base frequency.
    lasting: the commands that hold for what comes after a `Clear` too. curves_of_files: where
    curves stand whose values a file would give. curves: those whose number of points is known.
    """

    commands: list[Command] = field(default_factory=list)
    controls: list[Command] = field(default_factory=list)
    bases: list[Command] = field(default_factory=list)
    coordinates: list[Statement] = field(default_factory=list)
    skipped: Counter[str] = field(default_factory=Counter)
    active: Active | None = None
    switches: Switches = field(default_factory=Switches)
    base_hz: str = "60"
    lasting: list[Command] = field(default_factory=list)
    curves_of_files: dict[str, str] = field(default_factory=dict)
    curves: set[str] = field(default_factory=set)

    def cleared(self) -> Script:
        """What is left of it after a `Clear`."""
        lasting = list(self.lasting)
        return Script(commands=list(lasting), lasting=lasting, base_hz=self.base_hz)


@dataclass(frozen=True, slots=True)
class Active:
    """An element: its class, its own name, and the list that its commands go to, if any.

    copied: whether it was just made by `like=`.
    """

    kind: str
    own: str
    taken: list[Command] | None
    copied: bool = False
