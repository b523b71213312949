"""Detectors on the real feeder: what they say, once, and what they keep to themselves."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from p2p_cosim.core.types import Fault
from p2p_cosim.detection.balance import EnergyBalance
from p2p_cosim.detection.matched import SIZE, WINDOW, MatchedFilter, detection_probability
from p2p_cosim.metering import MeterQuality
from p2p_cosim.studies.detection.evaluate import Bench, wilson
from p2p_cosim.studies.detection.world import World

START, END = 20, 32
DAY = 400_000  # of no other set of days


@pytest.fixture(scope="module")
def bench() -> Bench:
    return Bench(World())


def told(bench: Bench, fault: Fault | None, name: str, seed: int = DAY, last: int = 36):
    """(tick, kind, place) of every alarm of a detector."""
    day = bench.day(seed)
    faults = () if fault is None else (replace(fault, start_tick=START, end_tick=END),)
    views = bench.feeder.views(day, faults, 0, last)
    detector = next(d for d in bench.detectors(day) if d.name == name)
    return [(a.tick, a.kind, a.place) for view in views for a in detector.inspect(view)]


@pytest.mark.parametrize("name", ["energy_balance", "learned"])
@pytest.mark.parametrize(
    ("fault", "place"),
    [
        (Fault("house_outage", "house_9", 0, 1), "house_9"),
        (Fault("slg", "675", 0, 1, "B", 20.0), "B"),
        (Fault("ll", "680", 0, 1, "CA", 5.0), "AC"),
        (Fault("slg", "632", 0, 1, "C", 100.0), "C"),
    ],
)
def test_a_fault_is_told_once_at_its_first_tick_with_its_place(bench, name, fault, place):
    alarms = [alarm for alarm in told(bench, fault, name) if alarm[1] != "house_restored"]
    assert alarms == [(START, fault.kind, place)]


def test_a_service_short_is_told_with_its_house(bench):
    alarms = told(bench, Fault("lv_short", "house_27", 0, 1, "", 0.05), "energy_balance")
    assert alarms == [(START, "lv_short", "house_27")]


def test_a_transformer_is_told_from_the_lateral_that_darkens_the_same_houses(bench):
    """Both leave the six houses of 611.C dark; the head misses 170 kW in one case only."""
    for fault in (
        Fault("transformer_outage", "service_2", 0, 1),
        Fault("lateral_open", "684-611", 0, 1),
    ):
        alarms = told(bench, fault, "energy_balance")
        assert alarms[0] == (START, fault.kind, fault.place)
        assert [kind for _, kind, _ in alarms[1:]] == ["house_restored"] * 6


def test_statistics_name_groups_and_sags(bench):
    outage = told(bench, Fault("transformer_outage", "service_5", 0, 1), "statistical")
    assert outage[0] == (START, "transformer_outage", "service_5")
    sag = told(bench, Fault("three_phase", "671", 0, 1, "ABC", 5.0), "statistical")
    assert sag[0] == (START, "three_phase", "ABC")


@pytest.mark.parametrize("name", ["statistical", "energy_balance", "learned"])
def test_a_normal_day_is_silent(bench, name):
    assert told(bench, None, name, last=96) == []


def test_lost_and_late_readings_raise_no_alarm_and_shift_it(bench):
    """Missing readings are not outages, and an alarm is as late as its readings."""
    day = bench.day(DAY)
    truth = bench.feeder
    quality = replace(truth.world.quality, lost_share=0.1, delay_ticks=2)
    detector = EnergyBalance(truth.twin(day), truth.hypotheses, truth.probes)
    outage = Fault("house_outage", "house_3", START, END)
    views = truth.views(day, (outage,), 0, 40, quality)
    alarms = [alarm for view in views for alarm in detector.inspect(view)]
    outages = [a for a in alarms if a.kind == "house_outage"]
    assert [a.place for a in outages] == ["house_3"]
    # The last gasp itself may be lost; each lost reading costs a tick.
    assert outages[0].first_tick in (START, START + 1, START + 2)
    assert outages[0].tick == outages[0].first_tick + 2
    assert {a.kind for a in alarms} == {"house_outage", "house_restored"}


def test_the_filter_has_unit_variance_and_the_mean_it_promises(bench):
    """On residuals drawn from the covariance that it assumes."""
    twin = bench.feeder.twin(bench.day(DAY))
    probe = [bench.feeder.probes[0]]
    one = MatchedFilter(twin, probe)
    design = one.design(0.8)
    lags = np.abs(np.subtract.outer(np.arange(WINDOW), np.arange(WINDOW)))
    covariance = np.kron(twin.loads.memory**lags, twin.load_covariance(0.8))
    covariance += np.kron(np.eye(WINDOW), twin.meter_covariance(0.8))
    rng = np.random.default_rng(1)
    draws = rng.multivariate_normal(np.zeros(WINDOW * SIZE), covariance, 4000, method="cholesky")
    statistics = draws @ design.weights[0].T
    assert statistics.std(axis=0) == pytest.approx(np.ones(WINDOW - 1), rel=0.05)
    step = np.concatenate([np.zeros((WINDOW - 1) * SIZE), design.shapes[0]])
    assert design.weights[0, 0] @ step == pytest.approx(design.d[0, 0])
    seen = (statistics[:, 0] + 3 * design.d[0, 0] > 4.8).mean()
    promised = detection_probability(design.d[0, 0], 1000.0, 1000.0 / 3, 4.8)
    assert seen == pytest.approx(promised, abs=0.03)


def test_perfect_meters_are_allowed(bench):
    world = World(quality=MeterQuality())
    other = Bench(world)
    day = other.day(DAY)
    detector = EnergyBalance(other.feeder.twin(day), other.feeder.hypotheses, other.feeder.probes)
    views = other.feeder.views(day, (), 0, 30)
    assert [a for view in views for a in detector.inspect(view)] == []


@pytest.mark.parametrize(
    ("successes", "trials", "low", "high"),
    [(0, 10, 0.0, 0.2775), (10, 10, 0.7225, 1.0), (8, 10, 0.4902, 0.9433), (0, 0, 0.0, 1.0)],
)
def test_wilson_interval(successes, trials, low, high):
    """Values of Wilson's formula, as tabulated for 95 %."""
    assert wilson(successes, trials) == pytest.approx((low, high), abs=2e-4)
