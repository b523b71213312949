"""A server on one address."""

import pytest
import uvicorn
from served import scenario
from typer.testing import CliRunner

from p2p_cosim.cli.app import app
from p2p_cosim.core.errors import ChainError, InputError
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
    serve(scenario(), tmp_path, port=0, told=lambda *each: told.append(each))
    assert told == [(f"http://127.0.0.1:{served[0]}", None)]
    assert served[0] > 0


def test_a_class_is_told_its_codes_and_what_travels_in_clear(served, tmp_path, monkeypatch):
    monkeypatch.setattr("p2p_cosim.dapp.listening.listener", lambda _host, _port: Nowhere())
    given = ["serve", "three_houses", "--players", "2", "--out", str(tmp_path)]
    answer = CliRunner().invoke(app, [*given, "--host", "192.0.2.7"])
    assert answer.exit_code == 0, answer.output
    lines = answer.output.splitlines()
    assert lines[1] == "players join at http://192.0.2.7:80/#/class with a code each:"
    assert [line.split()[0] for line in lines[2:4]] == ["house_1", "house_2"]
    assert "the teacher's code" in lines[4]
    assert "travel in clear" in lines[5]
    many = CliRunner().invoke(app, [*given[:3], "9", *given[4:]])
    assert isinstance(many.exception, InputError)
    assert "9 players, and the scenario has 3 houses" in str(many.exception)


def test_a_node_is_named_as_for_a_run(served, tmp_path):
    given = ["serve", "three_houses", "--out", str(tmp_path), "--port", "0"]
    answer = CliRunner().invoke(app, [*given, "--chain", "jsonrpc:http://127.0.0.1:1"])
    assert isinstance(answer.exception, ChainError)
    assert "http://127.0.0.1:1" in str(answer.exception)


class Nowhere:
    """A socket that listens nowhere."""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def getsockname(self):
        return ("192.0.2.7", 80)


def test_it_tells_no_address_where_it_cannot_serve(served, tmp_path):
    told = []
    with listener("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(InputError, match="choose another --port"):
            serve(scenario(), tmp_path, port=port, told=lambda *each: told.append(each))
    with pytest.raises(InputError, match="order in the open"):
        serve(
            scenario(submission="sealed"),
            tmp_path,
            port=0,
            told=lambda *each: told.append(each),
        )
    assert (told, served) == ([], [])
