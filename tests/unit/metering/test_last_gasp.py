"""Last gasps: how many arrive, when, and what a detector makes of them."""

from __future__ import annotations

import numpy as np
import pytest

from p2p_cosim.core.errors import InputError
from p2p_cosim.core.types import GridState, HouseSite, Step
from p2p_cosim.detection.outage_threshold import OutageThreshold
from p2p_cosim.detection.statistical import Statistical
from p2p_cosim.metering import LastGasp, MeterQuality, SimulatedMetering

SITES = tuple(HouseSite(f"house_{i}", "675", "B", "service_1") for i in range(6))


def state(*v_pu: float) -> GridState:
    lit = np.array([v > 0 for v in v_pu], dtype=float)
    three = np.full(3, 10.0)
    return GridState(np.array(v_pu), lit, 0.2 * lit, np.zeros(0), three, three, three, 1.0, ())


def views(states, last_gasp, delay_ticks=0, seed=3):
    metering = SimulatedMetering(
        SITES,
        quality=MeterQuality(delay_ticks=delay_ticks),
        last_gasp=last_gasp,
        gasp_rng=np.random.default_rng(seed),
    )
    for tick, one in enumerate(states):
        metering.measure(Step(tick, 900.0), one)
        yield metering.arrived(tick)


LIT, DARK = state(*[1.0] * 6), state(0.0, 0.0, 1.0, 1.0, 1.0, 1.0)


def test_the_stated_share_arrives_within_30_to_45_seconds():
    times_s = np.array([LastGasp(0.7).times_s(50, np.random.default_rng(s)) for s in range(40)])
    assert np.isfinite(times_s).mean() == pytest.approx(0.7, abs=0.03)
    there = times_s[np.isfinite(times_s)]
    assert (there.min(), there.max()) == (pytest.approx(30, abs=0.1), pytest.approx(45, abs=0.1))
    with pytest.raises(InputError, match="share 1"):
        LastGasp(1.5)


def test_a_dark_meter_gasps_once_and_is_silent():
    first, struck, after, back = views([LIT, DARK, DARK, LIT], LastGasp(1.0))
    assert not first.last_gasp.any()
    assert struck.last_gasp.tolist() == [True, True, False, False, False, False]
    assert struck.missing.tolist() == after.missing.tolist() == struck.last_gasp.tolist()
    assert not after.last_gasp.any()
    assert not back.missing.any()
    assert struck.gasp_s is not None
    assert np.isfinite(struck.gasp_s).tolist() == struck.last_gasp.tolist()


@pytest.mark.parametrize("delay_ticks", [0, 4])
def test_an_outage_is_known_in_its_tick_however_late_readings_are(delay_ticks):
    detector = OutageThreshold()
    told = [
        (alarm.tick, alarm.kind, alarm.place, alarm.first_tick, alarm.known_s is not None)
        for view in views([LIT, DARK, DARK, *[LIT] * 7], LastGasp(1.0), delay_ticks)
        for alarm in detector.inspect(view)
    ]
    outages = [(1, "house_outage", name, 1, True) for name in ("house_0", "house_1")]
    # Readings of before the outage come late and say nothing against it.
    restored = [
        (3 + delay_ticks, "house_restored", name, 3, False) for name in ("house_0", "house_1")
    ]
    assert told == [*outages, *restored]


def test_a_lost_gasp_is_no_alarm_and_no_return():
    detector = OutageThreshold()
    seen = [a for v in views([LIT, DARK, DARK, LIT], LastGasp(0.0)) for a in detector.inspect(v)]
    assert seen == []


def test_half_of_a_group_that_gasps_tells_its_transformer():
    all_dark = state(*[0.0] * 6)
    for seed in range(30):
        struck = list(views([LIT, all_dark], LastGasp(0.6), seed=seed))[1]
        detector = Statistical()
        alarms = [
            a for v in views([LIT, all_dark], LastGasp(0.6), seed=seed) for a in detector.inspect(v)
        ]
        group = [a.place for a in alarms if a.kind == "transformer_outage"]
        enough = 2 * struck.last_gasp.sum() >= 6
        assert group == (["service_1"] if enough else [])
        single = [a for a in alarms if a.kind == "house_outage"]
        assert len(single) == (0 if enough else struck.last_gasp.sum())
