"""A feeder run without its market gives what the whole simulation gives."""

import numpy as np
import pytest

import p2p_cosim as p2p
from p2p_cosim.compose.plugins import Plugins
from p2p_cosim.core.errors import InputError
from p2p_cosim.core.types import Decision, TapMove, contracted_wh
from p2p_cosim.simulation import Simulation
from p2p_cosim.studies.best_taps import best_taps
from p2p_cosim.studies.feeder_run import Behind, FeederRun

NOON = {"start": "2024-06-21 10:00", "clock.ticks": 6, "pv_share": 1.0, "pv_kw": 12.0}


@pytest.fixture(scope="module")
def scenario():
    return p2p.load("scenarios/trading_day.yaml").replace(NOON)


def test_it_is_the_simulation_without_its_market(scenario):
    noisy = scenario.replace(
        {"controller": "look_ahead", "control.inverters": "volt_var", "model_error": 0.1}
        | {"faults.metering.v_noise_pu": 0.002, "faults.metering.delay_ticks": 1}
        | {"faults.metering.lost_share": 0.1}
    )
    whole, sold = [], []
    with Simulation(noisy, out=None) as simulation:
        while not simulation.done:
            record = simulation.step()
            whole.append(record.grid)
            sold.append(contracted_wh(record.gate.clearing.trades))
    run = FeederRun(noisy, sold=sold)
    for state, tick in zip(whole, run, strict=True):
        assert (tick.state.house_v_pu == state.house_v_pu).all()
        assert tick.state.taps == state.taps


def test_what_trades_decide_is_refused(scenario):
    battery = {"kind": "battery", "energy_wh": 10_000, "power_kw": 5.0}
    with pytest.raises(InputError, match="houses have battery"):
        Behind.of(scenario.replace({"traders.house_1.devices": [battery]}))


class AsPlanned:
    """Takes the taps of a sequence."""

    name = "as_planned"

    def __init__(self, sequence):
        self.sequence = sequence

    def decide(self, view):
        wanted = zip(view.taps.items(), self.sequence[view.tick], strict=True)
        moves = [TapMove(name, tap, "planned") for (name, now), tap in wanted if tap != now]
        return Decision(moves=tuple(moves))


def test_the_best_taps_keep_what_they_promise_and_no_controller_does_better(scenario):
    behind = Behind.of(scenario)
    best = best_taps(scenario, behind)
    assert best.proven
    planned = FeederRun(scenario, behind, plugins=Plugins(controller=AsPlanned(best.taps)))
    assert told(planned) == (best.outside, best.operations)
    for controller in ("hold", "reactive", "look_ahead", "regcontrol"):
        found = told(FeederRun(scenario.replace(controller=controller), behind))
        assert (best.outside, best.operations) <= found
        if controller == "hold":
            assert found > (0, 0)


def told(run):
    outside, taps = 0, [run.initial_taps]
    for tick in run:
        v_pu = tick.state.house_v_pu
        outside += int(((v_pu > 1.05) | (v_pu < 0.95)).sum())
        taps.append(tick.state.taps)
    return outside, int((np.diff(taps, axis=0) != 0).sum())


def test_many_regulators_are_too_many_for_the_search(scenario):
    many = scenario.replace({"feeder.name": "ieee123", "houses.sites": "by_load"})
    with pytest.raises(InputError, match="7 regulators have too many positions"):
        best_taps(many)
