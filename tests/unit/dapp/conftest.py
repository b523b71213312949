import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "support"))

from served import HOST, Person, Rpc, scenario
from starlette.testclient import TestClient
from wallet import wallet

from p2p_cosim.dapp.app import app_of
from p2p_cosim.dapp.session import Session
from p2p_cosim.dapp.thread import in_simulation_thread


@pytest.fixture
def session(tmp_path):
    return in_simulation_thread(lambda: Session(scenario(), tmp_path))


@pytest.fixture
def client(session):
    with TestClient(app_of(session, port=8000), base_url=f"http://{HOST}") as client:
        yield client


@pytest.fixture
def rpc(client):
    return Rpc(client)


@pytest.fixture
def alice(client):
    person = Person(client, wallet("alice"))
    person.fill_purse()
    return person


@pytest.fixture
def contract(session):
    return session.market.contract
