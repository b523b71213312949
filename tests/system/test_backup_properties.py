"""Whatever breaks, whoever sells: what may flow to a house that lost its supply."""

import os
import subprocess
import sys
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import p2p_cosim as p2p
from p2p_cosim.core.units import p_kw_of

TICKS, INTERVAL_S = 6, 900
OUTAGE = p2p.load("scenarios/outage.yaml")
KINDS = {
    "none": {"kind": "none"},
    "tie": {"kind": "tie", "to": "house_2", "length_ft": 300.0},
    "battery": {"kind": "battery", "energy_wh": 700.0, "stored_share": 0.6},
}
LOAD_KW = st.sampled_from([0.0, 0.9, 2.4, 6.0])
SUN_KW = st.sampled_from([0.0, 0.7, 1.1, 6.0])  # the neighbours use 0.5 kW of it themselves


@dataclass(frozen=True)
class World:
    """The outage of a street drawn at random; a second fault may take the far end too."""

    kind: str
    power_kw: float
    essential_share: float
    bid_eur_per_kwh: float
    load_kw: tuple[float, ...]
    pv_kw: tuple[tuple[float, ...], ...]
    start: int
    length: int
    far_end_breaks: bool
    forecast_error: float
    seed: int

    def scenario(self):
        common = {"power_kw": self.power_kw, "essential_share": self.essential_share}
        own = {**KINDS[self.kind], **common}
        if self.kind == "tie":
            own["bid_eur_per_kwh"] = self.bid_eur_per_kwh
        places = ("house_1", "house_2")[: 1 + self.far_end_breaks]
        end = min(self.start + self.length, TICKS)
        traders = {
            f"house_{n + 1}": {
                **OUTAGE.traders[f"house_{n + 1}"].model_dump(exclude_none=True),
                "load_kw": list(self.load_kw) if n == 0 else 0.5,
                "pv_kw": list(self.pv_kw[n]),
            }
            for n in range(3)
        }
        faults = [
            {"kind": "house_outage", "place": p, "start_tick": self.start, "end_tick": end}
            for p in places
        ]
        return OUTAGE.replace(
            {
                "clock.ticks": TICKS,
                "seed": self.seed,
                "backup": {"house_1": own},
                "faults.schedule": faults,
                "traders": traders,
                "profiles.forecast_error": self.forecast_error,
            }
        )


def row(values):
    return st.lists(values, min_size=TICKS, max_size=TICKS).map(tuple)


WORLDS = st.builds(
    World,
    kind=st.sampled_from(["tie", "tie", "tie", "battery", "none"]),
    power_kw=st.sampled_from([0.5, 1.3, 6.0]),
    essential_share=st.sampled_from([0.3, 1.0]),
    bid_eur_per_kwh=st.sampled_from([0.5, 0.12, 0.05]),
    load_kw=row(LOAD_KW),
    pv_kw=st.tuples(row(SUN_KW), row(SUN_KW), row(SUN_KW)),
    start=st.integers(0, 2),
    length=st.integers(3, TICKS),
    far_end_breaks=st.booleans(),
    forecast_error=st.sampled_from([0.0, 0.3]),
    seed=st.integers(0, 99),
)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(world=WORLDS)
def test_only_what_was_bought_and_fits_flows(world, tmp_path_factory):
    """The run itself checks in every tick that money, energy and power are conserved."""
    run = p2p.run(world.scenario(), out=tmp_path_factory.mktemp("run"))
    houses = run.households
    house = houses[houses["house"] == "house_1"].set_index("tick")
    told = run.alarms[run.alarms["place"] == "house_1"].set_index("tick")["kind"]
    dark = house[house["feed"] != "drop"]
    end = min(world.start + world.length, TICKS)
    assert dark.index.tolist() == list(range(world.start, end))
    assert (dark["pv_kw"] == 0).all()
    for tick, meter in dark.iterrows():
        essential_kw = world.essential_share * world.load_kw[tick]
        bought_kw = p_kw_of(meter["contracted_wh"], INTERVAL_S)
        if meter["feed"] == "tie":
            assert world.kind == "tie"
            assert meter["contracted_wh"] > 0
            assert told[told.index < tick].tolist()[-1] == "house_outage"
            limit_kw = min(essential_kw, world.power_kw, bought_kw)
            assert meter["p_kw"] == pytest.approx(limit_kw, abs=1e-6)
            assert meter["load_kw"] == meter["p_kw"]
        else:
            assert abs(meter["p_kw"]) < 1e-6
            assert meter["metered_wh"] == 0
            battery_kw = min(essential_kw, world.power_kw) if meter["feed"] == "battery" else 0
            assert meter["load_kw"] <= battery_kw + 1e-6
        if tick > world.start and world.kind != "tie":
            assert meter["contracted_wh"] == 0
    bought_nothing = dark[dark["contracted_wh"] <= 0]
    assert (bought_nothing["p_kw"].abs() < 1e-6).all()
    balance_kw = house["load_kw"] - house["pv_kw"] + house["battery_kw"]
    assert np.allclose(balance_kw, house["p_kw"], atol=1e-5)
    most_wh = 700.0 if world.kind == "battery" else 0.0
    assert house["stored_wh"].between(0, most_wh).all()


def test_the_outage_is_the_same_in_every_process(tmp_path):
    code = (
        "import sys, p2p_cosim as p; "
        "p.run(p.load('scenarios/outage.yaml').replace(forecast_error=0.2), out=sys.argv[1])"
    )
    found = []
    for name in ("1", "2"):
        subprocess.run(
            [sys.executable, "-c", code, str(tmp_path / name)],
            env={**os.environ, "PYTHONHASHSEED": name},
            check=True,
        )
        (folder,) = (tmp_path / name / "outage").iterdir()
        found.append(p2p.Results.load(folder).manifest["sha256"])
    assert found[0] == found[1]
