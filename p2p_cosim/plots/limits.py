"""The voltage limits of a scenario, as every figure draws them: dashed, each with its value."""

from __future__ import annotations

from matplotlib.axes import Axes

from p2p_cosim.plots import style

_ROOM_PU = 0.008  # beyond a limit, so that its line is inside the axes


def draw_limits(ax: Axes, limits_pu: tuple[float, float]) -> None:
    """Draw both limits and write at the right end what they are, outside what lies between."""
    for limit, above in zip(limits_pu, (False, True), strict=True):
        ax.axhline(limit, color=style.BLACK, linewidth=0.8, linestyle=style.DASHED)
        ax.annotate(
            f"{'upper' if above else 'lower'} limit {limit:g}",
            (1, limit),
            xycoords=("axes fraction", "data"),
            xytext=(0, 1.5 if above else -1.5),
            textcoords="offset points",
            ha="right",
            va="bottom" if above else "top",
            fontsize=6,
        )
    low, high = ax.get_ylim()
    ax.set_ylim(min(low, limits_pu[0] - _ROOM_PU), max(high, limits_pu[1] + _ROOM_PU))
