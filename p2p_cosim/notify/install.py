"""Putting the two workflows into n8n, with credentials and chats from the environment.

`settings` says which variables. N8N_BIN is the n8n command, if it is not on PATH. n8n's own
variables (N8N_USER_FOLDER, N8N_ENCRYPTION_KEY, ...) are passed on to it.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path
from typing import Any

from p2p_cosim.core.errors import DeliveryError, InputError
from p2p_cosim.notify.settings import (
    BOT_TOKEN_VARIABLE,
    CHAT_PREFIX,
    Settings,
    check_chats,
    read_settings,
)
from p2p_cosim.notify.webhook import TOKEN_HEADER, TOKEN_VARIABLE

N8N_VERSION = "2.40.7"  # the one that tests/n8n runs
WORKFLOWS = ("send", "receive")  # published in this order: the second calls the first
_COMMAND_TIMEOUT_S = 120
_SHOWN_LINES = 5


def workflow(name: str) -> dict[str, Any]:
    """A shipped workflow as n8n exports it: `send` or `receive`. Holds no secret."""
    text = files("p2p_cosim.notify").joinpath("n8n", f"{name}.json").read_text(encoding="utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded


@dataclass(frozen=True, slots=True)
class Installed:
    """Names of the published workflows, and what the user should know beside."""

    workflows: tuple[str, ...]
    remarks: tuple[str, ...]


def install() -> Installed:
    """Import credentials and workflows into the local n8n and publish them.

    Importing again replaces what an earlier installation left. A running n8n takes them up
    when it is started anew. Telegram is asked whether the bot reaches each chat.

    Raises InputError that names everything missing or wrong at once, DeliveryError if n8n
    refuses.
    """
    settings, problems = read_settings()
    command = shutil.which(os.environ.get("N8N_BIN", "n8n"))
    if command is None:
        problems.append(_no_command(os.environ.get("N8N_BIN", "n8n")))
    remarks: list[str] = []
    if settings is not None:
        found = check_chats(settings.api_url, settings.bot_token, settings.chats)
        settings = replace(settings, chats=found.chats)
        problems += found.problems
        remarks += found.remarks
    if problems or settings is None or command is None:
        raise InputError("\n  ".join(["the workflows cannot be installed yet:", *problems]))
    return Installed(_publish(command, settings), tuple(remarks))


def _publish(command: str, settings: Settings) -> tuple[str, ...]:
    shipped = {name: workflow(name) for name in WORKFLOWS}
    node_of(shipped["receive"], "Chats")["parameters"]["assignments"]["assignments"][0]["value"] = (
        json.dumps(dict(settings.chats))
    )
    # Only the owner may enter the folder (mode 0700), and it is gone when this returns.
    with tempfile.TemporaryDirectory(prefix="p2p-cosim-") as private:
        folder = Path(private)
        keys = _private(folder, "keys", rendered_credentials(settings))
        _run(command, "import:credentials", f"--input={keys}")
        for name, content in shipped.items():
            _run(command, "import:workflow", f"--input={_private(folder, name, content)}")
        for content in shipped.values():
            _run(command, "publish:workflow", f"--id={content['id']}")
    return tuple(content["name"] for content in shipped.values())


def rendered_credentials(settings: Settings) -> list[dict[str, Any]]:
    """The two credentials that the workflows name, as `n8n import:credentials` takes them."""
    token, bot_token = settings.token.get_secret_value(), settings.bot_token.get_secret_value()
    telegram = {"accessToken": bot_token, "baseUrl": settings.api_url}
    return [
        _credential(workflow("receive"), "httpHeaderAuth", {"name": TOKEN_HEADER, "value": token}),
        _credential(workflow("send"), "telegramApi", telegram),
    ]


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


def _no_command(named: str) -> str:
    return (
        f"there is no command {named!r}: npm install --global n8n@{N8N_VERSION}, which needs Node "
        "24 (`make node` puts one into .venv/bin, with npm: add that folder to PATH), or name the "
        "command in N8N_BIN"
    )


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
