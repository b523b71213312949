"""Delivery: at least once, each event by one thread at a time, never in anybody's way."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from queue import SimpleQueue

from p2p_cosim.core.errors import DeliveryError
from p2p_cosim.notify.events import Event
from p2p_cosim.notify.outbox import Receipts

Post = Callable[[Event], None]
"""Returns once the receiver has acknowledged; otherwise raises one of the errors below."""

_WORKERS = 8  # posts at a time; n8n answers one in 10 to 40 ms


class TryAgainError(DeliveryError):
    """Down, slow, or busy: the same POST may succeed later."""


class RejectedError(DeliveryError):
    """The receiver will not take this event; others may pass."""


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

    def wait_s(self, attempt: int) -> float:
        """How long to wait after the n-th attempt, n from 1."""
        # The exponent is bounded, because 2.0**1024 overflows.
        return min(self.most_s, self.first_s * 2.0 ** min(attempt - 1, 30))


class Courier:
    """Posts events from a queue on threads of its own and notes what was acknowledged.

    An event is in the queue once and one thread has it until it is acknowledged, rejected or
    given up, so that two posts of it never overlap: receivers commonly drop duplicates by
    looking first and writing then. Whoever uses a courier holds the lock of the receipts.

    The first refusal, or event given up, stops all: the next would fare no better. `failure`
    tells why, `rejections` which events the receiver would not take, `open` how many are left.
    """

    def __init__(self, post: Post, receipts: Receipts, backoff: Backoff | None = None) -> None:
        self.failure: DeliveryError | None = None
        self.rejections: list[RejectedError] = []
        self.delivered = 0
        self._post, self._receipts, self._backoff = post, receipts, backoff or Backoff()
        self._queue: SimpleQueue[Event | None] = SimpleQueue()
        self._stop = threading.Event()
        self._note = threading.Condition()
        self.open = 0  # events neither acknowledged nor rejected so far
        self._trouble = False  # the newest attempt failed
        self._threads: list[threading.Thread] = []

    def send(self, events: Sequence[Event]) -> None:
        """Queue events and return at once."""
        with self._note:
            self.open += len(events)
        for event in events:
            self._queue.put(event)
        while len(self._threads) < min(_WORKERS, self.open):
            thread = threading.Thread(target=self._work, name="alerts", daemon=True)
            self._threads.append(thread)
            thread.start()

    def wait(self, timeout_s: float | None = None, *, despite_trouble: bool = True) -> None:
        """Wait until everything is settled, at most `timeout_s`.

        despite_trouble: if false, wait no longer than until an attempt fails.
        """
        with self._note:
            self._note.wait_for(
                lambda: (
                    not self.open or self._stop.is_set() or (self._trouble and not despite_trouble)
                ),
                timeout_s,
            )

    def close(self, timeout_s: float) -> bool:
        """Begin no further attempt; wait at most so long for those under way.

        Returns whether all threads have ended, so that the lock may be given back.
        """
        self._halt()
        for thread in self._threads:
            thread.join(timeout_s / len(self._threads))
        return not any(thread.is_alive() for thread in self._threads)

    def _halt(self, failure: DeliveryError | None = None) -> None:
        with self._note:
            self.failure = self.failure or failure
            self._stop.set()
            self._note.notify_all()
        for _ in self._threads:
            self._queue.put(None)

    def _work(self) -> None:
        while (event := self._queue.get()) and not self._stop.is_set():
            settled = True
            try:
                settled = self._deliver(event)
            except RejectedError as error:
                with self._note:
                    self.rejections.append(error)
            except DeliveryError as error:
                return self._halt(error)
            except Exception as error:
                self._halt(DeliveryError(f"sending alerts stopped: {error!r}"))
                raise
            with self._note:
                self.open -= settled
                self._note.notify_all()

    def _deliver(self, event: Event) -> bool:
        """Whether it was acknowledged before the courier stopped."""
        attempt = 0
        while not self._stop.is_set():
            attempt += 1
            try:
                self._post(event)
            except TryAgainError as error:
                self._report(trouble=True)
                if attempt == self._backoff.attempts:
                    raise RefusedError(f"{error}; given up after {attempt} attempts") from None
                self._stop.wait(self._backoff.wait_s(attempt))
                continue
            with self._note:
                self._receipts.add(event.event_id, attempt)
                self.delivered += 1
            self._report(trouble=False)
            return True
        return False

    def _report(self, *, trouble: bool) -> None:
        with self._note:
            self._trouble = trouble
            self._note.notify_all()
