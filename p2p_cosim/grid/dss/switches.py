"""Switch controls and protection: they do not act here, but what they hold open is open.

The engine opens what `State`, `Action` or `Normal` say in its first solve with controls; the last
one given counts. A relay does not heed `Normal`, and a locked switch control neither that nor
`Action`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from p2p_cosim.grid.dss.vocabulary import POWER_CLASSES
from p2p_cosim.grid.dss.words import Word

SWITCH_CLASSES = ("swtcontrol", "fuse", "relay", "recloser")
_FIRST = {
    "swtcontrol": ("switchedobj", "switchedterm", "action", "lock"),
    "fuse": ("monitoredobj", "monitoredterm", "switchedobj", "switchedterm"),
}
"""Properties by position; those of a fuse are also the relay's and the recloser's."""
_READ = (*_FIRST["fuse"], "action", "normal", "state", "lock", "enabled", "like")
_LEAST_ABBREVIATION = 3
_YES = ("y", "t")


@dataclass(frozen=True, slots=True)
class _Switch:
    given: dict[str, str] = field(default_factory=dict)
    states: tuple[str, ...] = ()
    where: str = ""


class Switches:
    """What the switch controls and protective devices of a script have been told."""

    def __init__(self) -> None:
        self._switches: dict[tuple[str, str], _Switch] = {}

    def take(self, kind: str, name: str, found: Sequence[Word], where: str) -> None:
        """Properties of one device, from its first statement or a later one."""
        key = (kind, name.lower())
        switch = self._switches.get(key, _Switch())
        given = dict(_named(kind, found))
        if like := self._switches.get((kind, given.get("like", "").lower())):
            switch = like
        heeded = ["state"] if kind == "relay" else ["normal", "state"]
        for told, value in given.items():
            if told in ("action", *heeded):
                states = tuple(state[:1].lower() for state in re.split(r"[\s,]+", value) if state)
                switch = replace(switch, states=states)
        self._switches[key] = replace(switch, given=switch.given | given, where=where)

    def opened(self) -> Iterator[tuple[str, str]]:
        """Commands that open what stays open, each with where it was told."""
        for switch in self._switches.values():
            given = switch.given
            thing = given.get("switchedobj") or given.get("monitoredobj", "")
            is_off = given.get("enabled", "yes")[:1].lower() not in _YES
            is_locked = given.get("lock", "no")[:1].lower() in _YES and "state" not in given
            if not thing or is_off or is_locked:
                continue
            terminal = given.get("switchedterm") or given.get("monitoredterm") or "1"
            open_ = [number for number, s in enumerate(switch.states, start=1) if s in ("o", "t")]
            if open_ and thing.partition(".")[0].lower() in POWER_CLASSES:
                yield f'edit "{thing}" enabled=no', switch.where
            elif open_ and len(switch.states) == 1:
                yield f'open "{thing}" {terminal}', switch.where
            else:
                yield from ((f'open "{thing}" {terminal} {n}', switch.where) for n in open_)


def _named(kind: str, found: Sequence[Word]) -> Iterator[tuple[str, str]]:
    """Properties that matter, written out; those without a name go by position."""
    by_position = _FIRST.get(kind, _FIRST["fuse"])
    for position, word in enumerate(found):
        if not word.name:
            if position < len(by_position):
                yield by_position[position], word.value
        elif word.name in _READ:
            yield word.name, word.value
        elif len(word.name) >= _LEAST_ABBREVIATION:
            for name in _READ:
                if name.startswith(word.name):
                    yield name, word.value
                    break
