"""One cause, one message: which houses of a tick are told in one notice.

An alarm that names an element covers the houses behind it. Houses reported one by one are
put together where everything behind one element is dark, because then that element has
failed, or something before it. Nothing else is guessed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from p2p_cosim.core.types import Alarm

HOUSE, SEVERAL = "house", "several"
ELEMENTS = ("feeder", "lateral", "phase", "transformer")
"""Kinds of places whose failure leaves the houses behind them dark."""
OPERATOR_MESSAGES, OPERATOR_WINDOW_S = 10, 600
"""Most messages to the operator in a time: an average alarm rate above 10 in 10 minutes is a
flood (ANSI/ISA-18.2-2016, 16.5; EEMUA 191)."""


@dataclass(frozen=True, slots=True)
class Element:
    """Something that can fail, and the houses that are dark then.

    kind: `transformer`, `lateral`, `phase` or `feeder`. name: as alarms name it; that of a
        phase is its letter, and behind a line `671-692.A`.
    """

    kind: str
    name: str
    houses: frozenset[str]


@dataclass(frozen=True, slots=True)
class Cause:
    """What one notice is about."""

    element_kind: str
    element: str


def named_cause(house: str, alarms: Iterable[Alarm], elements: Sequence[Element]) -> Cause | None:
    """The first alarm about an element that this house lies behind, as a cause.

    A place that is not among the elements is taken at its word.
    """
    for alarm in alarms:
        if alarm.place_kind in ELEMENTS and _covers(alarm, house, elements):
            return Cause(alarm.place_kind, alarm.place)
    return None


def causes_of(
    lost: Iterable[str], dark: frozenset[str], elements: Sequence[Element]
) -> dict[str, Cause]:
    """The cause of each newly dark house, by the widest element that is dark as a whole.

    lost: houses that went dark in this tick and whose alarm names nothing but them.
    dark: every house that is dark now. elements: from wide to narrow.
    """
    left = set(lost)
    found: dict[str, Cause] = {}
    for element in elements:
        behind = left & element.houses
        if len(behind) > 1 and element.houses <= dark:
            found |= dict.fromkeys(behind, Cause(element.kind, element.name))
            left -= behind
    return found | {house: Cause(HOUSE, house) for house in left}


def merged(groups: Mapping[Cause, Sequence[str]], most: int) -> dict[Cause, list[str]]:
    """At most so many groups: the smallest become one, which names every house of theirs."""
    kept = {cause: list(houses) for cause, houses in groups.items()}
    if len(kept) <= most:
        return kept
    by_size = sorted(kept, key=lambda cause: -len(kept[cause]))  # stable
    together = set(by_size[most - 1 :])
    rest = [house for cause in kept if cause in together for house in kept[cause]]
    return {cause: kept[cause] for cause in kept if cause not in together} | {
        Cause(SEVERAL, ""): rest
    }


def messages_a_tick(interval_s: int) -> int:
    """How many messages a tick may send to the operator, so that no ten minutes of simulated
    time hold more than ten; at least one."""
    ticks = -(-OPERATOR_WINDOW_S // interval_s)
    return max(1, OPERATOR_MESSAGES // ticks)


def shares(outages: int, all_clears: int, most: int) -> tuple[int, int]:
    """How many of a tick's messages go to outages and to all-clears; an all-clear waits where
    there is room for one message alone."""
    if outages + all_clears <= most:
        return outages, all_clears
    if most == 1:
        return (1, 0) if outages else (0, 1)
    clear = min(all_clears, max(1, most - outages))
    return most - clear if outages else 0, clear


def _covers(alarm: Alarm, house: str, elements: Sequence[Element]) -> bool:
    places = set(alarm.place) if alarm.place_kind == "phase" else set(alarm.place.split(","))
    known = [element for element in elements if element.name in places]
    return not known or any(house in element.houses for element in known)
