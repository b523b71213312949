"""A receiver for trying: shows on this machine what n8n would show on phones."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock
from types import TracebackType
from typing import Self

from pydantic import SecretStr

from p2p_cosim.core.errors import InputError
from p2p_cosim.notify.notices import Notice, read_notice
from p2p_cosim.notify.webhook import STATE_HEADER, TOKEN_HEADER

PATH = "/webhook/p2p-alert"
LARGEST_BODY = 8 * 1024 * 1024  # a notice of a thousand houses has about 0.5 MB
_IDLE_S = 10.0


class Listener:
    """Receives notices on 127.0.0.1 as the shipped workflow does, and shows each once.

    show: takes the text of one notice. shown: how many it was given. Answers 202 `shown`, 200
    `repeat` for what it showed before, 403 to another token, 404, 405, 413 and 400.

    Raises InputError if the port cannot be had.
    """

    def __init__(self, token: SecretStr, port: int, show: Callable[[str], object]) -> None:
        self.shown = 0
        self._token, self._show = token, show
        self._seen: set[str] = set()
        self._lock = Lock()
        try:
            self._server = ThreadingHTTPServer(("127.0.0.1", port), _handler(self))
        except OSError as error:
            raise InputError(
                f"port {port} of 127.0.0.1 cannot be had ({error.strerror}): stop what listens "
                "there, such as n8n, or give another with --port"
            ) from None
        self._server.daemon_threads = True

    @property
    def url(self) -> str:
        """Where notices are to be posted."""
        return f"http://127.0.0.1:{self._server.server_port}{PATH}"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.server_close()

    def serve(self) -> None:
        """Answer until `stop`, or an exception such as KeyboardInterrupt."""
        self._server.serve_forever()

    def stop(self) -> None:
        """End `serve`, from another thread."""
        self._server.shutdown()

    def knows(self, token: str) -> bool:
        """Whether the sender has the right token."""
        return hmac.compare_digest(token.encode(), self._token.get_secret_value().encode())

    def take(self, notice: Notice) -> str:
        """Show it unless it was shown before; returns which of the two it was."""
        with self._lock:
            key = notice.event_id + notice.again
            if key in self._seen:
                return "repeat"
            self._seen.add(key)
            self.shown += 1
            self._show(text_of(notice))
            return "shown"


def text_of(notice: Notice) -> str:
    """A notice as its readers would see it, one block a message, without control characters."""
    lines = [f"[{notice.time}] {len(notice.messages)} messages"]
    for message in notice.messages:
        lines += [f"  to {message.to}:", f"    {message.text}"]
    return "\n".join("".join(c if c.isprintable() else " " for c in line) for line in lines)


def _handler(listener: Listener) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        timeout = _IDLE_S

        def do_POST(self) -> None:
            length = self.headers.get("Content-Length", "")
            if self.path != PATH:
                self._answer(404)
            elif not listener.knows(self.headers.get(TOKEN_HEADER, "")):
                self._answer(403)
            elif not length.isdecimal() or int(length) > LARGEST_BODY:
                self._answer(413)
            else:
                self._take(self.rfile.read(int(length)))

        def do_GET(self) -> None:
            self._answer(405)

        def log_message(self, *args: object) -> None:
            pass

        def _take(self, body: bytes) -> None:
            try:
                state = listener.take(read_notice(body, "the POST"))
            except InputError:
                self._answer(400)
            else:
                self._answer(200 if state == "repeat" else 202, state)

        def _answer(self, status: int, state: str = "") -> None:
            self.send_response(status)
            if state:
                self.send_header(STATE_HEADER, state)
            self.send_header("Content-Length", "0")
            self.end_headers()

    return Handler
