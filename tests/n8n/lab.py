"""What the checks share: n8n, the fake Telegram, a folder, and what went wrong."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path

from pydantic import SecretStr

from p2p_cosim.core.clock import Clock
from p2p_cosim.core.types import Alert, AlertKind, Feed, event_id
from p2p_cosim.notify import Outbox, Receipts, WebhookNotifier
from p2p_cosim.notify.notices import Notice, notices_of
from p2p_cosim.notify.webhook import Webhook

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))

from fake_telegram import FakeTelegram, Limits, Sent

CLI = Path(sys.executable).with_name("p2p-cosim")
SUBSTATION, HOMEOWNER, OWN = "-1001", "-2002", "3003"
FORMER_SUBSTATION = "-999"  # the id of that group before it became a supergroup
DAPP = "http://127.0.0.1:8000"
TO_SUBSTATION = (
    "Alert: A fault has been detected at House {}. Please initiate rectification procedures."
)


@dataclass
class Lab:
    """n8n, the fake Telegram, and a folder; `failures` collects what went wrong."""

    url: str
    token: str
    telegram: FakeTelegram
    folder: Path
    failures: list[str] = field(default_factory=list)
    late: list[str] = field(default_factory=list)
    minute_s: float = 6.0
    runs: int = 0

    def notifier(self) -> WebhookNotifier:
        """The notifier of a new run."""
        folder = self.new_run()
        post = Webhook(self.url, SecretStr(self.token)).post
        return WebhookNotifier(Outbox(folder), self.render(), Receipts(folder), post)

    def new_run(self) -> Path:
        self.runs += 1
        return self.folder / f"run{self.runs}.alerts"

    def render(self) -> Callable[[Sequence[Alert]], list[Notice]]:
        clock = Clock(datetime(2024, 6, 21), 900, 96)
        run = f"run{self.runs}"
        return partial(notices_of, scenario="lab", run_id=run, clock=clock, dapp_url=DAPP)

    def flush_command(self, folder: Path, *options: str) -> tuple[list[str], dict[str, str]]:
        command = [str(CLI), "alerts", "flush", str(folder), "--url", self.url, *options]
        return command, {**os.environ, "P2P_ALERT_TOKEN": self.token}

    def flush(self, folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
        command, env = self.flush_command(folder, *options)
        return subprocess.run(command, env=env, capture_output=True, text=True, check=False)

    def alert(self, house: int = 1) -> Alert:
        name = f"house_{house}"
        kind = AlertKind.OUTAGE
        identity = event_id(f"run{self.runs}", name, 4, kind)
        return Alert(identity, kind, name, 4, 4, Feed.TIE, ("house_2", "house_3"))

    def expect(self, what: str, good: bool, detail: object = "") -> None:
        print(f"  {'ok  ' if good else 'FAIL'}  {what}{f': {detail}' if detail != '' else ''}")
        if not good:
            self.failures.append(what)

    def limit(self, what: str, value_ms: float, limit_ms: float) -> None:
        kept = value_ms < limit_ms
        print(f"  {'ok  ' if kept else 'OVER'}  {what}: {value_ms:.0f} ms (limit {limit_ms:.0f})")
        if not kept:
            self.late.append(what)


def expect_each_once(lab: Lab, got: Sequence[Sent], houses: int, what: str) -> None:
    texts = Counter(sent.text for sent in got if sent.chat_id == SUBSTATION)
    due = {TO_SUBSTATION.format(house) for house in range(1, houses + 1)}
    to_houses = sum(sent.chat_id != SUBSTATION for sent in got)
    lost = len(due - texts.keys()) + max(0, houses - to_houses)
    doubled = sum(texts.values()) - len(texts) + max(0, to_houses - houses)
    lab.expect(
        f"{what}: {2 * houses} messages, none lost, none doubled",
        len(got) == 2 * houses and lost == doubled == 0,
        f"{len(got)} messages, {lost} lost, {doubled} doubled",
    )


def percentile(values: Sequence[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def expect_refused(lab: Lab) -> None:
    refused = sum(sent.status == 429 for sent in lab.telegram.sent)
    lab.expect("its limit was met", refused > 0, f"answered 429 {refused} times")


__all__ = [
    "CLI",
    "DAPP",
    "FORMER_SUBSTATION",
    "HOMEOWNER",
    "OWN",
    "SUBSTATION",
    "TO_SUBSTATION",
    "FakeTelegram",
    "Lab",
    "Limits",
    "Sent",
    "expect_each_once",
    "expect_refused",
    "percentile",
]
