"""Figures of the grid: voltages at the meters, taps, and the feeder as a map."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.collections import LineCollection
from matplotlib.colors import Normalize
from matplotlib.lines import Line2D
from matplotlib.patheffects import withStroke
from matplotlib.ticker import MaxNLocator

from p2p_cosim.core.types import FloatArray
from p2p_cosim.plots import style
from p2p_cosim.plots.band import draw_band, levels_of
from p2p_cosim.plots.limits import draw_limits
from p2p_cosim.record import Results
from p2p_cosim.record.grid_figures import worst_voltage

if TYPE_CHECKING:
    import pandas as pd

V_LABEL = "Voltage (pu)"
_MAP_MARGIN_PU = 0.01  # of the colours, beyond the limits
_RING = 0.045  # distance of a house from its bus, in units of the map's longer side
_RING_HOUSES = 8  # on the innermost ring; each further one holds as many more
_LABEL_PT = 6


@style.styled
def voltage_band(run: Results, ax: Axes | None = None) -> Axes:
    """Voltages of all house meters over time: extremes, 5th to 95th percentile, median.

    Houses without supply do not count. Every reading outside the scenario's own
    limits is a mark.
    """
    ax = ax or style.new_axes(2.6)
    v_pu = _voltages_by_tick(run)
    if np.isfinite(v_pu).any():
        draw_band(ax, style.edges_h(run), levels_of(v_pu))
        _mark_outside(ax, style.edges_h(run), v_pu, run.v_limits_pu)
        style.legend_above(ax, columns=2)
    else:
        style.note(ax, "no meter readings")
    draw_limits(ax, run.v_limits_pu)
    ax.set_ylabel(V_LABEL)
    style.time_axis(ax, run)
    return ax


@style.styled
def taps(run: Results, ax: Axes | None = None) -> Axes:
    """Tap of every regulator over time, from its first tap on."""
    ax = ax or style.new_axes()
    edges = style.edges_h(run)
    colours = (style.BLUE, style.ORANGE, style.GREEN, style.PURPLE)
    dashes = ("-", (0, (5, 1.5)), (0, (1.5, 1.2)), "-.")
    for index, (name, moves) in enumerate(run.taps.groupby("regulator", sort=False)):
        tap_by_tick = np.zeros(run.ticks, dtype=np.int64)
        for tick, tap in zip(moves["tick"], moves["tap"], strict=True):
            tap_by_tick[max(tick, 0) :] = tap
        ax.stairs(
            tap_by_tick,
            edges,
            baseline=None,
            color=colours[index % 4],
            linestyle=dashes[index % 4],
            linewidth=1.4,
            label=str(name),
        )
    ax.yaxis.set_major_locator(MaxNLocator(7, integer=True))
    low, high = ax.get_ylim()
    ax.set_ylim(low - 1, high + 1)
    ax.set_ylabel("Tap")
    style.time_axis(ax, run)
    if run.taps.empty:
        style.note(ax, "no regulators")
    else:
        style.legend_above(ax, columns=4)
    return ax


@style.styled
def feeder_map(run: Results, tick: int | None = None, ax: Axes | None = None) -> Axes:
    """The feeder as a map, coloured by voltage: circles are buses, squares are houses.

    A bus has the colour of its phase farthest from 1 pu; houses stand around their bus, and
    one without supply is a cross. tick: by default that of the worst meter voltage. Raises
    InputError for a tick that the run did not record.
    """
    ax = ax or style.new_axes(2.9)
    ax.set_axis_off()
    ax.set_aspect("equal")
    buses: Mapping[str, tuple[float, float]] = run.feeder_map.get("buses", {})
    if run.ticks == 0 or not buses:
        style.note(ax, "no map" if run.ticks else "no voltages")
        return ax
    tick = (worst_voltage(run)[2] or 0) if tick is None else style.checked_tick(run, tick)
    v_min_pu, v_max_pu = run.v_limits_pu
    ends = (round(v_min_pu - _MAP_MARGIN_PU, 6), round(v_max_pu + _MAP_MARGIN_PU, 6))
    colours = ScalarMappable(Normalize(*ends), "RdBu_r")
    lines = [(buses[a], buses[b]) for a, b in run.feeder_map["lines"]]
    ax.add_collection(LineCollection(lines, colors=style.GREY, linewidths=1.0, zorder=1))
    _draw_buses(ax, run, tick, buses, colours)
    meters = run.voltages[run.voltages["tick"] == tick]
    places = _house_places(run.feeder_map["houses"], buses)
    _draw_houses(ax, meters, places, colours)
    _label_buses(ax, run, buses, places)
    ax.margins(0.06)
    bar = ax.figure.colorbar(
        colours, ax=ax, extend="both", shrink=0.8, aspect=30, pad=0.02, label=V_LABEL
    )
    inside = [v_pu for v_pu in (0.98, 1.0, 1.02) if v_min_pu < v_pu < v_max_pu]
    bar.set_ticks([ends[0], v_min_pu, *inside, v_max_pu, ends[1]])
    bar.ax.hlines([v_min_pu, v_max_pu], 0, 1, colors=style.BLACK, linewidths=0.8)
    cut_off = bool((meters["v_pu"] == 0).any())
    when = f"Tick {tick}, {style.clock_text(style.edges_h(run)[tick])}"
    ax.set_title(when, loc="left", pad=18 if cut_off else 6)  # above a legend that is wider then
    _legend_of_map(ax, cut_off)
    return ax


def _mark_outside(
    ax: Axes, edges: FloatArray, v_pu: FloatArray, limits: tuple[float, float]
) -> None:
    ticks, houses = np.nonzero((v_pu < limits[0]) | (v_pu > limits[1]))
    if len(ticks):
        ax.plot(
            (edges[ticks] + edges[ticks + 1]) / 2,
            v_pu[ticks, houses],
            "o",
            color=style.VERMILION,
            markersize=1.6,
            markeredgewidth=0,
            label=f"outside limits ({len(ticks)})",
        )


def _draw_buses(
    ax: Axes,
    run: Results,
    tick: int,
    buses: Mapping[str, tuple[float, float]],
    colours: ScalarMappable,
) -> None:
    worst_v_pu: dict[str, float] = {}
    nodes = run.node_voltages[run.node_voltages["tick"] == tick]
    for node, v_pu in zip(nodes["node"], nodes["v_pu"], strict=True):
        bus = str(node).rpartition(".")[0]
        if bus not in worst_v_pu or abs(v_pu - 1) > abs(worst_v_pu[bus] - 1):
            worst_v_pu[bus] = v_pu
    drawn = [bus for bus in buses if bus in worst_v_pu]
    x, y = np.array([buses[bus] for bus in drawn]).reshape(-1, 2).T
    ax.scatter(
        x,
        y,
        s=46,
        c=colours.to_rgba(np.array([worst_v_pu[bus] for bus in drawn])),
        edgecolors=style.BLACK,
        linewidths=0.7,
        zorder=3,
        label="buses",
    )


def _label_buses(
    ax: Axes,
    run: Results,
    buses: Mapping[str, tuple[float, float]],
    places: Mapping[str, tuple[float, float]],
) -> None:
    """Names above the buses and, so that they hide nothing, above their houses."""
    top = {bus: y for bus, (_, y) in buses.items()}
    for house, site in run.feeder_map["houses"].items():
        top[site["bus"]] = max(top[site["bus"]], places[house][1])
    for bus, (x, _) in buses.items():
        ax.annotate(
            bus,
            (x, top[bus]),
            xytext=(0, _LABEL_PT),
            textcoords="offset points",
            ha="center",
            fontsize=6,
            path_effects=[withStroke(linewidth=1.6, foreground="white")],
            zorder=5,
        )


def _legend_of_map(ax: Axes, cut_off: bool) -> None:
    entries = [("o", 5.5, "white", "bus (worst phase)"), ("s", 3.3, "white", "house")]
    if cut_off:
        entries.append(("x", 3.7, style.BLACK, "no supply"))
    handles = [
        Line2D(
            [],
            [],
            linestyle="",
            marker=marker,
            markersize=size,
            markerfacecolor=colour,
            markeredgecolor=style.BLACK,
            markeredgewidth=0.6,
            label=label,
        )
        for marker, size, colour, label in entries
    ]
    ax.legend(
        handles=handles,
        loc="lower right",
        bbox_to_anchor=(1, 1),
        ncols=3,
        columnspacing=0.8,
        handletextpad=0.1,
    )


def _draw_houses(
    ax: Axes,
    meters: pd.DataFrame,
    places: Mapping[str, tuple[float, float]],
    colours: ScalarMappable,
) -> None:
    x, y = np.array([places[house] for house in meters["house"]]).reshape(-1, 2).T
    v_pu = meters["v_pu"].to_numpy()
    on = v_pu > 0
    ax.scatter(
        x[on],
        y[on],
        s=11,
        marker="s",
        c=colours.to_rgba(v_pu[on]),
        edgecolors=style.BLACK,
        linewidths=0.4,
        zorder=4,
        label="houses",
    )
    ax.scatter(
        x[~on],
        y[~on],
        s=14,
        marker="x",
        color=style.BLACK,
        linewidths=1.0,
        zorder=4,
        label="without supply",
    )


def _house_places(
    houses: Mapping[str, Mapping[str, str]], buses: Mapping[str, tuple[float, float]]
) -> dict[str, tuple[float, float]]:
    """Where to draw houses: on rings around their buses, off the axes along which lines run."""
    longer_side = np.ptp(np.array(list(buses.values())), axis=0).max() or 1.0
    by_bus: dict[str, list[str]] = {}
    for name, site in houses.items():
        by_bus.setdefault(site["bus"], []).append(name)
    places: dict[str, tuple[float, float]] = {}
    for bus, names in by_bus.items():
        x, y = buses[bus]
        left, ring = list(names), 1
        while left:
            here, left = left[: ring * _RING_HOUSES], left[ring * _RING_HOUSES :]
            slots = 4 * -(-len(here) // 4)
            radius = longer_side * _RING * (0.35 + 0.65 * ring)
            for slot, name in enumerate(here):
                angle = 2 * np.pi * (slot + 0.5) / slots
                places[name] = (x + radius * np.cos(angle), y + radius * np.sin(angle))
            ring += 1
    return places


def _voltages_by_tick(run: Results) -> FloatArray:
    """Meter voltages, shape (ticks, houses); NaN without supply."""
    v_pu = run.voltages["v_pu"].to_numpy(dtype=np.float64)
    by_tick = v_pu.reshape(run.ticks, -1) if run.ticks else v_pu.reshape(0, 0)
    return np.where(by_tick > 0, by_tick, np.nan)
