"""House style: one look for every figure, fit for a column of a paper.

Style is applied around each figure and never left behind in matplotlib's global settings.
Figures are made without pyplot, so drawing a thousand of them leaks nothing; in a notebook
the returned Axes shows its figure itself.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import wraps
from inspect import signature
from typing import Any, ParamSpec, cast

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MultipleLocator

from p2p_cosim.core.errors import InputError
from p2p_cosim.core.types import FloatArray
from p2p_cosim.plots.arguments import CHECKS
from p2p_cosim.record import Results

# Okabe and Ito (2008), Color Universal Design: told apart with any colour vision.
BLACK, ORANGE, SKY, GREEN = "#000000", "#E69F00", "#56B4E9", "#009E73"
YELLOW, BLUE, VERMILION, PURPLE = "#F0E442", "#0072B2", "#D55E00", "#CC79A7"
GREY, LIGHT_GREY = "#666666", "#D9D9D9"

DASHED = (0, (4, 2))

COLUMN_WIDTH_IN = 3.5  # one column of IEEE and Elsevier journals is 3.5 in wide
HEIGHT_IN = 2.4

STYLE: dict[str, object] = {
    "font.family": "DejaVu Sans",  # ships with matplotlib: the same on every machine
    "font.size": 8,
    "axes.titlesize": 8,
    "axes.labelsize": 8,
    "xtick.labelsize": 7,
    "ytick.labelsize": 7,
    "legend.fontsize": 7,
    "legend.frameon": False,
    "legend.handlelength": 1.6,
    "legend.borderaxespad": 0.3,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.linewidth": 0.6,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "lines.linewidth": 1.2,
    "patch.linewidth": 0.6,
    "figure.dpi": 150,
    "savefig.dpi": 300,
    "svg.hashsalt": "p2p_cosim",  # otherwise element ids differ from process to process
    "svg.fonttype": "path",
    "pdf.fonttype": 42,  # journals refuse Type 3 fonts
}


class NotebookAxes(Axes):
    """Axes that show their figure as the value of a notebook cell."""

    name = "p2p_cosim.notebook"

    def _repr_png_(self) -> bytes:
        figure = self.get_figure(root=True)
        buffer = io.BytesIO()
        with applied():
            cast(Figure, figure).savefig(buffer, format="png", dpi=150)
        return buffer.getvalue()


Parameters = ParamSpec("Parameters")


def applied() -> AbstractContextManager[None]:
    """The house style, for as long as the context lasts. Saving needs it as drawing does."""
    return mpl.rc_context(cast(Any, STYLE))  # the type of its keys differs between versions


def new_axes(height_in: float = HEIGHT_IN) -> Axes:
    """Axes of a new figure, one column wide, outside pyplot's list of figures."""
    figure = Figure(figsize=(COLUMN_WIDTH_IN, height_in), layout="constrained")
    FigureCanvasAgg(figure)
    return figure.add_subplot(axes_class=NotebookAxes)


def styled(function: Callable[Parameters, Axes]) -> Callable[Parameters, Axes]:
    """The figure function with the house style around it, and its first argument looked at."""
    first = next(iter(signature(function).parameters))
    check = CHECKS.get(first)

    @wraps(function)
    def draw(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Axes:
        if check and (args or first in kwargs):
            check(function.__name__, args[0] if args else kwargs[first])
        with applied():
            return function(*args, **kwargs)

    return draw


def edges_h(run: Results) -> FloatArray:
    """Hours since the first midnight at which ticks begin, and the last one ends;
    shape (ticks + 1,)."""
    half_h = run.clock.interval_s / 7200
    return np.array([run.clock.hour(tick) - half_h for tick in range(run.ticks + 1)])


def time_axis(ax: Axes, run: Results) -> None:
    """Time of day below the axes; whole days when the run is longer than two."""
    edges = edges_h(run)
    span_h = max(edges[-1] - edges[0], run.clock.interval_s / 3600)
    ax.set_xlim(edges[0], edges[0] + span_h)
    if span_h > 48:
        days = span_h / 24
        ax.xaxis.set_major_locator(MultipleLocator(24 * max(1, int(np.ceil(days / 8)))))
        ax.xaxis.set_major_formatter(FuncFormatter(lambda hour, _: f"{hour / 24:g}"))
        ax.set_xlabel("Time (days)")
        return
    steps_h = (0.05, 0.25, 0.5, 1, 2, 4, 6, 12)
    step_h = next((step for step in steps_h if span_h / step <= 6), steps_h[-1])
    ax.xaxis.set_major_locator(MultipleLocator(step_h))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda hour, _: clock_text(hour)))
    ax.set_xlabel("Time of day (hh:mm)")


def clock_text(hour: float) -> str:
    """Hours since midnight as `hh:mm`; midnight at the end of a day is 24:00."""
    minutes = round(hour * 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours if hours == 24 else hours % 24:02d}:{minutes:02d}"


def legend_above(ax: Axes, columns: int, title: str | None = None) -> None:
    """The legend between the axes and the figure's upper edge, where it hides nothing."""
    ax.legend(
        loc="lower left",
        bbox_to_anchor=(0, 1),
        ncols=columns,
        columnspacing=1.2,
        handletextpad=0.5,
        title=title,
        title_fontsize=8,
        alignment="left",
    )


def letter_panels(*panels: Axes, above: bool = False) -> None:
    """(a), (b), ... at the left below each of a figure's axes, where journals put them, or above
    it, where panels stand close upon each other."""
    for letter, ax in zip("abcdefgh", panels, strict=False):
        ax.annotate(
            f"({letter})",
            (0, 1 if above else 0),
            xycoords="axes fraction",
            xytext=(-30, 4) if above else (-26, -22),
            textcoords="offset points",
            fontsize=8,
            fontweight="bold",
        )


def note(ax: Axes, text: str) -> None:
    """Say in the middle of empty axes why they are empty."""
    ax.text(0.5, 0.5, text, transform=ax.transAxes, ha="center", va="center", color=GREY)


def checked_tick(run: Results, tick: int) -> int:
    """`tick`, or InputError if the run did not record it."""
    if 0 <= tick < run.ticks:
        return tick
    remedy = f"give 0 to {run.ticks - 1}" if run.ticks else "it has none"
    raise InputError(f"tick {tick} is not in this run: {remedy}")
