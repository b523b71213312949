"""Orders that a wallet signs and the operator places at the gate."""

import pytest
from eth_account import Account
from served import Person, scenario
from starlette.testclient import TestClient
from wallet import wallet

import p2p_cosim as p2p
from p2p_cosim.chain.accounts import key_of
from p2p_cosim.core.types import outside_text, read_outside
from p2p_cosim.dapp.app import app_of
from p2p_cosim.dapp.outside import replay, terms_of
from p2p_cosim.dapp.session import Session
from p2p_cosim.dapp.thread import in_simulation_thread

PRICE = 80 * 10**9


@pytest.fixture
def rich(alice, contract):
    """Alice, with money in the market."""
    alice.send(contract, "deposit", value=10**17)
    alice.control("step")
    return alice


def waiting(client):
    return client.get("/api/state").json()["signed"]


def test_it_stands_in_the_gates_block_before_the_agents_orders(rich, client, session):
    paid = rich.rpc("eth_getBalance", rich.account.address, "latest")
    assert rich.order("bid", 300, PRICE, 0).status_code == 200
    assert rich.order("bid", 200, PRICE, 1).status_code == 200
    assert [each["nonce"] for each in waiting(client)] == [0, 1]
    rich.control("step")
    assert waiting(client) == []
    gate = session.simulation.last.gate
    first, second = gate.placements[:2]
    assert [first.order.energy_wh, second.order.energy_wh] == [300, 200]
    assert first.order.trader == rich.account.address
    assert first.order_id == 0
    assert next(label for label, _ in gate.receipts) == "placeSigned operator"
    # It cost its trader nothing but its price.
    assert rich.rpc("eth_getBalance", rich.account.address, "latest") == paid


def test_what_the_market_would_refuse_is_told_by_name(rich, client):
    for terms, name in (
        (("bid", 3_000_000, PRICE, 0), "EnergyAboveMaximum"),
        (("bid", 1, PRICE, 0), "EnergyBelowMinimum"),
        (("bid", 300, 2**50, 0), "PriceAboveMaximum"),
        (("bid", 1_900_000, PRICE, 0), "BalanceTooLow"),
    ):
        refused = rich.order(*terms)
        assert (refused.status_code, refused.json()["name"]) == (409, name)
    assert rich.order("bid", 300, PRICE, 0).status_code == 200
    assert rich.order("bid", 300, PRICE, 0).json()["name"] == "NonceTooLow"
    assert len(waiting(client)) == 1


def test_it_counts_with_what_waits_and_what_is_signed(rich, contract):
    rich.send(contract, "placeBid", 2, 600_000, PRICE)
    nonce = contract.read.accounts([rich.account.address])[0][0].nonce + 1  # the order waits
    assert rich.order("bid", 600_000, PRICE, nonce).status_code == 200
    assert rich.order("bid", 600_000, PRICE, nonce + 1).json()["name"] == "BalanceTooLow"


def test_an_order_signed_for_another_round_or_by_another_is_refused(rich, client, alice):
    bob = Person(client, wallet("bob"))
    assert rich.order("bid", 300, PRICE, 0, trader=bob.account.address).status_code == 403
    assert rich.order("bid", 300, PRICE, 0, energy_wh=301).status_code == 403
    assert rich.order("bid", 300, PRICE, 0, expiry=1).status_code == 403
    taken = rich.order("bid", 300, PRICE, 0)
    assert taken.status_code == 200
    (told,) = taken.json()["signed"]
    rich.control("step")
    headers = {"X-P2P-Token": rich.run["token"]}
    again = {**told, "signature": "0x" + "11" * 65}
    assert client.post("/api/order", json=again, headers=headers).status_code == 403
    assert waiting(client) == []


def test_a_signed_order_can_be_withdrawn_before_the_gate(rich, contract, client, session):
    assert rich.order("bid", 300, PRICE, 0).status_code == 200
    rich.send(contract, "raiseNonce", 5)
    rich.control("step")
    assert session.simulation.last.gate.placements[0].order.trader != rich.account.address


@pytest.mark.parametrize(
    "wrong",
    [
        {"side": "both"},
        {"side": None},
        {"energy_wh": 2**32},
        {"energy_wh": True},
        {"energy_wh": -1},
        {"price_wei_per_wh": 5},
        {"price_wei_per_wh": "-5"},
        {"price_wei_per_wh": "\u0665"},
        {"price_wei_per_wh": "9" * 5000},
        {"round": "1"},
        {"nonce": 2**32},
        {"expiry": 2**40},
        {"trader": "0x"},
        {"signature": "0x1"},
    ],
)
def test_what_is_no_order_is_refused(alice, client, wrong):
    assert alice.order("bid", 300, PRICE, 0, **wrong).status_code == 400
    assert waiting(client) == []


def test_other_pages_order_nothing(alice, client):
    assert client.post("/api/order", json={}).status_code == 403
    token = {"X-P2P-Token": alice.run["token"], "Origin": "http://evil.example"}
    assert client.post("/api/order", json={}, headers=token).status_code == 403


def test_one_trader_cannot_fill_the_gate(rich, client):
    for nonce in range(16):
        assert rich.order("bid", 100, PRICE, nonce).status_code == 200
    refused = rich.order("bid", 100, PRICE, 16)
    assert (refused.status_code, "too many" in refused.json()["error"]) == (409, True)


def test_an_order_that_was_taken_before_a_reset_counts_no_more(rich, contract, client):
    """The market after it has the same address, and all nonces are new."""
    assert rich.order("bid", 300, PRICE, 0).status_code == 200
    kept = rich.signed_body
    rich.control("reset")
    assert client.get("/api/run").json()["market"] == rich.run["market"]
    rich.fill_purse()
    rich.send(contract, "deposit", value=10**17)
    rich.control("step")
    token = {"X-P2P-Token": client.get("/api/run").json()["token"]}
    again = client.post("/api/order", json=kept, headers=token)
    assert (again.status_code, "before the run was reset" in again.json()["error"]) == (409, True)
    assert waiting(client) == []
    assert rich.order("bid", 300, PRICE, 0, until=2**40 - 2).status_code == 200


def test_nothing_that_was_signed_for_an_earlier_server_counts(rich, contract, client, tmp_path):
    assert rich.order("bid", 300, PRICE, 0).status_code == 200
    kept = rich.signed_body
    nonce = int(rich.rpc("eth_getTransactionCount", rich.account.address, "pending"), 16)
    later = in_simulation_thread(lambda: Session(scenario(), tmp_path / "later"))
    with TestClient(app_of(later), base_url="http://127.0.0.1") as anew:
        again = Person(anew, wallet("alice"))
        assert again.run["market"] == rich.run["market"]
        assert again.run["chain_id"] != rich.run["chain_id"]
        token = {"X-P2P-Token": again.run["token"]}
        order = anew.post("/api/order", json=kept, headers=token)
        assert (order.status_code, "for this market" in order.json()["error"]) == (403, True)
        again.fill_purse()
        again.run["chain_id"] = rich.run["chain_id"]
        sent = again.raw(0, to=again.run["market"], data=b"", value=0, gas=50_000)
        assert "invalid chain id" in sent["error"]["message"]
    assert nonce > 0


def test_nobody_orders_with_a_key_that_follows_from_a_name(alice, client):
    alice.account = Account.from_key(key_of("house_1"))
    refused = alice.order("bid", 300, PRICE, 0)
    assert (refused.status_code, "a wallet of your own" in refused.json()["error"]) == (403, True)


def test_signed_orders_replay_the_run(tmp_path):
    session = in_simulation_thread(lambda: Session(scenario(), tmp_path / "served"))
    with TestClient(app_of(session), base_url="http://127.0.0.1") as client:
        alice = Person(client, wallet("alice"))
        alice.fill_purse()
        alice.send(session.market.contract, "deposit", value=10**17)
        alice.control("step")
        assert alice.order("bid", 300, PRICE, 0).status_code == 200
        for _ in range(3):
            alice.control("step")
        served = session.simulation.results().path
    kept = read_outside(outside_text(session.outside), "outside.jsonl")
    again = p2p.Simulation(scenario(), out=tmp_path / "again", terms=terms_of(kept))
    replay(again, kept)
    found = again.results().path
    for path in sorted(served.glob("*.parquet")):
        assert path.read_bytes() == (found / path.name).read_bytes(), path.name
