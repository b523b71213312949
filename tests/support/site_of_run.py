"""A run served in a thread, and what a test wants to know of it."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Any

import requests
import uvicorn

import p2p_cosim as p2p
from p2p_cosim.dapp.app import app_of
from p2p_cosim.dapp.listening import listener
from p2p_cosim.dapp.serve import session_of
from p2p_cosim.dapp.thread import in_simulation_thread


class Site:
    """A served scenario. url: where. session: the run itself; read it only while nothing runs."""

    def __init__(self, scenario: p2p.Scenario, out: Path, port: int = 0, players: int = 0) -> None:
        self._socket = listener("127.0.0.1", port)
        self.port: int = self._socket.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.session = in_simulation_thread(lambda: session_of(scenario, out, self.url, players))
        app = app_of(self.session, port=self.port)
        config = uvicorn.Config(
            app, log_level="critical", ws="none", timeout_graceful_shutdown=1, access_log=False
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, args=([self._socket],))

    def __enter__(self) -> Site:
        self._thread.start()
        while not self._server.started:
            time.sleep(0.02)
        return self

    def __exit__(self, *_: object) -> None:
        self._server.should_exit = True
        self._thread.join()
        self._socket.close()

    def get(self, path: str) -> Any:
        """An answer of the API."""
        return requests.get(f"{self.url}/api/{path}", timeout=60).json()

    def post(self, path: str, **body: object) -> Any:
        """An answer of the API to a body."""
        answer = requests.post(f"{self.url}/api/{path}", json=body, timeout=60)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def step(self, times: int = 1) -> None:
        """Close the gate."""
        for _ in range(times):
            self.post("control", action="step")
