"""A server for one session, on one address."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from p2p_cosim.core.errors import InputError
from p2p_cosim.dapp.classroom import Classroom
from p2p_cosim.dapp.session import Session
from p2p_cosim.dapp.thread import in_simulation_thread
from p2p_cosim.scenario import Scenario

if TYPE_CHECKING:
    from starlette.types import ASGIApp


def serve(
    scenario: Scenario,
    out: Path,
    host: str = "127.0.0.1",
    port: int = 8000,
    told: Callable[[str, Classroom | None], None] = lambda _url, _classroom: None,
    players: int = 0,
) -> None:
    """Serve a scenario until Ctrl-C or SIGTERM.

    host, port: where to listen; port 0 takes a free one. Alerts link to this address. told: is
    given it when the run is built and somebody listens, and the class. players: of a class.
    Raises InputError if nobody can listen there, there are more players than houses, or the
    server is not installed.
    """
    try:
        from p2p_cosim.dapp.app import app_of
        from p2p_cosim.dapp.listening import listen
    except ImportError:
        raise InputError(
            "serving needs starlette and uvicorn: pip install 'p2p-cosim[dapp]'"
        ) from None

    seats: list[Classroom | None] = []

    def made(name: str, at: int, url: str) -> ASGIApp:
        session = in_simulation_thread(lambda: session_of(scenario, out, url, players))
        seats.append(session.classroom)
        return app_of(session, name, at)

    listen(made, host, port, lambda url: told(url, seats[0]))


def session_of(scenario: Scenario, out: Path, url: str, players: int = 0) -> Session:
    """A session whose alerts, where there are any, lead to a url."""
    if scenario.notify.sink is not None:
        links = {
            "notify.dapp_url": f"{url}/#/backup/{{house}}/{{tick}}",
            "notify.operator_url": f"{url}/#/operator/{{place}}",
        }
        scenario = scenario.replace(links)
    return Session(scenario, out, players=players)
