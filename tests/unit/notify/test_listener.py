"""The receiver for trying: it answers as the workflow does, and shows what people would see."""

import threading

import pytest
import requests
from pydantic import SecretStr

from p2p_cosim.core.errors import InputError
from p2p_cosim.notify import State
from p2p_cosim.notify.courier import RefusedError
from p2p_cosim.notify.listener import Listener, text_of
from p2p_cosim.notify.notices import Message
from p2p_cosim.notify.webhook import TOKEN_HEADER, Webhook


@pytest.fixture
def shown():
    return []


@pytest.fixture
def listener(token, shown):
    with Listener(token, 0, shown.append) as one:
        thread = threading.Thread(target=one.serve, daemon=True)
        thread.start()
        yield one
        one.stop()
        thread.join(10)


def test_it_shows_each_notice_once_as_people_would_read_it(listener, token, notice, shown):
    webhook = Webhook(listener.url, token)
    assert [webhook.post(notice(1)) for _ in range(3)] == [State.SHOWN, State.KNOWN, State.KNOWN]
    (text,) = shown
    assert text.splitlines() == [
        "[2024-06-21T01:15:00] 2 messages",
        "  to substation:",
        f"    {notice(1).messages[0].text}",
        "  to house_1:",
        f"    {notice(1).messages[1].text}",
    ]


def test_a_notice_that_is_to_insist_is_shown_anew(listener, token, notice, shown):
    webhook = Webhook(listener.url, token)
    webhook.post(notice(1))
    insisting = notice(1).model_copy(update={"again": "ab12"})
    assert [webhook.post(insisting) for _ in range(2)] == [State.SHOWN, State.KNOWN]
    assert len(shown) == 2


def test_another_token_is_refused(listener, notice, shown):
    with pytest.raises(RefusedError, match="answered 403"):
        Webhook(listener.url, SecretStr("another")).post(notice(1))
    assert shown == []


def test_what_is_no_notice_is_refused(listener, token, shown):
    headers = {TOKEN_HEADER: token.get_secret_value()}
    elsewhere = listener.url.replace("p2p-alert", "other")
    calls = [
        requests.post(listener.url, json={"version": 1}, headers=headers, timeout=10),
        requests.post(listener.url, data=b"\xff{", headers=headers, timeout=10),
        requests.post(elsewhere, json={}, headers=headers, timeout=10),
        requests.get(listener.url, headers=headers, timeout=10),
        requests.post(
            listener.url, data=b"", headers={**headers, "Content-Length": "9" * 12}, timeout=10
        ),
    ]
    assert [call.status_code for call in calls] == [400, 400, 404, 405, 413]
    assert shown == []


def test_control_characters_reach_no_terminal(notice):
    bad = notice(1).model_copy(update={"messages": (Message(to="substation", text="a\x1b[2Jb"),)})
    assert "\x1b" not in text_of(bad)


def test_a_port_that_is_taken_is_told(listener, token):
    port = int(listener.url.split(":")[2].split("/")[0])
    with pytest.raises(InputError, match=f"port {port} of 127.0.0.1 cannot be had"):
        Listener(token, port, print)
