"""A Bot API that answers `sendMessage` on loopback and keeps what it was sent, with times."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True, slots=True)
class Sent:
    """One call. `at_s`: when it came in, on the monotonic clock; `status`: what it got."""

    at_s: float
    chat_id: str
    text: str
    parse_mode: str
    status: int


class FakeTelegram:
    """Serves on a free port of 127.0.0.1 between `with` and its end.

    answer: from the number of earlier calls with the same chat and text, and the chat, to a
    status; 200 by default. delay_s: how long it takes to answer.
    """

    def __init__(self, token: str) -> None:
        self.delay_s = 0.0
        self.answer: Callable[[int, str], int] = lambda calls, chat: 200
        self.sent: list[Sent] = []
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self, f"/bot{token}/"))
        self._server.daemon_threads = True

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> FakeTelegram:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *error: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def receive(self, body: dict[str, str], at_s: float) -> int:
        with self._lock:
            chat, text = str(body["chat_id"]), body["text"]
            calls = sum(s.chat_id == chat and s.text == text for s in self.sent)
            status = self.answer(calls, chat)
            self.sent.append(Sent(at_s, chat, text, body.get("parse_mode", ""), status))
        time.sleep(self.delay_s)
        return status

    def clear(self) -> None:
        with self._lock:
            self.sent.clear()
            self.delay_s, self.answer = 0.0, lambda calls, chat: 200

    def wait_for(self, count: int, timeout_s: float = 30.0, quiet_s: float = 0.0) -> list[Sent]:
        """The delivered messages once there are `count`, and after `quiet_s` more, in which
        a double would show."""
        end_s = time.monotonic() + timeout_s
        while len(self._delivered()) < count and time.monotonic() < end_s:
            time.sleep(0.002)
        time.sleep(quiet_s)
        return self._delivered()

    def _delivered(self) -> list[Sent]:
        with self._lock:
            return [sent for sent in self.sent if sent.status == 200]


def _handler(fake: FakeTelegram, prefix: str) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            at_s = time.monotonic()
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            known = self.path == f"{prefix}sendMessage"
            status = fake.receive(body, at_s) if known else 404
            reply = {"ok": status == 200, "result": {"message_id": 1}, "description": "as asked"}
            payload = json.dumps(reply).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(payload)))
            self.end_headers()
            self.wfile.write(payload)

        def log_message(self, *args: object) -> None:
            pass

    return Handler
