"""Notifiers: nobody is told, the outbox keeps it, or a receiver gets it during the run."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from contextlib import ExitStack

from p2p_cosim.core.brief import Brief
from p2p_cosim.core.errors import InputError
from p2p_cosim.core.types import Alert
from p2p_cosim.notify.courier import Courier, Post
from p2p_cosim.notify.notices import Notice
from p2p_cosim.notify.outbox import Outbox, Receipts

DRAIN_S = 2.0  # how long the end of a run waits for a receiver that answers
# A dead receiver must not hold up the end of a run: what is under way then is in the outbox.
_CLOSE_S = 0.2

Render = Callable[[Sequence[Alert]], list[Notice]]
"""Makes the notices of one tick's alerts."""

_log = logging.getLogger(__name__)


class NullNotifier(Brief):
    """Tells nobody."""

    def notify(self, alerts: Sequence[Alert]) -> None:
        """Do nothing."""

    def close(self) -> None:
        """Do nothing."""


class OutboxNotifier(Brief):
    """Writes notices to the outbox; `p2p-cosim alerts flush` sends them later.

    Trouble ends nothing: what cannot be rendered or kept is logged, once a cause.
    """

    def __init__(self, outbox: Outbox, render: Render) -> None:
        self._outbox = outbox
        self._render = render
        self._troubles: set[str] = set()

    def notify(self, alerts: Sequence[Alert]) -> None:
        """Append the notices of these alerts."""
        self._safely(self._tell, alerts)

    def close(self) -> None:
        """Every notice is on the disk already."""

    def _tell(self, alerts: Sequence[Alert]) -> None:
        self._keep(alerts)

    def _keep(self, alerts: Sequence[Alert]) -> list[Notice]:
        notices = self._render(alerts)
        self._outbox.append(notices)
        return notices

    def _safely(self, do: Callable[[Sequence[Alert]], None], alerts: Sequence[Alert]) -> None:
        """A run is not worth less because nobody can be told of it."""
        try:
            do(alerts)
        except Exception as error:
            trouble = f"{type(error).__name__}: {error}".splitlines()[0]
            if trouble not in self._troubles:
                self._troubles.add(trouble)
                _log.warning("%d alerts are lost, the run goes on (%s)", len(alerts), trouble)


class WebhookNotifier(OutboxNotifier):
    """Writes notices to the outbox, and posts them from threads of its own meanwhile.

    A notice that a receipt shows as handed over is not sent again: repeating a run bothers
    nobody. Trouble ends nothing; it is logged as a warning when the run is over, and what
    was not handed over is left for `p2p-cosim alerts flush`.
    """

    def __init__(self, outbox: Outbox, render: Render, receipts: Receipts, post: Post) -> None:
        super().__init__(outbox, render)
        self._receipts = receipts
        self._courier = Courier(post, receipts)
        self._lock = ExitStack()
        self._told: set[str] = set()  # notices of this run
        self._before: frozenset[str] | None = None  # handed over; None before the first alert
        self._trouble: InputError | None = None

    def close(self) -> None:
        """Let posts end that a healthy receiver is about to answer, then stop."""
        self._safely(self._finish, ())

    def _tell(self, alerts: Sequence[Alert]) -> None:
        notices = self._keep(alerts)
        if not notices:
            return
        if self._before is None:
            self._before = self._begin()
        self._told |= {notice.event_id for notice in notices}
        if self._trouble is None:
            self._courier.send([one for one in notices if one.event_id not in self._before])

    def _finish(self, _alerts: Sequence[Alert]) -> None:
        self._courier.wait(DRAIN_S, for_recovery=False)
        if self._courier.close(_CLOSE_S):
            self._lock.close()
        for trouble in (self._trouble, self._courier.failure, *self._courier.rejections):
            if trouble:
                _log.warning("%s", trouble)
        if left := self._told - self._receipts.states().keys():
            _log.warning(
                "%d notices wait, they are not handed over yet: send them with "
                "p2p-cosim alerts flush %s",
                len(left),
                self._receipts.path.parent,
            )

    def _begin(self) -> frozenset[str]:
        try:
            self._lock.enter_context(self._receipts.lock())
            return frozenset(self._receipts.states())
        except InputError as error:
            self._trouble = error
            return frozenset()
