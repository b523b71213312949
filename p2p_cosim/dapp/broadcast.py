"""What happens, told to everybody who listens (server-sent events)."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from itertools import count

MOST_LISTENERS = 64
"""Of whom nothing is known."""

PAGES_A_MEMBER = 4
"""Of a player or the teacher of a class, for which there is room beside the others."""

MOST_UNREAD = 64
SILENCE_S = 15.0
_Queue = asyncio.Queue[bytes]


class Broadcast:
    """Events with rising ids. Who does not read is cut off, so that nobody holds memory.

    Places are few, and nobody keeps them from others: a new listener takes the place of the oldest
    one, whose page connects again. A member of a class has places of his own.

    To be used from one event loop alone.
    """

    def __init__(self, silence_s: float = SILENCE_S) -> None:
        self._silence_s = silence_s
        self._ids = count(1)
        self._listeners: dict[_Queue, str] = {}  # whose each is, in the order in which they came
        self._cut_off: set[_Queue] = set()

    def __len__(self) -> int:
        return len(self._listeners)

    def tell(self, event: str, data: Mapping[str, object]) -> None:
        """Send an event to all. It is put into words once, however many listen."""
        message = self._message(event, data)
        for listener in tuple(self._listeners):
            try:
                listener.put_nowait(message)
            except asyncio.QueueFull:
                self._end(listener)

    async def listen(self, first: Mapping[str, object], member: str = "") -> AsyncIterator[bytes]:
        """The stream of one listener, beginning with the event `state`. member: of a class, or
        "" for whoever else."""
        listener = _Queue(MOST_UNREAD)
        self._make_room(member)
        self._listeners[listener] = member
        try:
            yield self._message("state", first)
            while listener not in self._cut_off:
                try:
                    yield await asyncio.wait_for(listener.get(), self._silence_s)
                except TimeoutError:
                    yield b": nothing new\n\n"
        finally:
            self._listeners.pop(listener, None)
            self._cut_off.discard(listener)

    def _make_room(self, member: str) -> None:
        most = PAGES_A_MEMBER if member else MOST_LISTENERS
        same = [each for each, whose in self._listeners.items() if whose == member]
        if len(same) >= most:
            self._end(same[0])

    def _end(self, listener: _Queue) -> None:
        """Take a listener's place away, and wake its stream, which ends."""
        del self._listeners[listener]
        self._cut_off.add(listener)
        with suppress(asyncio.QueueFull):
            listener.put_nowait(b": a newer page took this place\n\n")

    def _message(self, event: str, data: Mapping[str, object]) -> bytes:
        text = json.dumps(data, separators=(",", ":"))
        return f"id: {next(self._ids)}\nevent: {event}\ndata: {text}\n\n".encode()
