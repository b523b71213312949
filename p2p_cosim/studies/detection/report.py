"""The measurement as tables for docs/detection.md and as JSON for the figures."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np

from p2p_cosim.core.fault_kinds import HOUSE_KINDS, METER_KINDS, SHORTS, SLG
from p2p_cosim.detection.balance import THRESHOLD_SIGMA
from p2p_cosim.detection.matched import MatchedFilter, detection_probability
from p2p_cosim.detection.straying import LoadUncertainty
from p2p_cosim.detection.twin import Twin
from p2p_cosim.grid.faults import SMALL_OHM
from p2p_cosim.statistics import interval
from p2p_cosim.studies.detection.cases import BANDS_OHM
from p2p_cosim.studies.detection.evaluate import DETECTORS, Evaluation, Quiet, Verdict, wilson
from p2p_cosim.studies.detection.world import Feeder, World
from p2p_cosim.studies.detection.worlds import ELSEWHERE, MAIN, MATCHED, WORLDS

_OPENS, _CLEARED, _STANDING_LV = "opens", "cleared shorts", "short on 240 V"
BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"


def markdown(measured: Mapping[str, Evaluation]) -> str:
    """All tables: every world, then the main one by kind, and the matched one as a footnote.

    measured: by the names of `WORLDS`.
    """
    main, matched = measured[MAIN], measured[MATCHED]
    shares = [
        ("Detection rate (%)", _rate),
        ("Right kind and place on the first alarm (% of detected)", _kind),
        ("Delay in ticks (mean of detected; 0 is the tick of the strike)", _delay),
    ]
    parts = [
        f"Held-out episodes: {_count(main)} on IEEE 13, {_count(measured[ELSEWHERE])} on IEEE 34. "
        f"Fault-free feeder-days: {main.quiet[0].days} in each world. Brackets are 95 % intervals.",
        "### Worlds that the detectors' model does not match\n\n"
        + _worlds({name: one for name, one in measured.items() if name != MATCHED}),
        "### What the mismatch costs\n\n" + _differences(measured),
        *(
            f"### {WORLDS[MAIN].wrong.capitalize()}: {title[0].lower()}{title[1:]}\n\n"
            + _table(main.verdicts, cell)
            for title, cell in shares
        ),
        "### Footnote: the matched world\n\n" + _worlds({MATCHED: matched}),
        _table(matched.verdicts, _rate),
    ]
    left_out = [f"{name}: {line}" for name, one in measured.items() for line in one.left_out]
    if left_out:
        parts.append("Without a solution, and left out:\n\n" + "\n".join(left_out))
    return "\n\n".join(parts)


def _count(evaluation: Evaluation) -> int:
    return len(evaluation.verdicts) // len(DETECTORS)


def _group(verdict: Verdict) -> str:
    """The column of the table of worlds; "" for what no detector here can see."""
    if verdict.kind in (*METER_KINDS, *HOUSE_KINDS):
        return ""
    if verdict.cleared:
        return _CLEARED
    if verdict.kind in SHORTS:
        return verdict.band if verdict.band != "-" else _STANDING_LV
    return _OPENS


def _columns(measured: Mapping[str, Evaluation]) -> list[str]:
    found = {_group(v) for one in measured.values() for v in one.verdicts}
    bands = [f"{low:g} to {high:g} ohm" for low, high in BANDS_OHM]
    return [name for name in (_OPENS, _CLEARED, *bands) if name in found]


def _worlds(measured: Mapping[str, Evaluation]) -> str:
    columns = _columns(measured)
    lines = [
        f"| wrong | detector | {' | '.join(columns)} | false alarms in 30 days |",
        "|---|---|" + "---|" * (len(columns) + 1),
    ]
    for name, one in measured.items():
        for detector, quiet in zip(DETECTORS, one.quiet, strict=True):
            own = [v for v in one.verdicts if v.detector == detector]
            cells = [_rate([v for v in own if _group(v) == column]) for column in columns]
            lines.append(
                f"| {WORLDS[name].wrong} | {detector} | {' | '.join(cells)} | {_per_month(quiet)} |"
            )
    return "\n".join(lines)


def _per_month(quiet: Quiet) -> str:
    low, high = poisson_interval(quiet.alarms)
    scale = 30 / quiet.days
    return f"{scale * quiet.alarms:.1f} [{scale * low:.1f}, {scale * high:.1f}]"


def _differences(measured: Mapping[str, Evaluation]) -> str:
    """Detected there less detected in the matched world, in points of a hundred."""
    columns = _columns(measured)
    lines = [
        f"| wrong | detector | {' | '.join(columns)} |",
        "|---|---|" + "---|" * len(columns),
    ]
    base = {(v.detector, v.episode): v for v in measured[MATCHED].verdicts}
    for name, one in measured.items():
        if not WORLDS[name].paired or name == MATCHED:
            continue
        for detector in DETECTORS:
            cells = [
                _difference(
                    [
                        (v.delay is not None) - (base[detector, v.episode].delay is not None)
                        for v in one.verdicts
                        if v.detector == detector
                        and _group(base[detector, v.episode]) == _group(v) == column
                    ]
                )
                for column in columns
            ]
            lines.append(f"| {WORLDS[name].wrong} | {detector} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _difference(steps: Sequence[int]) -> str:
    if len(steps) < 2:
        return "-"
    values = 100 * np.array(steps, dtype=float)
    low, high = interval(values)
    return f"{values.mean():+.0f} [{low:+.0f}, {high:+.0f}]" if values.any() else "0"


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


def write_json(measured: Mapping[str, Evaluation], path: Path) -> Path:
    """Every verdict, for the figures; those of the main world at the top."""
    worlds = {
        name: {
            "world": asdict(one.world),
            "verdicts": [asdict(verdict) for verdict in one.verdicts],
            "quiet": [asdict(quiet) for quiet in one.quiet],
            "left_out": list(one.left_out),
        }
        for name, one in measured.items()
    }
    document = {"verdicts": worlds[MAIN]["verdicts"], "worlds": worlds}
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


def _table(verdicts: Sequence[Verdict], cell: Callable[[Sequence[Verdict]], str]) -> str:
    """Rows are kinds with their bands, and those that protection cleared apart."""
    lines = [
        "| fault | impedance | episodes | " + " | ".join(DETECTORS) + " |",
        "|---|---|---|" + "---|" * len(DETECTORS),
    ]
    order = ["-", *(f"{low:g} to {high:g} ohm" for low, high in BANDS_OHM)]
    rows = {(v.kind, v.band, v.cleared) for v in verdicts}
    for kind, ohms, cleared in sorted(rows, key=lambda row: (row[0], order.index(row[1]), row[2])):
        own = [v for v in verdicts if (v.kind, v.band, v.cleared) == (kind, ohms, cleared)]
        cells = [cell([v for v in own if v.detector == name]) for name in DETECTORS]
        what = f"{ohms}, cleared" if cleared else ohms
        lines.append(f"| `{kind}` | {what} | {len(own) // len(DETECTORS)} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _percent(successes: int, trials: int) -> str:
    if not trials:
        return "-"
    low, high = wilson(successes, trials)
    return f"{successes / trials:.0%} [{low * 100:.0f}, {high * 100:.0f}]".replace("%", "")


def _rate(own: Sequence[Verdict]) -> str:
    return _percent(sum(v.delay is not None for v in own), len(own))


def _kind(own: Sequence[Verdict]) -> str:
    return _percent(sum(v.kind_right for v in own), sum(v.delay is not None for v in own))


def _delay(own: Sequence[Verdict]) -> str:
    delays = [v.delay for v in own if v.delay is not None]
    return f"{np.mean(delays):.2f}" if delays else "-"


def poisson_interval(count: int) -> tuple[float, float]:
    """95 % interval of a Poisson mean from one count (F. Garwood, Biometrika 28 (1936) 437,
    doi:10.1093/biomet/28.3-4.437), by bisection on its distribution function."""
    low = 0.0 if count == 0 else _mean_with(count - 1, 0.975)
    return low, _mean_with(count, 0.025)


def _mean_with(count: int, share: float) -> float:
    """The Poisson mean of which at most `count` comes up with this probability."""
    low, high = 0.0, count + 20.0 + 6 * math.sqrt(count)
    for _ in range(60):
        mean = (low + high) / 2
        below = sum(
            math.exp(k * math.log(mean) - mean - math.lgamma(k + 1)) for k in range(count + 1)
        )
        low, high = (mean, high) if below > share else (low, mean)
    return low
