"""Figure of the voltages, site by site: houses of several phases have no common middle."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from p2p_cosim.core.types import FloatArray
from p2p_cosim.plots import style
from p2p_cosim.plots.limits import draw_limits
from p2p_cosim.record import Results

V_LABEL = "Voltage (pu)"
_COLOURS = (style.BLUE, style.VERMILION, style.GREEN, style.PURPLE, style.ORANGE, style.BLACK)
_MOST_SITES = len(_COLOURS)


@style.styled
def voltage_by_site(run: Results, ax: Axes | None = None) -> Axes:
    """Voltages at the house meters over time: of every site the mean, and the range of its houses.

    A site is a bus and phase, such as `675.B`. With more than six sites, phases take their place.
    Houses without supply do not count. The scenario's own limits are drawn and labelled.
    """
    ax = ax or style.new_axes(2.6)
    edges = style.edges_h(run)
    groups = _groups(run) if run.ticks else {}
    all_v_pu = _voltages(run)
    for i, (site, columns) in enumerate(groups.items()):
        v_pu = all_v_pu[:, columns]
        known = np.isfinite(v_pu).any(axis=1)
        levels = np.full((3, len(v_pu)), np.nan)
        if known.any():
            levels[0, known] = np.nanmin(v_pu[known], axis=1)
            levels[1, known] = np.nanmean(v_pu[known], axis=1)
            levels[2, known] = np.nanmax(v_pu[known], axis=1)
        low, mean, high = levels
        colour = _COLOURS[i % len(_COLOURS)]
        ax.stairs(high, edges, baseline=low, fill=True, color=colour, alpha=0.25, linewidth=0)
        ax.stairs(mean, edges, baseline=None, color=colour, label=site)
    if groups:
        style.legend_above(ax, columns=3, title="Mean of a site; shaded: its houses")
    else:
        style.note(ax, "no meter readings")
    draw_limits(ax, run.v_limits_pu)
    ax.set_ylabel(V_LABEL)
    style.time_axis(ax, run)
    return ax


def _groups(run: Results) -> dict[str, list[int]]:
    """Columns of the houses of each site, or of each phase where there are many sites."""
    sites: dict[str, list[int]] = {}
    phases: dict[str, list[int]] = {}
    for column, place in enumerate(run.feeder_map.get("houses", {}).values()):
        sites.setdefault(f"{place['bus']}.{place['phase']}", []).append(column)
        phases.setdefault(f"phase {place['phase']}", []).append(column)
    return sites if len(sites) <= _MOST_SITES else phases


def _voltages(run: Results) -> FloatArray:
    """Shape (ticks, houses), in the map's order of houses; NaN without supply."""
    table = run.voltages.pivot_table(index="tick", columns="house", values="v_pu")
    houses = list(run.feeder_map.get("houses", {}))
    v_pu = table.reindex(columns=houses).to_numpy(dtype=np.float64)
    return np.where(v_pu > 0, v_pu, np.nan)
