"""A served run is the run: without anybody byte for byte, and with people as it is replayed."""

import json
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))

from served import Person, scenario
from starlette.testclient import TestClient
from wallet import wallet

import p2p_cosim as p2p
from p2p_cosim.cli.run import _replayed
from p2p_cosim.core.errors import InputError
from p2p_cosim.core.types import outside_text, read_outside
from p2p_cosim.dapp.app import app_of
from p2p_cosim.dapp.outside import replay, terms_of
from p2p_cosim.dapp.session import Session
from p2p_cosim.dapp.state import state_of
from p2p_cosim.dapp.thread import in_simulation_thread
from p2p_cosim.run_identity import finished_run, run_identity

PRICE = 80 * 10**9


def tables(simulation):
    folder = simulation.results().path
    return {path.name: path.read_bytes() for path in sorted(folder.glob("*.parquet"))}


def test_a_served_run_without_anybody_is_the_batch_run(tmp_path):
    session = in_simulation_thread(lambda: Session(scenario(), tmp_path / "served"))
    with TestClient(app_of(session), base_url="http://127.0.0.1") as client:
        for _ in range(4):
            client.get("/api/state")
            client.post("/rpc", json={"jsonrpc": "2.0", "id": 1, "method": "eth_blockNumber"})
            assert client.post("/api/control", json={"action": "step"}).status_code == 200
        found = tables(session.simulation)
    batch = p2p.run(scenario(), out=tmp_path / "batch")
    assert session.outside == ()
    assert found == {path.name: path.read_bytes() for path in sorted(batch.path.glob("*.parquet"))}


def test_after_a_reset_it_is_the_batch_run_again(tmp_path):
    session = in_simulation_thread(lambda: Session(scenario(), tmp_path / "served"))
    in_simulation_thread(session.step)
    in_simulation_thread(session.reset)
    while not session.simulation.done:
        in_simulation_thread(session.step)
    batch = p2p.run(scenario(), out=tmp_path / "batch")
    expected = {path.name: path.read_bytes() for path in sorted(batch.path.glob("*.parquet"))}
    assert tables(session.simulation) == expected


def test_with_signed_orders_all_but_their_gas_is_the_batch_runs(tmp_path):
    session = in_simulation_thread(
        lambda: Session(scenario(submission="signed"), tmp_path / "served")
    )
    while not session.simulation.done:
        in_simulation_thread(session.step)
    mine = session.simulation.results()
    batch = p2p.run(scenario(submission="signed"), out=tmp_path / "batch")
    for name in ("trades", "orders", "households", "others", "voltages", "taps"):
        assert mine.table(name).equals(batch.table(name)), name
    gas = ["gas_clear", "gas_used"]
    for name in ("rounds", "transactions"):
        left, right = (run.table(name).drop(columns=gas, errors="ignore") for run in (mine, batch))
        assert left.equals(right), name


@pytest.fixture
def played(tmp_path):
    """A session in which two people did all that one can do, over a reset."""
    session = in_simulation_thread(lambda: Session(scenario(), tmp_path / "served"))
    contract = session.market.contract
    with TestClient(app_of(session), base_url="http://127.0.0.1") as client:
        first = Person(client, wallet("alice"))
        first.fill_purse()
        first.send(contract, "deposit", value=5)
        first.control("step")
        first.control("reset")
        contract = session.market.contract
        people = [Person(client, wallet(name)) for name in ("alice", "bob")]
        for person, limit in zip(people, (40 * 10**9, 2 * PRICE), strict=True):
            person.fill_purse()
            person.send(contract, "deposit", value=10**17)
            person.send(contract, "placeAsk", 1, 300, limit)
        people[1].send(contract, "placeBid", 1, 400, PRICE)
        people[0].control("step")
        people[0].send(contract, "placeBid", 2, 50, 30 * 10**9)
        people[0].send(contract, "cancel", 2, 0)
        people[1].send(contract, "requestWithdrawal", 10**15)
        for _ in range(2):
            people[0].control("step")
        people[1].send(contract, "withdraw", 10**15)
        while not session.simulation.done:
            people[0].control("step")
        yield session, people


@pytest.fixture
def handed(tmp_path):
    """A session in which a person takes House 2 over, trades, and gives it back."""
    longer = scenario().replace({"clock.ticks": 6})
    session = in_simulation_thread(lambda: Session(longer, tmp_path / "served"))
    contract = session.market.contract
    with TestClient(app_of(session), base_url="http://127.0.0.1") as client:
        alice = Person(client, wallet("alice"))
        alice.fill_purse()
        alice.send(contract, "deposit", value=10**17)
        alice.take(contract, "house_2")
        alice.control("step")
        alice.send(contract, "placeAsk", 2, 300, 40 * 10**9)
        alice.control("step")
        alice.send(contract, "placeBid", 3, 200, PRICE)
        alice.control("step")
        assert alice.ask("give back", "house_2").status_code == 200
        while not session.simulation.done:
            alice.control("step")
        yield session, alice


def test_a_house_in_other_hands_keeps_its_name_and_replays(handed, tmp_path):
    """Conservation is checked in every tick; here is where the money is in the end."""
    session, alice = handed
    mine = session.simulation.results()
    assert {each.kind for each in session.outside} == {
        "chain",
        "grant",
        "transaction",
        "call",
        "hand",
    }
    orders = mine.orders[mine.orders["trader"] == "house_2"].set_index("tick")
    assert orders.loc[[1, 2], "energy_wh"].tolist() == [300, 200]
    assert {0, 4, 5} <= set(orders.index)
    households = mine.households[mine.households["house"] == "house_2"]
    assert households["tick"].tolist() == [0, 1, 2, 3, 4, 5]
    others = mine.others[mine.others["trader"] == alice.account.address]
    assert set(others["tick"]) == {0, 3, 4, 5}  # in 1 and 2 it was House 2
    again = p2p.Simulation(
        session.scenario, out=tmp_path / "again", terms=terms_of(session.outside)
    )
    replay(again, read_outside(outside_text(session.outside), "outside.jsonl"))
    assert tables(again) == tables(session.simulation)


def test_people_stand_in_the_tables_and_everything_balances(played):
    session, people = played
    results = session.simulation.results()
    addresses = {person.account.address for person in people}
    assert addresses <= set(results.others["trader"])
    orders = results.orders[results.orders["trader"].isin(addresses)]
    assert orders["cancelled"].sum() == 1
    assert orders["filled_wh"].sum() > 0
    paid = results.others.set_index("trader")["paid_in_wei"]
    assert sum(int(wei) for wei in paid.loc[people[1].account.address]) == 10**17 - 10**15
    assert session.simulation.chain.head == 4 + 2 * 4
    json.dumps(state_of(session, {}), allow_nan=False)


def test_what_came_in_is_kept_and_replays_the_run(played, tmp_path):
    session, _ = played
    kept = read_outside(outside_text(session.outside), "outside.jsonl")
    assert {each.kind for each in kept} == {"chain", "grant", "transaction"}
    again = p2p.Simulation(scenario(), out=tmp_path / "again", terms=terms_of(kept))
    replay(again, kept)
    assert tables(again) == tables(session.simulation)


def test_the_command_line_runs_a_touched_run_again_under_its_own_name(played, tmp_path):
    session, _ = played
    touched = session.simulation.results()
    assert touched.manifest["outside_inputs"] == len(session.outside)
    assert touched.path.name != run_identity(scenario()).run_id
    assert finished_run(run_identity(scenario()), tmp_path / "served") is None
    again = _replayed(scenario(), tmp_path / "again", touched.path / "outside.jsonl")
    for key in ("run_id", "sha256", "outside_inputs"):
        assert again.manifest[key] == touched.manifest[key]
    with pytest.raises(InputError, match="cannot be read"):
        _replayed(scenario(), tmp_path / "again", tmp_path / "nothing.jsonl")


def test_another_chain_id_under_signed_orders_is_another_run(tmp_path):
    """It is in every signature, and so in the gas."""
    signed = scenario(submission="signed")
    sessions = [Session(signed, tmp_path, chain_id) for chain_id in (7, 8)]
    ids = {session.simulation.model.parts.recorder.run_id for session in sessions}
    assert len(ids | {run_identity(signed).run_id}) == 3


def test_sealed_orders_are_not_served(tmp_path):
    with pytest.raises(InputError, match="submission sealed"):
        Session(scenario(submission="sealed"), tmp_path)


def told_on(backend, folder):
    """What a server says after a wallet, a house and a signed order traded on a backend."""
    given = scenario().replace({"chain.backend": backend})
    session = in_simulation_thread(lambda: Session(given, folder, 8_000_001))
    contract = session.market.contract
    with TestClient(app_of(session), base_url="http://127.0.0.1") as client:
        alice = Person(client, wallet("alice"))
        alice.fill_purse()
        alice.control("step")
        sent = [
            alice.send(contract, "deposit", value=10**17),
            alice.send(contract, "placeBid", 2, 300, PRICE),
        ]
        alice.control("step")
        alice.take(contract, "house_2")
        alice.control("step")
        nonce = contract.read.accounts([alice.account.address])[0][0].nonce
        assert alice.order("bid", 200, PRICE, nonce).status_code == 200
        alice.control("step")
        receipts = [alice.rpc("eth_getTransactionReceipt", hash_) for hash_ in sent]
        kept = ("transactionHash", "gasUsed", "status", "blockNumber", "transactionIndex")
        state = client.get("/api/state").json()
        return {
            "receipts": [{name: receipt[name] for name in kept} for receipt in receipts],
            "chain": alice.rpc("eth_chainId"),
            **{part: state[part] for part in ("market", "others", "houses", "people")},
        }


def test_a_run_on_anvil_is_served_as_one_in_this_process(tmp_path):
    """The same wallet, the same transactions, house and signed order: equal receipts, trades and
    accounts."""
    here, anvil = (told_on(backend, tmp_path / backend) for backend in ("generated", "anvil"))
    assert here == anvil
    assert [receipt["status"] for receipt in here["receipts"]] == ["0x1", "0x1"]
    (hand,) = here["people"]
    assert hand["leads"]
    trades = here["market"]["trades"]
    assert [t["energy_wh"] for t in trades if t["buyer"] == "house_2"] == [200]
