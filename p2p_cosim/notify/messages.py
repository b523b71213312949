"""The words that people read. Plain text: escaping is the business of the transport."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import groupby
from urllib.parse import quote

from p2p_cosim.core.clock import Clock
from p2p_cosim.core.types import Alert, AlertKind, Answer, Feed

SUBSTATION = "substation"
TEXT_LIMIT = 4096
"""Telegram's, in characters of one message."""
_NAMED_IN_FULL = 100  # houses; more are told as ranges of their numbers
_ANSWERS_IN_FULL = 3
_LONGEST_PLACE = 200  # of an element in a link; longer ones are many transformers
_ELEMENTS = {
    "transformer": "transformer {}",
    "lateral": "line {}",
    "phase": "phase {}",
    "feeder": "the head of the feeder",
}
_NUMBERED = re.compile(r"(.*_)(\d+)")


def display_name(name: str) -> str:
    """`house_1` as people read it: `House 1`. A name in that form already stays as it is."""
    spaced = name.replace("_", " ")
    return spaced[:1].upper() + spaced[1:]


def to_substation(alerts: Sequence[Alert], clock: Clock, operator_url: str | None = None) -> str:
    """What the people who repair are told by one notice. Every house is named.

    operator_url: where they acknowledge and shelve the alarm; without one they are told no link.
    """
    first = alerts[0]
    if first.kind is AlertKind.RESTORED:
        return _cut(_all_clear(alerts, clock))
    if len(alerts) == 1:
        where = display_name(first.house)
    elif first.element_kind == "several":
        where = f"{len(alerts)} houses in different places: {_names(alerts)}"
    else:
        where = (
            f"{_element(first.element_kind, first.element)}, or behind it. {len(alerts)} houses "
            f"are without supply: {_names(alerts)}"
        )
    text = f"Alert: A fault has been detected at {where}. Please initiate rectification procedures."
    if operator_url is None:
        return _cut(text)
    link = f" Acknowledge or shelve the alarm: {_operator_link(first, operator_url)}"
    return _cut(text, TEXT_LIMIT - len(link)) + link


def to_homeowner(alert: Alert, dapp_url: str) -> str:
    """What the people in the house are told."""
    if alert.kind is AlertKind.RESTORED:
        return "All clear: your house has supply again."
    return _cut(f"A fault has been detected at your house. {_way_out(alert, dapp_url)}")


def _all_clear(alerts: Sequence[Alert], clock: Clock) -> str:
    if len(alerts) == 1:
        text = f"All clear: {display_name(alerts[0].house)} has supply again."
    else:
        text = f"All clear: {len(alerts)} houses have supply again: {_names(alerts)}."
    answers = list(dict.fromkeys(alert.answers for alert in alerts if alert.answers))
    # Of one notice the newest count stands: the houses of one all-clear are cleared together.
    if len(alerts) == 1 and all(answer.houses == 1 for answer in answers):
        return text  # it names the one house that its alert named
    if len(answers) > _ANSWERS_IN_FULL:
        ticks = sorted(answer.tick for answer in answers)
        return (
            f"{text} This answers {len(answers)} alerts, of {_time(clock, ticks[0])} to "
            f"{_time(clock, ticks[-1])}."
        )
    return " ".join([text, *(_answered(answer, clock) for answer in answers)])


def _answered(answer: Answer, clock: Clock) -> str:
    where = _element(answer.element_kind, answer.element)
    place = f" at {where}" if where else ""
    left = f"{answer.still_dark} of its {answer.houses} houses are still without supply"
    if not answer.still_dark:
        left = "no house of it is without supply any more"
    return f"This answers the alert of {_time(clock, answer.tick)}{place}; {left}."


def _time(clock: Clock, tick: int) -> str:
    return clock.time(tick + 1).strftime("%Y-%m-%d %H:%M")


def _element(kind: str, name: str) -> str:
    if kind == "house":
        return display_name(name)
    if kind == "phase" and "." in name:
        line, phase = name.rsplit(".", 1)
        return f"phase {phase} of line {line}"
    names = name.split(",")
    if kind == "lateral" and len(names) > 1:  # groups that a detector knows by transformer
        return f"what feeds the transformers {_listed([display_name(one) for one in names])}"
    shown = display_name(name) if kind == "transformer" else name
    return _ELEMENTS.get(kind, "").format(shown)


def _names(alerts: Sequence[Alert]) -> str:
    """`House 1, House 2 and House 5`; of very many `House 1-2, 5`, which is as exact."""
    houses = [alert.house for alert in alerts]
    if len(houses) <= _NAMED_IN_FULL:
        return _listed([display_name(house) for house in houses])
    numbered = [match for house in houses if (match := _NUMBERED.fullmatch(house))]
    if len(numbered) < len(houses) or len({match[1] for match in numbered}) > 1:
        return _listed([display_name(house) for house in houses])
    numbers = sorted({int(match[2]) for match in numbered})
    runs = [
        [number for _, number in run]
        for _, run in groupby(enumerate(numbers), lambda pair: pair[1] - pair[0])
    ]
    ranges = [f"{run[0]}-{run[-1]}" if len(run) > 1 else str(run[0]) for run in runs]
    return f"{display_name(numbered[0][1]).strip()} {', '.join(ranges)}"


def _link(alert: Alert, dapp_url: str) -> str:
    """The link with the house, and the tick in which it can be helped first."""
    return dapp_url.replace("{house}", alert.house).replace("{tick}", str(alert.tick + 1))


def _operator_link(alert: Alert, operator_url: str) -> str:
    """The link with what the alarm is about, and its tick."""
    named = alert.element_kind not in ("several", "") and len(alert.element) <= _LONGEST_PLACE
    place = quote(alert.element if named and alert.element else alert.house, safe="")
    return operator_url.replace("{place}", place).replace("{tick}", str(alert.tick))


def _way_out(alert: Alert, dapp_url: str) -> str:
    if alert.path is Feed.BATTERY:
        return "Your battery supplies it as long as it lasts."
    if alert.path is not Feed.TIE:
        return "No backup path can supply it: it stays without power until the repair."
    if not alert.sellers:
        return (
            "Nobody can sell you backup power at the moment; new offers appear on our trading "
            f"platform: {_link(alert, dapp_url)}."
        )
    link = _link(alert, dapp_url)
    sellers = _listed([display_name(seller) for seller in alert.sellers], "or")
    return f"You can buy backup power from {sellers} on our trading platform: {link}."


def _listed(names: Sequence[str], word: str = "and") -> str:
    """`A`, `A or B`, `A, B or C`."""
    *first, last = names
    return f"{', '.join(first)} {word} {last}" if first else last


def _cut(text: str, limit: int = TEXT_LIMIT) -> str:
    """Never longer than a message may be: half a sentence tells more than none."""
    return text if len(text) <= limit else f"{text[: limit - 4]} ..."
