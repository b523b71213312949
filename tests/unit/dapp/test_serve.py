"""A server on one address."""

import pytest
import uvicorn
from served import scenario

from p2p_cosim.core.errors import InputError
from p2p_cosim.dapp.listening import listener
from p2p_cosim.dapp.serve import serve


@pytest.fixture
def served(monkeypatch):
    """Ports of the servers that ran, each for no time."""
    ports = []

    def run(_server, sockets):
        ports.append(sockets[0].getsockname()[1])

    monkeypatch.setattr(uvicorn.Server, "run", run)
    return ports


def test_it_tells_the_port_that_it_got(served, tmp_path):
    told = []
    serve(scenario(), tmp_path, port=0, told=told.append)
    assert told == [f"http://127.0.0.1:{served[0]}"]
    assert served[0] > 0


def test_it_tells_no_address_where_it_cannot_serve(served, tmp_path):
    told = []
    with listener("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(InputError, match="choose another --port"):
            serve(scenario(), tmp_path, port=port, told=told.append)
    with pytest.raises(InputError, match="order in the open"):
        serve(scenario(submission="sealed"), tmp_path, port=0, told=told.append)
    assert (told, served) == ([], [])
