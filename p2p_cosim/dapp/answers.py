"""Bodies of requests, and answers in JSON with a status that tells what was wrong."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from p2p_cosim.core.errors import CosimError
from p2p_cosim.dapp.errors import (
    BadRequestError,
    BusyError,
    ConflictError,
    ForbiddenError,
    TooManyError,
)
from p2p_cosim.dapp.guard import MOST_BYTES
from p2p_cosim.dapp.signed_orders import RefusedOrderError
from p2p_cosim.dapp.state import Json
from p2p_cosim.dapp.strict_json import parse
from p2p_cosim.dapp.typed import SignatureError

_log = logging.getLogger(__name__)


STATUS: Mapping[type, int] = {
    BadRequestError: 400,
    ForbiddenError: 403,
    SignatureError: 403,
    ConflictError: 409,
    RefusedOrderError: 409,
    TooManyError: 429,
    BusyError: 503,
}
"""Of an error of the API; of any other it is 409: the run cannot do that."""


def explained(
    do: Callable[[Request], Awaitable[Json]],
) -> Callable[[Request], Awaitable[Response]]:
    """Errors as JSON, with a status that tells their kind."""

    async def answer(request: Request) -> Response:
        try:
            return json_of(await do(request))
        except CosimError as error:
            status = STATUS.get(type(error))
            if status is None:
                _log.exception("%s failed", request.url.path)
            content = {"error": str(error)}
            if isinstance(error, RefusedOrderError):
                content["name"] = error.name
            return JSONResponse(content, status or 409)

    return answer


async def body_of(request: Request) -> bytes:
    """The body, which may come without saying its length."""
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > MOST_BYTES:
            raise HTTPException(413, f"a body has at most {MOST_BYTES} bytes")
    return bytes(body)


async def object_of(request: Request) -> Json:
    """The JSON object in the body. Raises BadRequestError if it is none."""
    try:
        content = parse(await body_of(request))
    except ValueError:
        content = None
    if not isinstance(content, dict):
        raise BadRequestError("the body is a JSON object")
    return content


def json_of(content: Json) -> Response:
    """An answer that nobody keeps."""
    return JSONResponse(content, headers={"Cache-Control": "no-store"})
