"""Columns of studies whose houses have batteries, or lose their supply."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache, partial
from pathlib import Path

import numpy as np

from p2p_cosim.compose.seeds import Purpose, seed_of
from p2p_cosim.core.types import Feed
from p2p_cosim.core.units import WH_PER_KWH, eur_of
from p2p_cosim.houses.device import BATTERY
from p2p_cosim.record import Results
from p2p_cosim.scenario import Scenario, build_profiles, load
from p2p_cosim.studies.central import Dispatch, central_dispatch, end_value_wei_per_wh, stores_of

_DIGITS = 6
"""Of figures of a solver's plan, so that what is zero is zero on every machine."""
_WHOLE_WH = 3
"""Digits of a kWh in Wh: tables round powers, and what is left of that is no energy."""
ALONE = "opt_out"
"""The strategy of houses without a market, for whose runs rules and a central dispatch are told."""


def market_paid_eur(run: Results) -> float | None:
    """What all houses paid in a run with a market, for wear too, less the worth of the charge that
    is left; None without a market."""
    return None if _is_alone(run) else _paid_eur(run)


def alone_paid_eur(run: Results, saving_eur: Callable[[Results], float]) -> float | None:
    """The same in a run without a market, less what a rule saves by sharing afterwards; None
    with a market."""
    return _paid_eur(run) - saving_eur(run) if _is_alone(run) else None


def of_central(run: Results, figure: Callable[[Dispatch], float]) -> float | None:
    """A figure of the central dispatch of the same houses; None for a run with a market."""
    return round(figure(_central(run.path)), _DIGITS) if _is_alone(run) else None


def own_share(run: Results) -> float:
    """Part of all consumption that did not come from outside the houses, what batteries gave
    counted: 1 less what all houses drew together over what they consumed."""
    houses = run.households.groupby("tick")[["p_kw", "load_kw"]].sum()
    return _own_share(houses["p_kw"].to_numpy(), float(houses["load_kw"].sum()))


def energy_not_supplied_kwh(run: Results) -> float:
    """What houses would have consumed and did not, while they were not fed by their own drop."""
    scenario = _scenario(run)
    profiles = build_profiles(scenario, seed_of(scenario.seed, Purpose.PROFILES))
    off = run.households[run.households["feed"] != Feed.DROP]
    house = off["house"].map({name: i for i, name in enumerate(scenario.house_names)})
    wanted_kw = profiles.load_kw[off["tick"].to_numpy(), house.to_numpy(dtype=int)]
    lacking_kw = np.maximum(wanted_kw - off["load_kw"].to_numpy(), 0.0)
    return round(float(lacking_kw.sum()) * scenario.clock.interval_min / 60, _WHOLE_WH)


def outage_house_ticks(run: Results) -> int:
    """How often a house was not fed by its own drop, over houses and ticks."""
    return int((run.households["feed"] != Feed.DROP).sum())


def backup_kwh(run: Results) -> float:
    """What houses consumed while they were not fed by their own drop."""
    off = run.households[run.households["feed"] != Feed.DROP]
    return float(off["load_kw"].sum()) * run.clock.interval_s / 3600


def v_lowest_pu(run: Results) -> float:
    """The lowest reading of a house with supply."""
    v_pu = run.voltages["v_pu"]
    return float(v_pu[v_pu > 0.1].min())


def bill_eur(run: Results) -> float:
    """What all houses paid to each other and the utility."""
    return float(eur_of(_bill_wei(run), run.eur_per_ether))


def stored_left_kwh(run: Results) -> float:
    """What batteries and cars hold after the run."""
    devices = run.devices
    last = devices.loc[devices["tick"] == run.ticks - 1, "stored_wh"]
    return float(last.astype(float).sum()) / WH_PER_KWH


def service_loading(run: Results) -> float:
    """Largest current over rated current of a service transformer."""
    loadings = run.loadings
    services = loadings[loadings["element"].str.startswith("service_")]
    return float((services["current_a"] / services["rated_a"]).max())


def _bill_wei(run: Results) -> float:
    return sum(
        float(run.households[column].astype(float).sum())
        for column in ("market_wei", "imbalance_wei")
    )


def _paid_eur(run: Results) -> float:
    scenario, wei = _scenario(run), _bill_wei(run)
    stores = run.devices[run.devices["kind"] == BATTERY]
    last = stores[stores["tick"] == run.ticks - 1].set_index("house")["stored_wh"]
    given_wh = -stores.assign(p_kw=stores["p_kw"].clip(upper=0)).groupby("house")["p_kw"].sum()
    given_wh = given_wh * WH_PER_KWH * run.clock.interval_s / 3600
    for number, battery in stores_of(scenario):
        house = scenario.house_names[number]
        wei += battery.wear_wei_per_wh * float(given_wh[house])
        left_wh = battery.discharge_efficiency * float(last[house])
        wei -= end_value_wei_per_wh(scenario) * left_wh
    return float(eur_of(wei, run.eur_per_ether))


def _own_share(net_kw: np.ndarray, load_kw: float) -> float:
    return 1 - float(np.maximum(net_kw, 0.0).sum()) / load_kw


def _is_alone(run: Results) -> bool:
    return bool(run.scenario["market"]["strategy"] == ALONE)


def _scenario(run: Results) -> Scenario:
    return load(run.path / "scenario.yaml")


@lru_cache(maxsize=8)
def _central(folder: Path) -> Dispatch:
    """Of the scenario in a run's folder; several columns ask for it."""
    return central_dispatch(load(folder / "scenario.yaml"))


def _central_own_share(dispatch: Dispatch) -> float:
    return _own_share(dispatch.net_kw.sum(axis=1), float(dispatch.load_kw.sum()))


CENTRAL: Mapping[str, Callable[[Dispatch], float]] = {
    "paid_eur": lambda dispatch: dispatch.paid_eur,
    "own_share": _central_own_share,
}

FLEXIBLE: Mapping[str, Callable[[Results], object]] = {
    "market_paid_eur": market_paid_eur,
    "own_share": own_share,
    "energy_not_supplied_kwh": energy_not_supplied_kwh,
    "outage_house_ticks": outage_house_ticks,
    "backup_kwh": backup_kwh,
    "v_lowest_pu": v_lowest_pu,
    "bill_eur": bill_eur,
    "stored_left_kwh": stored_left_kwh,
    "service_loading": service_loading,
    **{f"central_{name}": partial(of_central, figure=f) for name, f in CENTRAL.items()},
}
