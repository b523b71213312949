"""Many values at each time as a band: their extremes, the 5th to 95th percentile, the median."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from p2p_cosim.core.types import FloatArray
from p2p_cosim.plots import style


def levels_of(values: FloatArray) -> FloatArray:
    """What `draw_band` draws of values of shape (ticks, things); NaN does not count.

    Shape (5, ticks): least, 5th percentile, median, 95th percentile and most.
    """
    known = np.isfinite(values).any(axis=1)
    levels = np.full((5, len(values)), np.nan)
    levels[:, known] = np.nanpercentile(values[known], [0, 5, 50, 95, 100], axis=1)
    return levels


def draw_band(ax: Axes, edges_h: FloatArray, levels: FloatArray) -> None:
    """Draw levels of shape (5, ticks) over edges of shape (ticks + 1,)."""
    least, p5, median, p95, most = levels
    for low, high, alpha, label in (
        (least, most, 0.35, "lowest to highest"),
        (p5, p95, 0.9, "5th-95th percentile"),
    ):
        ax.stairs(
            *(high, edges_h),
            baseline=low,
            fill=True,
            color=style.SKY,
            alpha=alpha,
            linewidth=0,
            label=label,
        )
    ax.stairs(median, edges_h, baseline=None, color=style.BLUE, label="median")
