"""Figures of faults: who was without supply when, and where on the feeder."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from matplotlib.patches import Patch

from p2p_cosim.core.fault_kinds import FAULT_KINDS, HOUSE_RESTORED
from p2p_cosim.core.types import FloatArray
from p2p_cosim.plots import grid, style
from p2p_cosim.record import Results

_COLOURS = ("#EAF2F8", style.ORANGE, style.BLACK)
_MOST_LABELS = 12  # faults that can be named above the axes without touching


@style.styled
def fault_timeline(run: Results, ax: Axes | None = None) -> Axes:
    """Every house over time: in the scenario's limits, outside, or without supply.

    Above, a bar for each fault while it lasts, and a triangle for each alarm.
    """
    ax = ax or style.new_axes(3.4)
    v_pu = run.voltages["v_pu"].to_numpy(dtype=np.float64)
    houses = list(run.feeder_map.get("houses", {}))
    if run.ticks == 0 or not houses:
        style.note(ax, "no meter readings")
        style.time_axis(ax, run)
        return ax
    edges = style.edges_h(run)
    _draw_states(ax, edges, v_pu.reshape(run.ticks, -1), run.v_limits_pu)
    _label_sites(ax, run, houses)
    bars = max(2.0, len(houses) * 0.08)
    for number, fault in enumerate(run.faults.to_dict("records")):
        _draw_fault(ax, edges, cast(Mapping[str, Any], fault), -bars * 1.6, bars, number, run)
    alarms = run.alarms[run.alarms["kind"] != HOUSE_RESTORED]
    told = edges[alarms["tick"].to_numpy(dtype=int) + 1]
    ax.plot(
        told,
        np.full(len(told), -bars * 0.35),
        "^",
        color=style.BLUE,
        markersize=3.4,
        markeredgewidth=0,
        clip_on=False,
        label="alarm",
    )
    ax.set_ylim(len(houses), -bars * 1.7)
    ax.set_ylabel("Houses by site")
    style.time_axis(ax, run)
    _legend(ax, run, has_alarms=len(told) > 0, has_faults=len(run.faults) > 0)
    return ax


def _draw_states(
    ax: Axes, edges: FloatArray, v_pu: FloatArray, limits: tuple[float, float]
) -> None:
    """v_pu: shape (ticks, houses)."""
    outside = (v_pu < limits[0]) | (v_pu > limits[1])
    ax.pcolormesh(
        edges,
        np.arange(v_pu.shape[1] + 1),
        np.where(v_pu > 0, outside.astype(int), 2).T,
        cmap=ListedColormap(_COLOURS),
        vmin=0,
        vmax=2,
        rasterized=True,
    )


@style.styled
def fault_map(run: Results, fault: int = 0, ax: Axes | None = None) -> Axes:
    """The feeder at the tick in which a fault struck, with its place marked.

    fault: row of the run's table of faults.
    """
    faults = run.faults
    if not 0 <= fault < len(faults):
        ax = ax or style.new_axes(2.9)
        ax.set_axis_off()
        style.note(ax, "no faults")
        return ax
    row = cast(Mapping[str, Any], faults.to_dict("records")[fault])
    ax = grid.feeder_map(run, int(row["tick"]), ax)
    place = _place_on_map(run, str(row["place"]))
    if place is not None:
        ax.plot(
            *place,
            marker="X",
            markersize=9,
            color=style.VERMILION,
            markeredgecolor="white",
            markeredgewidth=0.8,
            zorder=6,
        )
    ax.text(
        0.0,
        -0.06,
        _words(row),
        transform=ax.transAxes,
        color=style.VERMILION,
        fontsize=7,
    )
    return ax


def _draw_fault(
    ax: Axes,
    edges: FloatArray,
    fault: Mapping[str, Any],
    y: float,
    height: float,
    number: int,
    run: Results,
) -> None:
    begin = edges[int(fault["tick"])]
    end = edges[min(int(fault["end_tick"]), run.ticks)]
    ax.barh(
        y + height / 2,
        end - begin,
        left=begin,
        height=height * 0.8,
        color=style.VERMILION,
        linewidth=0,
        clip_on=False,
    )
    if len(run.faults) <= _MOST_LABELS:
        ax.annotate(
            str(number + 1),
            ((begin + end) / 2, y + height / 2),
            ha="center",
            va="center",
            fontsize=5.5,
            color="white",
        )


def _label_sites(ax: Axes, run: Results, houses: list[str]) -> None:
    """One tick label for each site, and a line between sites."""
    sites = [f"{s['bus']}.{s['phase']}" for s in run.feeder_map["houses"].values()]
    starts = [i for i, site in enumerate(sites) if i == 0 or site != sites[i - 1]]
    ends = [*starts[1:], len(houses)]
    ax.set_yticks(
        [(a + b) / 2 for a, b in zip(starts, ends, strict=True)], [sites[i] for i in starts]
    )
    ax.tick_params(axis="y", length=0)
    for start in starts[1:]:
        ax.axhline(start, color="white", linewidth=1.0)


def _legend(ax: Axes, run: Results, *, has_alarms: bool, has_faults: bool) -> None:
    low, high = run.v_limits_pu
    states = ("in limits", f"outside {low:g}-{high:g} pu", "no supply")
    handles: list[Any] = [
        Patch(facecolor=colour, edgecolor=style.GREY, linewidth=0.4, label=label)
        for colour, label in zip(_COLOURS, states, strict=True)
    ]
    if has_faults:
        handles.append(Patch(facecolor=style.VERMILION, linewidth=0, label="fault"))
    if has_alarms:
        handles += [line for line in ax.get_lines() if line.get_label() == "alarm"]
    ax.legend(
        handles=handles,
        loc="lower left",
        bbox_to_anchor=(0, 1),
        ncols=3,
        columnspacing=1.0,
        handletextpad=0.4,
    )


def _place_on_map(run: Results, place: str) -> tuple[float, float] | None:
    """A bus, the middle of a line, or the bus of a house; None for anything else."""
    buses: Mapping[str, list[float]] = run.feeder_map["buses"]
    houses: Mapping[str, Mapping[str, str]] = run.feeder_map["houses"]
    if place in houses:
        place = houses[place]["bus"]
    ends = [buses[bus] for bus in place.split("-") if bus in buses]
    if not ends:
        return None
    x, y = np.mean(np.array(ends), axis=0)
    return float(x), float(y)


def _words(row: Mapping[str, Any]) -> str:
    kind = FAULT_KINDS[row["kind"]]
    phases = f" {row['phases']}" if row["phases"] else ""
    ohm = f", {row['impedance_ohm']:g} ohm" if kind.is_short else ""
    return f"{kind.words}{phases} at {row['place']}{ohm}"
