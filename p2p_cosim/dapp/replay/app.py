"""The ASGI app of a finished run: files, and nothing that could change."""

from __future__ import annotations

from pathlib import Path

from starlette.applications import Starlette
from starlette.middleware.gzip import GZipMiddleware
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from p2p_cosim.dapp.guard import Guard, RateLimit


def replay_app(pages: Path, host: str = "127.0.0.1", port: int | None = None) -> ASGIApp:
    """The app around a folder of pages; host and port as those of `dapp.app.app_of`."""
    files = GZipMiddleware(StaticFiles(directory=pages, html=True))
    return Guard(Starlette(routes=[Mount("/", files)]), host, port, RateLimit())
