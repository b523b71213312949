"""What happens, told to everybody who listens (server-sent events)."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from itertools import count

MOST_LISTENERS = 64
PAGES_A_PLAYER = 2
"""Of a class, for which there is room beside the others."""

MOST_UNREAD = 64
SILENCE_S = 15.0


class Broadcast:
    """Events with rising ids. Who does not read is cut off, so that nobody holds memory.

    To be used from one event loop alone. most: so many listen at once.
    """

    def __init__(self, silence_s: float = SILENCE_S, most: int = MOST_LISTENERS) -> None:
        self._silence_s, self._most = silence_s, most
        self._ids = count(1)
        self._listeners: set[asyncio.Queue[bytes]] = set()
        self._cut_off: set[asyncio.Queue[bytes]] = set()

    def __len__(self) -> int:
        return len(self._listeners)

    @property
    def is_full(self) -> bool:
        """Whether nobody else can listen."""
        return len(self._listeners) >= self._most

    def tell(self, event: str, data: Mapping[str, object]) -> None:
        """Send an event to all. It is put into words once, however many listen."""
        message = self._message(event, data)
        for listener in tuple(self._listeners):
            try:
                listener.put_nowait(message)
            except asyncio.QueueFull:
                self._listeners.discard(listener)
                self._cut_off.add(listener)

    async def listen(self, first: Mapping[str, object]) -> AsyncIterator[bytes]:
        """The stream of one listener, beginning with the event `state`."""
        listener: asyncio.Queue[bytes] = asyncio.Queue(MOST_UNREAD)
        self._listeners.add(listener)
        try:
            yield self._message("state", first)
            while listener not in self._cut_off:
                try:
                    yield await asyncio.wait_for(listener.get(), self._silence_s)
                except TimeoutError:
                    yield b": nothing new\n\n"
        finally:
            self._listeners.discard(listener)
            self._cut_off.discard(listener)

    def _message(self, event: str, data: Mapping[str, object]) -> bytes:
        text = json.dumps(data, separators=(",", ":"))
        return f"id: {next(self._ids)}\nevent: {event}\ndata: {text}\n\n".encode()
