"""The shipped workflows in a real n8n, with a fake Telegram: what is measured is printed.

    make test-n8n

Everything stays on 127.0.0.1. Lost, doubled or wrong messages fail; times are compared with
their limits and marked, because they depend on what else the machine does. `--strict` makes
them fail too.
"""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path

import requests
from fake_telegram import FakeTelegram, Sent
from n8n_server import environment, running
from pydantic import SecretStr

from p2p_cosim.core.clock import Clock
from p2p_cosim.core.types import Alert, AlertKind, Feed, event_id
from p2p_cosim.notify import Outbox, Receipts, WebhookNotifier
from p2p_cosim.notify.events import event_of
from p2p_cosim.notify.webhook import TOKEN_HEADER, Webhook

CLI = Path(sys.executable).with_name("p2p-cosim")
SUBSTATION, HOMEOWNER, OWN = "-1001", "2002", "3003"
DAPP = "http://127.0.0.1:8000"
TO_SUBSTATION = (
    "Alert: A fault has been detected at House {}. Please initiate rectification procedures."
)
TO_HOMEOWNER = (
    "A fault has been detected at your house. You can buy backup power from House 2 or House 3 "
    f"on our trading platform: {DAPP}."
)
WARM_UP, MEASURED, SLOW, BURST = 20, 40, 8, 50
LATENCY_LIMIT_MS, GAP_LIMIT_MS = 250.0, 100.0
QUIET_S = 2.0  # a double would follow within this: retries wait 1 s


@dataclass
class Lab:
    """n8n, the fake Telegram, and a folder; `failures` collects what went wrong."""

    url: str
    token: str
    telegram: FakeTelegram
    folder: Path
    failures: list[str] = field(default_factory=list)
    late: list[str] = field(default_factory=list)
    runs: int = 0

    def notifier(self) -> WebhookNotifier:
        """The notifier of a new run."""
        folder = self.new_run()
        post = Webhook(self.url, SecretStr(self.token)).post
        return WebhookNotifier(Outbox(folder), self.render(), Receipts(folder), post)

    def new_run(self) -> Path:
        self.runs += 1
        return self.folder / f"run{self.runs}.alerts"

    def render(self) -> Callable[[Alert], object]:
        clock = Clock(datetime(2024, 6, 21), 900, 96)
        run = f"run{self.runs}"
        return partial(event_of, scenario="lab", run_id=run, clock=clock, dapp_url=DAPP)

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


def texts_and_chats(lab: Lab) -> None:
    """Word for word, to the right chats; a house with a chat of its own gets it there."""
    notifier = lab.notifier()
    notifier.notify([lab.alert(1)])
    one = lab.telegram.wait_for(2)
    notifier.notify([lab.alert(7)])
    both = lab.telegram.wait_for(4)[len(one) :]
    notifier.close()
    got = {(sent.chat_id, sent.text, sent.parse_mode) for sent in one}
    lab.expect(
        "both texts word for word, HTML, no attribution",
        got
        == {
            (SUBSTATION, TO_SUBSTATION.format(1), "HTML"),
            (HOMEOWNER, TO_HOMEOWNER, "HTML"),
        },
    )
    lab.expect("house 7 has a chat of its own", OWN in {sent.chat_id for sent in both})


def latency(lab: Lab) -> None:
    """From the alarm to the second message, and between the two."""
    totals, gaps = _series(lab, MEASURED)
    lab.limit("alarm to both messages, median", statistics.median(totals), LATENCY_LIMIT_MS)
    print(f"        95 %: {_percentile(totals, 0.95):.0f} ms")
    lab.limit("between the two messages, median", statistics.median(gaps), GAP_LIMIT_MS)


def slow_telegram(lab: Lab) -> None:
    """Neither message waits for the answer to the other."""
    lab.telegram.delay_s = 1.0
    _, gaps = _series(lab, SLOW)
    lab.limit("between the two, Telegram takes 1 s, median", statistics.median(gaps), GAP_LIMIT_MS)
    lab.expect("no message waited for the other", max(gaps) < 1000, f"at most {max(gaps):.0f} ms")


def burst(lab: Lab) -> None:
    """Fifty alerts in one tick."""
    notifier = lab.notifier()
    start_s = time.monotonic()
    notifier.notify([lab.alert(house) for house in range(1, BURST + 1)])
    handed_s = time.monotonic() - start_s
    got = lab.telegram.wait_for(2 * BURST, quiet_s=QUIET_S)
    notifier.close()
    _expect_each_once(lab, got, f"burst of {BURST}")
    last_s = max(sent.at_s for sent in got) - start_s
    print(f"        the tick waited {handed_s * 1e3:.1f} ms; last message after {last_s:.1f} s")


def killed_flush(lab: Lab) -> None:
    """kill -9 in the middle of a flush, then flush again."""
    folder = lab.new_run()
    render = lab.render()
    Outbox(folder).append([render(lab.alert(house)) for house in range(1, BURST + 1)])
    command = [str(CLI), "alerts", "flush", str(folder), "--url", lab.url]
    env = {**os.environ, "P2P_ALERT_TOKEN": lab.token}
    flush = subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL)
    lab.telegram.wait_for(BURST)  # half of the messages
    flush.send_signal(signal.SIGKILL)
    flush.wait()
    before = len(Receipts(folder).delivered())
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    got = lab.telegram.wait_for(2 * BURST, quiet_s=QUIET_S)
    lab.expect("killed in the middle", 0 < before < BURST, f"{before} receipts of {BURST}")
    lab.expect("the second flush ends well", done.returncode == 0, done.stdout.strip())
    _expect_each_once(lab, got, "killed and flushed again")


def repeats(lab: Lab) -> None:
    """n8n drops what it has seen."""
    notifier = lab.notifier()
    webhook = Webhook(lab.url, SecretStr(lab.token))
    for _ in range(5):
        webhook.post(lab.render()(lab.alert(1)))
    notifier.close()
    lab.expect("five posts of one event: two messages", len(lab.telegram.wait_for(2, 5, 2.0)) == 2)


def own_retries(lab: Lab) -> None:
    """A message that Telegram refuses at first is retried; the other is sent once."""
    lab.telegram.answer = lambda calls, chat: 500 if chat == SUBSTATION and calls < 2 else 200
    notifier = lab.notifier()
    notifier.notify([lab.alert(1)])
    got = lab.telegram.wait_for(2, quiet_s=QUIET_S)
    notifier.close()
    calls = Counter(sent.chat_id for sent in lab.telegram.sent)
    lab.expect(
        "substation fails twice: retried, homeowner once",
        len(got) == 2 and calls == {SUBSTATION: 3, HOMEOWNER: 1},
        dict(calls),
    )
    homeowner = next(sent for sent in got if sent.chat_id == HOMEOWNER)
    lab.expect("homeowner did not wait for it", homeowner.at_s < max(s.at_s for s in got) - 1)


def refusals(lab: Lab) -> None:
    """A wrong token and a wrong payload."""
    wrong = requests.post(lab.url, json={}, headers={TOKEN_HEADER: "wrong"}, timeout=10)
    lab.expect("a wrong token gets 403", wrong.status_code == 403)
    for name, payload in (
        ("empty", {}),
        ("another version", {"version": 2}),
        ("no message", {"version": 1, "event_id": "0" * 32, "messages": []}),
    ):
        headers = {TOKEN_HEADER: lab.token}
        reply = requests.post(lab.url, json=payload, headers=headers, timeout=10)
        lab.expect(f"a wrong payload ({name}) gets 400", reply.status_code == 400)
    lab.expect("nobody was told", not lab.telegram.wait_for(1, 1))


CHECKS = (
    texts_and_chats,
    latency,
    slow_telegram,
    burst,
    killed_flush,
    repeats,
    own_retries,
    refusals,
)


def _series(lab: Lab, count: int) -> tuple[list[float], list[float]]:
    """Milliseconds from alarm to second message and between the two, alert by alert."""
    notifier = lab.notifier()
    totals, gaps = [], []
    for house in range(1, WARM_UP + count + 1):
        delay_s = lab.telegram.delay_s
        start_s = time.monotonic()
        notifier.notify([lab.alert(house)])
        first, second = sorted(sent.at_s for sent in lab.telegram.wait_for(2))
        time.sleep(delay_s + 0.1)
        lab.telegram.clear()
        lab.telegram.delay_s = delay_s
        totals.append((second - start_s) * 1e3)
        gaps.append((second - first) * 1e3)
    notifier.close()
    return totals[WARM_UP:], gaps[WARM_UP:]


def _expect_each_once(lab: Lab, got: Sequence[Sent], what: str) -> None:
    texts = Counter(sent.text for sent in got if sent.chat_id == SUBSTATION)
    due = {TO_SUBSTATION.format(house) for house in range(1, BURST + 1)}
    to_houses = sum(sent.chat_id != SUBSTATION for sent in got)
    lost = len(due - texts.keys()) + max(0, BURST - to_houses)
    doubled = sum(texts.values()) - len(texts) + max(0, to_houses - BURST)
    lab.expect(
        f"{what}: {2 * BURST} messages, none lost, none doubled",
        len(got) == 2 * BURST and lost == doubled == 0,
        f"{len(got)} messages, {lost} lost, {doubled} doubled",
    )


def _percentile(values: Sequence[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def _expect_no_secret(lab: Lab, home: Path, token: str, bot: str) -> None:
    """n8n encrypts credentials. It keeps the headers of a request, and so the token of the
    receiver, in its database while it works on it: that folder is for its owner alone."""
    files = [path for folder in (home, lab.folder) for path in folder.rglob("*") if path.is_file()]
    holders = {
        path.name
        for path in files
        if bot.encode() in path.read_bytes()
        or (token.encode() in path.read_bytes() and not path.name.startswith("database.sqlite"))
    }
    lab.expect("no token in outbox, receipts and logs", not holders, ", ".join(holders))


def main() -> int:
    """Run every check; 1 if one failed."""
    root = Path(tempfile.mkdtemp(prefix="p2p-n8n-"))
    home, work = root / "home", root / "work"
    home.mkdir(), work.mkdir()
    token, bot = secrets.token_urlsafe(24), f"123456:{secrets.token_urlsafe(24)}"
    try:
        with FakeTelegram(bot) as telegram:
            env = {
                **environment(home),
                "P2P_ALERT_TOKEN": token,
                "TELEGRAM_BOT_TOKEN": bot,
                "TELEGRAM_CHAT_SUBSTATION": SUBSTATION,
                "TELEGRAM_CHAT_HOMEOWNER": HOMEOWNER,
                "TELEGRAM_CHAT_HOUSE_7": OWN,
                "TELEGRAM_API_URL": telegram.url,
            }
            subprocess.run([CLI, "alerts", "install"], env=env, check=True)
            server_env = {name: value for name, value in env.items() if value not in (token, bot)}
            with running(server_env, home / "n8n.log") as url:
                lab = Lab(url, token, telegram, work)
                for check in CHECKS:
                    print(f"{check.__name__}: {check.__doc__}")
                    telegram.clear()
                    check(lab)
            _expect_no_secret(lab, home, token, bot)
    finally:
        shutil.rmtree(root, ignore_errors=True)
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    print(f"{len(lab.failures)} failed, {len(lab.late)} over a limit; load average {load}")
    return 1 if lab.failures or (lab.late and "--strict" in sys.argv) else 0


if __name__ == "__main__":
    sys.exit(main())
