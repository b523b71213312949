import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from p2p_cosim.core.errors import InputError
from p2p_cosim.core.types import Fault, GridState, HouseSite, Step
from p2p_cosim.metering import MeterQuality, SimulatedMetering

SITES = tuple(HouseSite(f"house_{i}", "675", "B", "service_1") for i in range(4))
TAPS = {"reg_a": 9}


def state(v_pu=(1.0, 1.0, 1.0, 1.0), p_kw=(1.0, 2.0, -3.0, 0.0), spot_p_kw=()):
    head = np.array([100.0, 200.0, 300.0])
    p_kw = np.array(p_kw)
    return GridState(
        np.array(v_pu), p_kw, p_kw / 4, np.array(spot_p_kw), np.ones(1), head, head / 2, 0.0, (9,)
    )


def meters(quality=None, seed=0, bulk=None):
    return SimulatedMetering(
        SITES, tuple(TAPS), bulk, quality or MeterQuality(), np.random.default_rng(seed)
    )


def read(metering, tick, solved):
    metering.measure(Step(tick, 900), solved)
    return metering.arrived(tick)


def test_perfect_meters_tell_the_truth_bit_for_bit():
    truth = state()
    view = read(meters(), 0, truth)
    for name in ("v_pu", "p_kw", "q_kvar"):
        assert (getattr(view, name) == getattr(truth, f"house_{name}")).all()
    assert (view.head_p_kw == truth.head_p_kw).all()
    assert (view.head_q_kvar == truth.head_q_kvar).all()
    assert not view.missing.any()
    assert not view.last_gasp.any()
    assert (view.of_tick, view.taps) == (0, TAPS)
    # 300 kW and 150 kvar at 4.16 / sqrt(3) kV
    assert view.head_i_a(4.16)[2] == pytest.approx(139.65, abs=0.01)


def test_noise_has_the_spread_it_is_given_and_the_seed_decides():
    quality = MeterQuality(v_noise_pu=0.002, p_noise=0.01, head_noise=0.005)
    metering, again = (meters(quality, 3) for _ in range(2))
    views = [read(metering, t, state()) for t in range(4000)]
    v = np.array([view.v_pu for view in views])
    p = np.array([view.p_kw for view in views])
    head = np.array([view.head_q_kvar for view in views])
    assert (v - 1).std() == pytest.approx(0.002, rel=0.03)
    assert p[:, 1].std() == pytest.approx(0.01 * np.hypot(2, 0.5), rel=0.05)
    assert p[:, 3].std() == 0
    assert head[:, 2].std() == pytest.approx(0.005 * np.hypot(300, 150), rel=0.05)
    assert (read(again, 0, state()).v_pu == views[0].v_pu).all()


def test_a_lost_reading_is_nan_with_a_flag_and_never_zero():
    metering = meters(MeterQuality(lost_share=0.3), 1)
    views = [read(metering, t, state()) for t in range(2000)]
    missing = np.array([view.missing for view in views])
    assert missing.mean() == pytest.approx(0.3, abs=0.02)
    for view in views:
        for values in (view.v_pu, view.p_kw, view.q_kvar):
            assert (np.isnan(values) == view.missing).all()
        assert np.isfinite(view.head_p_kw).all()


def test_a_dark_house_reads_zero_and_gasps_once():
    metering = meters(MeterQuality(v_noise_pu=0.01), 1)
    dark = state(v_pu=(1.0, 0.0, 1.0, 1.0), p_kw=(1.0, 0.0, 1.0, 1.0))
    first, second = (read(metering, t, s) for t, s in enumerate((state(), dark)))
    third = read(metering, 2, dark)
    assert first.last_gasp.tolist() == [False] * 4
    assert second.last_gasp.tolist() == [False, True, False, False]
    assert third.last_gasp.tolist() == [False] * 4
    assert second.v_pu[1] == third.v_pu[1] == 0


def test_late_readings_say_of_when_they_are():
    metering = meters(MeterQuality(delay_ticks=2))
    views = [read(metering, t, state(p_kw=(t, 0, 0, 0))) for t in range(4)]
    assert [view.of_tick for view in views] == [-1, -1, 0, 1]
    assert [view.tick for view in views] == [0, 1, 2, 3]
    assert views[1].missing.all()
    assert np.isnan(views[1].head_p_kw).all()
    assert views[3].p_kw[0] == 1


def test_a_lying_meter_reports_half_until_it_is_replaced():
    metering, lie = meters(), Fault("lying_meter", "house_2", 0, 1)
    metering.apply(lie)
    view = read(metering, 0, state())
    assert view.p_kw.tolist() == [1.0, 2.0, -1.5, 0.0]
    assert view.v_pu.tolist() == [1.0] * 4
    metering.clear(lie)
    assert read(metering, 1, state()).p_kw[2] == -3.0


@pytest.mark.parametrize("field", ["v_noise_pu", "p_noise", "head_noise", "lost_share"])
def test_quality_is_checked(field):
    for value in (-0.1, 1.1, float("nan")):
        with pytest.raises(InputError, match=field):
            MeterQuality(**{field: value})
    with pytest.raises(InputError, match="delay_ticks"):
        MeterQuality(delay_ticks=-1)


def test_the_registers_count_what_was_measured_of_houses_and_published_loads():
    metering = meters(bulk={"load_2": 1})
    metering.measure(Step(0, 900), state(spot_p_kw=(1.0, 40.0)))
    read = {reading.trader: reading.metered_wh for reading in metering.readings()}
    assert read == {"house_0": 250, "house_1": 500, "house_2": -750, "house_3": 0, "load_2": 10_000}
    assert {reading.metered_wh for reading in metering.readings()} == {0}


def test_a_look_of_no_length_counts_nothing_and_is_seen():
    metering = meters()
    metering.measure(Step(-1, 0.0), state())
    assert {reading.metered_wh for reading in metering.readings()} == {0}
    seen = metering.arrived(-1)
    assert (seen.of_tick, seen.missing.any()) == (-1, False)


def test_steps_inside_an_interval_add_up():
    metering = meters()
    for third in range(3):
        metering.measure(Step(0, 300, 300 * third), state(p_kw=(third, 0, 0, 0)))
    assert metering.readings()[0].metered_wh == 250
    assert metering.arrived(0).p_kw[0] == 2


def test_a_lost_or_late_reading_is_counted_all_the_same():
    metering = meters(MeterQuality(lost_share=1.0, delay_ticks=3))
    assert read(metering, 0, state()).missing.all()
    assert [r.metered_wh for r in metering.readings()] == [250, 500, -750, 0]


def test_slow_theft_takes_more_every_tick_and_half_at_the_end():
    metering, theft = meters(), Fault("slow_theft", "house_2", 0, 5)
    metering.apply(theft)
    told = [read(metering, tick, state()).p_kw for tick in range(5)]
    metering.clear(theft)
    told.append(read(metering, 5, state()).p_kw)
    assert [row[2] for row in told] == pytest.approx([-2.7, -2.4, -2.1, -1.8, -1.5, -3.0])
    assert [row[1] for row in told] == [2.0] * 6


def test_a_lying_meter_is_billed_as_it_lies():
    metering = meters()
    metering.apply(Fault("lying_meter", "house_1", 0, 1))
    metering.measure(Step(0, 900), state())
    assert [r.metered_wh for r in metering.readings()] == [250, 250, -750, 0]


@settings(max_examples=50, deadline=None)
@given(
    powers=st.lists(st.floats(-20, 20), min_size=1, max_size=60),
    seconds=st.sampled_from([1, 17, 60, 300, 900, 3600]),
    noise=st.sampled_from([0.0, 0.01]),
)
def test_readings_sum_to_the_register_within_a_wh_over_any_time(powers, seconds, noise):
    metering = meters(MeterQuality(p_noise=noise), 4)
    counted = shown = 0.0
    for tick, p_kw in enumerate(powers):
        metering.measure(Step(tick, seconds), state(p_kw=(p_kw, 0, 0, 0)))
        counted += float(metering.arrived(tick).p_kw[0]) * seconds / 3.6
        shown += metering.readings()[0].metered_wh
        assert abs(shown - counted) <= 1
