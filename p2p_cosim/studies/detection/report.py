"""The measurement as tables for docs/detection.md and as JSON for the figures."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np

from p2p_cosim.core.fault_kinds import SLG
from p2p_cosim.detection.balance import THRESHOLD_SIGMA
from p2p_cosim.detection.matched import MatchedFilter, detection_probability
from p2p_cosim.detection.twin import LoadUncertainty, Twin
from p2p_cosim.grid.faults import SMALL_OHM
from p2p_cosim.studies.detection.evaluate import DETECTORS, Evaluation, Verdict, wilson
from p2p_cosim.studies.detection.world import Feeder, World

BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"
_OHMS = (20.0, 50.0, 100.0, 200.0, 500.0, 1000.0)


def markdown(evaluation: Evaluation) -> str:
    """All tables."""
    groups = sorted({(v.kind, v.decade) for v in evaluation.verdicts})
    parts = [
        f"{len(evaluation.verdicts) // len(DETECTORS)} held-out episodes and "
        f"{evaluation.quiet[0].days} fault-free feeder-days. Brackets are 95 % Wilson intervals.",
        "### Detection rate (%)\n\n" + _table(evaluation.verdicts, groups, _rate),
        "### Right place on the first alarm (% of detected)\n\n"
        + _table(evaluation.verdicts, groups, _place),
        "### Right kind and place on the first alarm (% of detected)\n\n"
        + _table(evaluation.verdicts, groups, _kind),
        "### Delay in ticks (mean of detected; 0 is the tick of the strike)\n\n"
        + _table(evaluation.verdicts, groups, _delay),
        "### Alarms in other ticks of an episode (mean; 0 is one alarm an event)\n\n"
        + _table(evaluation.verdicts, groups, _further),
        "### Short circuits to ground on one phase, by impedance: detection rate (%)\n\n"
        + _by_ohm(evaluation.verdicts),
        "### False alarms on fault-free days\n\n" + _quiet(evaluation),
    ]
    if evaluation.left_out:
        parts.append("Without a solution, and left out:\n\n" + "\n".join(evaluation.left_out))
    return "\n\n".join(parts)


def limits(world: World) -> str:
    """What the matched filter can see: signal against noise, computed and not measured."""
    feeder = Feeder(world)
    rows = [
        "| own straying of each load | phase | one look at 100 ohm, sigma | 500 ohm, sigma | "
        "500 ohm after 3 h, sigma | chance to see 500 ohm in 3 h |",
        "|---|---|---|---|---|---|",
    ]
    for own in (0.01, 0.02, 0.05, 0.10):
        loads = LoadUncertainty(world.loads.common, own, world.loads.memory)
        twin = Twin(feeder.twin_grid, np.full(1, 0.8), world.quality, loads)
        probes = [probe for probe in feeder.probes if probe.kind == SLG]
        design = MatchedFilter(twin, probes).design(0.8)
        for probe, d in zip(probes, design.d, strict=True):
            chance = detection_probability(float(d[-1]), SMALL_OHM, 500.0, THRESHOLD_SIGMA)
            rows.append(
                f"| {own:.0%} | {probe.phases} | {d[0] * SMALL_OHM / 100:.1f} | "
                f"{d[0] * SMALL_OHM / 500:.1f} | {d[-1] * SMALL_OHM / 500:.1f} | {chance:.0%} |"
            )
    return "\n".join(rows)


def write_json(evaluation: Evaluation, path: Path) -> Path:
    """Every verdict, for the figures."""
    document = {
        "world": asdict(evaluation.world),
        "verdicts": [asdict(verdict) for verdict in evaluation.verdicts],
        "quiet": [asdict(quiet) for quiet in evaluation.quiet],
        "left_out": list(evaluation.left_out),
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    return path


def replace_measured(page: Path, text: str) -> None:
    """Put the tables between the marks of a page.

    Raises ValueError if the page does not have both marks.
    """
    old = page.read_text(encoding="utf-8")
    head, begin, rest = old.partition(BEGIN)
    _, end, tail = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"{page} lacks {BEGIN} or {END}: add them where the tables belong")
    page.write_text(f"{head}{begin}\n{text}\n{end}{tail}", encoding="utf-8")


def _table(
    verdicts: Sequence[Verdict],
    groups: Sequence[tuple[str, str]],
    cell: Callable[[Sequence[Verdict]], str],
) -> str:
    lines = [
        "| fault | impedance | episodes | " + " | ".join(DETECTORS) + " |",
        "|---|---|---|" + "---|" * len(DETECTORS),
    ]
    for kind, ohms in groups:
        own = [v for v in verdicts if (v.kind, v.decade) == (kind, ohms)]
        cells = [cell([v for v in own if v.detector == name]) for name in DETECTORS]
        lines.append(f"| `{kind}` | {ohms} | {len(own) // len(DETECTORS)} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _percent(successes: int, trials: int) -> str:
    if not trials:
        return "-"
    low, high = wilson(successes, trials)
    return f"{successes / trials:.0%} [{low * 100:.0f}, {high * 100:.0f}]".replace("%", "")


def _rate(own: Sequence[Verdict]) -> str:
    return _percent(sum(v.delay is not None for v in own), len(own))


def _place(own: Sequence[Verdict]) -> str:
    return _percent(sum(v.placed for v in own), sum(v.delay is not None for v in own))


def _kind(own: Sequence[Verdict]) -> str:
    return _percent(sum(v.kind_right for v in own), sum(v.delay is not None for v in own))


def _delay(own: Sequence[Verdict]) -> str:
    delays = [v.delay for v in own if v.delay is not None]
    return f"{np.mean(delays):.2f}" if delays else "-"


def _further(own: Sequence[Verdict]) -> str:
    return f"{np.mean([v.further for v in own]):.2f}" if own else "-"


def _by_ohm(verdicts: Sequence[Verdict]) -> str:
    lines = ["| ohm | " + " | ".join(DETECTORS) + " |", "|---|" + "---|" * len(DETECTORS)]
    for ohm in sorted({v.impedance_ohm for v in verdicts if v.kind == SLG}):
        own = [v for v in verdicts if v.kind == SLG and v.impedance_ohm == ohm]
        cells = [_rate([v for v in own if v.detector == name]) for name in DETECTORS]
        lines.append(f"| {ohm:g} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _quiet(evaluation: Evaluation) -> str:
    lines = [
        "| detector | feeder-days | alarms | of these outages | alarms per 30 feeder-days |",
        "|---|---|---|---|---|",
    ]
    for quiet in evaluation.quiet:
        rate = 30 * quiet.alarms / quiet.days
        most = 30 * _poisson_upper(quiet.alarms) / quiet.days
        lines.append(
            f"| {quiet.detector} | {quiet.days} | {quiet.alarms} | {quiet.outages} | "
            f"{rate:.2f} (95 % below {most:.2f}) |"
        )
    return "\n".join(lines)


def _poisson_upper(count: int) -> float:
    """Upper 95 % limit of a Poisson mean, by bisection on its distribution function."""
    low, high = float(count), count + 10.0 + 6 * math.sqrt(count)
    for _ in range(60):
        mean = (low + high) / 2
        below = sum(
            math.exp(k * math.log(mean) - mean - math.lgamma(k + 1)) if mean > 0 else float(k == 0)
            for k in range(count + 1)
        )
        low, high = (mean, high) if below > 0.05 else (low, mean)
    return low
