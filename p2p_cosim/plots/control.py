"""Figures of voltage control: prediction errors, controllers compared, the overvoltage story."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from p2p_cosim.core.types import FloatArray
from p2p_cosim.core.units import WH_PER_KWH
from p2p_cosim.plots import style
from p2p_cosim.plots.band import draw_band
from p2p_cosim.plots.grid import V_LABEL
from p2p_cosim.plots.limits import draw_upper_limit
from p2p_cosim.plots.overview import TWO_COLUMNS_IN
from p2p_cosim.record import Results
from p2p_cosim.record.grid_figures import tap_steps

_COLOURS = (style.VERMILION, style.BLUE, style.GREEN, style.ORANGE, style.PURPLE, style.SKY)
_DASHES = ("-", (0, (3, 3)), "-", "-", "-.", "--")  # the second often lies on the first
_LOOKS: tuple[dict[str, Any], ...] = tuple(
    {"color": colour, "linestyle": dash} for colour, dash in zip(_COLOURS, _DASHES, strict=True)
)


def has_predictions(run: Results) -> bool:
    """Whether the controller of the run predicted anything."""
    return not run.predictions.empty


@style.styled
def prediction_error(run: Results, ax: Axes | None = None) -> Axes:
    """Metered minus predicted voltage of the houses over time, in thousandths of a pu.

    The band holds all houses, the darker one the 5th to 95th percentile, the line the median.
    Triangles mark ticks in which the controller moved a tap. Houses without supply do not
    count.
    """
    ax = ax or style.new_axes()
    table = run.predictions
    table = table[table["predicted_v_pu"].notna() & (table["v_pu"] > 0)]
    ax.axhline(0, color=style.BLACK, linewidth=0.6)
    if table.empty:
        style.note(ax, "no predictions")
    else:
        error = 1e3 * (table["v_pu"] - table["predicted_v_pu"])
        levels = error.groupby(table["tick"]).quantile(np.array([0, 0.05, 0.5, 0.95, 1])).unstack()
        by_tick = levels.reindex(range(run.ticks)).to_numpy(dtype=np.float64).T
        draw_band(ax, style.edges_h(run), by_tick)
        _mark_moves(ax, run)
        style.legend_above(ax, columns=2)
    ax.set_ylabel(r"Metered - predicted ($10^{-3}$ pu)")
    style.time_axis(ax, run)
    return ax


@style.styled
def controller_comparison(runs: Mapping[str, Sequence[Results]]) -> Axes:
    """House-ticks outside the band and tap operations of several controllers, side by side.

    runs: by the controller's label, its runs, such as one a seed. Bars are means over the
    runs and whiskers reach from the least to the most. Returns the left Axes.
    """
    height_in = 0.9 + 0.24 * len(runs)
    figure = Figure(figsize=(TWO_COLUMNS_IN, height_in), layout="constrained")
    FigureCanvasAgg(figure)
    left = figure.add_subplot(1, 2, 1, axes_class=style.NotebookAxes)
    right = figure.add_subplot(1, 2, 2, sharey=left)
    rows = np.arange(float(len(runs)))
    above = [[_outside(run)[0] for run in some] for some in runs.values()]
    below = [[_outside(run)[1] for run in some] for some in runs.values()]
    low, high = _limits_in_words([run for some in runs.values() for run in some])
    moves = [[int((tap_steps(run) > 0).sum()) for run in some] for some in runs.values()]
    _bars(left, rows - 0.19, above, style.VERMILION, f"above {high}")
    _bars(left, rows + 0.19, below, style.BLUE, f"below {low}")
    _bars(right, rows, moves, style.GREY, "", height=0.5)
    left.set_yticks(rows, list(runs))
    left.invert_yaxis()
    left.tick_params(axis="y", length=0)
    right.tick_params(axis="y", length=0, labelleft=False)
    left.set_xlabel("House-ticks outside")
    right.set_xlabel("Tap operations")
    right.xaxis.set_major_locator(MaxNLocator(6, integer=True))
    counts = sorted({len(some) for some in runs.values()})
    of = f"Mean of {' or '.join(map(str, counts))} run{'s'[: counts != [1]]}"
    style.legend_above(left, columns=2, title=f"{of}; whiskers: least to most")
    style.letter_panels(left, right)
    return left


@style.styled
def overvoltage(runs: Mapping[str, Results]) -> Axes:
    """Highest house voltage, taps and cleared sales on one time axis, one line a controller.

    runs: by the controller's label; of one scenario, so that they sell the same. Taps are
    those of the regulator that moved most, if there is one. Returns the upper Axes.
    """
    figure = Figure(figsize=(style.COLUMN_WIDTH_IN, 4.2), layout="constrained")
    FigureCanvasAgg(figure)
    rows = figure.add_gridspec(3, 1, height_ratios=(1.7, 1, 1))
    upper = figure.add_subplot(rows[0], axes_class=style.NotebookAxes)
    middle, lower = (figure.add_subplot(rows[i], sharex=upper) for i in (1, 2))
    for i, (label, run) in enumerate(runs.items()):
        highest = run.feeder["v_max_pu"].to_numpy(dtype=np.float64)
        look = _LOOKS[i % len(_LOOKS)]
        upper.stairs(highest, style.edges_h(run), baseline=None, label=label, **look)
    _draw_taps(middle, list(runs.values()))
    first = next(iter(runs.values()))
    sold_kwh = first.market["energy_wh"].to_numpy() / WH_PER_KWH
    lower.stairs(sold_kwh, style.edges_h(first), fill=True, color=style.SKY, linewidth=0)
    draw_upper_limit(upper, first.v_limits_pu[1])
    upper.set_ylabel(f"Highest house,\n{V_LABEL[0].lower()}{V_LABEL[1:]}")
    lower.set_ylabel("Sold through the\ncontract (kWh)")
    lower.set_ylim(bottom=0)
    style.time_axis(upper, first)
    for ax in (upper, middle):
        ax.tick_params(labelbottom=False)
        ax.set_xlabel("")
    lower.set_xlabel("Time of day (hh:mm)")
    figure.align_ylabels()
    style.legend_above(upper, columns=2)
    style.letter_panels(upper, middle, lower)
    return upper


def _draw_taps(ax: Axes, runs: Sequence[Results]) -> None:
    regulator = _busiest_regulator(runs)
    if regulator is None:
        ax.set_ylabel("Tap")
        ax.set_yticks([])
        style.note(ax, "no regulators")
        return
    for i, run in enumerate(runs):
        look = _LOOKS[i % len(_LOOKS)]
        ax.stairs(_taps(run, regulator), style.edges_h(run), baseline=None, **look)
    ax.set_ylabel(f"Tap of {regulator}")
    ax.yaxis.set_major_locator(MaxNLocator(4, integer=True))
    ax.margins(y=0.15)


def _mark_moves(ax: Axes, run: Results) -> None:
    ticks = run.control.loc[run.control["made"], "tick"].unique()
    if len(ticks):
        edges = style.edges_h(run)
        low, high = ax.get_ylim()
        ax.plot(
            edges[ticks],
            np.full(len(ticks), low),
            "^",
            color=style.VERMILION,
            markersize=4,
            markeredgewidth=0,
            clip_on=False,
            label="tap moved",
        )
        ax.set_ylim(low, high)


def _outside(run: Results) -> tuple[int, int]:
    v_pu = run.voltages["v_pu"].to_numpy()
    low, high = run.v_limits_pu
    return int((v_pu > high).sum()), int(((v_pu > 0) & (v_pu < low)).sum())


def _limits_in_words(runs: Sequence[Results]) -> tuple[str, str]:
    """The limits that all runs share; each run is judged by its own."""
    limits = {run.v_limits_pu for run in runs}
    if len(limits) != 1:
        return "the limit", "the limit"
    ((low, high),) = limits
    return f"{low:g} pu", f"{high:g} pu"


def _bars(
    ax: Axes,
    rows: FloatArray,
    counts: Sequence[Sequence[int]],
    colour: str,
    label: str,
    height: float = 0.36,
) -> None:
    means = np.array([np.mean(some) for some in counts])
    low, high = (np.array([end(some) for some in counts]) for end in (min, max))
    ax.barh(
        *(rows, means, height),
        color=colour,
        label=label,
    )
    spread = high > low
    ax.errorbar(
        *(means[spread], rows[spread]),
        xerr=[(means - low)[spread], (high - means)[spread]],
        fmt="none",
        ecolor=style.BLACK,
        elinewidth=0.8,
        capsize=1.5,
    )
    for row, mean, end in zip(rows, means, high, strict=True):
        ax.annotate(
            f"{mean:.0f}" if mean >= 100 else f"{mean:.3g}",
            (end, row),
            xytext=(3, 0),
            textcoords="offset points",
            va="center",
            fontsize=6.5,
        )
    ax.margins(x=0.12)
    ax.set_xlim(left=0)


def _taps(run: Results, regulator: str) -> FloatArray:
    moves = run.taps[run.taps["regulator"] == regulator]
    taps = np.zeros(run.ticks)
    for tick, tap in zip(moves["tick"], moves["tap"], strict=True):
        taps[max(tick, 0) :] = tap
    return taps


def _busiest_regulator(runs: Sequence[Results]) -> str | None:
    """The regulator that went most steps in all runs together; None on a feeder without any."""
    steps: dict[str, int] = {}
    for run in runs:
        for name, count in zip(run.taps["regulator"], tap_steps(run), strict=True):
            steps[str(name)] = steps.get(str(name), 0) + int(count)
    return max(steps, key=lambda name: steps[name], default=None)
