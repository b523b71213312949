"""The ASGI app: files, JSON-RPC, events and the API of docs/dapp-api.md."""

from __future__ import annotations

import logging
import math
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from p2p_cosim.core.errors import CosimError
from p2p_cosim.dapp.guard import MOST_BYTES, Guard, RateLimit
from p2p_cosim.dapp.player import BusyError, Player
from p2p_cosim.dapp.rpc.errors import RpcError
from p2p_cosim.dapp.rpc.params import as_address
from p2p_cosim.dapp.session import ConflictError, Session
from p2p_cosim.dapp.state import Json
from p2p_cosim.dapp.strict_json import parse

STATIC = Path(__file__).parent / "static"
LEAST_SECONDS, MOST_SECONDS = 0.05, 3600.0
_log = logging.getLogger(__name__)


class BadRequestError(CosimError):
    """A request that does not say what it wants."""


def app_of(
    session: Session,
    host: str = "127.0.0.1",
    port: int | None = None,
    limit: RateLimit | None = None,
) -> ASGIApp:
    """The app around a session, which it closes at its end.

    host, port: what the server is reached by; no port takes any. limit: of calls.
    """
    server = Server(Player(session), limit or RateLimit())

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        yield
        await server.player.close()

    routes = [
        Route("/rpc", server.rpc, methods=["POST"]),
        Route("/rpc", _preflight, methods=["OPTIONS"]),
        Route("/events", server.events),
        Route("/api/run", server.run),
        Route("/api/state", server.state),
        Route("/api/control", _explained(server.control), methods=["POST"]),
        Route("/api/faucet", _explained(server.faucet), methods=["POST"]),
        Mount("/", GZipMiddleware(StaticFiles(directory=STATIC, html=True))),
    ]
    handlers = {HTTPException: _failed}
    app = Starlette(routes=routes, lifespan=lifespan, exception_handlers=handlers)
    return Guard(app, host, port, server.limit)


class Server:
    """What each path does."""

    def __init__(self, player: Player, limit: RateLimit) -> None:
        self.player = player
        self.limit = limit
        self._controls: dict[str, Callable[[Json], Awaitable[Json]]] = {
            "step": lambda _: player.step(),
            "play": self._play,
            "pause": lambda _: player.pause(),
            "reset": lambda _: player.reset(),
        }

    async def rpc(self, request: Request) -> Response:
        """`POST /rpc`."""
        body = await _body(request)
        client = request.client.host if request.client else ""
        # A batch counts by its calls; a quick look is enough, and a wrong one costs nothing.
        if not self.limit.takes(client, max(0, body.count(b'"method"') - 1)):
            return JSONResponse({"error": "too many calls: wait a second"}, 429)
        session = self.player.session
        waiting = session.chain.pool.changes
        try:
            answer = await self.player.in_turn(lambda: self.player.session.rpc.answer(body))
        except BusyError as busy:
            return JSONResponse({"error": str(busy)}, 503)
        if session.chain.pool.changes != waiting:
            for content in await self.player.in_turn(self.player.news_of_pool):
                self.player.tell_waiting(content)
        return Response(answer, 200 if answer else 204, media_type="application/json")

    async def events(self, _request: Request) -> Response:
        """`GET /events`."""
        if self.player.broadcast.is_full:
            return JSONResponse({"error": "too many listeners: close another page"}, 503)
        stream = self.player.broadcast.listen(await self.player.state())
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        return StreamingResponse(stream, media_type="text/event-stream", headers=headers)

    async def run(self, _request: Request) -> Response:
        """`GET /api/run`."""
        return _json(await self.player.run())

    async def state(self, _request: Request) -> Response:
        """`GET /api/state`."""
        return _json(await self.player.state())

    async def control(self, request: Request) -> Json:
        """`POST /api/control`."""
        wanted = await _object(request)
        action = wanted.get("action")
        if not isinstance(action, str) or action not in self._controls:
            raise BadRequestError(f"action is one of {', '.join(self._controls)}")
        return await self._controls[action](wanted)

    async def faucet(self, request: Request) -> Json:
        """`POST /api/faucet`."""
        try:
            address = as_address((await _object(request)).get("address"), 0)
        except RpcError:
            raise BadRequestError("address is an address of 20 bytes in hex") from None
        wei = await self.player.in_turn(partial(self.player.session.grant, address))
        held = await self.player.in_turn(partial(self.player.session.chain.balance_wei, address))
        return {"address": address, "wei": str(wei), "balance_wei": str(held)}

    async def _play(self, wanted: Json) -> Json:
        seconds = wanted.get("seconds_per_tick")
        if (
            not isinstance(seconds, int | float)
            or isinstance(seconds, bool)
            or not math.isfinite(seconds)
            or not LEAST_SECONDS <= seconds <= MOST_SECONDS
        ):
            raise BadRequestError(
                f"seconds_per_tick is a number from {LEAST_SECONDS} to {MOST_SECONDS:g}"
            )
        return await self.player.play(float(seconds))


def _explained(
    do: Callable[[Request], Awaitable[Json]],
) -> Callable[[Request], Awaitable[Response]]:
    """Errors as JSON, with a status that tells their kind."""

    async def answer(request: Request) -> Response:
        try:
            return _json(await do(request))
        except CosimError as error:
            status = STATUS.get(type(error))
            if status is None:
                _log.exception("%s failed", request.url.path)
            return JSONResponse({"error": str(error)}, status or 409)

    return answer


async def _failed(_request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 (it is registered for these)
    return JSONResponse({"error": error.detail}, error.status_code)


async def _preflight(_request: Request) -> Response:
    return Response(status_code=204, headers={"Access-Control-Allow-Methods": "POST"})


STATUS: Mapping[type, int] = {BadRequestError: 400, ConflictError: 409, BusyError: 503}
"""Of an error of the API; of any other it is 409: the run cannot do that."""


async def _body(request: Request) -> bytes:
    """The body, which may come without saying its length."""
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > MOST_BYTES:
            raise HTTPException(413, f"a body has at most {MOST_BYTES} bytes")
    return bytes(body)


async def _object(request: Request) -> Json:
    try:
        content = parse(await _body(request))
    except ValueError:
        content = None
    if not isinstance(content, dict):
        raise BadRequestError("the body is a JSON object")
    return content


def _json(content: Json) -> Response:
    return JSONResponse(content, headers={"Cache-Control": "no-store"})
