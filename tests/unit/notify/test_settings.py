"""Tokens and chats from the environment, and what Telegram says to them."""

import traceback

import pytest
from fake_telegram import FakeTelegram, error
from pydantic import SecretStr

from p2p_cosim.notify.settings import check_chats, read_settings

BOT = "123456:AAbbCCdd"


@pytest.fixture
def telegram():
    with FakeTelegram(BOT) as fake:
        yield fake


def test_everything_that_is_missing_is_told_at_once(monkeypatch):
    for name in ("P2P_ALERT_TOKEN", "TELEGRAM_BOT_TOKEN", "TELEGRAM_CHAT_HOMEOWNER"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TELEGRAM_CHAT_SUBSTATION", "-1001")
    monkeypatch.setenv("TELEGRAM_API_URL", "http://api.example.org")
    settings, problems = read_settings()
    assert settings is None
    assert [problem.split()[0] for problem in problems] == [
        "P2P_ALERT_TOKEN",
        "TELEGRAM_BOT_TOKEN",
        "TELEGRAM_CHAT_HOMEOWNER",
        "TELEGRAM_API_URL",
    ]


def test_a_group_that_became_a_supergroup_is_taken_by_its_new_id(telegram):
    telegram.moved = {"-4": -1004}
    found = check_chats(telegram.url, SecretStr(BOT), {"substation": "-4", "homeowner": "5"})
    assert found.chats == {"substation": "-1004", "homeowner": "5"}
    assert found.problems == []
    assert found.remarks == [
        "TELEGRAM_CHAT_SUBSTATION became a supergroup: -1004 is installed, set it to that"
    ]
    assert telegram.sent == []  # nobody reads anything


def test_a_chat_that_the_bot_does_not_reach_is_named(telegram, monkeypatch):
    refusal = error(403, "Forbidden: bot was blocked by the user")
    monkeypatch.setattr(telegram, "action", lambda chat: refusal if chat == "5" else {"ok": True})
    found = check_chats(telegram.url, SecretStr(BOT), {"substation": "-4", "homeowner": "5"})
    (problem,) = found.problems
    assert problem.startswith("TELEGRAM_CHAT_HOMEOWNER is no chat of this bot (Forbidden: bot was")


def test_a_wrong_bot_token_is_told_once(telegram):
    found = check_chats(telegram.url, SecretStr("1:wrong"), {"substation": "-4", "homeowner": "5"})
    assert found.problems == ["TELEGRAM_BOT_TOKEN is not the token of a bot: see @BotFather"]


def test_without_telegram_the_chats_are_taken_unchecked_and_no_token_is_told(receiver):
    server = receiver("drop")
    server.close()
    address = server.url.removesuffix("/webhook/p2p-alert")
    found = check_chats(address, SecretStr(BOT), {"substation": "-4", "homeowner": "5"})
    assert found.chats == {"substation": "-4", "homeowner": "5"}
    assert found.remarks == [f"{address} cannot be reached: the chats are not checked"]
    assert BOT not in traceback.format_exc()
