"""Records on one line, for the last line of a notebook's cell."""

from __future__ import annotations

import html
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray


def count(number: int, noun: str) -> str:
    """`1 trade`, `9 trades`."""
    return f"{number} {noun}{'s'[: number != 1]}"


def traded(energy_wh: int, trades: int, price_wei_per_wh: int | None) -> str:
    """What a round traded, and at what price."""
    if price_wei_per_wh is None:
        return "no trade"
    return f"{energy_wh / 1000:.3g} kWh in {count(trades, 'trade')} at {gwei(price_wei_per_wh)}"


def gwei(price_wei_per_wh: int) -> str:
    """A price in a unit of its size."""
    return f"{price_wei_per_wh / 1e9:.4g} Gwei/Wh"


def voltages(v_pu: NDArray[np.float64]) -> str:
    """The range of those with supply, and how many have none or no reading."""
    missing = int(np.isnan(v_pu).sum())
    dark = int((v_pu == 0).sum())
    lit = v_pu[v_pu > 0]
    parts = [f"{lit.min():.3f}-{lit.max():.3f} pu"] if lit.size else []
    parts += [f"{dark} without supply"] * bool(dark) + [f"{missing} without reading"] * bool(
        missing
    )
    return ", ".join(parts) or "no houses"


def table(title: str, rows: Mapping[str, object]) -> str:
    """Two columns of HTML."""
    cells = "".join(
        f"<tr><th style='text-align:left'>{html.escape(name)}</th>"
        f"<td style='text-align:left'>{html.escape(str(value))}</td></tr>"
        for name, value in rows.items()
    )
    return f"<table><caption>{html.escape(title)}</caption>{cells}</table>"
