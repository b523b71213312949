"""A class that plays: seats, presence, the teacher, and who saves what."""

import asyncio
import csv

import pytest
from served import HOST, Person, scenario
from starlette.testclient import TestClient
from wallet import wallet

import p2p_cosim as p2p
from p2p_cosim.core.errors import InputError
from p2p_cosim.core.types import outside_text, read_outside
from p2p_cosim.dapp.app import app_of
from p2p_cosim.dapp.broadcast import MOST_LISTENERS, PAGES_A_MEMBER, Broadcast
from p2p_cosim.dapp.classroom import ALPHABET, Classroom, name_of
from p2p_cosim.dapp.outside import replay, terms_of
from p2p_cosim.dapp.session import Session
from p2p_cosim.dapp.thread import in_simulation_thread

HOUSES = ["house_1", "house_2", "house_3"]
PRICE = 90 * 10**9


@pytest.fixture
def session(tmp_path):
    return in_simulation_thread(lambda: Session(scenario(), tmp_path, players=2))


@pytest.fixture
def room(session):
    return session.classroom


@pytest.fixture
def client(session):
    with TestClient(app_of(session, port=8000), base_url=f"http://{HOST}") as client:
        yield client


@pytest.fixture
def teacher(client, room):
    return Person(client, wallet("teacher"), {"X-P2P-Teacher": room.teacher})


@pytest.fixture
def player(client, room):
    """Alice, who has joined for House 1."""
    code = room.seats[0].code
    joined = client.post("/api/class/join", json={"code": code, "name": "Alice"})
    assert joined.json() == {"house": "house_1", "name": "Alice"}
    person = Person(client, wallet("alice"), {"X-P2P-Join": code})
    person.fill_purse()
    return person


def led(session):
    return list(session.hands.led())


def test_codes_are_hard_to_guess_and_easy_to_read():
    room = Classroom(HOUSES, 3)
    codes = [room.teacher, *(seat.code for seat in room.seats)]
    assert len(set(codes)) == 4
    assert all(set(code) <= set(ALPHABET) and len(ALPHABET) ** len(code) > 2**39 for code in codes)
    with pytest.raises(InputError, match=r"4 players, and the scenario has 3 houses"):
        Classroom(HOUSES, 4)


def test_only_the_teacher_has_the_clock_and_the_grid(player, teacher, client, room):
    for path, body in (
        ("control", {"action": "step"}),
        ("class/game", {"scenario": "outage"}),
        ("operator", {"action": "clear", "alarm": 1}),
    ):
        headers = {"X-P2P-Token": player.run["token"], "X-P2P-Teacher": room.seats[0].code}
        refused = client.post(f"/api/{path}", json=body, headers=headers)
        assert (refused.status_code, "for the teacher" in refused.json()["error"]) == (403, True)
    for path in ("class", "class/plays.csv"):
        assert client.get(f"/api/{path}").status_code == 403
        assert client.get(f"/api/{path}", headers=teacher.headers).status_code == 200
    assert teacher.control("step")["tick"] == 1
    assert "codes" not in client.get("/api/state").text
    assert room.teacher not in client.get("/api/run").text + client.get("/api/state").text


def test_a_house_is_taken_with_its_own_code_alone(player, contract, client, session, room):
    player.send(contract, "consentToMeter", 10**6)
    wrong = player.ask("take over", "house_2")
    assert (wrong.status_code, "is of house_1" in wrong.json()["error"]) == (403, True)
    bob = Person(client, wallet("bob"))
    assert bob.ask("take over", "house_3").status_code == 403
    assert client.post("/api/class/join", json={"code": "abc"}).status_code == 403
    assert client.post("/api/class/join", json={"code": 5}).status_code == 400
    assert player.ask("take over", "house_1").status_code == 200


def test_strangers_take_no_place_of_a_player_or_the_teacher(room):
    members = [room.member_of(code) for code in (room.seats[0].code, room.teacher, "nobody's")]
    assert members == ["house_1", "teacher", ""]

    async def main():
        broadcast = Broadcast()
        known = [broadcast.listen({}, member) for member in members[:2] * PAGES_A_MEMBER]
        strangers = [broadcast.listen({}, members[2]) for _ in range(2 * MOST_LISTENERS)]
        for stream in (*known, *strangers):
            await anext(stream)
        broadcast.tell("tick", {})
        told = [b"event: tick" in await anext(stream) for stream in known]
        for stream in (*known, *strangers):
            await stream.aclose()
        return told

    assert asyncio.run(main()) == [True] * 2 * PAGES_A_MEMBER


def test_who_is_away_has_an_agent_until_he_is_back(player, teacher, contract, session, room):
    with room.present(room.seats[0].code):
        player.take(contract, "house_1")
        teacher.control("step")
        assert led(session) == ["house_1"]
        teacher.control("step")
        assert led(session) == ["house_1"]
        assert [p for p in placed(session) if p.order.trader == "house_1"] == []
    teacher.control("step")  # he is away: the agent orders at this gate
    assert led(session) == []
    assert [p for p in placed(session) if p.order.trader == "house_1"]
    with room.present(room.seats[0].code):
        player.take(contract, "house_1")
        teacher.control("step")


def test_who_has_ordered_is_not_replaced_at_that_gate(player, teacher, contract, session, room):
    with room.present(room.seats[0].code):
        player.take(contract, "house_1")
        teacher.control("step")
    player.send(contract, "placeBid", 2, 200, PRICE)
    teacher.control("step")
    (mine,) = [p for p in placed(session) if p.order.trader == "house_1"]
    assert mine.order.energy_wh == 200
    assert led(session) == ["house_1"]


def placed(session):
    return session.simulation.last.gate.placements


def test_the_board_is_the_bill_of_the_rounds_that_one_led(
    player, teacher, contract, session, room, client, tmp_path
):
    with room.present(room.seats[0].code):
        player.take(contract, "house_1")
        for tick in range(3):
            if tick:
                player.send(contract, "placeBid", tick + 1, 300, PRICE)
            teacher.control("step")
    results = in_simulation_thread(session.simulation.results)
    mine = results.households.query("house == 'house_1' and tick >= 1")
    board = {row["house"]: row for row in client.get("/api/state").json()["class"]}
    paid = sum(map(int, mine["market_wei"])) + sum(map(int, mine["imbalance_wei"]))
    tariff = results.tariff
    alone = sum(
        wh * (tariff.retail_wei_per_wh if wh > 0 else tariff.feed_in_wei_per_wh)
        for wh in map(int, mine["metered_wh"])
    )
    assert board["house_1"]["rounds"] == 2
    assert int(board["house_1"]["paid_wei"]) == paid
    assert int(board["house_1"]["tariff_wei"]) == alone
    assert int(board["house_1"]["saved_wei"]) == alone - paid
    assert board["house_2"] == {
        **board["house_2"],
        **{"name": "", "present": False, "rounds": 0, "saved_wei": "0"},
    }
    text = client.get("/api/class/plays.csv", headers=teacher.headers).text
    plays = list(csv.DictReader(text.splitlines()))
    assert [(p["tick"], p["player"], p["energy_wh"]) for p in plays] == [
        ("1", "Alice", "300"),
        ("2", "Alice", "300"),
    ]
    # What a class did to its run is in the run's inputs, and replays.
    kept = read_outside(outside_text(session.outside), "outside.jsonl")
    teacher.control("step")
    again = p2p.Simulation(scenario(), out=tmp_path / "again", terms=terms_of(kept))
    replay(again, kept)
    found = again.results()
    told = ["tick", "price_wei_per_wh", "energy_wh"]
    assert found.market[told][:3].equals(results.market[told][:3])


def test_the_teacher_begins_another_game_and_the_board_goes_on(teacher, client, session, room):
    teacher.control("step")
    wrong = client.post("/api/class/game", json={"scenario": "no"}, headers=teacher.headers)
    assert wrong.status_code == 400
    begun = client.post("/api/class/game", json={"scenario": "outage"}, headers=teacher.headers)
    assert (begun.status_code, begun.json()["tick"]) == (200, 0)
    assert client.get("/api/run").json()["scenario"] == "outage"
    assert client.get("/api/run").json()["players"] == 2
    assert [seat["house"] for seat in client.get("/api/state").json()["class"]] == HOUSES[:2]


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        (" Ada ", "Ada"),
        ("=1+1", "1+1"),
        ("A\nda\x00", "Ada"),
        ("x" * 99, "x" * 24),
        (5, ""),
        ("@ ", ""),
    ],
)
def test_a_name_is_short_and_plain(given, shown):
    assert name_of({"name": given}) == shown


def test_a_listener_counts_as_there_while_it_listens(room):
    code = room.seats[1].code
    with room.present(code), room.present(code), room.present("nobody"):
        assert room.absent(HOUSES) == ["house_1"]
    assert room.absent(HOUSES) == ["house_1", "house_2"]
