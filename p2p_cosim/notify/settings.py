"""Tokens and chats for n8n, from the environment, and what Telegram says to them.

P2P_ALERT_TOKEN           what the receiver asks of whoever posts alerts; invent a long one
TELEGRAM_BOT_TOKEN        from @BotFather
TELEGRAM_CHAT_SUBSTATION  chat id of those who repair
TELEGRAM_CHAT_HOMEOWNER   chat id for houses without one of their own
TELEGRAM_CHAT_HOUSE_7     chat id for house_7; likewise for any house
TELEGRAM_API_URL          instead of https://api.telegram.org
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import requests
from pydantic import SecretStr

from p2p_cosim.core.errors import InputError
from p2p_cosim.core.web import receiver_problem
from p2p_cosim.notify.messages import SUBSTATION
from p2p_cosim.notify.webhook import token_from_environment

BOT_TOKEN_VARIABLE = "TELEGRAM_BOT_TOKEN"  # noqa: S105 (a name, no secret)
CHAT_PREFIX = "TELEGRAM_CHAT_"
FALLBACK_CHAT = "homeowner"
API_URL_VARIABLE, API_URL = "TELEGRAM_API_URL", "https://api.telegram.org"
_TIMEOUT_S = 10.0


@dataclass(frozen=True, slots=True)
class Settings:
    """What the workflows need. chats: chat id by name: `substation`, `homeowner`, `house_7`."""

    token: SecretStr
    bot_token: SecretStr
    api_url: str
    chats: Mapping[str, str]


@dataclass(slots=True)
class CheckedChats:
    """Chats under the ids that Telegram knows them by today, what is wrong, what to know."""

    chats: dict[str, str]
    problems: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)


def read_settings() -> tuple[Settings | None, list[str]]:
    """The settings, and everything that is wrong with them; None if anything is."""
    problems: list[str] = []
    token = SecretStr("")
    try:
        token = token_from_environment()
    except InputError as error:
        problems.append(str(error))
    chats = {
        name.removeprefix(CHAT_PREFIX).lower(): value
        for name, value in sorted(os.environ.items())
        if name.startswith(CHAT_PREFIX) and value
    }
    needed = [BOT_TOKEN_VARIABLE, *(chat_variable(name) for name in (SUBSTATION, FALLBACK_CHAT))]
    problems += [
        f"{variable} is not set: docs/alerts.md says where to get it"
        for variable in needed
        if not os.environ.get(variable)
    ]
    api_url = os.environ.get(API_URL_VARIABLE) or API_URL
    if problem := receiver_problem(api_url):
        problems.append(f"{API_URL_VARIABLE} {problem}")
    if problems:
        return None, problems
    return Settings(token, SecretStr(os.environ[BOT_TOKEN_VARIABLE]), api_url, chats), []


def chat_variable(name: str) -> str:
    """The environment variable with the chat id of who is told by this name."""
    return f"{CHAT_PREFIX}{name.upper()}"


def check_chats(api_url: str, bot_token: SecretStr, chats: Mapping[str, str]) -> CheckedChats:
    """Ask Telegram whether the bot reaches each chat; the people there see no message.

    A group that became a supergroup has a new id, which is taken. Nothing raised or returned
    holds the bot's token, which is part of every address.
    """
    found = CheckedChats(dict(chats))
    for name, chat in chats.items():
        answer = _chat_action(api_url, bot_token, chat)
        if answer is None:
            found.remarks.append(f"{api_url} cannot be reached: the chats are not checked")
            break
        moved = answer.get("parameters", {}).get("migrate_to_chat_id")
        if moved:
            found.chats[name] = str(moved)
            found.remarks.append(
                f"{chat_variable(name)} became a supergroup: {moved} is installed, set it to that"
            )
        elif answer.get("error_code") in (401, 404):
            found.problems.append(f"{BOT_TOKEN_VARIABLE} is not the token of a bot: see @BotFather")
            break
        elif answer.get("error_code") in (400, 403):
            found.problems.append(
                f"{chat_variable(name)} is no chat of this bot ({answer.get('description')}): "
                "let the person write to the bot, or add the bot to the group"
            )
    return found


def _chat_action(api_url: str, bot_token: SecretStr, chat: str) -> dict[str, Any] | None:
    """Telegram's answer to "the bot is typing"; None without one."""
    address = f"{api_url}/bot{bot_token.get_secret_value()}/sendChatAction"
    try:
        with requests.Session() as session:
            session.trust_env = False
            body = {"chat_id": chat, "action": "typing"}
            reply = session.post(address, json=body, timeout=_TIMEOUT_S, allow_redirects=False)
            answer = reply.json()
    except (requests.exceptions.RequestException, ValueError):
        return None  # their text holds the address, and so the token
    return answer if isinstance(answer, dict) else None
