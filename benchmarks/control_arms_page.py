"""The table, the paired differences and the figure of control_arms.py."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from p2p_cosim.plots import style
from p2p_cosim.statistics import crossed_interval

ROOT = Path(__file__).parents[1]
CSV = ROOT / "benchmarks" / "control_arms.csv"
PAGE = ROOT / "docs" / "control.md"
FIGURE = ROOT / "docs" / "figures" / "control_arms.png"
BEGIN, END = "<!-- begin arms -->", "<!-- end arms -->"

FULL, ACTUAL = "full load", "actual load"
FORESEEN = "look-ahead, every house foreseen"
OPTIMUM = "optimum, all known"
AHEAD, BLIND = "look-ahead", "look-ahead, no trades"
WRONG = "look-ahead, wrong model"
FROM_BOTH = (
    "hold",
    "regcontrol, published",
    "regcontrol, tuned",
    "reactive",
    "reactive, tuned margin",
    AHEAD,
    BLIND,
    "look-ahead, no trades, tuned margin",
    "look-ahead, that margin",
    FORESEEN,
    OPTIMUM,
)
PAIRS = (
    (AHEAD, "regcontrol, published"),
    (AHEAD, "regcontrol, tuned"),
    (AHEAD, "reactive"),
    (AHEAD, "reactive, tuned margin"),
    (AHEAD, BLIND),
    (AHEAD, "look-ahead, no trades, tuned margin"),
    ("look-ahead, that margin", "look-ahead, no trades, tuned margin"),
    ("look-ahead, that margin", "reactive, tuned margin"),
    ("look-ahead, that margin", "regcontrol, tuned"),
    (FORESEEN, AHEAD),
    (AHEAD, OPTIMUM),
    (WRONG, AHEAD),
    ("regcontrol, tuned, volt-var", "regcontrol, tuned"),
    ("look-ahead, volt-var", AHEAD),
)
DRAWN = (
    "regcontrol, published",
    "regcontrol, tuned",
    "reactive",
    "reactive, tuned margin",
    BLIND,
    "look-ahead, no trades, tuned margin",
    AHEAD,
    "look-ahead, that margin",
    FORESEEN,
    "look-ahead, late meters",
    WRONG,
    OPTIMUM,
)


def write(rows: Sequence[Mapping[str, object]], tuned: Any) -> None:
    """Write the CSV, the part of the page between its marks, and the figure."""
    table = pd.DataFrame(rows)
    table["outside"] = table["above"] + table["below"]
    table.sort_values(["taps", "arm", "day", "seed"]).to_csv(CSV, index=False, lineterminator="\n")
    text = "\n\n".join([in_words(table, tuned), means(table), differences(table)])
    before, after = PAGE.read_text(encoding="utf-8").split(BEGIN)[0], _after()
    PAGE.write_text(f"{before}{BEGIN}\n\n{text}\n\n{END}{after}", encoding="utf-8")
    draw(table)


def _after() -> str:
    return PAGE.read_text(encoding="utf-8").split(END)[1]


def in_words(table: pd.DataFrame, tuned: Any) -> str:
    """How much was run, and what the search found."""
    cases = table[["day", "seed"]].drop_duplicates()
    points = "/".join(f"{point:g}" for point in tuned.set_points_v)
    return (
        f"{cases['day'].nunique()} days of 2024 and {cases['seed'].nunique()} seeds, "
        f"{len(cases)} pairs of both. Tuned on other days and seeds: set points {points} V, "
        f"`reactive` acts {tuned.trigger_pu:g} pu inside the band, `look_ahead` without trades "
        f"keeps a margin of {tuned.margin_pu:g} pu."
    )


def means(table: pd.DataFrame) -> str:
    """Markdown: means of a day, 95 % intervals in brackets; both starting taps."""
    lines = [
        "| arm | pairs | outside, from full load | from actual load | above / below | highest "
        "| operations, from full load | from actual load | curtailed |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for arm in dict.fromkeys(table["arm"]):
        of_arm = table[table["arm"] == arm]
        counted = crossed(table, arm, "operations", FULL)
        full = of_arm[(of_arm["taps"] == FULL) & of_arm["day"].isin(counted.index)]
        outside, operations = (
            [_mean(crossed(table, arm, figure, taps)) for taps in (FULL, ACTUAL)]
            for figure in ("outside", "operations")
        )
        sides = f"{full['above'].mean():.1f} / {full['below'].mean():.1f}"
        highest = "" if arm == OPTIMUM else f"{full['highest_pu'].max():.4f}"
        curtailed = full["curtailed_kwh"].mean()
        lines.append(
            f"| {arm} | {len(full)} | {outside[0]} | {outside[1]} "
            f"| {sides} | {highest} | {operations[0]} | {operations[1]} "
            f"| {'' if arm == OPTIMUM else f'{curtailed:.1f} kWh'} |"
        )
    return "\n".join(lines)


def differences(table: pd.DataFrame) -> str:
    """Markdown: paired differences between arms, 95 % intervals over days and seeds."""
    lines = [
        "| arm | less | house-ticks outside, from full load | from actual load "
        "| operations, from full load | from actual load |",
        "|---|---|---|---|---|---|",
    ]
    for arm, less in PAIRS:
        cells = [
            _mean(paired(table, arm, less, figure, taps), sign="+")
            for figure in ("outside", "operations")
            for taps in (FULL, ACTUAL)
        ]
        lines.append(f"| {arm} | {less} | {' | '.join(cells)} |")
    return "\n".join(lines)


def crossed(table: pd.DataFrame, arm: str, figure: str, taps: str) -> pd.DataFrame:
    """A figure of an arm, a row a day and a column a seed; days that every seed has."""
    some = table[(table["arm"] == arm) & (table["taps"] == taps)]
    return some.pivot(index="day", columns="seed", values=figure).dropna()


def paired(table: pd.DataFrame, arm: str, less: str, figure: str, taps: str) -> pd.DataFrame:
    """The difference of two arms, as `crossed`, where both were run."""
    one, other = (crossed(table, name, figure, taps) for name in (arm, less))
    difference = one - other
    return difference.dropna(axis="columns", how="all").dropna()


def _mean(values: pd.DataFrame, sign: str = "") -> str:
    if values.empty:
        return ""
    low, high = crossed_interval(values.to_numpy(dtype=float))
    return f"{values.to_numpy().mean():{sign}.2f} ({low:{sign}.2f} to {high:{sign}.2f})"


def draw(table: pd.DataFrame) -> None:
    """Operations and house-ticks outside of the arms that move taps, with intervals."""
    with style.applied():
        figure = Figure(figsize=(7.16, 3.3), layout="constrained")
        FigureCanvasAgg(figure)
        left, right = figure.subplots(1, 2, sharey=True)
        looks = ((FULL, style.VERMILION, "o", -0.14), (ACTUAL, style.BLUE, "s", 0.14))
        for taps, colour, marker, shift in looks:
            for row, arm in enumerate(DRAWN):
                label = f"from taps settled at {taps}" if row == 0 else ""
                for ax, what in ((left, "outside"), (right, "operations")):
                    values = crossed(table, arm, what, taps).to_numpy(dtype=float)
                    if not values.size:
                        continue
                    mean, (low, high) = values.mean(), crossed_interval(values)
                    ax.errorbar(
                        *(mean, row + shift),
                        xerr=[[max(mean - low, 0)], [max(high - mean, 0)]],  # less than rounding
                        **{"color": colour, "marker": marker, "markersize": 3, "linewidth": 1},
                        label=label,
                    )
        left.set_yticks(range(len(DRAWN)), DRAWN)
        left.invert_yaxis()
        left.set_xscale("symlog", linthresh=1)
        left.xaxis.set_major_formatter("{x:g}")
        left.set_xlim(left=-0.1)
        right.set_xlim(left=0)
        left.set_xlabel("House-ticks outside a day (linear to 1)")
        right.set_xlabel("Tap operations a day")
        figure.legend(
            *left.get_legend_handles_labels(),
            loc="outside upper center",
            ncols=2,
            title="Means of a day, with 95 % intervals over days and seeds",
            title_fontsize=8,
        )
        style.letter_panels(left, right)
        figure.savefig(FIGURE, dpi=200)
