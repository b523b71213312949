"""What every house paid, what a bill consists of, and who pays for what houses save."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from p2p_cosim.core.types import FloatArray
from p2p_cosim.core.units import WH_PER_KWH, eur_of, eur_per_kwh_of

if TYPE_CHECKING:
    import pandas as pd

    from p2p_cosim.record.results import Results


@dataclass(frozen=True, slots=True)
class Parts:
    """What a kWh from the utility costs, in EUR, without VAT; their sum times 1 + VAT is the retail
    price. vat_eur: the tax on the other three. fixed_eur_per_day: of every house, VAT included."""

    energy_eur: float
    network_eur: float
    levies_eur: float
    vat_eur: float
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
    retail = eur_per_kwh_of(run.tariff.retail_wei_per_wh, run.eur_per_ether)
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
    price = np.where(
        energy_wh > 0, run.tariff.retail_wei_per_wh, run.tariff.feed_in_wei_per_wh
    ).astype(np.float64)
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
    there; `fed_in_eur` got from the utility, so at most 0 unless feeding in costs; `total_eur`
    their sum. `alone_eur` is the same bill without the market, and `saving_eur` the difference:
    that of `costs()`. `alone_kwh` and `alone_fed_in_kwh` are what the meter alone shows.
    """
    house, parts = run.households, parts_of(run)
    days = run.ticks * run.clock.interval_s / 86_400
    rate = eur_of(1, run.eur_per_ether)
    short = house["imbalance_wh"].to_numpy() > 0
    charged_eur = rate * house["imbalance_wei"].astype(float).to_numpy()
    alone = house["metered_wh"].fillna(house["contracted_wh"]).astype(float).to_numpy()
    per_tick = house[["house"]].assign(
        utility_kwh=np.where(short, house["imbalance_wh"], 0) / WH_PER_KWH,
        neighbours_eur=rate * house["market_wei"].astype(float),
        fed_in_eur=np.where(short, 0.0, charged_eur),
        alone_kwh=np.clip(alone, 0, None) / WH_PER_KWH,
        alone_fed_in_kwh=np.clip(-alone, 0, None) / WH_PER_KWH,
    )
    bill = per_tick.groupby("house", sort=False).sum()
    of_parts = {name: getattr(parts, name) for name in _PARTS}
    for place, (name, eur) in enumerate(of_parts.items(), start=1):
        bill.insert(place, name, eur * bill["utility_kwh"])
    bill.insert(len(_PARTS) + 1, "fixed_eur", parts.fixed_eur_per_day * days)
    paid = [*_PARTS, "fixed_eur", "neighbours_eur", "fed_in_eur"]
    bill["total_eur"] = bill[paid].sum(axis=1)
    feed_in = eur_per_kwh_of(run.tariff.feed_in_wei_per_wh, run.eur_per_ether)
    bill["alone_eur"] = (
        sum(of_parts.values()) * bill["alone_kwh"]
        + bill["fixed_eur"]
        - feed_in * bill["alone_fed_in_kwh"]
    )
    bill["saving_eur"] = bill["alone_eur"] - bill["total_eur"]
    return bill


_PARTS = ("energy_eur", "network_eur", "levies_eur", "vat_eur")


def savings_of(run: Results) -> Savings:
    """Where the savings of a run come from."""
    bill, parts = bills_of(run), parts_of(run)
    less_kwh = float((bill["alone_kwh"] - bill["utility_kwh"]).sum())
    feed_in = eur_per_kwh_of(run.tariff.feed_in_wei_per_wh, run.eur_per_ether)
    saved = bill["saving_eur"].to_numpy(dtype=float)
    pv = run.households.groupby("house", sort=False)["pv_kw"].max().reindex(bill.index) > 0
    return Savings(
        saved_eur=float(saved.sum()),
        energy_eur=parts.energy_eur * less_kwh,
        network_eur=parts.network_eur * less_kwh,
        levies_eur=parts.levies_eur * less_kwh,
        vat_eur=parts.vat_eur * less_kwh,
        feed_in_eur=float(feed_in * bill["alone_fed_in_kwh"].sum() + bill["fed_in_eur"].sum()),
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
