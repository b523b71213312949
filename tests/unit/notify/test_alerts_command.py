"""`p2p-cosim alerts`, in processes of its own, and runs that tell people."""

import hashlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections import Counter

import pytest

import p2p_cosim as p2p
from p2p_cosim.core.errors import InputError
from p2p_cosim.notify import Outbox, Receipts, alerts_folder

COMMAND = [sys.executable, "-c", "from p2p_cosim.cli import main; main()", "alerts"]
OUTAGES = {
    "name": "outages",
    "clock": {"ticks": 6},
    "houses": {"count": 3, "sites": ["675.B"]},
    "faults": {
        "schedule": [
            {"kind": "house_outage", "place": "house_1", "start_tick": 1, "end_tick": 3},
            {"kind": "house_outage", "place": "house_3", "start_tick": 2, "end_tick": 6},
        ]
    },
}


def scenario(**notify):
    return p2p.Scenario.model_validate({**OUTAGES, "notify": notify})


def alerts(*arguments, **options):
    return subprocess.run(
        [*COMMAND, *map(str, arguments)], capture_output=True, text=True, check=False, **options
    )


@pytest.fixture
def free_port():
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


@pytest.fixture
def kept(tmp_path, notice):
    """A folder with fifty notices to send."""
    Outbox(tmp_path / "run.alerts").append([notice(house) for house in range(1, 51)])
    return tmp_path / "run.alerts"


def test_a_flush_killed_with_9_and_run_again_loses_nothing(receiver, token, kept, notice):
    server = receiver(202, delay_s=0.02)
    flush = subprocess.Popen([*COMMAND, "flush", str(kept), "--url", server.url])
    while len(server.arrived) < 10:
        assert flush.poll() is None
        time.sleep(0.005)
    flush.send_signal(signal.SIGKILL)
    assert flush.wait() == -signal.SIGKILL
    done = alerts("flush", kept, "--url", server.url)
    assert done.returncode == 0, done.stderr
    times = Counter(server.arrived)
    assert set(times) == {notice(house).event_id for house in range(1, 51)}
    assert sum(times.values()) in (50, 51)  # at most the one under way again, with the same id
    assert Receipts(kept).states().keys() == set(times)


def test_flush_again_sends_what_was_delivered_only_when_asked(receiver, token, kept):
    server = receiver(202)
    for arguments, arrived in (((), 50), ((), 50), (("--again",), 100)):
        done = alerts("flush", kept, "--url", server.url, *arguments)
        assert done.returncode == 0, done.stderr
        assert len(server.arrived) == arrived
    assert set(server.marks[:50]) == {""}
    (mark,) = set(server.marks[50:])  # of that flush, so that a receiver takes it for new
    assert mark


def test_what_the_receiver_had_before_is_not_called_told(receiver, token, kept, response_of):
    server = receiver(response_of(200, "X-P2P-Alert: repeat"))
    done = alerts("flush", kept, "--url", server.url)
    assert "50 known, 0 were before, 0 left of 50 notices" in done.stdout
    assert "told nobody: --again insists" in done.stdout
    assert "50 notices: 50 known" in alerts("show", kept).stdout


def test_a_flush_waits_as_long_as_the_receiver_asks(receiver, token, tmp_path, notice, response_of):
    Outbox(tmp_path / "run.alerts").append([notice(1)])
    busy = response_of(429, "Retry-After: 5")
    server = receiver(busy, 202)
    done = alerts("flush", tmp_path / "run.alerts", "--url", server.url)
    assert done.returncode == 0, done.stderr
    assert server.times[1] - server.times[0] >= 5
    assert "it asks for time, next attempt in 5 s" in done.stderr


def _heed_ctrl_c():
    """Whoever starts the tests in the background of a shell has their children ignore it."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def test_listen_shows_what_a_flush_sends(token, kept, free_port):
    listen = subprocess.Popen(
        [*COMMAND, "listen", "--port", str(free_port)],
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=_heed_ctrl_c,  # noqa: PLW1509
    )
    try:
        url = listen.stdout.readline().split()[2].rstrip(";")
        assert url == f"http://127.0.0.1:{free_port}/webhook/p2p-alert"
        done = alerts("flush", kept, "--url", url)
        assert "50 shown, 0 were before, 0 left of 50 notices" in done.stdout
        listen.send_signal(signal.SIGINT)
        told = listen.communicate(timeout=30)[0]
    finally:
        listen.kill()
    assert told.count("Please initiate rectification procedures.") == 50
    assert told.endswith("50 notices shown\n")
    assert "50 notices: 50 shown" in alerts("show", kept).stdout


@pytest.mark.parametrize(
    ("answer", "said"),
    [(403, "P2P_ALERT_TOKEN"), (302, "redirects are not followed"), (400, "takes no such notice")],
)
def test_a_flush_that_fails_says_why_and_what_is_left(receiver, token, kept, answer, said):
    done = alerts("flush", kept, "--url", receiver(answer).url)
    assert done.returncode == 1
    assert said in done.stderr
    assert "50 left of 50 notices" in done.stdout
    assert "Traceback" not in done.stderr
    assert token.get_secret_value() not in done.stdout + done.stderr


def test_a_flush_without_token_or_outbox_is_wrong_input(kept, tmp_path):
    bare = {name: value for name, value in os.environ.items() if name != "P2P_ALERT_TOKEN"}
    for folder in (kept, tmp_path / "nothing"):
        done = alerts("flush", folder, "--url", "http://127.0.0.1:9", env=bare)
        assert (done.returncode, done.stdout) == (2, "")


def test_a_run_tells_while_it_goes_on_and_show_tells_what(receiver, token, tmp_path):
    server = receiver(202)
    run = p2p.run(scenario(sink="webhook", url=server.url), out=tmp_path)
    told = [notice.event_id for notice in Outbox(alerts_folder(run.path)).read()]
    assert server.arrived == told
    assert list(run.alerts["event_id"]) == told
    listed = json.loads(alerts("show", run.path, "--json").stdout)
    assert [(n["kind"], n["element"], n["state"]) for n in listed["notices"]] == [
        ("outage", "house_1", "handed over"),
        ("outage", "house_3", "handed over"),
        ("restored", "house_1", "handed over"),
    ]
    assert "3 notices: 3 handed over; alerts suppressed: none" in alerts("show", run.path).stdout
    for file in tmp_path.rglob("*"):
        if file.is_file():
            assert token.get_secret_value().encode() not in file.read_bytes(), file


def test_a_dead_sink_changes_no_table_and_the_outbox_holds_everything(receiver, token, tmp_path):
    dead = receiver(200)
    dead.close()
    run = p2p.run(scenario(sink="webhook", url=dead.url), out=tmp_path / "dead")
    quiet = p2p.run(scenario(), out=tmp_path / "quiet")
    for name in ("rounds", "orders", "trades", "households", "voltages", "alarms"):
        assert run.table(name).equals(quiet.table(name)), name
    outbox = Outbox(alerts_folder(run.path))
    assert [notice.event_id for notice in outbox.read()] == list(run.alerts["event_id"])
    assert not alerts_folder(quiet.path).exists()
    alive = receiver(202)
    done = alerts("flush", run.path, "--url", alive.url)
    assert done.returncode == 0, done.stderr
    assert alive.arrived == list(run.alerts["event_id"])


def test_the_outbox_repeats_byte_for_byte_and_lies_outside_the_results(tmp_path):
    digests = set()
    for folder in ("one", "two"):
        run = p2p.run(scenario(sink="jsonl"), out=tmp_path / folder)
        outbox = alerts_folder(run.path) / "outbox.jsonl"
        digests.add(hashlib.sha256(outbox.read_bytes()).hexdigest())
        assert outbox.parent not in (run.path, *run.path.iterdir())
        run.verify()
    assert len(digests) == 1


def test_what_is_suppressed_stands_in_the_table_and_in_show(tmp_path):
    shelf = {"house": "house_1", "start_tick": 0, "end_tick": 6}
    run = p2p.run(scenario(sink="jsonl", shelved=[shelf]), out=tmp_path)
    assert list(zip(run.alerts["house"], run.alerts["suppressed"], strict=True)) == [
        ("house_3", ""),
        ("house_1", "shelved"),
        ("house_1", "shelved"),
    ]
    assert [notice.element for notice in Outbox(alerts_folder(run.path)).read()] == ["house_3"]
    assert "1 notices: 1 waiting; alerts suppressed: 2 shelved" in alerts("show", run.path).stdout


def test_a_run_with_a_webhook_needs_its_token_before_it_begins(tmp_path, monkeypatch):
    monkeypatch.delenv("P2P_ALERT_TOKEN", raising=False)
    with pytest.raises(InputError, match="P2P_ALERT_TOKEN is not set"):
        p2p.run(scenario(sink="webhook"), out=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_houses_dark_at_once_are_one_notice_in_run_outbox_and_table(tmp_path):
    data = {**OUTAGES, "houses": {"count": 4, "sites": ["675.B"], "per_transformer": 2}}
    data["faults"] = {
        "schedule": [
            {"kind": "transformer_outage", "place": "service_2", "start_tick": 1, "end_tick": 3}
        ]
    }
    run = p2p.run(p2p.Scenario.model_validate({**data, "notify": {"sink": "jsonl"}}), out=tmp_path)
    outage, restored = Outbox(alerts_folder(run.path)).read()
    assert [message.to for message in outage.messages] == ["substation", "house_3", "house_4"]
    assert outage.messages[0].text == (
        "Alert: A fault has been detected at transformer Service 2, or behind it. 2 houses are "
        "without supply: House 3 and House 4. Please initiate rectification procedures."
    )
    assert restored.answers == (outage.event_id,)
    assert "of 2024-06-21 00:30 at transformer Service 2; no house" in restored.messages[0].text
    told = run.alerts
    assert list(told["notice_id"]) == [outage.event_id] * 2 + [restored.event_id] * 2
    assert set(zip(told["element_kind"], told["element"], strict=True)) == {
        ("transformer", "service_2")
    }
    assert list(told["answers"]) == ["", "", outage.event_id, outage.event_id]


def test_a_link_too_long_for_a_message_is_refused_by_the_scenario():
    with pytest.raises(
        InputError, match=r"notify\.dapp_url: is 4209 characters long, above the limit of 2000"
    ):
        scenario(sink="jsonl", dapp_url=f"http://x/{'a' * 4200}")


def test_an_authority_that_is_missing_is_told_before_the_run_begins(tmp_path, token, monkeypatch):
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "nowhere.pem"))
    with pytest.raises(InputError, match="REQUESTS_CA_BUNDLE names"):
        p2p.run(scenario(sink="webhook", url="https://127.0.0.1:9/x"), out=tmp_path / "out")
    assert not (tmp_path / "out").exists()
