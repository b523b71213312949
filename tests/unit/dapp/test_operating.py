"""A tap moved by hand: before the next interval, recorded, and replayed."""

import pytest
from served import scenario

import p2p_cosim as p2p
from p2p_cosim.core.types import outside_text, read_outside
from p2p_cosim.dapp.outside import replay, terms_of


def do(client, **wanted):
    token = client.get("/api/run").json()["token"]
    return client.post("/api/operator", json=wanted, headers={"X-P2P-Token": token})


def test_a_tap_moves_before_the_next_interval_and_replays(client, session, tmp_path):
    name = next(iter(client.get("/api/run").json()["regulators"]))
    client.post("/api/control", json={"action": "step"})
    tap = client.get("/api/state").json()["grid"]["taps"][name]
    told = do(client, action="tap", regulator=name, tap=tap - 2)
    assert told.json()["taps_by_hand"] == {name: tap - 2}
    assert session.simulation.model.grid.taps[name] == tap
    client.post("/api/control", json={"action": "step"})
    state = client.get("/api/state").json()
    assert state["grid"]["taps"][name] == tap - 2
    mine = [move for move in state["grid"]["moves"] if move["regulator"] == name]
    assert mine == [{"regulator": name, "tap": tap - 2, "reason": "moved by hand"}]
    assert state["taps_by_hand"] == {}
    while not session.simulation.done:
        client.post("/api/control", json={"action": "step"})
    served = session.simulation.results().path
    kept = read_outside(outside_text(session.outside), "outside.jsonl")
    assert [each.kind for each in kept] == ["chain", "tap"]
    again = p2p.Simulation(scenario(), out=tmp_path / "again", terms=terms_of(kept))
    replay(again, kept)
    found = again.results().path
    for path in sorted(served.glob("*.parquet")):
        assert path.read_bytes() == (found / path.name).read_bytes(), path.name


@pytest.mark.parametrize(
    "wanted",
    [
        {},
        {"action": "explode"},
        {"action": "tap"},
        {"action": "tap", "regulator": "none", "tap": 1},
        {"action": "tap", "regulator": ["reg_a"], "tap": 1},
        {"action": "tap", "regulator": "reg_a", "tap": 99},
        {"action": "tap", "regulator": "reg_a", "tap": True},
        {"action": "acknowledge"},
        {"action": "acknowledge", "alarm": "1"},
        {"action": "shelve", "alarm": 1, "minutes": 0},
    ],
)
def test_what_does_not_say_what_it_wants_is_refused(client, session, wanted):
    assert do(client, **wanted).status_code == 400
    assert session.outside == ()


def test_other_pages_move_nothing(client, session):
    body = {"action": "tap", "regulator": "reg_a", "tap": 1}
    token = {"X-P2P-Token": client.get("/api/run").json()["token"]}
    assert client.post("/api/operator", json=body).status_code == 403
    headers = {**token, "Origin": "http://evil.example"}
    assert client.post("/api/operator", json=body, headers=headers).status_code == 403
    assert do(client, action="acknowledge", alarm=7).status_code == 409
    assert session.outside == ()
