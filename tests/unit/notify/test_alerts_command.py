"""`p2p-cosim alerts`, in processes of its own, and runs that tell people."""

import hashlib
import json
import os
import signal
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
def kept(tmp_path, event):
    """A folder with fifty events to send."""
    Outbox(tmp_path / "run.alerts").append([event(house) for house in range(1, 51)])
    return tmp_path / "run.alerts"


def test_a_flush_killed_with_9_and_run_again_loses_nothing(receiver, token, kept, event):
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
    assert set(times) == {event(house).event_id for house in range(1, 51)}
    assert sum(times.values()) in (50, 51)  # at most the one under way again, with the same id
    assert Receipts(kept).delivered() == set(times)


def test_flush_again_sends_what_was_delivered_only_when_asked(receiver, token, kept):
    server = receiver(202)
    for arguments, arrived in (((), 50), ((), 50), (("--again",), 100)):
        done = alerts("flush", kept, "--url", server.url, *arguments)
        assert done.returncode == 0, done.stderr
        assert len(server.arrived) == arrived


@pytest.mark.parametrize(
    ("answer", "said"),
    [(403, "P2P_ALERT_TOKEN"), (302, "redirects are not followed"), (400, "takes no such event")],
)
def test_a_flush_that_fails_says_why_and_what_is_left(receiver, token, kept, answer, said):
    done = alerts("flush", kept, "--url", receiver(answer).url)
    assert done.returncode == 1
    assert said in done.stderr
    assert "50 left of 50 alerts" in done.stdout
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
    told = [event.event_id for event in Outbox(alerts_folder(run.path)).read()]
    assert server.arrived == told
    assert list(run.alerts["event_id"]) == told
    listed = json.loads(alerts("show", run.path, "--json").stdout)
    assert [(e["kind"], e["house"], e["delivered"]) for e in listed["events"]] == [
        ("outage", "house_1", True),
        ("outage", "house_3", True),
        ("restored", "house_1", True),
    ]
    assert "3 alerts, 3 delivered; suppressed: none" in alerts("show", run.path).stdout
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
    assert [event.event_id for event in outbox.read()] == list(run.alerts["event_id"])
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
    assert [event.house for event in Outbox(alerts_folder(run.path)).read()] == ["house_3"]
    assert "1 alerts, 0 delivered; suppressed: 2 shelved" in alerts("show", run.path).stdout


def test_a_run_with_a_webhook_needs_its_token_before_it_begins(tmp_path, monkeypatch):
    monkeypatch.delenv("P2P_ALERT_TOKEN", raising=False)
    with pytest.raises(InputError, match="P2P_ALERT_TOKEN is not set"):
        p2p.run(scenario(sink="webhook"), out=tmp_path)
    assert list(tmp_path.iterdir()) == []
