"""Who may ask, and how much: before anything else looks at a request."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from time import monotonic
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
EXTENSIONS = ("chrome-extension", "moz-extension", "safari-web-extension")
WALLETS_PATH = "/rpc"
"""What wallet extensions may ask; nothing else is theirs."""

MOST_BYTES = 2**20
CALLS_A_SECOND, BURST = 400.0, 800.0
MOST_CLIENTS = 1024

PAGE_HEADERS: Mapping[str, str] = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' data:; style-src 'self'; script-src 'self'; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
}


class RateLimit:
    """So many calls a second of each client, and a burst (token bucket)."""

    def __init__(self, a_second: float = CALLS_A_SECOND, burst: float = BURST) -> None:
        self._a_second, self._burst = a_second, burst
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()  # tokens, when

    def takes(self, client: str, calls: int = 1) -> bool:
        """Whether the client may make so many calls now."""
        now = monotonic()
        tokens, then = self._left.pop(client, (self._burst, now))
        tokens = min(self._burst, tokens + (now - then) * self._a_second)
        enough = tokens >= calls
        self._left[client] = (tokens - calls if enough else tokens, now)
        while len(self._left) > MOST_CLIENTS:
            self._left.popitem(last=False)
        return enough


class Guard:
    """An ASGI app in front of another.

    host: what the server is reached by, beside the names of loopback. A page of another site
    must not reach a server on loopback through its visitor's browser, by a name that it has made
    point here (Host) or as itself (Origin). port: the server's; None takes any.
    """

    def __init__(self, app: ASGIApp, host: str, port: int | None, limit: RateLimit) -> None:
        self.app = app
        names = {*LOOPBACK, host}
        self._hosts = names if port is None else {f"{name}:{port}" for name in names}
        if port == 80:
            self._hosts |= names
        self._any_port = port is None
        self._limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        refused = self._refusal(scope, headers)
        if refused is not None:
            status, why = refused
            await JSONResponse({"error": why}, status)(scope, receive, send)
            return
        origin = headers.get("origin", "")
        extension = origin if origin.partition("://")[0] in EXTENSIONS else None

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                sent = MutableHeaders(scope=message)
                for name, value in PAGE_HEADERS.items():
                    sent.setdefault(name, value)
                if extension:
                    sent["Access-Control-Allow-Origin"] = extension
                    sent["Access-Control-Allow-Headers"] = "content-type"
                    sent["Vary"] = "Origin"
            await send(message)

        await self.app(scope, receive, send_guarded)

    def _refusal(self, scope: Scope, headers: Headers) -> tuple[int, str] | None:
        host = headers.get("host", "")
        if not self._is_ours(host):
            return 403, f"host {host[:100]!r} is not served here"
        origin = headers.get("origin")
        if origin is not None and not self._may(origin, host, scope["path"]):
            return 403, f"origin {origin[:100]!r} may not ask here"
        length = headers.get("content-length", "0")
        if not length.isdecimal() or int(length) > MOST_BYTES:
            return 413, f"a body has at most {MOST_BYTES} bytes"
        client = scope.get("client")
        if not self._limit.takes(client[0] if client else ""):
            return 429, "too many requests: wait a second"
        kind = headers.get("content-type", "").partition(";")[0].strip().lower()
        if scope["method"] == "POST" and kind != "application/json":
            return 415, "send Content-Type: application/json"
        return None

    def _is_ours(self, host: str) -> bool:
        if self._any_port:
            host = host if host.endswith("]") else host.rpartition(":")[0] or host
        return host.lower() in self._hosts

    def _may(self, origin: str, host: str, path: str) -> bool:
        try:
            parts = urlsplit(origin)
        except ValueError:
            return False
        if parts.scheme in EXTENSIONS:
            return bool(parts.netloc) and path == WALLETS_PATH
        return parts.scheme in ("http", "https") and parts.netloc.lower() == host.lower()
