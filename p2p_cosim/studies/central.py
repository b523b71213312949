"""A central dispatch: what somebody could do who owns all batteries and knows the day.

One linear program over all batteries of a scenario (`strategies.storage_program`) lets the houses
share every Wh among them and exchange the rest with the utility at its tariff. It knows loads and
sun of the whole run beforehand, so that no market can do better: a bound, and no institution.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from p2p_cosim.compose.devices import days_of, devices_of
from p2p_cosim.core.errors import InputError
from p2p_cosim.core.types import FloatArray
from p2p_cosim.core.units import energy_wh, eur_of, p_kw_of
from p2p_cosim.houses import Battery
from p2p_cosim.scenario import Scenario
from p2p_cosim.scenario.schema.traders import EVERY_HOUSE
from p2p_cosim.strategies.storage_program import best_plan
from p2p_cosim.studies.feeder_run import Behind


@dataclass(frozen=True, slots=True, eq=False)
class Dispatch:
    """What all houses do and pay. load_kw: shape (ticks, houses), without batteries. net_kw: the
    same shape, drawn at the meters. paid_eur: by all houses to the utility and for wear, less the
    worth of the charge that is left."""

    load_kw: FloatArray
    net_kw: FloatArray
    paid_eur: float


def stores_of(scenario: Scenario) -> list[tuple[int, Battery]]:
    """Every battery of a scenario, before the run, with the number of its house.

    Raises InputError for houses with other flexible devices, which cannot be dispatched here.
    """
    days, found = days_of(scenario), []
    for number, house in enumerate(scenario.house_names):
        for device in devices_of(scenario, house, days):
            if not isinstance(device, Battery):
                raise InputError(
                    f"{house} has a {device.kind}, and a central dispatch knows batteries alone: "
                    "remove it from traders.*.devices"
                )
            found.append((number, device))
    return found


def end_value_wei_per_wh(scenario: Scenario) -> float:
    """What a Wh that can still be given after the run is worth: the middle of the tariff."""
    tariff = scenario.tariff.tariff()
    return (tariff.retail_wei_per_wh + tariff.feed_in_wei_per_wh) / 2


def central_dispatch(scenario: Scenario) -> Dispatch:
    """The cheapest dispatch of a scenario's batteries.

    Where several cost the same it is one of them, and not the same on every machine: what hangs on
    that, such as a peak or losses, is no figure of it.

    Raises InputError as `stores_of` and for faults.
    """
    stores, tariff = stores_of(scenario), scenario.tariff.tariff()
    behind = Behind.of(scenario.replace({f"traders.{EVERY_HOUSE}.devices": []}))
    interval_s, ones = scenario.clock.interval_min * 60, np.ones(scenario.clock.ticks)
    alone_kw = behind.load_kw - behind.available_kw
    plan = best_plan(
        energy_wh(alone_kw.sum(axis=1), interval_s),
        [battery.outlook(len(ones), interval_s) for _, battery in stores],
        interval_s,
        tariff.retail_wei_per_wh * ones,
        tariff.feed_in_wei_per_wh * ones,
        end_value_wei_per_wh(scenario),
    )
    assert plan is not None  # noqa: S101 (doing nothing is a plan of batteries)
    into_kw = np.zeros_like(alone_kw)
    for i, (house, _) in enumerate(stores):
        into_kw[:, house] += p_kw_of(plan.drawn_wh[i] - plan.given_wh[i], interval_s)
    return Dispatch(
        load_kw=behind.load_kw,
        net_kw=alone_kw + into_kw,
        paid_eur=eur_of(plan.cost, scenario.tariff.eur_per_ether),
    )
