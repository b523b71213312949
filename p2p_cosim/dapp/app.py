"""The ASGI app: files, JSON-RPC, events and the API of docs/dapp-api.md."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from hmac import compare_digest
from pathlib import Path

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Mount, Route
from starlette.types import ASGIApp

from p2p_cosim.dapp.answers import body_of, explained, json_of, object_of
from p2p_cosim.dapp.class_routes import JOIN, TEACHER, ClassRoutes, while_present
from p2p_cosim.dapp.errors import BadRequestError, BusyError, ForbiddenError
from p2p_cosim.dapp.faucet import Asker
from p2p_cosim.dapp.fields import seconds
from p2p_cosim.dapp.files import Files
from p2p_cosim.dapp.guard import Guard, RateLimit
from p2p_cosim.dapp.house_requests import HouseRequest, house_request_of
from p2p_cosim.dapp.mandates import MandateRequest, mandate_request_of
from p2p_cosim.dapp.player import Player
from p2p_cosim.dapp.rpc.errors import RpcError
from p2p_cosim.dapp.rpc.params import as_address
from p2p_cosim.dapp.session import Session
from p2p_cosim.dapp.signed_orders import signed_order_of
from p2p_cosim.dapp.state import Json

STATIC = Path(__file__).parent / "static"
LEAST_SECONDS, MOST_SECONDS = 0.05, 3600.0


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
        Route("/api/control", explained(server.control), methods=["POST"]),
        Route("/api/faucet", explained(server.faucet), methods=["POST"]),
        Route("/api/house", explained(server.house), methods=["POST"]),
        Route("/api/mandate", explained(server.mandate), methods=["POST"]),
        Route("/api/operator", explained(server.operator), methods=["POST"]),
        Route("/api/order", explained(server.order), methods=["POST"]),
        *(ClassRoutes(server.player, room).routes() if (room := session.classroom) else ()),
        Mount("/", Files(STATIC)),
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
        body = await body_of(request)
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

    async def events(self, request: Request) -> Response:
        """`GET /events`."""
        code, room = request.query_params.get("join", ""), self.player.session.classroom
        member = room.member_of(code) if room else ""
        listening = self.player.broadcast.listen(await self.player.state(), member)
        stream = while_present(room, code, listening)
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        return StreamingResponse(stream, media_type="text/event-stream", headers=headers)

    async def run(self, _request: Request) -> Response:
        """`GET /api/run`."""
        return json_of(await self.player.run())

    async def state(self, _request: Request) -> Response:
        """`GET /api/state`."""
        return json_of(await self.player.state())

    async def control(self, request: Request) -> Json:
        """`POST /api/control`."""
        self._require_teacher(request)
        wanted = await object_of(request)
        action = wanted.get("action")
        if not isinstance(action, str) or action not in self._controls:
            raise BadRequestError(f"action is one of {', '.join(self._controls)}")
        return await self._controls[action](wanted)

    async def faucet(self, request: Request) -> Json:
        """`POST /api/faucet`."""
        try:
            address = as_address((await object_of(request)).get("address"), 0)
        except RpcError:
            raise BadRequestError("address is an address of 20 bytes in hex") from None
        asker = self._asker(request)
        wei = await self.player.in_turn(partial(self.player.session.grant, address, asker))
        held = await self.player.in_turn(partial(self.player.session.chain.balance_wei, address))
        return {"address": address, "wei": str(wei), "balance_wei": str(held)}

    def _asker(self, request: Request) -> Asker:
        """Who wants ether. Where a class plays, that is for players and their teacher."""
        client, headers = request.client.host if request.client else "", request.headers
        room = self.player.session.classroom
        if room is None:
            return Asker(client)
        if room.is_teacher(headers.get(TEACHER, "")):
            return Asker(client, is_teacher=True)
        return Asker(client, room.seat_of(headers.get(JOIN, "")).house)

    async def house(self, request: Request) -> Json:
        """`POST /api/house`."""
        await self._require_own_page(request)
        return await self._decide(request, house_request_of(await object_of(request)))

    async def mandate(self, request: Request) -> Json:
        """`POST /api/mandate`."""
        await self._require_own_page(request)
        return await self._decide(request, mandate_request_of(await object_of(request)))

    async def _decide(self, request: Request, wanted: HouseRequest | MandateRequest) -> Json:
        if room := self.player.session.classroom:
            room.require_player(request.headers.get(JOIN, ""), wanted.house)
        people = await self.player.in_turn(lambda: self.player.session.decide(wanted))
        return self.player.tell("people", people)

    async def order(self, request: Request) -> Json:
        """`POST /api/order`."""
        await self._require_own_page(request)
        order = signed_order_of(await object_of(request))
        waiting = await self.player.in_turn(lambda: self.player.session.take_signed(order))
        return self.player.tell("signed", {"signed": waiting})

    async def operator(self, request: Request) -> Json:
        """`POST /api/operator`."""
        await self._require_own_page(request)
        self._require_teacher(request)
        wanted = await object_of(request)
        told = await self.player.in_turn(lambda: self.player.session.operating.do(wanted))
        return self.player.tell("operator", told)

    def _require_teacher(self, request: Request) -> None:
        """In a class the teacher has the clock and the grid."""
        if room := self.player.session.classroom:
            room.require_teacher(request.headers.get(TEACHER, ""))

    async def _require_own_page(self, request: Request) -> None:
        """Who changes the run in somebody's name has read the run's token, which no page of
        another site can."""
        token = request.headers.get("x-p2p-token", "")
        if not compare_digest(token.encode(), self.player.session.token.encode()):
            raise ForbiddenError("send the token of /api/run in X-P2P-Token")

    async def _play(self, wanted: Json) -> Json:
        every = seconds(wanted, "seconds_per_tick", LEAST_SECONDS, MOST_SECONDS)
        return await self.player.play(every)


async def _failed(_request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 (it is registered for these)
    return JSONResponse({"error": error.detail}, error.status_code)


async def _preflight(_request: Request) -> Response:
    return Response(status_code=204, headers={"Access-Control-Allow-Methods": "POST"})
