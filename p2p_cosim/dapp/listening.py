"""A server on one address, until somebody ends it."""

from __future__ import annotations

import socket
from collections.abc import Callable

import uvicorn
from starlette.types import ASGIApp

from p2p_cosim.core.errors import InputError

KEEP_ALIVE_S, SHUTDOWN_S = 5, 2
MOST_CONNECTIONS = 512
BACKLOG = 256


def listen(
    made: Callable[[str, int, str], ASGIApp],
    host: str,
    port: int,
    told: Callable[[str], None],
) -> None:
    """Serve an app until Ctrl-C or SIGTERM.

    made: gives the app for the name and the port that it is reached by, and their URL. host,
    port: where to listen; port 0 takes a free one. told: is given the URL when the app is made
    and somebody listens. Raises InputError if nobody can listen there.
    """
    with listener(host, port) as listening:
        port = listening.getsockname()[1]
        name = f"[{host}]" if ":" in host else host
        url = f"http://{name}:{port}"
        config = uvicorn.Config(
            made(name, port, url),
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
