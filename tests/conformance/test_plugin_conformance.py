"""The package's own strategies, controllers, detectors, rules and mechanisms follow their
protocols."""

import numpy as np
import pytest

from p2p_cosim.control import Hold, Limited, LookAhead, Reactive, VoltVar, VoltWatt
from p2p_cosim.core.types import Fault, Injections, Step
from p2p_cosim.detection.balance import EnergyBalance
from p2p_cosim.detection.learned import Learned
from p2p_cosim.detection.outage_threshold import OutageThreshold
from p2p_cosim.detection.statistical import Statistical
from p2p_cosim.detection.twin import Twin
from p2p_cosim.forecasts import NoisyTruth, Persistence, SeasonalNaive
from p2p_cosim.houses import BackupBattery, Battery, Inverter, Load, PVArray
from p2p_cosim.market.oracle.mechanisms import MECHANISMS
from p2p_cosim.metering import TYPICAL, SimulatedMetering
from p2p_cosim.strategies import (
    FixedPrice,
    OptOut,
    Predictive,
    SelfConsumption,
    Truthful,
    ZeroIntelligence,
)
from p2p_cosim.studies.detection.world import World
from p2p_cosim.testing import (
    check_controller,
    check_detector,
    check_device,
    check_forecaster,
    check_inverter_rule,
    check_mechanism,
    check_strategy,
)


@pytest.mark.parametrize(
    "strategy",
    [
        ZeroIntelligence,
        Truthful,
        FixedPrice(70_000_000_000, 50_000_000_000),
        OptOut,
        SelfConsumption,
        lambda: Predictive(900),
    ],
)
def test_strategies(strategy):
    check_strategy(strategy)


@pytest.mark.parametrize(
    "controller",
    [
        Hold,
        Reactive,
        LookAhead,
        lambda: LookAhead(policy="setpoint", horizon_ticks=4),
        lambda: Limited(Reactive(), max_moves_per_day=3, delay_ticks=2),
    ],
)
def test_controllers(controller):
    check_controller(controller)


@pytest.mark.parametrize("detector", [OutageThreshold, Statistical])
def test_detectors(detector):
    check_detector(detector)


@pytest.fixture(scope="module")
def day():
    """A feeder with an outage, as a utility sees it, and the scale of the published loads."""
    world = World(houses=12)
    grid = world.grid()
    metering = SimulatedMetering(
        grid.houses, tuple(grid.regulators), quality=TYPICAL, rng=np.random.default_rng(3)
    )
    outage, views = Fault("house_outage", "house_2", 6, 9), []
    for tick in range(12):
        if tick == outage.start_tick:
            grid.apply(outage)
        if tick == outage.end_tick:
            grid.clear(outage)
        grid.dispatch(Injections(np.full(12, 1.2), np.full(12, 0.3), 0.6))
        metering.measure(Step(tick, 900), grid.solve())
        views.append(metering.arrived(tick))
    return world, views


@pytest.mark.parametrize("kind", [EnergyBalance, Learned])
def test_detectors_with_a_twin(kind, day):
    world, views = day

    def make():
        twin = Twin(world.grid(), np.full(12, 0.6))
        return kind(twin, world.hypotheses(twin.grid), world.probes())

    check_detector(make, views)


DAY_KW = np.linspace(0.2, 3.0, 24)


def test_forecasters():
    check_forecaster(Persistence)
    check_forecaster(SeasonalNaive)
    check_forecaster(NoisyTruth(DAY_KW, DAY_KW[::-1], 0.2, np.random.default_rng(2)))


@pytest.mark.parametrize(
    "device",
    [
        Load(DAY_KW, 0.3, 0.5),
        Inverter(PVArray(DAY_KW), 3.3),
        Inverter(PVArray(DAY_KW), 3.3).tripped(True),
        BackupBattery(5_000.0, 3.0, 2_500.0),
        BackupBattery(5_000.0, 3.0, 0.0, 1.0),
        BackupBattery(5_000.0, 3.0, 5_000.0),
        Battery(5_000.0, 3.0, 2_500.0),
    ],
    ids=lambda device: type(device).__name__,
)
def test_devices(device):
    check_device(device)


@pytest.mark.parametrize("rule", [VoltVar, VoltWatt])
def test_inverter_rules(rule):
    check_inverter_rule(rule)


@pytest.mark.parametrize("mechanism", MECHANISMS.values(), ids=MECHANISMS)
def test_mechanisms(mechanism):
    check_mechanism(mechanism)
