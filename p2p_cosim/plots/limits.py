"""The voltage limits of a scenario, as every figure draws them: dashed, each with its value."""

from __future__ import annotations

from matplotlib.axes import Axes

from p2p_cosim.plots import style

_ROOM_PU = 0.008  # beyond a limit, so that its line is inside the axes
_ROOM_SHARE = 0.08  # and its words too, where the limits are far apart


def draw_limits(ax: Axes, limits_pu: tuple[float, float]) -> None:
    """Draw both limits and write at the right end what they are, outside what lies between."""
    for limit, above in zip(limits_pu, (False, True), strict=True):
        _draw(ax, limit, above=above)
    low, high = ax.get_ylim()
    room_pu = max(_ROOM_PU, _ROOM_SHARE * (limits_pu[1] - limits_pu[0]))
    ax.set_ylim(min(low, limits_pu[0] - room_pu), max(high, limits_pu[1] + room_pu))


def draw_upper_limit(ax: Axes, limit_pu: float) -> None:
    """The upper limit alone, for axes that show the highest voltage."""
    _draw(ax, limit_pu, above=True)


def _draw(ax: Axes, limit_pu: float, *, above: bool) -> None:
    ax.axhline(limit_pu, color=style.BLACK, linewidth=0.8, linestyle=style.DASHED)
    ax.annotate(
        f"{'upper' if above else 'lower'} limit {limit_pu:g}",
        (1, limit_pu),
        xycoords=("axes fraction", "data"),
        xytext=(0, 1.5 if above else -1.5),
        textcoords="offset points",
        ha="right",
        va="bottom" if above else "top",
        fontsize=6,
    )
