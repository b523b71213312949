"""Figures of what the feeder carries and loses: loadings, losses by class, unbalance."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes

from p2p_cosim.core.errors import ResultsError
from p2p_cosim.core.limits import UNBALANCE
from p2p_cosim.core.types import FloatArray
from p2p_cosim.plots import style
from p2p_cosim.plots.band import draw_band, levels_of
from p2p_cosim.record import Results

if TYPE_CHECKING:
    import pandas as pd

RATING_PERCENT = 100.0
_KINDS = (("line", style.VERMILION, "-"), ("transformer", style.BLACK, (0, (1.2, 0.8))))
_CLASSES = {
    "losses_lines_kw": ("lines", style.BLUE),
    "losses_transformers_kw": ("transformers", style.SKY),
    "losses_services_kw": ("house services", style.ORANGE),
}
_OTHER = ("shunts, faults", style.LIGHT_GREY)
_LEAST_KW = 1e-4  # below it the rest is rounding
_LONGEST_NAME = 18


@style.styled
def loadings(run: Results, ax: Axes | None = None) -> Axes:
    """Loading of all lines and transformers over time, in percent of their rating.

    The band holds all elements: extremes, 5th to 95th percentile, median. The two lines are the
    line and the transformer with the highest loading of the run.
    """
    ax = ax or style.new_axes(2.6)
    table = _recorded(run, "loadings", "tick", "element", "kind", "current_a", "rated_a")
    ax.set_ylabel("Loading (% of rating)")
    style.time_axis(ax, run)
    if table is None or table.empty:
        style.note(ax, _why_none("loadings", table))
        return ax
    edges = style.edges_h(run)
    percent = 100 * (table["current_a"] / table["rated_a"]).to_numpy(dtype=np.float64)
    by_tick = percent.reshape(run.ticks, -1)
    draw_band(ax, edges, levels_of(by_tick))
    elements = table.iloc[: by_tick.shape[1]]
    for kind, colour, dash in _KINDS:
        at = np.flatnonzero((elements["kind"] == kind).to_numpy())
        if not len(at):
            continue
        fullest = int(at[by_tick[:, at].max(axis=0).argmax()])
        name = f"{kind} {_short(str(elements['element'].iloc[fullest]))}"
        drawn = by_tick[:, fullest]
        ax.stairs(drawn, edges, baseline=None, color=colour, linestyle=dash, label=name)
    _limit_in_legend(ax, RATING_PERCENT, "rating")
    ax.set_ylim(0, 1.1 * max(RATING_PERCENT, np.nanmax(by_tick, initial=0)))
    style.legend_above(ax, columns=2)
    return ax


@style.styled
def losses(run: Results, ax: Axes | None = None) -> Axes:
    """Losses over time, stacked by class of element; the legend sums their energy.

    Services are the transformers and drops of houses. What is left of the sum, in shunts and a
    short circuit, is drawn where there is any.
    """
    ax = ax or style.new_axes(2.6)
    table = _recorded(run, "feeder", "losses_kw", *_CLASSES)
    ax.set_ylabel("Losses (kW)")
    style.time_axis(ax, run)
    if table is None or table.empty:
        style.note(ax, _why_none("losses by class", table))
        return ax
    edges, hours = style.edges_h(run), run.clock.interval_s / 3600
    parts = [(look, table[column].to_numpy(dtype=np.float64)) for column, look in _CLASSES.items()]
    total_kw = table["losses_kw"].to_numpy(dtype=np.float64)
    rest_kw = total_kw - np.sum([part_kw for _, part_kw in parts], axis=0)
    if (np.abs(rest_kw) > _LEAST_KW).any():
        parts.append((_OTHER, rest_kw))
    below_kw: FloatArray = np.zeros(run.ticks)
    for (label, colour), part_kw in parts:
        above_kw = below_kw + part_kw
        ax.stairs(
            *(above_kw, edges),
            baseline=below_kw,
            fill=True,
            color=colour,
            linewidth=0,
            label=f"{label} {_in_figures(part_kw.sum() * hours)} kWh",
        )
        below_kw = above_kw
    ax.stairs(total_kw, edges, baseline=None, color=style.BLACK, linewidth=0.6)
    ax.set_ylim(0, 1.08 * total_kw.max(initial=0) or 1)
    style.legend_above(ax, columns=2)
    return ax


@style.styled
def unbalance(run: Results, ax: Axes | None = None) -> Axes:
    """Voltage unbalance of the worst bus of three phases over time, after NEMA MG 1, in percent,
    beside what ANSI C84.1 recommends at most."""
    ax = ax or style.new_axes()
    table = _recorded(run, "feeder", "unbalance")
    ax.set_ylabel("Voltage unbalance (%)")
    style.time_axis(ax, run)
    if table is None or table.empty:
        style.note(ax, _why_none("unbalance", table))
        return ax
    percent = 100 * table["unbalance"].to_numpy(dtype=np.float64)
    label = "worst bus of three phases"
    ax.stairs(percent, style.edges_h(run), baseline=None, color=style.BLUE, label=label)
    _limit_in_legend(ax, 100 * UNBALANCE, f"ANSI C84.1: at most {100 * UNBALANCE:g} %")
    ax.set_ylim(0, 1.1 * max(100 * UNBALANCE, percent.max()))
    style.legend_above(ax, columns=2)
    return ax


def _recorded(run: Results, name: str, *columns: str) -> pd.DataFrame | None:
    """These columns of a table; None if the version that made the run recorded no such thing."""
    import pandas as pd

    try:
        pieces = list(run.frames(name, *columns))
    except ResultsError:
        return None
    return pd.concat(pieces, ignore_index=True) if pieces else pd.DataFrame(columns=list(columns))


def _why_none(what: str, table: pd.DataFrame | None) -> str:
    if table is None:
        return f"{what} not recorded:\nrun the scenario again"
    return f"no {what}"


def _limit_in_legend(ax: Axes, limit: float, label: str) -> None:
    """Curves cross this limit anywhere, so that words beside it would be crossed too."""
    ax.axhline(limit, color=style.BLACK, linewidth=0.8, linestyle=style.DASHED, label=label)


def _in_figures(kwh: float) -> str:
    return f"{kwh:.0f}" if abs(kwh) >= 100 else f"{kwh:.3g}"


def _short(name: str) -> str:
    return name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 3]}..."
