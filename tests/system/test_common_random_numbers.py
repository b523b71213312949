"""Runs of one seed differ in nothing that strategies, rules and controllers do not decide."""

from itertools import combinations
from typing import get_args

import numpy as np
import pytest

import p2p_cosim as p2p
from p2p_cosim.core.types import Step
from p2p_cosim.scenario.schema.market import MarketSection

TICKS = 5
BASE = p2p.load("scenarios/trading_day.yaml").replace(
    {
        "clock.ticks": TICKS,
        "clock.start": "2024-06-21 11:00",
        "houses.count": 6,
        "houses.sites": ["675.B", "652.A"],
        "feeder.spot_loads.bid": True,
        "faults.metering.v_noise_pu": 0.001,
        "faults.metering.p_noise": 0.005,
        "faults.metering.lost_share": 0.2,
        "faults.metering.delay_ticks": 1,
        "faults.rates": [{"kind": "inverter_trip", "per_year": 2000, "repair_h": 0.5}],
    }
)


class Drawing:
    """Draws more or less from its generator, by what it has learned."""

    def __init__(self):
        self.draws = 1

    def quote(self, view, rng):
        rng.random(self.draws)
        side = p2p.Side.BID if view.forecast_wh > 0 else p2p.Side.ASK
        price = view.tariff.retail_wei_per_wh // self.draws
        return [p2p.Order(view.trader, side, abs(view.forecast_wh), price)]

    def learn(self, outcome):
        self.draws += 1 + outcome.contracted_wh % 3


def choices(section, field):
    return get_args(section.model_fields[field].annotation)


ARMS = {
    "strategy": [
        *({"market.strategy": name} for name in ("zic", "truthful")),
        {"strategy": Drawing},
    ],
    "mechanism": [{"market.mechanism": m} for m in choices(MarketSection, "mechanism")],
    "submission": [{"market.submission": s} for s in choices(MarketSection, "submission")],
    "controller": [
        {"control.controller": name}
        for name in ("hold", "regcontrol", "reactive", "look_ahead", "volt_var", "curtail")
    ],
}


def exogenous(changes, out):
    """Everything in a run that no trader, rule or controller decides, and what each drew."""
    strategy = changes.get("strategy")
    scenario = BASE.replace({k: v for k, v in changes.items() if k != "strategy"})
    sim = p2p.Simulation(scenario, out=out, strategy=strategy)
    model, parts = sim.model, sim.model.parts
    while not sim.done:
        sim.step()
    steps = [Step(tick, 900) for tick in range(TICKS)]
    devices = [d for household in model.households for d in household.house.devices]
    run = sim.results()
    sim.close()
    return {
        "load and PV": [[device.expected_kw(step) for step in steps] for device in devices],
        "spot loads": parts.spot_scale.tolist(),
        "forecast errors": [p.forecaster.errors.tolist() for p in trader_plans(parts)],
        "forecasts": run.households["forecast_wh"].tolist(),
        "faults": run.table("faults").to_dict(),
        "order of arrival": parts.arrival_rng.bit_generator.state,
        "meter errors": parts.metering.rng.bit_generator.state,
    }


def trader_plans(parts):
    return [*(plan.trader for plan in parts.households), *parts.bulk]


@pytest.mark.parametrize("arm", ARMS)
def test_exogenous_series_are_equal_over_every_pair(arm, tmp_path):
    series = [exogenous(changes, tmp_path) for changes in ARMS[arm]]
    for one, other in combinations(series, 2):
        assert one == other


def test_they_are_no_constants(tmp_path):
    one, other = exogenous({}, tmp_path), exogenous({"seed": 2}, tmp_path)
    for name in one.keys() - {"spot loads"}:
        assert one[name] != other[name], name
    assert one["faults"]["kind"]
    assert np.std(one["forecast errors"]) > 0
