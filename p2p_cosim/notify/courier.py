"""Delivery: at least once, in order, never in anybody's way."""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from queue import SimpleQueue

from p2p_cosim.core.errors import DeliveryError
from p2p_cosim.notify.notices import Notice
from p2p_cosim.notify.outbox import Receipts, State

Post = Callable[[Notice], State]
"""Returns what the receiver said once it has acknowledged; otherwise raises one of the errors
below."""

LONGEST_ASKED_S = 900.0
"""A receiver that asks for more is tried again after so long all the same."""
_SAID_FROM_S = 5.0  # whoever waits longer for a receiver that asks for it is told

_log = logging.getLogger(__name__)


class TryAgainError(DeliveryError):
    """Down, slow, or busy: the same POST may succeed later.

    after_s: how long the receiver asks to be left alone; 0 if it does not say.
    """

    def __init__(self, message: str, after_s: float = 0.0) -> None:
        self.after_s = after_s
        super().__init__(message)


class RejectedError(DeliveryError):
    """The receiver will not take this notice; others may pass."""


class RefusedError(DeliveryError):
    """The receiver will not take anything sent like this: token, address or certificate."""


@dataclass(frozen=True, slots=True)
class Backoff:
    """Wait `first_s` after the first failure, twice as long after each, at most `most_s`.

    attempts: give up after so many; None goes on until the courier is closed.
    """

    attempts: int | None = None
    first_s: float = 0.5
    most_s: float = 30.0

    def wait_s(self, attempt: int, asked_s: float = 0.0) -> float:
        """How long to wait after the n-th attempt, n from 1: no less than the receiver asks,
        up to LONGEST_ASKED_S."""
        # The exponent is bounded, because 2.0**1024 overflows.
        own_s = min(self.most_s, self.first_s * 2.0 ** min(attempt - 1, 30))
        return max(own_s, min(asked_s, LONGEST_ASKED_S))


class Courier:
    """Posts notices one after the other on a thread of its own and notes what was acknowledged.

    There is never more than one post under way. n8n keeps the ids it has seen in one record,
    which it reads, extends and writes back without a lock: two notices at a time can make it
    forget one of them or fail, and two posts of one notice can both pass.

    A refusal, or a notice given up, ends the delivery: the next would fare no better.
    failure: why it ended so, or None. rejections: one error a notice that the receiver would
    not take. waiting: notices neither acknowledged nor rejected so far. said: how many the
    receiver answered with each state.

    Whoever uses a courier holds the lock of the receipts meanwhile.
    """

    def __init__(self, post: Post, receipts: Receipts, backoff: Backoff | None = None) -> None:
        self.failure: DeliveryError | None = None
        self.rejections: list[RejectedError] = []
        self.waiting = 0
        self.said: Counter[State] = Counter()
        self._post, self._receipts, self._backoff = post, receipts, backoff or Backoff()
        self._queue: SimpleQueue[Notice | None] = SimpleQueue()
        self._stop = threading.Event()
        self._changed = threading.Condition()
        self._trouble = False  # the newest attempt failed
        self._thread: threading.Thread | None = None

    def send(self, notices: Sequence[Notice]) -> None:
        """Queue notices and return at once."""
        with self._changed:
            self.waiting += len(notices)
        for notice in notices:
            self._queue.put(notice)
        if notices and self._thread is None:
            # A daemon, so that a receiver that hangs cannot keep the process alive.
            self._thread = threading.Thread(target=self._work, name="alerts", daemon=True)
            self._thread.start()

    def wait(self, timeout_s: float | None = None, *, for_recovery: bool = True) -> None:
        """Wait until nothing is waiting or the delivery has ended, at most `timeout_s`.

        for_recovery: if false, wait no longer than until an attempt fails.
        """
        with self._changed:
            self._changed.wait_for(
                lambda: (
                    not self.waiting or self._stop.is_set() or (self._trouble and not for_recovery)
                ),
                timeout_s,
            )

    def close(self, timeout_s: float) -> bool:
        """Begin no further attempt, and wait at most so long for the one under way.

        Returns whether it has ended, so that the lock may be given back.
        """
        self._end()
        if self._thread is None:
            return True
        self._queue.put(None)
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _end(self, failure: DeliveryError | None = None) -> None:
        with self._changed:
            self.failure = self.failure or failure
            self._stop.set()
            self._changed.notify_all()

    def _work(self) -> None:
        while (notice := self._queue.get()) and not self._stop.is_set():
            try:
                self._deliver(notice)
            except RejectedError as error:
                self._settle(error)
            except DeliveryError as error:
                return self._end(error)
            except Exception as error:
                return self._end(DeliveryError(f"sending alerts stopped: {error!r}"))

    def _deliver(self, notice: Notice) -> None:
        attempt = 0
        while not self._stop.is_set():
            attempt += 1
            try:
                state = self._post(notice)
            except TryAgainError as error:
                if attempt == self._backoff.attempts:
                    raise RefusedError(f"{error}; given up after {attempt} attempts") from None
                with self._changed:
                    self._trouble = True
                    self._changed.notify_all()
                wait_s = self._backoff.wait_s(attempt, error.after_s)
                if error.after_s >= _SAID_FROM_S:
                    _log.warning("%s; it asks for time, next attempt in %.0f s", error, wait_s)
                self._stop.wait(wait_s)
            else:
                self._receipts.add(notice.event_id, attempt, state)
                self.said[state] += 1
                return self._settle()

    def _settle(self, rejection: RejectedError | None = None) -> None:
        with self._changed:
            if rejection:
                self.rejections.append(rejection)
            self.waiting -= 1
            self._trouble = False
            self._changed.notify_all()
