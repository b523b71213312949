"""Notifiers: nobody is told, the outbox keeps it, or a receiver gets it during the run."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from contextlib import ExitStack

from p2p_cosim.core.errors import InputError
from p2p_cosim.core.types import Alert
from p2p_cosim.notify.courier import Courier, Post
from p2p_cosim.notify.events import Event
from p2p_cosim.notify.outbox import Outbox, Receipts

DRAIN_S = 2.0  # how long the end of a run waits for a receiver that answers
# A dead receiver must not hold up the end of a run: what is under way then is in the outbox.
_CLOSE_S = 0.2

_log = logging.getLogger(__name__)


class NullNotifier:
    """Tells nobody."""

    def notify(self, alerts: Sequence[Alert]) -> None:
        """Do nothing."""

    def close(self) -> None:
        """Do nothing."""


class OutboxNotifier:
    """Writes events to the outbox; `p2p-cosim alerts flush` sends them later."""

    def __init__(self, outbox: Outbox, render: Callable[[Alert], Event]) -> None:
        self._outbox = outbox
        self._render = render

    def notify(self, alerts: Sequence[Alert]) -> None:
        """Append the events of these alerts."""
        self._keep(alerts)

    def close(self) -> None:
        """Every event is on the disk already."""

    def _keep(self, alerts: Sequence[Alert]) -> list[Event]:
        events = [self._render(alert) for alert in alerts]
        self._outbox.append(events)
        return events


class WebhookNotifier(OutboxNotifier):
    """Writes events to the outbox, and posts them from threads of its own meanwhile.

    An event that a receipt shows as delivered is not sent again: repeating a run bothers
    nobody. Trouble ends nothing; it is logged as a warning when the run is over, and what
    was not delivered is left for `p2p-cosim alerts flush`.
    """

    def __init__(
        self, outbox: Outbox, render: Callable[[Alert], Event], receipts: Receipts, post: Post
    ) -> None:
        super().__init__(outbox, render)
        self._receipts = receipts
        self._courier = Courier(post, receipts)
        self._lock = ExitStack()
        self._told: set[str] = set()  # events of this run
        self._delivered: set[str] | None = None  # before this run; None before its first alert
        self._trouble: InputError | None = None

    def notify(self, alerts: Sequence[Alert]) -> None:
        """Append the events of these alerts and hand them to the courier."""
        events = self._keep(alerts)
        if not events:
            return
        if self._delivered is None:
            self._delivered = self._begin()
        self._told |= {event.event_id for event in events}
        if self._trouble is None:
            self._courier.send([one for one in events if one.event_id not in self._delivered])

    def close(self) -> None:
        """Let posts end that a healthy receiver is about to answer, then stop."""
        self._courier.wait(DRAIN_S, for_recovery=False)
        if self._courier.close(_CLOSE_S):
            self._lock.close()
        for trouble in (self._trouble, self._courier.failure, *self._courier.rejections):
            if trouble:
                _log.warning("%s", trouble)
        if left := self._told - self._receipts.delivered():
            _log.warning(
                "%d alerts are not delivered: send them with p2p-cosim alerts flush %s",
                len(left),
                self._receipts.path.parent,
            )

    def _begin(self) -> set[str]:
        try:
            self._lock.enter_context(self._receipts.lock())
        except InputError as error:
            self._trouble = error
        return self._receipts.delivered()
