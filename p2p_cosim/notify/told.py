"""What people were told and what of it still stands, so that an all-clear can answer it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from p2p_cosim.core.types import Alert, Answer


@dataclass(slots=True)
class _Standing:
    tick: int
    element_kind: str
    element: str
    houses: int
    dark: set[str]


class Told:
    """Outages that were told and not cleared yet."""

    def __init__(self) -> None:
        self._notices: dict[str, _Standing] = {}
        self._of_house: dict[str, str] = {}

    def __contains__(self, house: str) -> bool:
        return house in self._of_house

    def notice_of(self, house: str) -> str:
        """Id of the notice that told the outage of this house. Raises KeyError without one."""
        return self._of_house[house]

    def add(self, alerts: Sequence[Alert]) -> None:
        """The outages of one notice have left."""
        first = alerts[0]
        names = {alert.house for alert in alerts}
        for house in names & self._of_house.keys():  # told twice without a return
            self._notices[self._of_house[house]].dark.discard(house)
        self._notices[first.notice_id] = _Standing(
            first.tick, first.element_kind, first.element, len(names), names
        )
        self._of_house |= dict.fromkeys(names, first.notice_id)

    def answered(self, alerts: Iterable[Alert]) -> list[Alert]:
        """All-clears that leave now, each with what it answers."""
        cleared = [(alert, self._of_house.pop(alert.house)) for alert in alerts]
        for alert, notice in cleared:
            self._notices[notice].dark.discard(alert.house)
        answered = [replace(alert, answers=self._answer(notice)) for alert, notice in cleared]
        for _, notice in cleared:
            if notice in self._notices and not self._notices[notice].dark:
                del self._notices[notice]
        return answered

    def _answer(self, notice: str) -> Answer:
        told = self._notices[notice]
        return Answer(
            notice, told.tick, told.element_kind, told.element, told.houses, len(told.dark)
        )
