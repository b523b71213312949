"""Installing with a stand-in for the n8n command; tests/n8n does it with the real one."""

import json
import stat
import sys
from pathlib import Path

import pytest
from fake_telegram import FakeTelegram

from p2p_cosim.core.errors import DeliveryError, InputError
from p2p_cosim.notify.install import install, workflow

SECRETS = {
    "P2P_ALERT_TOKEN": "tok-3f9c2a7e5d",
    "TELEGRAM_BOT_TOKEN": "123456:AAbbCCdd",
    "TELEGRAM_CHAT_SUBSTATION": "-1001234",
    "TELEGRAM_CHAT_HOMEOWNER": "42424242",
    "TELEGRAM_CHAT_HOUSE_7": "77777777",
}
# Writes down its arguments, environment and input file, with the file's and folder's mode.
STAND_IN = """#!{python}
import json, os, pathlib, sys
name, _, value = sys.argv[2].partition("=")
path = pathlib.Path(value)
entry = {{"command": sys.argv[1], "option": name, "value": value, "env": dict(os.environ)}}
if name == "--input":
    entry["content"] = json.loads(path.read_text())
    entry["modes"] = [path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777]
with open({log!r}, "a") as log:
    log.write(json.dumps(entry) + "\\n")
{then}
"""


@pytest.fixture
def n8n(tmp_path, monkeypatch):
    """Puts a stand-in in place; returns what reads its log."""

    def make(then=""):
        log, command = tmp_path / "log", tmp_path / "n8n"
        command.write_text(STAND_IN.format(python=sys.executable, log=str(log), then=then))
        command.chmod(command.stat().st_mode | stat.S_IXUSR)
        monkeypatch.setenv("N8N_BIN", str(command))
        return lambda: [json.loads(line) for line in log.read_text().splitlines()]

    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    with FakeTelegram(SECRETS["TELEGRAM_BOT_TOKEN"]) as telegram:
        monkeypatch.setenv("TELEGRAM_API_URL", telegram.url)
        make.telegram = telegram
        yield make


def test_credentials_then_workflows_then_the_sender_is_published_before_its_caller(n8n):
    calls = n8n()
    assert install().workflows == (workflow("send")["name"], workflow("receive")["name"])
    assert [(entry["command"], entry["option"]) for entry in calls()] == [
        ("import:credentials", "--input"),
        ("import:workflow", "--input"),
        ("import:workflow", "--input"),
        ("publish:workflow", "--id"),
        ("publish:workflow", "--id"),
    ]
    assert [entry["value"] for entry in calls()[-2:]] == [
        workflow("send")["id"],
        workflow("receive")["id"],
    ]


def test_credentials_have_the_ids_that_the_workflows_ask_for(n8n):
    calls = n8n()
    install()
    header, telegram = calls()[0]["content"]
    asked = workflow("receive")["nodes"][0]["credentials"]["httpHeaderAuth"]
    assert {name: header[name] for name in ("id", "name")} == asked
    assert header["data"] == {"name": "X-P2P-Token", "value": SECRETS["P2P_ALERT_TOKEN"]}
    assert telegram["data"] == {
        "accessToken": SECRETS["TELEGRAM_BOT_TOKEN"],
        "baseUrl": n8n.telegram.url,
    }


def test_chats_go_into_the_receiver_and_no_token_into_a_workflow(n8n):
    calls = n8n()
    install()
    send, receive = (entry["content"] for entry in calls()[1:3])
    (chats,) = next(node for node in receive["nodes"] if node["name"] == "Chats")["parameters"][
        "assignments"
    ]["assignments"]
    assert json.loads(chats["value"]) == {
        "homeowner": "42424242",
        "house_7": "77777777",
        "substation": "-1001234",
    }
    assert send == workflow("send")
    for name in ("P2P_ALERT_TOKEN", "TELEGRAM_BOT_TOKEN"):
        assert SECRETS[name] not in json.dumps([send, receive])


def test_files_are_for_their_owner_alone_and_gone_afterwards(n8n):
    calls = n8n()
    install()
    for entry in calls()[:3]:
        assert entry["modes"] == [0o600, 0o700]
        assert not Path(entry["value"]).parent.exists()


def test_files_are_gone_after_a_failure_too_and_its_words_hold_no_secret(n8n):
    calls = n8n(
        'print("bad key", os.environ.get("TELEGRAM_BOT_TOKEN"), path.read_text()); sys.exit(3)'
    )
    with pytest.raises(DeliveryError, match="import:credentials ended with 3: bad key None") as e:
        install()
    for secret in SECRETS.values():
        assert secret not in str(e.value)
    assert not Path(calls()[0]["value"]).parent.exists()


def test_the_command_gets_no_secret_in_its_environment_or_arguments(n8n):
    calls = n8n()
    install()
    for entry in calls():
        assert not SECRETS.keys() & entry["env"].keys()
        assert not any(secret in entry["value"] for secret in SECRETS.values())


@pytest.mark.parametrize("name", [name for name in SECRETS if not name.endswith("_7")])
def test_a_missing_variable_is_named_before_anything_runs(n8n, tmp_path, monkeypatch, name):
    n8n()
    monkeypatch.delenv(name)
    with pytest.raises(InputError, match=name):
        install()
    assert not (tmp_path / "log").exists()


def test_everything_missing_is_told_at_once_and_the_node_that_the_project_brings(n8n, monkeypatch):
    n8n()
    monkeypatch.setenv("TELEGRAM_API_URL", "http://api.example.org")
    monkeypatch.delenv("TELEGRAM_CHAT_HOMEOWNER")
    monkeypatch.delenv("P2P_ALERT_TOKEN")
    monkeypatch.setenv("N8N_BIN", "no-such-command")
    with pytest.raises(InputError, match="cannot be installed yet") as caught:
        install()
    lines = [line.strip() for line in str(caught.value).splitlines()[1:]]
    assert len(lines) == 4
    assert lines[0].startswith("P2P_ALERT_TOKEN is not set")
    assert lines[1].startswith("TELEGRAM_CHAT_HOMEOWNER is not set")
    assert lines[2].startswith("TELEGRAM_API_URL would send a token unencrypted")
    assert lines[3].startswith("there is no command 'no-such-command'")
    assert "Node 24 (`make node` puts one into .venv/bin" in lines[3]


def test_chats_that_the_bot_does_not_reach_are_told_with_the_rest(n8n, monkeypatch):
    n8n.telegram.moved = {"-1001234": -100999}
    calls = n8n()
    assert install().remarks == (
        "TELEGRAM_CHAT_SUBSTATION became a supergroup: -100999 is installed, set it to that",
    )
    assert "-100999" in json.dumps(calls()[2]["content"])
    monkeypatch.setenv("N8N_BIN", "no-such-command")
    monkeypatch.setenv("TELEGRAM_BOT_TOKEN", "1:wrong")
    with pytest.raises(InputError, match="cannot be installed yet") as caught:
        install()
    assert "TELEGRAM_BOT_TOKEN is not the token of a bot" in str(caught.value)
    assert "1:wrong" not in str(caught.value)
