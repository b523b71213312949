"""Putting the two workflows into n8n, with credentials and chats from the environment.

    P2P_ALERT_TOKEN           what the receiver asks of whoever posts alerts; invent a long one
    TELEGRAM_BOT_TOKEN        from @BotFather
    TELEGRAM_CHAT_SUBSTATION  chat id of those who repair
    TELEGRAM_CHAT_HOMEOWNER   chat id for houses without one of their own
    TELEGRAM_CHAT_HOUSE_7     chat id for house_7; likewise for any house
    TELEGRAM_API_URL          instead of https://api.telegram.org
    N8N_BIN                   the n8n command, if it is not on PATH

n8n's own variables (N8N_USER_FOLDER, N8N_ENCRYPTION_KEY, ...) are passed on to it.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

from p2p_cosim.core.errors import DeliveryError, InputError
from p2p_cosim.core.web import receiver_problem
from p2p_cosim.notify.messages import SUBSTATION
from p2p_cosim.notify.webhook import TOKEN_HEADER, TOKEN_VARIABLE, token_from_environment

BOT_TOKEN_VARIABLE = "TELEGRAM_BOT_TOKEN"  # noqa: S105 (a name, no secret)
CHAT_PREFIX = "TELEGRAM_CHAT_"
FALLBACK_CHAT = "homeowner"
API_URL_VARIABLE, API_URL = "TELEGRAM_API_URL", "https://api.telegram.org"
WORKFLOWS = ("send", "receive")  # published in this order: the second calls the first
_COMMAND_TIMEOUT_S = 120
_SHOWN_LINES = 5


def workflow(name: str) -> dict[str, Any]:
    """A shipped workflow as n8n exports it: `send` or `receive`. Holds no secret."""
    text = files("p2p_cosim.notify").joinpath("n8n", f"{name}.json").read_text(encoding="utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded


def install() -> tuple[str, ...]:
    """Import credentials and workflows into the local n8n and publish them; returns their names.

    Importing again replaces what an earlier installation left. A running n8n takes them up
    when it is started anew.

    Raises InputError for a missing variable or command, DeliveryError if n8n refuses.
    """
    command = _command()
    credentials, chats = rendered_credentials(), chats_from_environment()
    shipped = {name: workflow(name) for name in WORKFLOWS}
    node_of(shipped["receive"], "Chats")["parameters"]["assignments"]["assignments"][0]["value"] = (
        json.dumps(chats)
    )
    # Only the owner may enter the folder (mode 0700), and it is gone when this returns.
    with tempfile.TemporaryDirectory(prefix="p2p-cosim-") as private:
        folder = Path(private)
        _run(command, "import:credentials", f"--input={_private(folder, 'keys', credentials)}")
        for name, content in shipped.items():
            _run(command, "import:workflow", f"--input={_private(folder, name, content)}")
        for content in shipped.values():
            _run(command, "publish:workflow", f"--id={content['id']}")
    return tuple(content["name"] for content in shipped.values())


def rendered_credentials() -> list[dict[str, Any]]:
    """The two credentials that the workflows name, as `n8n import:credentials` takes them.

    Raises InputError for a missing or unusable variable.
    """
    token = token_from_environment().get_secret_value()
    api_url = os.environ.get(API_URL_VARIABLE) or API_URL
    if problem := receiver_problem(api_url):
        raise InputError(f"{API_URL_VARIABLE} {problem}")
    receive, send = workflow("receive"), workflow("send")
    return [
        _credential(receive, "httpHeaderAuth", {"name": TOKEN_HEADER, "value": token}),
        _credential(
            send, "telegramApi", {"accessToken": _required(BOT_TOKEN_VARIABLE), "baseUrl": api_url}
        ),
    ]


def chats_from_environment() -> dict[str, str]:
    """Chat id by name of who is told: `substation`, `homeowner`, `house_7`, ...

    Raises InputError if one of the first two is missing.
    """
    for name in (SUBSTATION, FALLBACK_CHAT):
        _required(f"{CHAT_PREFIX}{name.upper()}")
    return {
        name.removeprefix(CHAT_PREFIX).lower(): value
        for name, value in sorted(os.environ.items())
        if name.startswith(CHAT_PREFIX) and value
    }


def node_of(content: Mapping[str, Any], name: str) -> dict[str, Any]:
    """A node of a workflow by its name. Raises StopIteration if there is none."""
    found: dict[str, Any] = next(node for node in content["nodes"] if node["name"] == name)
    return found


def _credential(content: Mapping[str, Any], kind: str, data: Mapping[str, str]) -> dict[str, Any]:
    """Under the id and name by which a node of the workflow asks for it."""
    named = next(
        node["credentials"][kind]
        for node in content["nodes"]
        if kind in node.get("credentials", {})
    )
    return {**named, "type": kind, "data": dict(data)}


def _required(variable: str) -> str:
    value = os.environ.get(variable, "")
    if not value:
        raise InputError(f"{variable} is not set: docs/alerts.md says where to get it")
    return value


def _command() -> str:
    named = os.environ.get("N8N_BIN", "n8n")
    found = shutil.which(named)
    if found is None:
        raise InputError(
            f"there is no command {named!r}: install n8n (docs/alerts.md), or name it in N8N_BIN"
        )
    return found


def _private(folder: Path, name: str, content: object) -> Path:
    """A file that only its owner may read, from its first byte on."""
    path = folder / f"{name}.json"
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as handle:
        json.dump(content, handle)
    return path


def _run(command: str, *arguments: str) -> None:
    secrets = {name: value for name, value in os.environ.items() if _is_ours(name) and value}
    environment = {name: value for name, value in os.environ.items() if name not in secrets}
    what = f"n8n {arguments[0]}"
    try:
        done = subprocess.run(  # noqa: S603 (a command the user named, no shell)
            [command, *arguments],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=_COMMAND_TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise DeliveryError(
            f"{what} took more than {_COMMAND_TIMEOUT_S} s: run it by hand to see why"
        ) from None
    if done.returncode != 0:
        said = "\n".join(done.stdout.strip().splitlines()[-_SHOWN_LINES:])
        for name, value in secrets.items():
            said = said.replace(value, f"<{name}>")
        raise DeliveryError(f"{what} ended with {done.returncode}: {said}")


def _is_ours(variable: str) -> bool:
    return variable in (TOKEN_VARIABLE, BOT_TOKEN_VARIABLE) or variable.startswith(CHAT_PREFIX)
