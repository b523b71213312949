"""Limits that somebody signs once, inside which a house's agent trades."""

import pytest
from served import Person, give, scenario
from wallet import wallet

import p2p_cosim as p2p
from p2p_cosim.core.types import outside_text, read_outside
from p2p_cosim.dapp.outside import replay, terms_of

HOUSE = "house_2"
HIGHEST = 4 * 10**11
"""The market's highest price, in wei/Wh."""


def mandates(client):
    return client.get("/api/state").json()["mandates"]


def test_the_agent_trades_inside_it_and_the_run_replays(alice, client, session, tmp_path):
    alice.control("step")
    before = [p.order for p in session.simulation.last.gate.placements if p.order.trader == HOUSE]
    assert before[0].price_wei_per_wh < 10**11
    limit = before[0].price_wei_per_wh // 2
    given = give(alice, buy_up_to=limit, until=3, wh_a_day=100)
    assert given.status_code == 200, given.text
    assert mandates(client) == given.json()["mandates"]
    orders = []
    for _ in range(3):
        alice.control("step")
        gate = session.simulation.last.gate
        orders.append([p.order for p in gate.placements if p.order.trader == HOUSE])
    for each in (*orders[0], *orders[1]):
        assert each.price_wei_per_wh <= limit
        assert each.energy_wh <= 100
    assert orders[0]
    # It has ended, and the agent trades as it did before.
    assert max(each.price_wei_per_wh for each in orders[2]) > limit
    assert mandates(client) == []
    served = session.simulation.results().path
    kept = read_outside(outside_text(session.outside), "outside.jsonl")
    assert "mandate" in {each.kind for each in kept}
    again = p2p.Simulation(scenario(), out=tmp_path / "again", terms=terms_of(kept))
    replay(again, kept)
    found = again.results().path
    for path in sorted(served.glob("*.parquet")):
        assert path.read_bytes() == (found / path.name).read_bytes(), path.name


def test_only_its_giver_changes_or_ends_it(alice, client):
    bob = Person(client, wallet("bob"))
    assert give(alice).status_code == 200
    assert give(bob).status_code == 409
    assert bob.ask("take over", HOUSE).status_code == 409
    assert bob.ask("give back", HOUSE).status_code == 409
    assert give(alice, wh_a_day=700).status_code == 200
    assert mandates(client)[0]["wh_a_day"] == 700
    assert alice.ask("give back", HOUSE).status_code == 200
    assert mandates(client) == []


def test_who_gave_one_may_take_the_house_over_which_ends_it(alice, client, contract):
    assert give(alice).status_code == 200
    alice.take(contract, HOUSE)
    assert mandates(client) == []
    assert give(alice).status_code == 409


def test_what_was_signed_is_what_counts(alice, client):
    assert give(alice, **{"wh_a_day": 500, "buy_up_to_wei_per_wh": "1"}).status_code == 403
    assert give(alice, house="house_99").status_code == 409
    late = give(alice, until=0)
    assert (late.status_code, "give a later end" in late.json()["error"]) == (409, True)
    alice.control("reset")
    assert mandates(client) == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"until": 2**32 + 1},
        {"until": "4"},
        {"sell_from_wei_per_wh": 4},
        {"sell_from_wei_per_wh": "-4"},
        {"buy_up_to_wei_per_wh": str(2**56)},
        {"tick": None},
    ],
)
def test_what_is_no_mandate_is_refused(alice, client, wrong):
    assert give(alice, **wrong).status_code == 400
    assert mandates(client) == []


def test_other_pages_give_none(alice, client):
    token = {"X-P2P-Token": alice.run["token"], "Origin": "http://evil.example"}
    assert client.post("/api/mandate", json={}).status_code == 403
    assert client.post("/api/mandate", json={}, headers=token).status_code == 403


def orders_of(session, house):
    return [p for p in session.simulation.last.gate.placements if p.order.trader == house]


@pytest.mark.parametrize(
    "limits",
    [
        {"wh_a_day": 0},
        {"sell_from": HIGHEST, "buy_up_to": 0},
        {"sell_from": 0, "buy_up_to": 2**56 - 1},
        {"sell_from": HIGHEST, "buy_up_to": 2**56 - 1},
        {"wh_a_day": 10**9},
        {"until": 2**32},
    ],
    ids=str,
)
def test_limits_at_their_edges_stop_no_run(alice, client, session, limits):
    for house in ("house_1", "house_2", "house_3"):
        assert give(alice, house, **limits).status_code == 200
    assert client.get("/api/run").json()["limits"]["max_price_wei_per_wh"] == str(HIGHEST)
    for _ in range(4):
        assert alice.control("step")["error"] is None
        for house in ("house_1", "house_2", "house_3"):
            placed = orders_of(session, house)
            assert [p for p in placed if p.rejection or p.order.price_wei_per_wh > HIGHEST] == []
            assert not placed or limits.get("wh_a_day") != 0


def test_a_least_price_that_the_market_takes_of_nobody_is_told(alice, client):
    refused = give(alice, sell_from=HIGHEST + 1)
    assert (refused.status_code, "that or less" in refused.json()["error"]) == (409, True)
    assert mandates(client) == []
