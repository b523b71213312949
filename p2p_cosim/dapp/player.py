"""The clock of a served run, and the turns of all who ask it something."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from time import monotonic
from typing import TypeVar

from p2p_cosim.core.errors import CosimError
from p2p_cosim.dapp.broadcast import Broadcast
from p2p_cosim.dapp.errors import BusyError, ConflictError
from p2p_cosim.dapp.session import Session
from p2p_cosim.dapp.state import Json, run_of, state_of
from p2p_cosim.dapp.thread import SIMULATION
from p2p_cosim.scenario import Scenario

MOST_QUEUED = 256
Answer = TypeVar("Answer")
_log = logging.getLogger(__name__)


class Player:
    """Steps a session by hand or by the clock, and tells what happens.

    Everything that touches the run goes through `in_turn`, one after the other, in the thread
    of `dapp.thread`, where the session was made: no engine may be used by two at once.
    """

    def __init__(self, session: Session, broadcast: Broadcast | None = None) -> None:
        self.session = session
        self.broadcast = broadcast or Broadcast()
        self._queued = 0
        self._told: set[bytes] = set()  # hashes of waiting transactions
        self._playing: asyncio.Task[None] | None = None
        self._seconds: float | None = None
        self._gate_at: float | None = None  # by the monotonic clock

    async def in_turn(self, do: Callable[[], Answer]) -> Answer:
        """Do something with the run when it is its turn. Raises BusyError if too much waits."""
        if self._queued >= MOST_QUEUED:
            raise BusyError("too many requests wait for the run: ask again later")
        self._queued += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(SIMULATION, do)
        finally:
            self._queued -= 1

    # -------------------------------------------------------------------------------- reading

    def clock(self) -> Json:
        """`clock` of docs/dapp-api.md; to be called in turn."""
        session, simulation = self.session, self.session.simulation
        clock = simulation.scenario.clock.clock()
        return {
            "mode": self._mode(),
            "tick": simulation.tick,
            "ticks": clock.ticks,
            "time": clock.time(simulation.tick).isoformat(),
            "seconds_per_tick": self._seconds,
            "gate_closes_in_s": self._left_s(),
            "block": session.chain.head,
            "waiting": len(session.chain.pool),
            "error": None if session.failure is None else str(session.failure),
        }

    async def run(self) -> Json:
        """What does not change."""
        return await self.in_turn(lambda: run_of(self.session))

    async def state(self) -> Json:
        """Where the run stands."""
        return await self.in_turn(lambda: state_of(self.session, self.clock()))

    # ----------------------------------------------------------------------------- controlling

    async def step(self) -> Json:
        """Run one tick now. Raises ConflictError if that is not possible."""
        if self._playing:
            raise ConflictError("the run is playing: pause it to step by hand")
        return await self._tick()

    async def play(self, seconds: float) -> Json:
        """Close the gate every so many seconds."""
        await self.pause()
        if self._playing:  # somebody else began while this waited: the later one counts
            self._playing.cancel()
            self._playing = None
        if self._mode() in ("done", "failed"):
            raise ConflictError(f"the run is {self._mode()}: reset it")
        self._seconds = seconds
        self._gate_at = monotonic() + seconds
        self._playing = asyncio.create_task(self._play())
        return await self._tell_clock()

    async def pause(self) -> Json:
        """Leave the gate open until somebody steps or plays."""
        playing, self._playing = self._playing, None
        self._seconds = self._gate_at = None
        if playing and not playing.done():
            playing.cancel()
            with suppress(asyncio.CancelledError):
                await playing
        return await self._tell_clock()

    async def reset(self, scenario: Scenario | None = None) -> Json:
        """Begin the run again, or another scenario. Raises InputError as `Session.reset` does."""
        await self.pause()
        await self.in_turn(lambda: self.session.reset(scenario))
        self.broadcast.tell("reset", await self.run())
        state = await self.state()
        self.broadcast.tell("state", state)
        return await self.in_turn(self.clock)

    async def close(self) -> None:
        """End the run."""
        await self.pause()
        await self.in_turn(self.session.close)

    def news_of_pool(self) -> list[Json]:
        """Transactions that were taken since the last call; to be called in turn."""
        pool = self.session.chain.pool
        in_line = {signed.hash for signed in pool.in_line()}
        new = [signed for signed in pool if signed.hash not in self._told]
        self._told = {signed.hash for signed in pool}
        return [
            {
                "hash": "0x" + signed.hash.hex(),
                "from": signed.sender,
                "to": signed.to,
                "nonce": signed.nonce,
                "behind_a_gap": signed.hash not in in_line,
            }
            for signed in new
        ]

    def tell_waiting(self, content: Json) -> None:
        """Tell of a transaction that was taken."""
        self.broadcast.tell("waiting", content)

    def tell(self, event: str, content: Json) -> Json:
        """Tell a part of the state that is another by now, and give it back."""
        self.broadcast.tell(event, content)
        return content

    async def _play(self) -> None:
        """Tick by tick. The next gate opens when the tick is over; a cancelled wait cancels no
        tick that has begun."""
        while self._seconds is not None and self._gate_at is not None:
            await asyncio.sleep(max(0.0, self._gate_at - monotonic()))
            self._gate_at = max(monotonic(), self._gate_at) + self._seconds
            try:
                await asyncio.shield(asyncio.ensure_future(self._tick()))
            except ConflictError:
                break
            except CosimError:
                _log.exception("a tick failed")
                break
            if self.session.simulation.done:
                break
        self._playing, self._seconds, self._gate_at = None, None, None
        await self._tell_clock()

    async def _tick(self) -> Json:
        try:
            await self.in_turn(self.session.step)
        except ConflictError:
            raise
        except CosimError:
            await self._tell_clock()
            raise
        state = await self.state()
        self.broadcast.tell("tick", state)
        clock = state["clock"]
        assert isinstance(clock, dict)  # noqa: S101 (made above)
        return clock

    async def _tell_clock(self) -> Json:
        clock = await self.in_turn(self.clock)
        self.broadcast.tell("clock", clock)
        return clock

    def _mode(self) -> str:
        if self.session.failure is not None:
            return "failed"
        if self.session.simulation.done:
            return "done"
        return "playing" if self._playing else "paused"

    def _left_s(self) -> float | None:
        gate_at = self._gate_at
        return None if gate_at is None else round(max(0.0, gate_at - monotonic()), 3)
