"""A server for one session, on one address."""

from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path

from p2p_cosim.core.errors import InputError
from p2p_cosim.dapp.session import Session
from p2p_cosim.dapp.thread import in_simulation_thread
from p2p_cosim.scenario import Scenario

KEEP_ALIVE_S, SHUTDOWN_S = 5, 2
MOST_CONNECTIONS = 512
BACKLOG = 256


def serve(
    scenario: Scenario,
    out: Path,
    host: str = "127.0.0.1",
    port: int = 8000,
    told: Callable[[str], None] = lambda _url: None,
) -> None:
    """Serve a scenario until Ctrl-C or SIGTERM.

    host, port: where to listen; port 0 takes a free one. Alerts link to this address. told: is
    given it when the run is built and somebody listens.
    Raises InputError if nobody can listen there, or the server is not installed.
    """
    try:
        import uvicorn

        from p2p_cosim.dapp.app import app_of
    except ImportError:
        raise InputError(
            "serving needs starlette and uvicorn: pip install 'p2p-cosim[dapp]'"
        ) from None
    with listener(host, port) as listening:
        port = listening.getsockname()[1]
        name = f"[{host}]" if ":" in host else host
        url = f"http://{name}:{port}"
        session = in_simulation_thread(lambda: session_of(scenario, out, url))
        config = uvicorn.Config(
            app_of(session, name, port),
            log_level="warning",
            access_log=False,
            server_header=False,
            ws="none",
            limit_concurrency=MOST_CONNECTIONS,
            timeout_keep_alive=KEEP_ALIVE_S,
            timeout_graceful_shutdown=SHUTDOWN_S,
        )
        told(url)
        uvicorn.Server(config).run(sockets=[listening])


def session_of(scenario: Scenario, out: Path, url: str) -> Session:
    """A session whose alerts, where there are any, lead to a url."""
    if scenario.notify.sink is not None:
        links = {
            "notify.dapp_url": f"{url}/#/backup/{{house}}/{{tick}}",
            "notify.operator_url": f"{url}/#/operator/{{place}}",
        }
        scenario = scenario.replace(links)
    return Session(scenario, out)


def listener(host: str, port: int) -> socket.socket:
    """A socket that listens. Raises InputError if that is not possible."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        listening.listen(BACKLOG)
    except (OSError, OverflowError) as error:
        listening.close()
        raise InputError(
            f"cannot listen on {host}:{port} ({error}): choose another --port"
        ) from None
    return listening
