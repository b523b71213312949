"""Columns of a study's table that are made from a run, beyond the figures of its summary."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

import numpy as np

from p2p_cosim.core.types import FloatArray
from p2p_cosim.core.units import WH_PER_KWH, eur_of
from p2p_cosim.market.oracle.baselines import COMMUNITY_RULES
from p2p_cosim.record import Results
from p2p_cosim.record.bills import gini as gini_of
from p2p_cosim.studies.published import flexible
from p2p_cosim.studies.rollup import costs_of, data_bytes

MARKET = "market"
_CENT_EUR = 0.01


def value_of(name: str, run: Results, summary: Mapping[str, object]) -> object:
    """A column of a run: derived, or a figure of its summary. KeyError if it is neither."""
    return DERIVED[name](run) if name in DERIVED else summary[name]


def break_even_gas_gwei(run: Results) -> float | None:
    """Price of gas in gwei at which all gas of the run, the set-up included, costs as much as
    its welfare at the limits of the orders; None where gas is not known or nothing
    was used."""
    summary = run.summary()
    if not summary.total_gas or not summary.gas_cost_eur:
        return None
    return summary.welfare_eur / summary.gas_cost_eur * run.gas_price_gwei


def peak_kw(run: Results) -> float:
    """Most that all houses together drew in a tick; spot loads are not counted."""
    return float(run.households.groupby("tick")["p_kw"].sum().max())


def saving_eur(run: Results, rule: str) -> float:
    """What all houses together pay less than at the tariff alone, for the same metered energy."""
    return float(_savings_eur(run, rule).sum())


def gini(run: Results, rule: str) -> float | None:
    """Gini coefficient of the houses' savings: see `record.bills.gini`. None where all together
    save less than a cent."""
    savings_eur = _savings_eur(run, rule)
    return gini_of(savings_eur) if savings_eur.sum() > _CENT_EUR else None


def losers(run: Results, rule: str) -> int:
    """How many houses pay more than at the tariff alone, by more than a cent."""
    return int((_savings_eur(run, rule) < -_CENT_EUR).sum())


def _savings_eur(run: Results, rule: str) -> FloatArray:
    """By house: in the market of the run, or if a community shared its bill by a rule of
    `COMMUNITY_RULES` after every interval."""
    if rule == MARKET:
        return np.asarray(run.costs()["saving_eur"], dtype=float)
    energy_wh = _energy_wh(run)
    saved_wei = np.zeros(energy_wh.shape[1])
    for row in energy_wh:
        net_wh = {str(house): int(wh) for house, wh in enumerate(row)}
        demand_wh = sum(wh for wh in net_wh.values() if wh > 0)
        supply_wh = demand_wh - sum(net_wh.values())
        bills, alone = (
            COMMUNITY_RULES[each](demand_wh, supply_wh, run.tariff).bills_wei(net_wh)
            for each in (rule, "tariff_only")
        )
        saved_wei += [float(alone[house] - bills[house]) for house in net_wh]
    return saved_wei * eur_of(1, run.eur_per_ether)


def _energy_wh(run: Results) -> FloatArray:
    """Metered net energy, shape (ticks, houses); a reading that is not there counts with the
    contracted energy, as it does in the contract."""
    house = run.households
    energy = house.assign(wh=house["metered_wh"].fillna(house["contracted_wh"]))
    order = list(dict.fromkeys(house["house"]))
    return energy.pivot_table(index="tick", columns="house", values="wh")[order].to_numpy(float)


def traded_share(run: Results) -> float | None:
    """Energy traded over the most that could be, the lesser of what all buyers need and all
    sellers have in each tick, as metered; None where there was none."""
    energy_wh = _energy_wh(run)
    need_wh, have_wh = np.maximum(energy_wh, 0).sum(axis=1), np.maximum(-energy_wh, 0).sum(axis=1)
    most_kwh = float(np.minimum(need_wh, have_wh).sum()) / WH_PER_KWH
    return run.summary().energy_traded_kwh / most_kwh if most_kwh else None


def alone_paid_eur(run: Results, rule: str) -> float | None:
    """What all houses pay in a run without a market if they share by a rule: see `flexible`."""
    return flexible.alone_paid_eur(run, partial(saving_eur, rule=rule))


def rollup_eur(run: Results, part: str) -> float | None:
    """A part of what the run's transactions cost: see `rollup.Costs`."""
    costs = costs_of(run)
    return None if costs is None else float(getattr(costs, part))


_RULES = (MARKET, "mid_market_rate", "supply_demand_ratio")
_SHARING = ("tariff_only", "mid_market_rate", "supply_demand_ratio")

DERIVED: Mapping[str, Callable[[Results], object]] = {
    "break_even_gas_gwei": break_even_gas_gwei,
    "peak_kw": peak_kw,
    "traded_share": traded_share,
    **{f"{rule}_saving_eur": partial(saving_eur, rule=rule) for rule in _RULES},
    **{f"{rule}_gini": partial(gini, rule=rule) for rule in _RULES},
    **{f"{rule}_losers": partial(losers, rule=rule) for rule in _RULES},
    **flexible.FLEXIBLE,
    **{f"{rule}_paid_eur": partial(alone_paid_eur, rule=rule) for rule in _SHARING},
    "data_bytes": data_bytes,
    "l1_gas_eur": partial(rollup_eur, part="l1"),
    "rollup_execution_eur": partial(rollup_eur, part="execution"),
    "rollup_data_eur": partial(rollup_eur, part="data"),
}
