"""One house's outage on one time axis: from the fault to the all-clear."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from p2p_cosim.core.fault_kinds import HOUSE_OUTAGE, HOUSE_RESTORED
from p2p_cosim.core.types import Feed
from p2p_cosim.plots import style
from p2p_cosim.record import Results

if TYPE_CHECKING:
    import pandas as pd

_HEIGHT_IN = 4.4
_AROUND_TICKS = 4  # shown before the fault and after the all-clear
_LABEL_PT = 6
_COLOURS = {
    Feed.DROP: (style.LIGHT_GREY, "own drop"),
    Feed.NONE: (style.BLACK, "none"),
    Feed.TIE: (style.GREEN, "tie"),
    Feed.BATTERY: (style.ORANGE, "battery"),
}


def had_outage(run: Results) -> bool:
    """Whether some house was at some time not fed by its own drop."""
    return _first_dark(run) is not None


@dataclass(frozen=True, slots=True)
class Step:
    """Something that happened to a house: `edge` counts intervals from the run's start."""

    name: str
    edge: int


def outage_steps(run: Results, house: str) -> list[Step]:
    """What happened in the first outage of a house, in order; what did not is left out.

    A fault, an order, a trade, a delivery and a repair lie where their tick begins; an
    alarm, an alert and an all-clear where it ends.
    """
    meters = _meters(run, house)
    off = meters.index[meters["feed"] != Feed.DROP]
    if off.empty:
        return []
    fault = int(off[0])
    back = meters.index[(meters.index > fault) & (meters["feed"] == Feed.DROP)]
    repair = int(back[0]) if len(back) else None
    end = run.ticks if repair is None else repair
    steps = [Step("fault", fault)]
    alarms = run.alarms[run.alarms["place"] == house]
    steps += _first("alarm", alarms[alarms["kind"] == HOUSE_OUTAGE], fault, 1)
    alerts = run.alerts[(run.alerts["house"] == house) & (run.alerts["suppressed"] == "")]
    steps += _first("alert", alerts[alerts["kind"] == "outage"], fault, 1)
    told = next((step.edge for step in steps if step.name == "alarm"), end)
    orders = run.orders[(run.orders["trader"] == house) & (run.orders["side"] == "bid")]
    steps += _first("order", orders, told, 0, end)
    steps += _first("trade", run.trades[run.trades["buyer"] == house], told, 0, end)
    fed = meters[meters["feed"].isin([Feed.TIE, Feed.BATTERY])].reset_index()
    steps += _first("delivery", fed, fault, 0, end)
    if repair is not None:
        steps.append(Step("repair", repair))
        steps += _first("all-clear", alarms[alarms["kind"] == HOUSE_RESTORED], repair, 1)
        steps += _first("all-clear told", alerts[alerts["kind"] == "restored"], repair, 1)
    return steps


@style.styled
def outage_timeline(run: Results, house: str | None = None) -> Axes:
    """The first outage of a house: its steps with their latencies, what feeds it, the voltage
    at its meter, and its energy as contracted and as metered; returns the top Axes.

    house: by default the first that was without supply.
    """
    figure = Figure(figsize=(style.COLUMN_WIDTH_IN, _HEIGHT_IN), layout="constrained")
    FigureCanvasAgg(figure)
    top = figure.add_subplot(4, 1, 1, axes_class=style.NotebookAxes)
    house = house or _first_dark(run)
    steps = outage_steps(run, house) if house else []
    if house is None or not steps:
        top.set_axis_off()
        style.note(top, "no outage")
        return top
    grid = figure.add_gridspec(4, 1, height_ratios=(2.6, 0.25, 1.5, 1.6))
    top.set_subplotspec(grid[0])
    strip, voltage, energy = (figure.add_subplot(grid[i], sharex=top) for i in (1, 2, 3))
    _draw_steps(top, run, house, steps)
    _draw_feed(strip, run, house)
    _draw_voltage(voltage, run, house)
    _draw_energy(energy, run, house)
    hours = style.edges_h(run)
    for ax in (strip, voltage, energy):
        for edge in {step.edge for step in steps}:
            ax.axvline(hours[edge], color=style.GREY, linewidth=0.6, linestyle=":", zorder=0)
    style.time_axis(energy, run)
    first, last = steps[0].edge - _AROUND_TICKS, max(s.edge for s in steps) + _AROUND_TICKS
    energy.set_xlim(hours[max(first, 0)], hours[min(last, run.ticks)])
    for ax in (top, strip, voltage):
        ax.tick_params(labelbottom=False)
    figure.align_ylabels([voltage, energy])
    style.letter_panels(top, strip, energy, above=True)
    return top


def _first(
    name: str, rows: pd.DataFrame, since: int, after: int, until: int | None = None
) -> Iterator[Step]:
    """The first row from tick `since` and before `until` as a step, `after` ticks later."""
    ticks = rows["tick"][(rows["tick"] >= since) & (until is None or rows["tick"] < until)]
    if len(ticks):
        yield Step(name, int(ticks.iloc[0]) + after)


def _title(run: Results, house: str) -> str:
    offers = run.offers[run.offers["house"] == house]
    named = offers[(offers["tick"] == offers["tick"].min()) & (offers["rank"] > 0)]["seller"]
    who = ", ".join(_in_words(seller) for seller in named)
    return f"Outage of {_in_words(house)}; " + (f"can sell: {who}" if who else "nobody can sell")


def _in_words(house: str) -> str:
    return house.replace("_", " ").capitalize()


def _first_dark(run: Results) -> str | None:
    off = run.households[run.households["feed"] != Feed.DROP]
    return None if off.empty else str(off["house"].iloc[0])


def _meters(run: Results, house: str) -> pd.DataFrame:
    households = run.households
    return households[households["house"] == house].set_index("tick")


def _draw_steps(ax: Axes, run: Results, house: str, steps: list[Step]) -> None:
    hours, minutes = style.edges_h(run), run.clock.interval_s // 60
    fault, middle = steps[0].edge, (steps[0].edge + max(step.edge for step in steps)) / 2
    for row, step in enumerate(steps):
        late = step.edge - fault
        when = f", +{late * minutes} min, {late} tick{'s'[: late != 1]}" if late else ""
        right = step.edge <= middle
        ax.axvline(hours[step.edge], color=style.GREY, linewidth=0.6, linestyle=":", zorder=0)
        ax.plot(hours[step.edge], row, "o", markersize=3.5, color=style.VERMILION)
        ax.annotate(
            f"{step.name}{when}",
            (hours[step.edge], row),
            xytext=(4 if right else -4, 0),
            textcoords="offset points",
            ha="left" if right else "right",
            va="center",
            fontsize=_LABEL_PT,
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.6},
        )
    ax.set_ylim(len(steps) - 0.4, -0.6)
    ax.set_yticks([])
    ax.spines["left"].set_visible(False)
    ax.spines["bottom"].set_visible(False)
    ax.tick_params(bottom=False)
    ax.set_title(_title(run, house), loc="left", fontsize=7)


def _draw_feed(ax: Axes, run: Results, house: str) -> None:
    hours, feed = style.edges_h(run), _meters(run, house)["feed"]
    for tick, fed_by in feed.items():
        edge = int(str(tick))
        ax.axvspan(hours[edge], hours[edge + 1], color=_COLOURS[Feed(fed_by)][0], linewidth=0)
    ax.set_yticks([])
    ax.spines["left"].set_visible(False)
    ax.tick_params(bottom=False)
    ax.set_ylabel("Fed by", rotation=0, ha="right", va="center")
    seen = [
        Patch(color=colour, label=label)
        for key, (colour, label) in _COLOURS.items()
        if key in set(feed)
    ]
    ax.legend(
        handles=seen,
        fontsize=_LABEL_PT,
        ncols=4,
        loc="lower left",
        bbox_to_anchor=(0, 0.95),
        handlelength=1,
        columnspacing=1,
    )


def _draw_voltage(ax: Axes, run: Results, house: str) -> None:
    v_pu = run.voltages[run.voltages["house"] == house]["v_pu"].to_numpy()
    ax.stairs(v_pu, style.edges_h(run), baseline=None, color=style.BLUE, linewidth=1.4)
    low, high = run.v_limits_pu
    ax.axhspan(low, high, color=style.LIGHT_GREY, linewidth=0, zorder=0)
    ax.text(
        0.99,
        low - 0.04,
        f"{low:g}-{high:g} pu",
        transform=ax.get_yaxis_transform(),
        fontsize=_LABEL_PT,
        color=style.GREY,
        ha="right",
        va="top",
    )
    ax.set_ylim(-0.06, 1.2)
    ax.set_yticks([0, 0.5, 1])
    ax.set_ylabel("Voltage (pu)")


def _draw_energy(ax: Axes, run: Results, house: str) -> None:
    meters, hours = _meters(run, house), style.edges_h(run)
    contracted = meters["contracted_wh"].to_numpy(dtype=np.float64)
    metered = meters["metered_wh"].to_numpy(dtype=np.float64, na_value=np.nan)
    ax.stairs(metered, hours, fill=True, color=style.SKY, label="metered")
    ax.stairs(
        contracted,
        hours,
        baseline=None,
        color=style.BLACK,
        linewidth=1.2,
        linestyle=style.DASHED,
        label="contracted",
    )
    ax.axhline(0, color=style.GREY, linewidth=0.6)
    ax.set_ylabel("Energy (Wh)")
    style.legend_above(ax, columns=2)
