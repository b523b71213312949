"""The utility's account: what the houses bring it, and what the feeder's losses cost it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import TYPE_CHECKING, TypedDict

from p2p_cosim.record.bills import PARTS, READ, parts_of, rows_of

if TYPE_CHECKING:
    import pandas as pd

    from p2p_cosim.record.results import Results


class UtilityFigures(TypedDict):
    """The part of a summary that is about the utility."""

    utility_margin_eur: float
    utility_margin_change_eur: float


def utility_figures(run: Results) -> UtilityFigures:
    """The utility's margin with the market, and by how much that is more than without it."""
    margin = utility_of(run)["margin_eur"]
    return {
        "utility_margin_eur": float(margin["with_market"]),
        "utility_margin_change_eur": float(margin["difference"]),
    }


def utility_of(run: Results) -> pd.DataFrame:
    """What the utility gets from the houses and pays, over the run, in EUR.

    Three rows: `with_market`, `without_market` and their `difference`. Columns: `sold_kwh` to
    houses and `bought_kwh` from them; `losses_kwh` of the whole feeder, what published loads cause
    included; `energy_eur` got for what was sold; `fixed_eur`; `fed_in_eur` paid for what was
    bought; `margin_eur`, the first two less the third, before the purchase of energy upstream;
    `losses_eur` paid for the losses at `tariff.losses_eur_per_kwh`, and `left_eur` of the margin
    after them. `network_eur`, `levies_eur` and `vat_eur` are collected for others. `houses_eur` is
    all that houses pay it, what they are paid taken off.

    Without the market the same meters are billed at the tariff, and losses stay as they were. What
    is bought upstream, `sold_kwh` less `bought_kwh`, is the same with and without, as far as houses
    trade with each other: a kWh that a neighbour sells is neither sold nor bought by the utility.
    """
    import pandas as pd

    # A piece at a time, because a year of rows does not have to fit into memory.
    sums: defaultdict[str, float] = defaultdict(float)
    for piece in run.frames("households", *READ):
        for column, value in rows_of(run, piece).drop(columns="house").sum().items():
            sums[str(column)] += value
    days = run.ticks * run.clock.interval_s / 86_400
    houses = len(run.feeder_map["houses"])
    fixed_eur = parts_of(run).fixed_eur_per_day * days * houses
    hours = run.clock.interval_s / 3600
    losses_kwh = float(sum(p["losses_kw"].sum() for p in run.frames("feeder", "losses_kw"))) * hours
    price = float(run.scenario.get("tariff", {}).get("losses_eur_per_kwh", 0.0))
    kwh = {"with_market": ("utility_kwh", "fed_in_kwh"), "without_market": _ALONE_KWH}
    rows, losses_eur = {}, price * losses_kwh
    for arm, prefix in (("with_market", ""), ("without_market", "alone_")):
        sold, bought = (sums[column] for column in kwh[arm])
        paid = {name: sums[prefix + name] for name in PARTS}
        fed_in_eur = -sums[f"{prefix}fed_in_eur"]
        energy = {"sold_kwh": sold, "bought_kwh": bought, "losses_kwh": losses_kwh}
        rows[arm] = {**energy, **_money(paid, fixed_eur, fed_in_eur, losses_eur)}
    account = pd.DataFrame.from_dict(rows, orient="index")
    account.loc["difference"] = account.loc["with_market"] - account.loc["without_market"]
    return account


def _money(
    paid: Mapping[str, float], fixed_eur: float, fed_in_eur: float, losses_eur: float
) -> dict[str, float]:
    """Columns in EUR of one row. paid: by houses, by the part of the price."""
    margin_eur = paid["energy_eur"] + fixed_eur - fed_in_eur
    return {
        "energy_eur": paid["energy_eur"],
        "fixed_eur": fixed_eur,
        "fed_in_eur": fed_in_eur,
        "margin_eur": margin_eur,
        "losses_eur": losses_eur,
        "left_eur": margin_eur - losses_eur,
        **{name: paid[name] for name in PARTS[1:]},
        "houses_eur": sum(paid.values()) + fixed_eur - fed_in_eur,
    }


_ALONE_KWH = ("alone_kwh", "alone_fed_in_kwh")
