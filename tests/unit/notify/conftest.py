"""A receiver on loopback that behaves as each test asks, request by request."""

from __future__ import annotations

import json
import socket
import ssl
import sys
import threading
import time
from datetime import datetime
from pathlib import Path

import pytest
from pydantic import SecretStr

from p2p_cosim.core.clock import Clock
from p2p_cosim.core.types import Alert, AlertKind, Feed, event_id
from p2p_cosim.notify.notices import notices_of

sys.path.insert(0, str(Path(__file__).parents[2] / "support"))

TOKEN = "tok-3f9c2a7e5d"  # noqa: S105
CLOCK = Clock(datetime(2024, 6, 21), 900, 96)


class Receiver:
    """Answers each request with the next of `answers`, the last of them for ever.

    An answer is a status, or bytes to send as they are, or "drop" to hang up without a word,
    or "hang" to keep silent. `arrived` holds event ids, `times` when
    they came, `marks` what told them apart from repeats; `most_at_once` counts posts under way.
    """

    def __init__(self, *answers, context=None, delay_s=0.0):
        self.answers, self.delay_s, self.context = list(answers or (200,)), delay_s, context
        self.arrived, self.tokens, self.most_at_once, self._under_way = [], [], 0, 0
        self.times, self.marks = [], []
        self._lock, self._over = threading.Lock(), threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.url = f"http{'s' if context else ''}://127.0.0.1:{self.port}/webhook/p2p-alert"
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self):
        if self._over.is_set():
            return
        self._over.set()
        self._listener.shutdown(socket.SHUT_RDWR)  # wakes the thread that accepts
        self._listener.close()

    def _accept(self):
        while not self._over.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        try:
            if self.context:
                connection = self.context.wrap_socket(connection, server_side=True)
            with connection:
                self._answer(connection, *_read(connection))
        except (OSError, ssl.SSLError):
            pass  # the client hung up, as some tests make it do

    def _answer(self, connection, headers, body):
        with self._lock:
            self._under_way += 1
            self.most_at_once = max(self.most_at_once, self._under_way)
            self.arrived.append(json.loads(body)["event_id"])
            self.tokens.append(headers.get("x-p2p-token"))
            self.times.append(time.monotonic())
            self.marks.append(json.loads(body).get("again", ""))
            answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        time.sleep(self.delay_s)
        with self._lock:
            self._under_way -= 1
        if answer == "hang":
            self._over.wait()
        elif answer != "drop":
            connection.sendall(answer if isinstance(answer, bytes) else response(answer))


def response(status, *headers):
    lines = (f"HTTP/1.1 {status} As asked", "Content-Length: 0", *headers, "", "")
    return "\r\n".join(lines).encode()


def _read(connection):
    data = b""
    while b"\r\n\r\n" not in data:
        data += _more(connection)
    head, _, body = data.partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")[1:]
    headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
    while len(body) < int(headers["content-length"]):
        body += _more(connection)
    return headers, body


def _more(connection):
    chunk = connection.recv(65536)
    if not chunk:
        raise ConnectionResetError
    return chunk


@pytest.fixture
def receiver():
    """Makes receivers, and closes them after the test."""
    made = []

    def make(*answers, **options):
        made.append(Receiver(*answers, **options))
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.fixture
def token(monkeypatch):
    monkeypatch.setenv("P2P_ALERT_TOKEN", TOKEN)
    return SecretStr(TOKEN)


def make_alert(house=1, kind=AlertKind.OUTAGE, tick=4, path=Feed.TIE, sellers=("house_2",)):
    name = f"house_{house}"
    return Alert(event_id("run", name, tick, kind), kind, name, tick, tick, path, tuple(sellers))


def render(alerts):
    link = "https://example.org/p2p"
    return notices_of(alerts, scenario="outage", run_id="run", clock=CLOCK, dapp_url=link)


def make_notice(house=1, **changes):
    (notice,) = render([make_alert(house, **changes)])
    return notice


@pytest.fixture
def alert():
    return make_alert


@pytest.fixture
def clock():
    return CLOCK


@pytest.fixture
def notice():
    return make_notice


@pytest.fixture
def rendered():
    return render


@pytest.fixture
def response_of():
    return response
