"""Figures of many runs, from a sweep's table: one row a run, with axes, `seed` and figures."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes

from p2p_cosim.core.errors import InputError
from p2p_cosim.core.naming import did_you_mean
from p2p_cosim.core.types import FloatArray
from p2p_cosim.plots.style import (
    BLACK,
    BLUE,
    GREEN,
    GREY,
    LIGHT_GREY,
    ORANGE,
    PURPLE,
    SKY,
    VERMILION,
    legend_above,
    new_axes,
    styled,
)
from p2p_cosim.statistics import means, paired_differences, pairs_of

if TYPE_CHECKING:
    import pandas as pd

_COLOURS = (BLUE, ORANGE, GREEN, VERMILION, PURPLE, SKY, BLACK)
_MARKERS = "os^DvPX"
_DASHES: tuple[tuple[int, tuple[float, ...]], ...] = (
    (0, ()),
    (0, (4, 2)),
    (0, (1, 1)),
    (0, (6, 2, 1, 2)),
    (0, (2, 1)),
)  # so that lines upon each other are seen, in print without colour too
_MOST_LINEAR = 20.0
"""An axis of positive values that spans more than this factor is logarithmic."""
_FEWEST_OF_A_BOX = 5
_LEGEND_LETTERS = 48
"""In a row of a legend one column wide, beside the lines."""
_NAMES = {
    "arm": "Run",
    "houses.count": "Houses",
    "break_even_gas_gwei": "Break-even gas price (gwei)",
    "worst_v_pu": "Voltage farthest from 1 pu (pu)",
    "house_ticks_outside": "Readings outside the band",
    "market.k": "k",
}
_UNITS = {
    "_eur_per_kwh": "EUR/kWh",
    "_eur": "EUR",
    "_kwh": "kWh",
    "_pu": "pu",
    "_wh": "Wh",
    "_kw": "kW",
}


@styled
def sweep_line(table: pd.DataFrame, x: str, figure: str, by: str | None = None) -> Axes:
    """Mean of a figure over a numeric axis, one line a value of `by`, with 95 % bootstrap bands
    of the mean. Raises InputError for a column that is not there.

    The axis is logarithmic if its values are positive and span more than a factor of 20.
    """
    _check(table, x, figure, *([by] if by else []))
    ax = new_axes()
    groups = list(table.groupby(by, sort=False)) if by else [(figure, table)]
    for number, (label, group) in enumerate(groups):
        found = means(group, [x], [figure]).sort_values(x)
        colour = _COLOURS[number % len(_COLOURS)]
        marker = _MARKERS[number % len(_MARKERS)]
        at = found[x].to_numpy(dtype=float)
        ax.fill_between(at, found["low"], found["high"], color=colour, alpha=0.2, linewidth=0)
        ax.plot(
            at,
            found["mean"],
            color=colour,
            marker=marker,
            markersize=3,
            label=str(label),
            linestyle=_DASHES[number % len(_DASHES)],
        )
    _scale(ax, table[x].to_numpy(dtype=float))
    ax.set_xlabel(_label(x))
    ax.set_ylabel(_label(figure))
    told = "Mean; band: its 95 % bootstrap interval"
    if by:
        widest = max(len(str(label)) for label, _ in groups)
        columns = max(1, min(_LEGEND_LETTERS // widest, len(groups), 3))
        legend_above(ax, columns, title=f"{_label(by)}\n{told}")
    else:
        ax.set_title(told, loc="left")
    return ax


@styled
def sweep_heat(table: pd.DataFrame, x: str, y: str, figure: str) -> Axes:
    """Mean of a figure over two axes; white where there is no run."""
    _check(table, x, y, figure)
    cells = table.pivot_table(index=y, columns=x, values=figure, aggfunc="mean", sort=True)
    ax = new_axes()
    image = ax.imshow(cells.to_numpy(dtype=float), origin="lower", aspect="auto", cmap="cividis")
    ax.set_xticks(range(len(cells.columns)), [_value(v) for v in cells.columns])
    ax.set_yticks(range(len(cells.index)), [_value(v) for v in cells.index])
    ax.set_xlabel(_label(x))
    ax.set_ylabel(_label(y))
    ax.figure.colorbar(image, ax=ax, label=f"{_label(figure)}, mean")
    return ax


@styled
def sweep_box(table: pd.DataFrame, axis: str, figure: str) -> Axes:
    """Spread of a figure over all runs of each value of an axis: median, quartiles, whiskers to
    1.5 times the distance between the quartiles, and the runs beyond. Fewer than five runs are
    drawn as they are."""
    _check(table, axis, figure)
    groups = [(v, g[figure].dropna().to_numpy(float)) for v, g in table.groupby(axis, sort=False)]
    ax = new_axes()
    for place, (_, values) in enumerate(groups):
        if len(values) < _FEWEST_OF_A_BOX:
            ax.plot([place] * len(values), values, "o", color=BLUE, markersize=4)
            continue
        ax.boxplot(
            [values],
            positions=[place],
            widths=0.5,
            patch_artist=True,
            boxprops={"facecolor": LIGHT_GREY, "edgecolor": BLACK},
            medianprops={"color": VERMILION},
            flierprops={"marker": ".", "markersize": 3, "markeredgecolor": GREY},
        )
    ax.set_xticks(range(len(groups)), [_value(value) for value, _ in groups])
    ax.set_xlim(-0.5, len(groups) - 0.5)
    ax.set_title(
        "Median, quartiles; whiskers: to 1.5 times\ntheir distance; dots: runs beyond", loc="left"
    )
    ax.set_xlabel(_label(axis))
    ax.set_ylabel(_label(figure))
    return ax


@styled
def sweep_differences(table: pd.DataFrame, axis: str, figure: str, baseline: object) -> Axes:
    """What each value of an axis changes against `baseline`, pair by pair (grey) and on average
    with a 95 % bootstrap interval. table: no other columns than axes, `seed` and the figure."""
    _check(table, axis, figure)
    pairs = pairs_of(table, figure, axis, baseline)
    found = paired_differences(table, figure, axis, baseline)
    ax = new_axes()
    ax.axhline(0, color=BLACK, linewidth=0.6)
    for place, row in enumerate(found.itertuples(index=False)):
        value, mean, low, high, _ = row
        each = pairs.loc[pairs[axis] == value, "difference"].to_numpy(dtype=float)
        spread = np.linspace(-0.15, 0.15, len(each)) if len(each) > 1 else np.zeros(1)
        ax.plot(place + spread, each, ".", color=GREY, markersize=3)
        ax.plot([place, place], [low, high], color=BLUE)
        ax.plot(place, mean, "o", color=BLUE, markersize=4)
    ax.set_xticks(range(len(found)), [_value(value) for value in found[axis]])
    ax.set_xlim(-0.5, len(found) - 0.5)
    ax.set_xlabel(_label(axis))
    ax.set_ylabel(f"{_label(figure)},\nminus that of {_value(baseline)}")
    ax.set_title("Mean of pairs; bar: its 95 % bootstrap interval", loc="left")
    return ax


def _scale(ax: Axes, values: FloatArray) -> None:
    if values.min() <= 0 or values.max() <= _MOST_LINEAR * values.min():
        return
    ax.set_xscale("log")
    ax.set_xticks(sorted(set(values)), [f"{value:g}" for value in sorted(set(values))])
    ax.set_xticks([], minor=True)


def _check(table: pd.DataFrame, *columns: str) -> None:
    if not hasattr(table, "columns"):
        raise InputError(f"a sweep's figure draws its table, not a {type(table).__name__}")
    for name in columns:
        if name not in table.columns:
            near = did_you_mean(name, map(str, table.columns))
            raise InputError(f"the table has no column {name!r}{near}")


def _label(name: str) -> str:
    """`profiles.pv_share` as `PV share`, units in parentheses."""
    if name in _NAMES:
        return _NAMES[name]
    last = name.rpartition(".")[2]
    for suffix, unit in _UNITS.items():
        if last.endswith(suffix):
            return f"{_words(last.removesuffix(suffix))} ({unit})"
    return _words(last)


def _words(name: str) -> str:
    text = name.replace("_", " ").replace("pv ", "PV ")
    return text[:1].upper() + text[1:]


def _value(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
