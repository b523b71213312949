"""What money backs orders without being their price."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

import numpy as np

from p2p_cosim.core.types import FloatArray, Side
from p2p_cosim.core.units import eur_of
from p2p_cosim.record.prices import prices_of

if TYPE_CHECKING:
    import pandas as pd

    from p2p_cosim.record.results import Results


class MarginFigures(TypedDict):
    """The part of a summary that is about margins."""

    mean_margin_eur: float | None
    most_margin_eur: float | None


def margins(run: Results) -> MarginFigures:
    """The figures of a run, from its orders, a piece at a time."""
    ticks = run.market["tick"].to_numpy()
    if not len(ticks):
        return {"mean_margin_eur": None, "most_margin_eur": None}
    prices = prices_of(run)
    by_tick_wei = np.zeros(int(ticks[-1]) + 1)
    columns = ("tick", "side", "energy_wh", "price_wei_per_wh", "rejection", "cancelled")
    for piece in run.frames("orders", *columns):
        booked = piece[(piece["rejection"] == "") & ~piece["cancelled"].astype(bool)]
        np.add.at(by_tick_wei, booked["tick"].to_numpy(), _margin_wei(booked, *prices))
    return {
        "mean_margin_eur": eur_of(float(by_tick_wei[ticks].mean()), run.eur_per_ether),
        "most_margin_eur": eur_of(float(by_tick_wei.max()), run.eur_per_ether),
    }


def _margin_wei(orders: pd.DataFrame, retail: FloatArray, feed_in: FloatArray) -> FloatArray:
    """Of each order: `Tariff.margin_wei_per_wh` of arrays, times the energy. retail, feed_in: by
    tick."""
    tick = orders["tick"].to_numpy()
    limits = orders["price_wei_per_wh"].to_numpy().astype(np.float64)
    asks = np.maximum(0.0, retail[tick] - limits)
    bids = np.maximum(0.0, -feed_in[tick])
    per_wh = np.where(orders["side"] == Side.ASK.value, asks, bids)
    margins_wei: FloatArray = per_wh * orders["energy_wh"].to_numpy().astype(np.float64)
    return margins_wei
