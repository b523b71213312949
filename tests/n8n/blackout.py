"""Thirty houses lose their supply in one tick of a run, and get it back in another."""

from __future__ import annotations

import os
import re
import statistics
import time
from datetime import datetime

from lab import SUBSTATION, Lab, Limits, Sent, expect_refused, percentile

import p2p_cosim as p2p
from p2p_cosim.notify import Outbox, Receipts, alerts_folder

HOUSES, NOON, REPAIR, TICKS = 30, 4, 8, 12
OPERATOR_MOST = 10


def blackout(lab: Lab) -> None:
    """A run in which thirty houses lose their supply in one tick and get it back in another."""
    operator: list[Sent] = []
    for limits in (None, Limits(lab.minute_s)):
        lab.telegram.clear()
        lab.telegram.limits = limits
        struck_s = _run_blackout(lab, f"{'limited' if limits else 'free'}")
        due = 2 * (HOUSES + 1)
        got = lab.telegram.wait_for(due, timeout_s=12 * lab.minute_s, quiet_s=lab.minute_s)
        operator = [sent for sent in got if sent.chat_id == SUBSTATION]
        to_houses = [sent for sent in got if sent.chat_id != SUBSTATION]
        doubled = len(operator) - len({sent.text for sent in operator})
        lab.expect(
            f"{HOUSES} houses out and back: {due} messages, none lost, none doubled",
            len(got) == due and len(to_houses) == 2 * HOUSES and not doubled,
            f"{len(got)} messages, {doubled} of the operator's doubled",
        )
        lab.expect("at most ten to the operator", len(operator) <= OPERATOR_MOST, len(operator))
        calls = [sent.at_s for sent in to_houses if sent.text.startswith("A fault")]
        both = [max(operator[0].at_s, at_s) - struck_s for at_s in calls]
        print(
            f"        fault to both calls, with{'' if limits else 'out'} limits, in seconds: "
            f"median {statistics.median(both):.2f}, 95 % {percentile(both, 0.95):.2f}, "
            f"last {max(both):.2f}"
        )
    named = {f"House {house}" for house in range(1, HOUSES + 1)}
    unnamed = {
        name for name in named for sent in operator if not re.search(rf"{name}\b", sent.text)
    }
    lab.expect("no house unnamed, in alert and all-clear", not unnamed, unnamed)
    for sent in operator:
        print(f"        {sent.text[:150]}...")
    expect_refused(lab)


def _run_blackout(lab: Lab, name: str) -> float:
    """Run it; returns when the step began in which the faults struck."""
    schedule = [
        {"kind": "house_outage", "place": f"house_{i}", "start_tick": NOON, "end_tick": REPAIR}
        for i in range(1, HOUSES + 1)
    ]
    data = {
        "name": name,
        "clock": {"start": datetime(2024, 6, 21, 11), "ticks": TICKS},
        "houses": {"count": HOUSES},
        "faults": {"schedule": schedule},
        "notify": {"sink": "webhook", "url": lab.url},
    }
    os.environ["P2P_ALERT_TOKEN"] = lab.token
    struck_s = 0.0
    simulation = p2p.Simulation(p2p.Scenario.model_validate(data), out=lab.folder)
    for tick in range(TICKS):
        if tick == NOON:
            struck_s = time.monotonic()
        simulation.step()
    results = simulation.results()
    simulation.close()
    del os.environ["P2P_ALERT_TOKEN"]
    told = results.alerts[results.alerts["kind"] == "outage"]["tick"]
    minutes = (told + 1 - NOON) * 15
    print(f"        fault to alert in simulated time: 95 % {minutes.quantile(0.95):.0f} min")
    left = [
        n
        for n in Outbox(alerts_folder(results.path)).read()
        if n.event_id not in Receipts(alerts_folder(results.path)).states()
    ]
    lab.expect("all notices are handed over when the run is over", not left, len(left))
    return struck_s
