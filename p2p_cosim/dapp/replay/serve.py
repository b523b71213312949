"""A server for the pages of a finished run."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

from p2p_cosim.core.errors import InputError
from p2p_cosim.dapp.replay.export import export_page, finished


def replay(
    folder: Path,
    host: str = "127.0.0.1",
    port: int = 8000,
    told: Callable[[str], None] = lambda _url: None,
) -> None:
    """Serve a finished run until Ctrl-C or SIGTERM.

    folder: of the run; nothing else is read. host, port: where to listen; port 0 takes a free
    one. told: is given the address when somebody listens.
    Raises InputError if nobody can listen there or the server is not installed, ResultsError as
    `finished` does.
    """
    try:
        from p2p_cosim.dapp.listening import listen
        from p2p_cosim.dapp.replay.app import replay_app
    except ImportError:
        raise InputError(
            "serving needs starlette and uvicorn: pip install 'p2p-cosim[dapp]'"
        ) from None
    run = finished(folder)
    with tempfile.TemporaryDirectory() as made:
        pages = Path(made) / "pages"
        export_page(run, pages)
        listen(lambda name, at, _url: replay_app(pages, name, at), host, port, told)
