"""What money backs orders without being their price."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

import numpy as np

from p2p_cosim.core.types import FloatArray, Side
from p2p_cosim.core.units import eur_of

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
    by_tick_wei = np.zeros(int(ticks[-1]) + 1)
    columns = ("tick", "side", "energy_wh", "price_wei_per_wh", "rejection", "cancelled")
    for piece in run.frames("orders", *columns):
        booked = piece[(piece["rejection"] == "") & ~piece["cancelled"].astype(bool)]
        np.add.at(by_tick_wei, booked["tick"].to_numpy(), _margin_wei(booked, run))
    return {
        "mean_margin_eur": eur_of(float(by_tick_wei[ticks].mean()), run.eur_per_ether),
        "most_margin_eur": eur_of(float(by_tick_wei.max()), run.eur_per_ether),
    }


def _margin_wei(orders: pd.DataFrame, run: Results) -> FloatArray:
    """Of each order: `Tariff.margin_wei_per_wh` of arrays, times the energy."""
    limits = orders["price_wei_per_wh"].to_numpy().astype(np.float64)
    asks = np.maximum(0.0, run.tariff.retail_wei_per_wh - limits)
    bids = max(0.0, -float(run.tariff.feed_in_wei_per_wh))
    per_wh = np.where(orders["side"] == Side.ASK.value, asks, bids)
    return per_wh * orders["energy_wh"].to_numpy().astype(np.float64)
