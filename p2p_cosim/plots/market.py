"""Figures of the market: price and volume, supply and demand, what households pay."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from p2p_cosim.core.units import WH_PER_KWH, eur_per_kwh_of
from p2p_cosim.plots import style
from p2p_cosim.record import Results
from p2p_cosim.record.prices import prices_of

if TYPE_CHECKING:
    import pandas as pd

PRICE_LABEL = "Price (EUR/kWh)"
_ROW_IN = 0.125  # height of one house's row
_MAX_HEIGHT_IN = 9.0  # a page
_MAX_LABELS = 60
_SHOWN = 2.0  # the longer side of the book is cut at this multiple of the shorter
_SIDES = {"ask": ("asks", style.GREEN), "bid": ("bids", style.BLUE)}


@style.styled
def price_and_volume(run: Results, ax: Axes | None = None) -> Axes:
    """Clearing price (line, left) and energy traded (area, right) over time.

    The price pauses where nothing traded. Retail and feed-in price bound it.
    """
    ax = ax or style.new_axes()
    volume = ax.twinx()
    edges, rounds = style.edges_h(run), run.market
    energy_kwh = rounds["energy_wh"].to_numpy() / WH_PER_KWH
    volume.stairs(energy_kwh, edges, fill=True, color=style.SKY, alpha=0.55, linewidth=0)
    volume.set_ylabel("Energy traded (kWh)", color=style.BLUE)
    volume.tick_params(axis="y", colors=style.BLUE)
    volume.spines["right"].set_visible(True)
    volume.yaxis.set_major_locator(MaxNLocator(6))
    volume.set_ylim(0, 1.25 * energy_kwh.max(initial=0) or 1)
    price = eur_per_kwh_of(1, run.eur_per_ether) * rounds["price_wei_per_wh"].to_numpy(
        dtype=np.float64, na_value=np.nan
    )
    ax.stairs(price, edges, baseline=None, color=style.VERMILION)
    retail = _tariff_lines(ax, run)
    ax.set_ylim(0, 1.15 * max(retail, np.nanmax(price, initial=0)) or 1)
    ax.set_zorder(volume.get_zorder() + 1)  # the price stands before the area
    ax.patch.set_visible(False)
    ax.set_ylabel(PRICE_LABEL, color=style.VERMILION)
    ax.tick_params(axis="y", colors=style.VERMILION)
    style.time_axis(ax, run)
    if np.isnan(price).all():
        style.note(ax, "no trades")
    return ax


@style.styled
def supply_and_demand(run: Results, tick: int | None = None, ax: Axes | None = None) -> Axes:
    """The book of one round as step curves, with clearing price and traded energy.

    tick: by default the round with most energy traded. Raises InputError for a tick that
    the run did not record.
    """
    ax = ax or style.new_axes()
    ax.set_xlabel("Energy (kWh)")
    ax.set_ylabel(PRICE_LABEL)
    if run.ticks == 0:
        style.note(ax, "no rounds")
        return ax
    tick = _busiest_tick(run) if tick is None else style.checked_tick(run, tick)
    title = f"Round {tick}, {style.clock_text(style.edges_h(run)[tick])}"
    orders = run.orders[(run.orders["tick"] == tick) & run.orders["order_id"].notna()]
    reach_kwh = [_draw_side(ax, run, orders, side) for side in ("ask", "bid")]
    result = run.market[run.market["tick"] == tick].iloc[0]
    traded_kwh = int(result["energy_wh"]) / WH_PER_KWH
    if traded_kwh:
        price = eur_per_kwh_of(int(result["price_wei_per_wh"]), run.eur_per_ether)
        _draw_clearing(ax, traded_kwh, price)
    # A utility-sized order would squeeze everybody else's into a corner.
    shown_kwh = min(max(reach_kwh), _SHOWN * (min(reach_kwh) or max(reach_kwh)))
    ax.set_xlim(0, 1.02 * shown_kwh or 1)
    ax.set_ylim(bottom=0)
    if orders.empty:
        ax.set_title(title, loc="left")
        style.note(ax, "no orders")
    else:
        style.legend_above(ax, columns=3, title=title)
    return ax


@style.styled
def household_costs(run: Results, ax: Axes | None = None) -> Axes:
    """What every house pays in the market (dot) against the tariff alone (ring).

    Sorted by cost at the tariff; the line between is what the market saves (green) or
    costs more (red). See `Results.costs` for the counterfactual.
    """
    costs = run.costs().sort_values("tariff_eur", kind="stable")
    ax = ax or style.new_axes(min(1.0 + _ROW_IN * max(len(costs), 6), _MAX_HEIGHT_IN))
    rows = np.arange(len(costs))
    paid, tariff = costs["total_eur"].to_numpy(), costs["tariff_eur"].to_numpy()
    _draw_differences(ax, rows, paid, tariff)
    ax.plot(
        tariff,
        rows,
        "o",
        markerfacecolor="white",
        markeredgecolor=style.GREY,
        markersize=4.6,
        markeredgewidth=0.8,
        label="tariff alone",
    )
    ax.plot(paid, rows, "o", color=style.BLUE, markersize=3.2, label="with the market")
    ax.axvline(0, color=style.BLACK, linewidth=0.6, zorder=0)
    if len(costs) <= _MAX_LABELS:
        ax.set_yticks(rows, [str(house) for house in costs.index], fontsize=6)
    else:
        ax.yaxis.set_major_locator(MaxNLocator(8, integer=True))
    ax.set_ylim(len(costs) - 0.2 if len(costs) else 1, -0.8)
    ax.set_ylabel("House")
    ax.set_xlabel("Cost of the run (EUR, negative is income)")
    if costs.empty:
        style.note(ax, "no households")
    else:
        style.legend_above(ax, columns=4)
    return ax


def _draw_differences(ax: Axes, rows: np.ndarray, paid: np.ndarray, tariff: np.ndarray) -> None:
    saves = paid <= tariff
    for chosen, colour, label in (
        (saves, style.GREEN, "saving"),
        (~saves, style.VERMILION, "extra cost"),
    ):
        if chosen.any():
            ax.hlines(
                rows[chosen],
                paid[chosen],
                tariff[chosen],
                colors=colour,
                linewidth=1.6,
                label=label,
            )


def _tariff_lines(ax: Axes, run: Results) -> float:
    """Mark both tariffs; returns the highest retail price in EUR/kWh."""
    retail, feed_in = prices_of(run)
    for label, prices in (("feed-in", feed_in), ("retail", retail)):
        price = eur_per_kwh_of(float(prices[0]), run.eur_per_ether)
        if (prices == prices[0]).all():
            ax.axhline(price, color=style.GREY, linewidth=0.8, linestyle=style.DASHED)
        else:
            over_time = eur_per_kwh_of(1, run.eur_per_ether) * prices[: run.ticks]
            steps = ax.stairs(over_time, style.edges_h(run), baseline=None, color=style.GREY)
            steps.set(linewidth=0.8, linestyle=style.DASHED)
        ax.annotate(
            label,
            (0.01, price),
            xycoords=("axes fraction", "data"),
            xytext=(0, 1.5),
            textcoords="offset points",
            fontsize=7,
            color=style.GREY,
        )
    return eur_per_kwh_of(float(retail.max()), run.eur_per_ether)


def _draw_side(ax: Axes, run: Results, orders: pd.DataFrame, side: str) -> float:
    """One side of the book as a step curve; returns its total energy in kWh."""
    book = orders[orders["side"] == side].sort_values(
        ["price_wei_per_wh", "order_id"], ascending=[side == "ask", True]
    )
    if book.empty:
        return 0.0
    price = eur_per_kwh_of(1, run.eur_per_ether) * book["price_wei_per_wh"].to_numpy()
    energy_kwh = np.append(0, book["energy_wh"].cumsum().to_numpy() / WH_PER_KWH)
    label, colour = _SIDES[side]
    ax.stairs(price, energy_kwh, baseline=None, color=colour, label=label)
    return float(energy_kwh[-1])


def _draw_clearing(ax: Axes, energy_kwh: float, price: float) -> None:
    ax.plot(
        [0, energy_kwh, energy_kwh],
        [price, price, 0],
        color=style.GREY,
        linewidth=0.8,
        linestyle=style.DASHED,
    )
    ax.plot(
        [energy_kwh],
        [price],
        "o",
        color=style.VERMILION,
        markersize=4,
        zorder=3,
        label=f"{price:.3f} EUR/kWh, {energy_kwh:.2f} kWh",
    )


def _busiest_tick(run: Results) -> int:
    rounds = run.market
    return int(rounds["tick"].iloc[int(rounds["energy_wh"].to_numpy().argmax())])
