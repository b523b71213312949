"""A Bot API on loopback: `sendMessage` and `sendChatAction`, with Telegram's limits if asked.

Keeps what it was sent, with times. What it answers follows the Bot API: `ok`, `error_code`,
`description` and, where they apply, `parameters`.
"""

from __future__ import annotations

import json
import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

LONGEST_TEXT = 4096
ERRORS = {
    400: "Bad Request: chat not found",
    401: "Unauthorized",
    403: "Forbidden: bot was blocked by the user",
    404: "Not Found",
    500: "Internal Server Error",
    502: "Bad Gateway",
}


@dataclass(frozen=True, slots=True)
class Sent:
    """One call. `at_s`: when it came in, on the monotonic clock; `status`: what it got."""

    at_s: float
    chat_id: str
    text: str
    parse_mode: str
    status: int


@dataclass(frozen=True, slots=True)
class Limits:
    """What Telegram takes (its FAQ, "My bot is hitting limits"): 20 messages a minute to a
    group, about one a second to a person with short bursts, 30 a second in all.

    minute_s: how long its minute is. A test may shorten it, which also shortens retry_after.
    """

    MINUTE_S: ClassVar[float] = 60.0

    minute_s: float = MINUTE_S
    to_group: int = 20
    to_person: int = 60
    in_all: int = 1800

    def of(self, chat: str) -> int:
        """Messages a minute to one chat; ids of groups are negative."""
        return self.to_group if chat.startswith("-") else self.to_person


class FakeTelegram:
    """Serves on a free port of 127.0.0.1 between `with` and its end.

    answer: from the number of earlier calls with the same chat and text, and the chat, to a
    status; 200 by default. delay_s: how long it takes to answer. limits: None for none.
    moved: by old id, the id of the supergroup that a group became.
    """

    def __init__(self, token: str) -> None:
        self.sent: list[Sent] = []
        self.moved: dict[str, int] = {}
        self.actions: list[str] = []  # chats that the bot was asked to be seen typing in
        self._reset()
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self, f"/bot{token}/"))
        self._server.daemon_threads = True

    def _reset(self) -> None:
        self.delay_s = 0.0
        self.answer: Callable[[int, str], int] = lambda calls, chat: 200
        self.limits: Limits | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> FakeTelegram:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *error: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def receive(self, body: dict[str, str], at_s: float) -> dict[str, object]:
        """Keep one message, and answer it."""
        with self._lock:
            chat, text = str(body["chat_id"]), body["text"]
            calls = sum(s.chat_id == chat and s.text == text for s in self.sent)
            reply = self._reply(calls, chat, text, at_s)
            status = int(str(reply.get("error_code", 200)))
            self.sent.append(Sent(at_s, chat, text, body.get("parse_mode", ""), status))
        time.sleep(self.delay_s)
        return reply

    def action(self, chat: str) -> dict[str, object]:
        """The bot wants to be seen typing."""
        self.actions.append(chat)
        return self._moved(chat) or {"ok": True, "result": True}

    def _reply(self, calls: int, chat: str, text: str, at_s: float) -> dict[str, object]:
        if moved := self._moved(chat):
            return moved
        if len(text) > LONGEST_TEXT:
            return error(400, "Bad Request: message is too long")
        if wait_s := self._wait_s(chat, at_s):
            asked = {"retry_after": math.ceil(wait_s)}
            return error(429, f"Too Many Requests: retry after {asked['retry_after']}", asked)
        status = self.answer(calls, chat)
        if status != 200:
            return error(status, ERRORS[status])
        return {"ok": True, "result": {"message_id": len(self.sent) + 1}}

    def _wait_s(self, chat: str, at_s: float) -> float:
        """How long until there is room for one more message to this chat, and in all."""
        if self.limits is None:
            return 0.0
        since_s = at_s - self.limits.minute_s
        recent = [one for one in self.sent if one.status == 200 and one.at_s > since_s]
        to_chat = [one for one in recent if one.chat_id == chat]
        waits = [
            calls[-most].at_s - since_s
            for calls, most in ((to_chat, self.limits.of(chat)), (recent, self.limits.in_all))
            if len(calls) >= most
        ]
        return max(waits, default=0.0)

    def _moved(self, chat: str) -> dict[str, object] | None:
        if chat not in self.moved:
            return None
        return error(
            400,
            "Bad Request: group chat was upgraded to a supergroup chat",
            {"migrate_to_chat_id": self.moved[chat]},
        )

    def clear(self) -> None:
        with self._lock:
            self.sent.clear()
            self._reset()

    def wait_for(self, count: int, timeout_s: float = 120.0, quiet_s: float = 0.0) -> list[Sent]:
        """The delivered messages once there are `count`, and after `quiet_s` more, in which
        a double would show."""
        end_s = time.monotonic() + timeout_s
        while len(self.delivered()) < count and time.monotonic() < end_s:
            time.sleep(0.002)
        time.sleep(quiet_s)
        return self.delivered()

    def delivered(self) -> list[Sent]:
        """What people could read."""
        with self._lock:
            return [sent for sent in self.sent if sent.status == 200]


def error(code: int, description: str, parameters: object = None) -> dict[str, object]:
    """A refusal as the Bot API words it."""
    found: dict[str, object] = {"ok": False, "error_code": code, "description": description}
    return found | ({"parameters": parameters} if parameters else {})


def _handler(fake: FakeTelegram, prefix: str) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            at_s = time.monotonic()
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if self.path == f"{prefix}sendMessage":
                reply = fake.receive(body, at_s)
            elif self.path == f"{prefix}sendChatAction":
                reply = fake.action(str(body["chat_id"]))
            else:
                reply = error(404, ERRORS[404])
            payload = json.dumps(reply).encode()
            self.send_response(int(str(reply.get("error_code", 200))))
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(payload)))
            self.end_headers()
            self.wfile.write(payload)

        def log_message(self, *args: object) -> None:
            pass

    return Handler
