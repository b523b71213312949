"""The shipped workflows in a real n8n, with a fake Telegram: what is measured is printed.

    make test-n8n

Everything stays on 127.0.0.1. Lost, doubled or wrong messages fail; times are compared with
their limits and marked, because they depend on what else the machine does. `--strict` makes
them fail too. A minute of Telegram's limits lasts six seconds here, `--real-time` makes it one.
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
from pathlib import Path

import requests
from blackout import blackout
from lab import (
    CLI,
    DAPP,
    FORMER_SUBSTATION,
    HOMEOWNER,
    OWN,
    SUBSTATION,
    TO_SUBSTATION,
    FakeTelegram,
    Lab,
    Limits,
    expect_each_once,
    expect_refused,
    percentile,
)
from n8n_server import environment, running
from pydantic import SecretStr

from p2p_cosim.notify import Outbox, Receipts, State
from p2p_cosim.notify.webhook import TOKEN_HEADER, Webhook

TO_HOMEOWNER = (
    "A fault has been detected at your house. You can buy backup power from House 2 or House 3 "
    f"on our trading platform: {DAPP}."
)
WARM_UP, MEASURED, SLOW, BURST = 20, 40, 8, 50
LATENCY_LIMIT_MS, GAP_LIMIT_MS = 250.0, 100.0
QUIET_S = 2.0  # a double would follow within this: retries wait 1 s


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
    print(f"        95 %: {percentile(totals, 0.95):.0f} ms")
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
    expect_each_once(lab, got, BURST, f"burst of {BURST}")
    last_s = max(sent.at_s for sent in got) - start_s
    print(f"        the tick waited {handed_s * 1e3:.1f} ms; last message after {last_s:.1f} s")


def killed_flush(lab: Lab) -> None:
    """kill -9 in the middle of a flush, then flush again."""
    folder = lab.new_run()
    render = lab.render()
    Outbox(folder).append(render([lab.alert(house) for house in range(1, BURST + 1)]))
    command, env = lab.flush_command(folder)
    flush = subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL)
    lab.telegram.wait_for(BURST)  # half of the messages
    flush.send_signal(signal.SIGKILL)
    flush.wait()
    before = len(Receipts(folder).states())
    done = lab.flush(folder)
    got = lab.telegram.wait_for(2 * BURST, quiet_s=QUIET_S)
    lab.expect("killed in the middle", 0 < before < BURST, f"{before} receipts of {BURST}")
    lab.expect("the second flush ends well", done.returncode == 0, done.stdout.strip())
    expect_each_once(lab, got, BURST, "killed and flushed again")


def repeats(lab: Lab) -> None:
    """n8n drops what it has seen."""
    notifier = lab.notifier()
    webhook = Webhook(lab.url, SecretStr(lab.token))
    (notice,) = lab.render()([lab.alert(1)])
    said = [webhook.post(notice) for _ in range(5)]
    notifier.close()
    lab.expect("five posts of one notice: two messages", len(lab.telegram.wait_for(2, 5, 2.0)) == 2)
    lab.expect("and the sender learns so", said == [State.HANDED_OVER, *[State.KNOWN] * 4])


def again(lab: Lab) -> None:
    """`alerts flush --again` reaches people who have read it; without it, it does not."""
    folder = lab.new_run()
    Outbox(folder).append(lab.render()([lab.alert(1)]))
    told = []
    for option in ([], [], ["--again"], ["--again"]):
        done = lab.flush(folder, *option)
        lab.expect(f"flush {' '.join(option)}".strip(), done.returncode == 0, done.stderr)
        due = (2, 2, 4, 6)[len(told)]
        told.append(len(lab.telegram.wait_for(due, 5.0, 1.5)))
    lab.expect("messages in all after each", told == [2, 2, 4, 6], told)


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


def refused_for_good(lab: Lab) -> None:
    """A message that Telegram will never take is tried once, and the other arrives."""
    lab.telegram.answer = lambda calls, chat: 403 if chat == HOMEOWNER else 200
    notifier = lab.notifier()
    notifier.notify([lab.alert(1)])
    lab.telegram.wait_for(1, quiet_s=2 * QUIET_S)
    notifier.close()
    calls = Counter(sent.chat_id for sent in lab.telegram.sent)
    lab.expect("blocked by the homeowner: one call each", calls == {SUBSTATION: 1, HOMEOWNER: 1})


def limited_burst(lab: Lab) -> None:
    """Many notices of one tick at once, two and a half times what a group takes in a minute."""
    # A slow machine must meet the limit too: fewer, where the minute is short.
    group, notices = (20, BURST) if lab.minute_s == Limits.MINUTE_S else (4, 10)
    lab.telegram.limits = Limits(lab.minute_s, to_group=group)
    notifier = lab.notifier()
    notifier.notify([lab.alert(house) for house in range(1, notices + 1)])
    got = lab.telegram.wait_for(2 * notices, timeout_s=20 * lab.minute_s, quiet_s=lab.minute_s)
    notifier.close()
    expect_each_once(lab, got, notices, f"burst of {notices} under limits")
    expect_refused(lab)


def refusals(lab: Lab) -> None:
    """A wrong token and a wrong payload."""
    wrong = requests.post(lab.url, json={}, headers={TOKEN_HEADER: "wrong"}, timeout=10)
    lab.expect("a wrong token gets 403", wrong.status_code == 403)
    for name, payload in (
        ("empty", {}),
        ("another version", {"version": 1}),
        ("no message", {"version": 2, "event_id": "0" * 32, "messages": []}),
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
    again,
    own_retries,
    refused_for_good,
    limited_burst,
    blackout,
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
            telegram.moved = {FORMER_SUBSTATION: int(SUBSTATION)}
            env = {
                **environment(home),
                "P2P_ALERT_TOKEN": token,
                "TELEGRAM_BOT_TOKEN": bot,
                "TELEGRAM_CHAT_SUBSTATION": FORMER_SUBSTATION,
                "TELEGRAM_CHAT_HOMEOWNER": HOMEOWNER,
                "TELEGRAM_CHAT_HOUSE_7": OWN,
                "TELEGRAM_API_URL": telegram.url,
            }
            subprocess.run([CLI, "alerts", "install"], env=env, check=True)
            server_env = {name: value for name, value in env.items() if value not in (token, bot)}
            with running(server_env, home / "n8n.log") as url:
                lab = Lab(url, token, telegram, work)
                lab.minute_s = Limits.MINUTE_S if "--real-time" in sys.argv else lab.minute_s
                chosen = [check for check in CHECKS if check.__name__ in sys.argv] or CHECKS
                for check in chosen:
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
