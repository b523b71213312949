"""What a class asks its server: joining, the teacher's page, and the plays as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from p2p_cosim.core.errors import InputError
from p2p_cosim.dapp.answers import explained, object_of
from p2p_cosim.dapp.classroom import PLAY_COLUMNS, Classroom, name_of
from p2p_cosim.dapp.errors import BadRequestError, ConflictError
from p2p_cosim.dapp.fields import text
from p2p_cosim.dapp.player import Player
from p2p_cosim.dapp.state import Json
from p2p_cosim.scenario import load
from p2p_cosim.scenario.examples import examples

TEACHER, JOIN = "x-p2p-teacher", "x-p2p-join"
MOST_CODE = 64


class ClassRoutes:
    """Of a server with a class. What they do is docs/dapp-api.md."""

    def __init__(self, player: Player, classroom: Classroom) -> None:
        self._player, self._classroom = player, classroom

    def routes(self) -> list[Route]:
        """Below /api."""
        return [
            Route("/api/class", explained(self.seats)),
            Route("/api/class/join", explained(self.join), methods=["POST"]),
            Route("/api/class/game", explained(self.game), methods=["POST"]),
            Route("/api/class/plays.csv", self.plays),
        ]

    async def seats(self, request: Request) -> Json:
        """`GET /api/class`, for the teacher."""
        self._classroom.require_teacher(request.headers.get(TEACHER, ""))
        return {
            "codes": {seat.house: seat.code for seat in self._classroom.seats},
            "scenarios": [*examples()],
            "board": self._classroom.board(),
        }

    async def join(self, request: Request) -> Json:
        """`POST /api/class/join`."""
        content = await object_of(request)
        code = text(content, "code", "your join code", MOST_CODE)
        seat = self._classroom.seat_of(code)
        seat.name = name_of(content) or seat.name or seat.house
        return {"house": seat.house, "name": seat.name}

    async def game(self, request: Request) -> Json:
        """`POST /api/class/game`, for the teacher: another scenario."""
        self._classroom.require_teacher(request.headers.get(TEACHER, ""))
        wanted = (await object_of(request)).get("scenario")
        if not isinstance(wanted, str) or wanted not in examples():
            raise BadRequestError(f"scenario is one of {', '.join(examples())}")
        try:
            return await self._player.reset(load(examples()[wanted]))
        except InputError as error:
            raise ConflictError(str(error)) from None

    async def plays(self, request: Request) -> Response:
        """`GET /api/class/plays.csv`, for the teacher."""

        async def checked(asked: Request) -> Json:
            self._classroom.require_teacher(asked.headers.get(TEACHER, ""))
            return {}

        refused = await explained(checked)(request)
        if refused.status_code != 200:
            return refused
        written = io.StringIO()
        table = csv.writer(written, lineterminator="\n")
        table.writerow(PLAY_COLUMNS)
        table.writerows(self._classroom.plays())
        return Response(written.getvalue(), media_type="text/csv")


async def while_present(
    classroom: Classroom | None, code: str, stream: AsyncIterator[bytes]
) -> AsyncIterator[bytes]:
    """A stream of events, during which its listener counts as being there."""
    if classroom is None:
        async for message in stream:
            yield message
        return
    with classroom.present(code):
        async for message in stream:
            yield message
