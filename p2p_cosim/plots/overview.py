"""The run at a glance: what the market did beside what the feeder saw."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from p2p_cosim.plots import style
from p2p_cosim.plots.market import price_and_volume
from p2p_cosim.plots.voltages import voltage_by_site
from p2p_cosim.record import Results

TWO_COLUMNS_IN = 7.16  # text width of IEEE journals


@style.styled
def overview(run: Results) -> Axes:
    """(a) price and volume, (b) the voltages of all sites; returns the left Axes."""
    figure = Figure(figsize=(TWO_COLUMNS_IN, 2.7), layout="constrained")
    FigureCanvasAgg(figure)
    left = figure.add_subplot(1, 2, 1, axes_class=style.NotebookAxes)
    right = figure.add_subplot(1, 2, 2)
    price_and_volume(run, ax=left)
    voltage_by_site(run, ax=right)
    style.letter_panels(left, right)
    return left
