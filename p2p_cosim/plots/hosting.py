"""Hosting capacity as a distribution."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes

from p2p_cosim.plots import style

if TYPE_CHECKING:
    import pandas as pd

LABELS = {"pv_share": "Share of houses with PV", "pv_kw": "PV of a house (kW)"}
_LOOKS = (
    *((style.BLUE, "o", "-"), (style.VERMILION, "s", "--"), (style.GREEN, "^", "-.")),
    *((style.ORANGE, "D", ":"), (style.PURPLE, "v", "-"), (style.SKY, "P", "--")),
)
_NO_LIMITS = ("draw", *LABELS)


@style.styled
def hosting_capacity(tables: Mapping[str, pd.DataFrame], field: str = "pv_share") -> Axes:
    """Share of the draws that violate no limit at a value of the scanned field, a line each.

    tables: by label, such as the controller, what `HostingCapacity.table` gives.
    """
    ax = style.new_axes()
    for number, (label, table) in enumerate(tables.items()):
        limits = [column for column in table.columns if column not in _NO_LIMITS]
        fits = ~table[limits].any(axis=1)
        share = fits.groupby(table[field]).mean()
        colour, marker, dash = _LOOKS[number % len(_LOOKS)]
        (line,) = ax.plot(share.index, 100 * share.to_numpy(dtype=np.float64), label=label)
        line.set(color=colour, marker=marker, linestyle=dash, markersize=3)
    ax.set_ylim(-3, 103)
    ax.set_xlabel(LABELS.get(field, field))
    draws = sorted({table["draw"].nunique() for table in tables.values() if "draw" in table})
    of = f" of {draws[0]}" if len(draws) == 1 else ""
    ax.set_ylabel(f"Placements{of} within all limits (%)")
    style.legend_above(ax, columns=min(2, len(tables)))
    return ax
