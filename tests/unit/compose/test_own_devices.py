"""Forecasters and devices that somebody brings to a run."""

from dataclasses import dataclass

import numpy as np
import pytest

import p2p_cosim as p2p
from p2p_cosim.compose.plugins import Plugins
from p2p_cosim.core.errors import InputError
from p2p_cosim.run_identity import run_identity

THREE = p2p.load("scenarios/three_houses.yaml")


@dataclass(frozen=True)
class Heater(p2p.Device):
    power_kw: float = 1.5
    name: str = "heater"
    kind: str = "heater"

    def expected_kw(self, step):
        return self.power_kw

    def draw(self, step, v_pu, told=None):
        return p2p.Power(self.power_kw)


@dataclass
class Constant:
    load_kw: float = 2.0

    def expect(self, view):
        return p2p.Expected(np.full(view.horizon, self.load_kw), np.zeros(view.horizon))


def test_a_device_is_planned_for_drawn_and_recorded(tmp_path):
    plain = p2p.run(THREE, out=tmp_path).households
    run = p2p.run(THREE, out=tmp_path, devices={"house_2": [Heater()]})
    own = run.households["house"] == "house_2"
    more = (
        run.households[["load_kw", "p_kw", "forecast_wh"]]
        - plain[["load_kw", "p_kw", "forecast_wh"]]
    )
    np.testing.assert_allclose(more["p_kw"], np.where(own, 1.5, 0.0), atol=1e-6)
    np.testing.assert_allclose(more["load_kw"], np.where(own, 1.5, 0.0), atol=1e-6)
    assert more["forecast_wh"].tolist() == np.where(own, 1500, 0).tolist()
    heater = run.devices[run.devices["device"] == "heater"]
    assert heater["house"].unique().tolist() == ["house_2"]
    assert heater["p_kw"].tolist() == [1.5] * 4


def test_a_forecaster_decides_what_is_offered(tmp_path):
    run = p2p.run(THREE, out=tmp_path, forecaster=Constant)
    assert set(run.households["forecast_wh"]) == {2000}


def test_devices_of_an_unknown_house_are_refused(tmp_path):
    with pytest.raises(InputError, match="devices of 'house_9': no such house"):
        p2p.Simulation(THREE, out=tmp_path, devices={"house_9": [Heater()]})


def test_runs_with_other_devices_and_forecasters_are_other_runs():
    given = [
        Plugins(),
        Plugins(devices={"house_1": [Heater()]}),
        Plugins(devices={"house_2": [Heater()]}),
        Plugins(devices={"house_1": [Heater(2.0)]}),
        Plugins(forecaster=Constant),
        Plugins(forecaster=Constant(3.0)),
    ]
    described = [run_identity(THREE, plugins.given()).plugins for plugins in given]
    assert all(one not in described[:i] for i, one in enumerate(described))
