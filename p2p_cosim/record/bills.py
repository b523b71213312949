"""What every house paid, what a bill consists of, and who pays for what houses save."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from p2p_cosim.core.types import FloatArray
from p2p_cosim.core.units import WH_PER_KWH, eur_of, eur_per_kwh_of
from p2p_cosim.record.prices import prices_of

if TYPE_CHECKING:
    import pandas as pd

    from p2p_cosim.record.results import Results


@dataclass(frozen=True, slots=True)
class Parts:
    """What a kWh from the utility costs, in EUR, without VAT; their sum times 1 + VAT is the retail
    price. energy_eur, vat_eur: shape (ticks,), because what is not named of a retail price that
    changes is energy. vat_eur: the tax on the other three. fixed_eur_per_day: of every house, VAT
    included."""

    energy_eur: FloatArray
    network_eur: float
    levies_eur: float
    vat_eur: FloatArray
    fixed_eur_per_day: float


@dataclass(frozen=True, slots=True)
class Savings:
    """What all houses together save by the market in EUR, and where it comes from.

    saved_eur = energy_eur + network_eur + levies_eur + vat_eur - feed_in_eur + others_eur: what was
    not paid to the utility for energy, the network, levies and VAT; less what was not got for
    feeding in; and what others than houses paid them, less what they were paid. The first and
    the fifth are the utility's lost margin.

    gini: of the savings over houses, None unless they are positive together. better, worse: houses
    that pay less and more than at the tariff alone. with_pv_eur: saved by houses with PV.
    """

    saved_eur: float
    energy_eur: float
    network_eur: float
    levies_eur: float
    vat_eur: float
    feed_in_eur: float
    others_eur: float
    gini: float | None
    better: int
    worse: int
    with_pv_eur: float


def parts_of(run: Results) -> Parts:
    """The stack behind the retail price; what the scenario does not name is energy."""
    tariff = run.scenario.get("tariff", {})
    retail = eur_per_kwh_of(1, run.eur_per_ether) * prices_of(run)[0]
    network, levies = (float(tariff.get(f"{name}_eur_per_kwh", 0.0)) for name in _NAMED)
    net = retail / (1 + float(tariff.get("vat_share", 0.0)))
    return Parts(
        energy_eur=net - network - levies,
        network_eur=network,
        levies_eur=levies,
        vat_eur=retail - net,
        fixed_eur_per_day=float(tariff.get("fixed_eur_per_day", 0.0)),
    )


_NAMED = ("network", "levies")


def costs(run: Results) -> pd.DataFrame:
    """What every house paid, and what it would have paid at the tariff alone, in EUR.

    Index `house`, in the grid's order. Columns (positive is cost): `energy_kwh` net metered;
    `market_eur` paid to sellers minus received from buyers; `imbalance_eur` charged by the
    utility for metered minus contracted; `total_eur` their sum; `tariff_eur` the
    counterfactual: the same metered energy per tick at the retail price when positive and
    at the feed-in price when negative; `saving_eur` = tariff_eur - total_eur.

    A tick without a reading counts with the contracted energy, as it does in the contract.
    Costs are those incurred: a part may still be open (`open_wei`).
    """
    house = run.households
    energy_wh = house["metered_wh"].fillna(house["contracted_wh"]).astype("float64")
    retail, feed_in = (prices[house["tick"].to_numpy()] for prices in prices_of(run))
    price = np.where(energy_wh > 0, retail, feed_in)
    per_tick = house[["house"]].assign(
        energy_kwh=energy_wh / WH_PER_KWH,
        market_eur=eur_of(1, run.eur_per_ether) * house["market_wei"].astype("float64"),
        imbalance_eur=eur_of(1, run.eur_per_ether) * house["imbalance_wei"].astype("float64"),
        tariff_eur=eur_of(1, run.eur_per_ether) * energy_wh * price,
    )
    total = per_tick.groupby("house", sort=False).sum()
    total.insert(3, "total_eur", total["market_eur"] + total["imbalance_eur"])
    total["saving_eur"] = total["tariff_eur"] - total["total_eur"]
    return total


def bills_of(run: Results) -> pd.DataFrame:
    """The bill of every house in EUR; index `house`, in the grid's order, positive is cost.

    `utility_kwh` bought from the utility; `energy_eur`, `network_eur`, `levies_eur`, `vat_eur` paid
    for that; `fixed_eur` for the days of the run; `neighbours_eur` paid in the auction less got
    there; `fed_in_eur` got from the utility, so at most 0 unless feeding in costs; `alone_kwh` and
    `alone_fed_in_kwh` are what the meter alone shows; `total_eur` is the sum of what was paid.
    `alone_eur` is the same bill without the market, and `saving_eur` the difference: that of
    `costs()`.
    """
    rows, parts = rows_of(run), parts_of(run)
    shown = ["house", "utility_kwh", *PARTS, "neighbours_eur", "fed_in_eur"]
    alone = ["alone_kwh", "alone_fed_in_kwh", "alone_eur"]
    bill = rows[[*shown, *alone]].groupby("house", sort=False).sum()
    days = run.ticks * run.clock.interval_s / 86_400
    bill.insert(len(PARTS) + 1, "fixed_eur", parts.fixed_eur_per_day * days)
    paid = [*PARTS, "fixed_eur", "neighbours_eur", "fed_in_eur"]
    bill.insert(len(bill.columns) - 1, "total_eur", bill[paid].sum(axis=1))
    bill["alone_eur"] += bill["fixed_eur"]
    bill["saving_eur"] = bill["alone_eur"] - bill["total_eur"]
    return bill


PARTS = ("energy_eur", "network_eur", "levies_eur", "vat_eur")


READ = (
    *("tick", "house", "contracted_wh", "metered_wh"),
    *("imbalance_wh", "market_wei", "imbalance_wei"),
)
"""The columns of table `households` that `rows_of` reads."""


def rows_of(run: Results, house: pd.DataFrame | None = None) -> pd.DataFrame:
    """Of every house and tick, in EUR and kWh, what `bills_of` sums; besides, `alone_` before the
    name of a part is what that would have cost without the market. house: a piece of table
    `households`, else all of it."""
    house, parts = run.households if house is None else house, parts_of(run)
    tick = house["tick"].to_numpy()
    rate = eur_of(1, run.eur_per_ether)
    short = house["imbalance_wh"].to_numpy() > 0
    alone = house["metered_wh"].fillna(house["contracted_wh"]).astype(float).to_numpy()
    needs_kwh, over_kwh = (np.clip(wh, 0, None) / WH_PER_KWH for wh in (alone, -alone))
    feed_in = eur_per_kwh_of(1, run.eur_per_ether) * prices_of(run)[1][tick]
    rows = house[["house"]].assign(
        utility_kwh=np.where(short, house["imbalance_wh"], 0) / WH_PER_KWH,
        neighbours_eur=rate * house["market_wei"].astype(float),
        fed_in_kwh=np.where(short, 0, -house["imbalance_wh"]) / WH_PER_KWH,
        fed_in_eur=np.where(short, 0.0, rate * house["imbalance_wei"].astype(float).to_numpy()),
        alone_kwh=needs_kwh,
        alone_fed_in_kwh=over_kwh,
        alone_fed_in_eur=-feed_in * over_kwh,
    )
    rows["alone_eur"] = rows["alone_fed_in_eur"]
    for name in PARTS:
        price = np.broadcast_to(getattr(parts, name), run.clock.ticks)[tick]
        rows[name] = price * rows["utility_kwh"]
        rows[f"alone_{name}"] = price * needs_kwh
        rows["alone_eur"] += rows[f"alone_{name}"]
    return rows


def savings_of(run: Results) -> Savings:
    """Where the savings of a run come from."""
    bill, sums = bills_of(run), rows_of(run).drop(columns="house").sum()
    saved = bill["saving_eur"].to_numpy(dtype=float)
    pv = run.households.groupby("house", sort=False)["pv_kw"].max().reindex(bill.index) > 0
    less = {name: float(sums[f"alone_{name}"] - sums[name]) for name in PARTS}
    return Savings(
        saved_eur=float(saved.sum()),
        **less,
        feed_in_eur=float(sums["fed_in_eur"] - sums["alone_fed_in_eur"]),
        others_eur=-float(bill["neighbours_eur"].sum()),
        gini=gini(saved),
        better=int((saved > _NOTHING_EUR).sum()),
        worse=int((saved < -_NOTHING_EUR).sum()),
        with_pv_eur=float(saved[pv.to_numpy()].sum()),
    )


_NOTHING_EUR = 1e-9


def gini(values: FloatArray) -> float | None:
    """Half the mean difference of all pairs over the mean, 0 for equal values; None unless the mean
    is positive. It can exceed 1 if some values are negative. Sen (1973), On Economic
    Inequality, section 2.8."""
    mean = float(values.mean()) if len(values) else 0.0
    if mean <= 0:
        return None
    return float(np.abs(values[:, None] - values[None, :]).mean() / (2 * mean))
