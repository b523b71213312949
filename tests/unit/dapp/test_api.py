"""The API of docs/dapp-api.md: clock, faucet, state; and who may ask."""

import json
import re
from pathlib import Path

import pytest
from served import HOST, scenario
from starlette.testclient import TestClient

from p2p_cosim.core.errors import ConservationError
from p2p_cosim.dapp.app import app_of
from p2p_cosim.dapp.guard import MOST_BYTES, RateLimit
from p2p_cosim.dapp.session import Session
from p2p_cosim.dapp.thread import in_simulation_thread

PAGE = Path("docs/dapp-api.md").read_text()


def control(client, action, **more):
    return client.post("/api/control", json={"action": action, **more})


def documented(path):
    """The example below the heading of a path."""
    section = PAGE.split(f"## `GET {path}`\n")[1]
    return json.loads(re.search(r"```json\n(.*?)```", section, re.DOTALL)[1])


def assert_same_shape(example, given, where=""):
    """Every documented field is there, with that type, and no other."""
    if isinstance(example, dict) and where != ".grid.nodes" and not where.startswith(".map"):
        assert isinstance(given, dict), where
        if where not in (".roles", ".regulators", ".grid.taps", ".tap_ranges", ".taps_by_hand"):
            assert example.keys() == given.keys(), where
            for key, value in example.items():
                assert_same_shape(value, given[key], f"{where}.{key}")
    elif isinstance(example, list):
        assert isinstance(given, list), where
        for each in given if example else ():
            assert_same_shape(example[0], each, f"{where}[]")
    elif example is not None and given is not None:
        numbers = isinstance(example, int | float) and isinstance(given, int | float)
        assert numbers or type(example) is type(given), (where, example, given)


def test_run_and_state_are_what_the_page_says(client):
    run = client.get("/api/run").json()
    run["abi"] = []
    assert_same_shape(documented("/api/run"), run)
    assert_same_shape(
        {**documented("/api/state"), "market": None, "grid": None}, client.get("/api/state").json()
    )
    control(client, "step")
    assert_same_shape(documented("/api/state"), client.get("/api/state").json())


def test_a_tariff_that_changes_is_told_from_tick_to_tick(tmp_path):
    dear = {"from_hour": 1, "to_hour": 2, "retail_eur_per_kwh": 0.5, "feed_in_eur_per_kwh": -0.01}
    start = {"clock.start": "2024-06-21 00:00", "clock.interval_min": 60}
    changed = scenario().replace({**start, "market.grace_min": 60, "tariff.periods": [dear]})
    session = in_simulation_thread(lambda: Session(changed, tmp_path))
    with TestClient(app_of(session, port=8000), base_url=f"http://{HOST}") as client:
        tariff = client.get("/api/run").json()["tariff"]
    assert tariff["changes"] == [
        [1, "200000000000", "-4000000000"],
        [2, tariff["retail_wei_per_wh"], tariff["feed_in_wei_per_wh"]],
    ]


def test_steps_to_the_end_and_begins_again(client):
    for tick in range(1, 5):
        clock = control(client, "step").json()
        assert (clock["tick"], clock["block"]) == (tick, 1 + 2 * tick)
    assert clock["mode"] == "done"
    again = control(client, "step")
    assert (again.status_code, again.json()["error"]) == (
        409,
        "all ticks are run: reset to begin again",
    )
    assert control(client, "play", seconds_per_tick=1).status_code == 409
    clock = control(client, "reset").json()
    assert (clock["mode"], clock["tick"], clock["block"]) == ("paused", 0, 10)
    assert client.get("/api/run").json()["resets"] == 1


def test_plays_by_the_clock_and_pauses(client):
    clock = control(client, "play", seconds_per_tick=0.05).json()
    assert clock["mode"] == "playing"
    assert 0 <= clock["gate_closes_in_s"] <= 0.05
    stepped = control(client, "step")
    assert stepped.status_code == 409
    while client.get("/api/state").json()["clock"]["tick"] < 2:
        pass
    paused = control(client, "pause").json()
    assert paused["mode"] in ("paused", "done")
    assert paused["gate_closes_in_s"] is None


@pytest.mark.parametrize(
    "body",
    [
        "{}",
        "[]",
        "x",
        '{"action": "explode"}',
        '{"action": "play"}',
        '{"action": "play", "seconds_per_tick": true}',
        '{"action": "play", "seconds_per_tick": 1e9}',
        '{"action": "play", "seconds_per_tick": NaN}',
        '{"action": "play", "seconds_per_tick": 1' + "0" * 400 + "}",
        '{"action": ["step"]}',
    ],
)
def test_what_does_not_say_what_it_wants_is_refused(client, body):
    headers = {"Content-Type": "application/json"}
    answer = client.post("/api/control", content=body, headers=headers)
    assert answer.status_code == 400
    assert answer.json()["error"]
    assert client.get("/api/state").json()["clock"]["tick"] == 0


def test_a_tick_that_fails_is_told_and_a_reset_helps(client, session, monkeypatch):
    def fail():
        raise ConservationError("money", 0, 1, 2, "wei")

    monkeypatch.setattr(session.simulation, "step", fail)
    assert control(client, "step").status_code == 409
    clock = client.get("/api/state").json()["clock"]
    assert clock["mode"] == "failed"
    assert "money does not balance" in clock["error"]
    assert control(client, "step").status_code == 409
    assert control(client, "reset").json()["mode"] == "paused"
    assert control(client, "step").json()["tick"] == 1


def test_the_faucet_gives_once(client, alice):
    address = alice.account.address
    assert int(alice.rpc("eth_getBalance", address, "latest"), 16) == 10**19
    again = client.post("/api/faucet", json={"address": address})
    assert again.status_code == 409
    assert client.post("/api/faucet", json={"address": "0x12"}).status_code == 400


def test_there_is_a_page(client):
    answer = client.get("/")
    assert answer.status_code == 200
    assert "text/html" in answer.headers["content-type"]
    assert "script-src 'self'" in answer.headers["content-security-policy"]
    assert client.get("/../app.py").status_code == 404


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8000", "127.0.0.1:9", ""])
def test_only_its_own_names_are_served(client, host):
    assert client.get("/api/state", headers={"Host": host}).status_code == 403


@pytest.mark.parametrize("host", ["localhost:8000", "127.0.0.1:8000", "[::1]:8000"])
def test_the_names_of_loopback_are_its_own(client, host):
    assert client.get("/api/state", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "origin",
    [
        "http://evil.example",
        "null",
        "http://127.0.0.1:8001",
        "https://localhost:8000",
        "file://",
        "http://[",
        "chrome-extension://",
    ],
)
def test_pages_of_others_may_not_ask(client, origin):
    headers = {"Origin": origin}
    for path in ("/rpc", "/api/control"):
        body = {"jsonrpc": "2.0", "id": 1, "method": "eth_chainId", "action": "step"}
        assert client.post(path, json=body, headers=headers).status_code == 403
    assert client.get("/events", headers=headers).status_code == 403


@pytest.mark.parametrize(
    "origin", [f"http://{HOST}", "chrome-extension://nkbihfbeogaeaoehlefnkodb"]
)
def test_its_own_page_and_extensions_may(client, origin):
    body = {"jsonrpc": "2.0", "id": 1, "method": "eth_chainId"}
    answer = client.post("/rpc", json=body, headers={"Origin": origin})
    assert answer.status_code == 200
    allowed = answer.headers.get("access-control-allow-origin")
    assert allowed == (origin if "extension" in origin else None)


def test_a_form_of_another_page_reaches_nothing(client):
    for kind in ("text/plain", "application/x-www-form-urlencoded"):
        answer = client.post(
            "/api/control", content='{"action": "step"}', headers={"Content-Type": kind}
        )
        assert answer.status_code == 415


def test_bodies_have_a_limit_with_and_without_their_length(client):
    headers = {"Content-Type": "application/json"}
    assert client.post("/rpc", content=b" " * (MOST_BYTES + 1), headers=headers).status_code == 413

    def parts():
        for _ in range(20):
            yield b" " * 2**17

    assert client.post("/rpc", content=parts(), headers=headers).status_code == 413


def test_calls_have_a_rate(session):
    limit = RateLimit(a_second=0.001, burst=5)
    with TestClient(app_of(session, port=8000, limit=limit), base_url=f"http://{HOST}") as client:
        call = {"jsonrpc": "2.0", "id": 1, "method": "eth_chainId"}
        assert client.post("/rpc", json=[call] * 4).status_code == 200
        assert client.post("/rpc", json=[call] * 4).status_code == 429


@pytest.mark.parametrize("path", ["/api/house", "/api/mandate"])
def test_a_name_that_cannot_be_written_as_bytes_is_refused(client, path):
    """JSON may have half a surrogate pair."""
    fields = {"action": "take over", "house": "\ud800", "tick": 0, "until": 1, "wh_a_day": 1}
    fields |= {"sell_from_wei_per_wh": "0", "buy_up_to_wei_per_wh": "0"}
    fields |= {"address": "0x" + "11" * 20, "signature": "0x" + "11" * 65}
    body = json.dumps(fields)
    token = client.get("/api/run").json()["token"]
    headers = {"Content-Type": "application/json", "X-P2P-Token": token}
    assert client.post(path, content=body, headers=headers).status_code == 400
