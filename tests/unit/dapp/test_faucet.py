"""The faucet: once for an address, and not without end for whoever asks."""

import pytest
from served import HOST, Person, scenario
from starlette.testclient import TestClient
from wallet import wallet

from p2p_cosim.dapp import faucet as faucet_module
from p2p_cosim.dapp.app import app_of
from p2p_cosim.dapp.errors import ConflictError, TooManyError
from p2p_cosim.dapp.faucet import (
    HOUR_S,
    MOST_OF_A_CLIENT,
    MOST_OF_A_RUN,
    MOST_OF_A_SEAT,
    Asker,
    Faucet,
)
from p2p_cosim.dapp.session import Session
from p2p_cosim.dapp.thread import in_simulation_thread


class Clock:
    """Seconds that go on when they are told to."""

    def __init__(self):
        self.now_s = 1000.0

    def __call__(self):
        return self.now_s


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def faucet(clock):
    return Faucet(clock)


def address(number):
    return f"0x{number:040x}"


def fill(faucet, numbers, asker):
    for number in numbers:
        faucet.require(address(number), asker)
        faucet.note(address(number), asker)


def asked(client, number, headers=None):
    return client.post("/api/faucet", json={"address": address(number)}, headers=headers or {})


def test_an_address_is_filled_once_whoever_asks(faucet):
    fill(faucet, [1], Asker("10.0.0.1"))
    with pytest.raises(ConflictError, match="has had the faucet's ether"):
        faucet.require(address(1), Asker("10.0.0.2"))


def test_a_client_has_so_many_wallets_an_hour_and_others_are_not_kept_waiting(faucet, clock):
    greedy = Asker("10.0.0.1")
    fill(faucet, range(1), greedy)
    clock.now_s += HOUR_S - 90
    fill(faucet, range(1, MOST_OF_A_CLIENT), greedy)
    with pytest.raises(TooManyError, match=r"go on with one that you have, or ask again in 2 min"):
        faucet.require(address(900), greedy)
    fill(faucet, [900], Asker("10.0.0.2"))
    clock.now_s += 90
    fill(faucet, [901], greedy)
    with pytest.raises(TooManyError):
        faucet.require(address(902), greedy)


def test_what_is_refused_does_not_count(faucet, clock):
    fill(faucet, range(MOST_OF_A_CLIENT), Asker("10.0.0.1"))
    for _ in range(100):
        with pytest.raises(TooManyError):
            faucet.require(address(900), Asker("10.0.0.1"))
    clock.now_s += HOUR_S
    fill(faucet, [900], Asker("10.0.0.1"))


def test_a_run_has_an_end_of_it_from_however_many_clients(faucet):
    for number in range(MOST_OF_A_RUN):
        fill(faucet, [number], Asker(f"client {number}"))
    for asker in (Asker("another"), Asker("x", house="house_1"), Asker("x", is_teacher=True)):
        with pytest.raises(TooManyError, match="reset the run"):
            faucet.require(address(MOST_OF_A_RUN), asker)


def test_a_server_tells_the_limit_and_a_reset_lifts_it(client, alice, monkeypatch):
    monkeypatch.setattr(faucet_module, "MOST_OF_A_CLIENT", 3)  # Alice is the first
    assert [asked(client, number).status_code for number in (1, 2, 3)] == [200, 200, 429]
    refused = asked(client, 4)
    assert "ask again in 60 min" in refused.json()["error"]
    assert int(alice.rpc("eth_getBalance", address(4), "latest"), 16) == 0
    alice.control("reset")
    assert asked(client, 4).status_code == 200


@pytest.fixture
def classed(tmp_path):
    """A class of two, its room, and what its server answers."""
    session = in_simulation_thread(lambda: Session(scenario(), tmp_path, players=2))
    with TestClient(app_of(session, port=8000), base_url=f"http://{HOST}") as client:
        yield client, session.classroom


def test_in_a_class_it_is_for_players(classed):
    client, room = classed
    for headers in ({}, {"X-P2P-Join": ""}, {"X-P2P-Join": "guessed7"}, {"X-P2P-Teacher": "no"}):
        refused = asked(client, 1, headers)
        assert (refused.status_code, "ask the teacher" in refused.json()["error"]) == (403, True)
    first, second = ({"X-P2P-Join": seat.code} for seat in room.seats)
    for number in range(MOST_OF_A_SEAT):
        assert asked(client, number, first).status_code == 200
    refused = asked(client, 100, first)
    assert (refused.status_code, "3 wallets of a player" in refused.json()["error"]) == (429, True)
    assert asked(client, 100, second).status_code == 200


def test_a_teacher_fills_what_a_player_may_not(classed):
    client, room = classed
    teacher = Person(client, wallet("teacher"), {"X-P2P-Teacher": room.teacher})
    for number in range(2 * MOST_OF_A_CLIENT):
        assert asked(client, number, teacher.headers).status_code == 200
