import numpy as np
import pytest

from p2p_cosim.core.errors import InputError
from p2p_cosim.core.types import Fault, GridState, HouseSite
from p2p_cosim.metering import Metering, MeterQuality

SITES = tuple(HouseSite(f"house_{i}", "675", "B", "service_1") for i in range(4))
TAPS = {"reg_a": 9}


def state(v_pu=(1.0, 1.0, 1.0, 1.0), p_kw=(1.0, 2.0, -3.0, 0.0)):
    head = np.array([100.0, 200.0, 300.0])
    p_kw = np.array(p_kw)
    return GridState(
        np.array(v_pu), p_kw, p_kw / 4, np.zeros(0), np.ones(1), head, head / 2, 0.0, (9,)
    )


def test_perfect_meters_tell_the_truth_bit_for_bit():
    truth = state()
    view = Metering().read(0, SITES, truth, TAPS)
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
    metering, again = (Metering(quality, np.random.default_rng(3)) for _ in range(2))
    views = [metering.read(t, SITES, state(), TAPS) for t in range(4000)]
    v = np.array([view.v_pu for view in views])
    p = np.array([view.p_kw for view in views])
    head = np.array([view.head_q_kvar for view in views])
    assert (v - 1).std() == pytest.approx(0.002, rel=0.03)
    assert p[:, 1].std() == pytest.approx(0.01 * np.hypot(2, 0.5), rel=0.05)
    assert p[:, 3].std() == 0
    assert head[:, 2].std() == pytest.approx(0.005 * np.hypot(300, 150), rel=0.05)
    assert (again.read(0, SITES, state(), TAPS).v_pu == views[0].v_pu).all()


def test_a_lost_reading_is_nan_with_a_flag_and_never_zero():
    metering = Metering(MeterQuality(lost_share=0.3), np.random.default_rng(1))
    views = [metering.read(t, SITES, state(), TAPS) for t in range(2000)]
    missing = np.array([view.missing for view in views])
    assert missing.mean() == pytest.approx(0.3, abs=0.02)
    for view in views:
        for values in (view.v_pu, view.p_kw, view.q_kvar):
            assert (np.isnan(values) == view.missing).all()
        assert np.isfinite(view.head_p_kw).all()


def test_a_dark_house_reads_zero_and_gasps_once():
    metering = Metering(MeterQuality(v_noise_pu=0.01), np.random.default_rng(1))
    dark = state(v_pu=(1.0, 0.0, 1.0, 1.0), p_kw=(1.0, 0.0, 1.0, 1.0))
    first, second = (metering.read(t, SITES, s, TAPS) for t, s in enumerate((state(), dark)))
    third = metering.read(2, SITES, dark, TAPS)
    assert first.last_gasp.tolist() == [False] * 4
    assert second.last_gasp.tolist() == [False, True, False, False]
    assert third.last_gasp.tolist() == [False] * 4
    assert second.v_pu[1] == third.v_pu[1] == 0


def test_late_readings_say_of_when_they_are():
    metering = Metering(MeterQuality(delay_ticks=2))
    views = [metering.read(t, SITES, state(p_kw=(t, 0, 0, 0)), TAPS) for t in range(4)]
    assert [view.of_tick for view in views] == [-1, -1, 0, 1]
    assert [view.tick for view in views] == [0, 1, 2, 3]
    assert views[1].missing.all()
    assert np.isnan(views[1].head_p_kw).all()
    assert views[3].p_kw[0] == 1


def test_a_lying_meter_reports_half_until_it_is_replaced():
    metering, lie = Metering(), Fault("lying_meter", "house_2", 0, 1)
    metering.apply(lie)
    view = metering.read(0, SITES, state(), TAPS)
    assert view.p_kw.tolist() == [1.0, 2.0, -1.5, 0.0]
    assert view.v_pu.tolist() == [1.0] * 4
    metering.clear(lie)
    assert metering.read(1, SITES, state(), TAPS).p_kw[2] == -3.0


@pytest.mark.parametrize("field", ["v_noise_pu", "p_noise", "head_noise", "lost_share"])
def test_quality_is_checked(field):
    for value in (-0.1, 1.1, float("nan")):
        with pytest.raises(InputError, match=field):
            MeterQuality(**{field: value})
    with pytest.raises(InputError, match="delay_ticks"):
        MeterQuality(delay_ticks=-1)
