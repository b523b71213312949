"""Profiles of `simple`: determinism, independence of houses, and the statistics promised."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from p2p_cosim.scenario import Profiles, Scenario, build_profiles, load
from p2p_cosim.scenario.profiles.clouds import cloud_cover
from p2p_cosim.scenario.profiles.household import APPLIANCES, table_kwh_per_day
from p2p_cosim.scenario.profiles.owners import pv_houses
from p2p_cosim.scenario.profiles.spot import DAILY_SHAPE
from p2p_cosim.scenario.profiles.timebase import step_means

ROOT = Path(__file__).parents[3]
DAY = Scenario(name="day").replace({"profiles.model": "simple"})


def _seed(entropy: int = 7) -> np.random.SeedSequence:
    return np.random.SeedSequence(entropy)


def _profiles(entropy: int = 7, /, **changes: object) -> Profiles:
    return build_profiles(DAY.replace(**changes), _seed(entropy))


def test_same_seed_same_arrays_and_the_seed_is_not_consumed() -> None:
    seed = _seed()
    first, second = build_profiles(DAY, seed), build_profiles(DAY, seed)
    np.testing.assert_array_equal(first.load_kw, second.load_kw)
    np.testing.assert_array_equal(first.pv_kw, second.pv_kw)
    assert seed.n_children_spawned == 0
    assert not np.array_equal(first.load_kw, _profiles(8).load_kw)


def test_children_of_one_seed_give_different_profiles() -> None:
    one, two = _seed().spawn(2)
    assert not np.array_equal(build_profiles(DAY, one).load_kw, build_profiles(DAY, two).load_kw)


def test_shapes_and_bounds() -> None:
    profiles = _profiles(count=7, ticks=10)
    assert profiles.load_kw.shape == profiles.pv_kw.shape == (10, 7)
    assert profiles.spot_scale.shape == (10,)
    assert (profiles.load_kw > 0).all()
    assert (profiles.pv_kw >= 0).all()


def test_arrays_are_read_only() -> None:
    with pytest.raises(ValueError, match="read-only"):
        _profiles().load_kw[0, 0] = 1.0


def test_a_house_does_not_change_when_there_are_more_houses() -> None:
    few, many = _profiles(count=5, pv_share=1.0), _profiles(count=30, pv_share=1.0)
    np.testing.assert_array_equal(few.load_kw, many.load_kw[:, :5])
    np.testing.assert_array_equal(few.pv_kw, many.pv_kw[:, :5])


def test_a_longer_run_begins_like_a_shorter_one() -> None:
    short, long = _profiles(ticks=96), _profiles(ticks=300)
    np.testing.assert_allclose(short.load_kw, long.load_kw[:96], rtol=0, atol=1e-9)
    np.testing.assert_allclose(short.pv_kw, long.pv_kw[:96], rtol=0, atol=1e-12)


@pytest.mark.parametrize("interval_min", [5, 30, 60])
def test_the_interval_changes_only_the_resolution(interval_min: int) -> None:
    fine = _profiles(interval_min=5, ticks=288)
    coarse = _profiles(interval_min=interval_min, ticks=1440 // interval_min)
    for one, other in ((fine.load_kw, coarse.load_kw), (fine.pv_kw, coarse.pv_kw)):
        means = one.reshape(len(other), -1, 30).mean(axis=1)
        np.testing.assert_allclose(means, other, rtol=0, atol=1e-9)


def test_one_minute_ticks_average_to_five() -> None:
    minute, five = _profiles(interval_min=1, ticks=1440), _profiles(interval_min=5, ticks=288)
    np.testing.assert_allclose(
        minute.load_kw.reshape(288, 5, 30).mean(axis=1), five.load_kw, rtol=0, atol=1e-9
    )
    # PV is sampled at midpoints, so it agrees only as far as it is straight over five minutes.
    np.testing.assert_allclose(
        minute.pv_kw.reshape(288, 5, 30).mean(axis=1), five.pv_kw, rtol=0, atol=0.2
    )


def test_a_run_that_starts_at_noon_is_the_second_half_of_the_day() -> None:
    noon = build_profiles(DAY.replace(start="2024-06-21 12:00", ticks=48), _seed())
    np.testing.assert_allclose(noon.load_kw, _profiles().load_kw[48:], rtol=0, atol=1e-9)
    np.testing.assert_allclose(noon.pv_kw, _profiles().pv_kw[48:], rtol=0, atol=1e-12)


@settings(max_examples=30)
@given(st.integers(1, 40), st.floats(0, 1), st.integers(0, 2**32))
def test_pv_share_is_exact_and_nested(count: int, pv_share: float, entropy: int) -> None:
    chosen = pv_houses(count, pv_share, _seed(entropy))
    assert len(chosen) == len(set(chosen)) == round(pv_share * count)
    assert set(chosen) <= set(pv_houses(count, 1.0, _seed(entropy)))
    assert set(pv_houses(count, pv_share / 2, _seed(entropy))) <= set(chosen)


def test_only_chosen_houses_produce() -> None:
    producing = np.flatnonzero(_profiles(pv_share=0.3).pv_kw.any(axis=0))
    assert tuple(producing) == pv_houses(30, 0.3, _seed())
    assert len(producing) == 9


def test_mean_load_is_what_was_asked_for() -> None:
    # Sizes of houses differ by a quarter, so the mean of a hundred is known to 2.5 %; four sigma.
    for kwh_per_day in (8.3, 22.7):
        load_kw = _profiles(count=100, load_kwh_per_day=kwh_per_day, ticks=7 * 96).load_kw
        assert load_kw.mean() * 24 == pytest.approx(kwh_per_day, rel=0.1)


def test_table_of_appliances_adds_up() -> None:
    assert table_kwh_per_day() == pytest.approx(22.7, abs=0.5)
    assert all(len(appliance.hours) == 24 for appliance in APPLIANCES)


def test_the_peak_is_in_the_evening_and_coincident_far_below_the_sum() -> None:
    load_kw = _profiles(ticks=28 * 96).load_kw
    together = load_kw.mean(axis=1)
    by_hour = together.reshape(28, 24, 4).mean(axis=(0, 2))
    assert 17 <= int(by_hour.argmax()) <= 20
    assert 1 <= int(by_hour.argmin()) <= 5
    assert 2.0 < together.max() < 4.5  # kW a house; facts of US feeders say about 3.5
    assert 8 < load_kw.max() < 25
    assert together.max() / load_kw.max(axis=0).mean() < 0.5


def test_clear_june_day_in_kwh_per_kw() -> None:
    profiles = _profiles(pv_share=1.0, pv_kw=1.0, cloudiness=0.0, pv_performance_ratio=1.0)
    energy_kwh = profiles.pv_kw[:, 0].sum() / 4
    # 8.787 kWh/m2 of clear sky at latitude 40 (tests/oracles/test_clear_sky_against_pvlib.py).
    assert energy_kwh == pytest.approx(8.787, rel=5e-3)
    np.testing.assert_array_equal(profiles.pv_kw[:, 0], profiles.pv_kw[:, 29])


def test_night_is_dark_and_pv_stays_below_its_rating() -> None:
    pv_kw = _profiles(pv_share=1.0).pv_kw
    assert (pv_kw[:16] == 0).all()  # until 04:00
    assert (pv_kw[80:] == 0).all()  # from 20:00
    assert 3.0 < pv_kw.max() < 5.0


def test_southern_winter_is_northern_summer_turned_round() -> None:
    june = _profiles(latitude_deg=-40.0, cloudiness=0.0, pv_share=1.0).pv_kw.sum()
    december = _profiles(
        start="2024-12-21", latitude_deg=40.0, cloudiness=0.0, pv_share=1.0
    ).pv_kw.sum()
    assert june == pytest.approx(december, rel=0.08)  # the rest is the orbit and the calendar


def test_more_cloud_less_sun() -> None:
    energies = [_profiles(cloudiness=c).pv_kw.sum() for c in (0.0, 0.2, 0.5, 0.8, 1.0)]
    assert energies == sorted(energies, reverse=True)
    # Kasten and Czeplak: a quarter is left under a closed sky.
    assert energies[-1] == pytest.approx(energies[0] / 4)


@pytest.mark.parametrize("cloudiness", [0.1, 0.4, 0.7])
def test_cloud_cover_has_the_mean_asked_for_and_houses_share_the_sky(cloudiness: float) -> None:
    generators = [np.random.default_rng(i) for i in range(4)]
    cover = cloud_cover(200, cloudiness, generators[0], generators[1:])
    assert cover.shape == (200 * 288 + 1, 3)
    assert ((cover >= 0) & (cover <= 1)).all()
    assert cover.mean() == pytest.approx(cloudiness, abs=0.03)
    correlation = np.corrcoef(cover.T)[0, 1]
    assert 0.6 < correlation < 0.95


def test_spot_loads_follow_scale_and_shape() -> None:
    np.testing.assert_array_equal(_profiles(scale=0.9).spot_scale, np.full(96, 0.9))
    daily = _profiles(profile="daily").spot_scale
    assert min(DAILY_SHAPE) == 0.55
    assert max(DAILY_SHAPE) == 0.98
    assert 0.55 <= daily.min() < 0.56
    assert 0.97 < daily.max() <= 0.98
    np.testing.assert_allclose(_profiles(profile="daily", scale=0.5).spot_scale, daily / 2)


def test_own_values_replace_the_generated_ones() -> None:
    changes = {"traders.house_2.load_kw": 1.5, "traders.house_3.pv_kw": [1, 2, 3]}
    profiles = build_profiles(DAY.replace(changes, ticks=3), _seed())
    generated = _profiles(ticks=3)
    assert (profiles.load_kw[:, 1] == 1.5).all()
    assert profiles.pv_kw[:, 2].tolist() == [1.0, 2.0, 3.0]
    np.testing.assert_array_equal(profiles.load_kw[:, 2:], generated.load_kw[:, 2:])


def test_three_houses_have_the_energies_of_the_page() -> None:
    profiles = build_profiles(load(ROOT / "scenarios" / "three_houses.yaml"), _seed())
    net_kwh = profiles.load_kw - profiles.pv_kw  # one-hour ticks
    assert net_kwh.tolist() == [[3, -2, -1], [4, -2, -1], [2, -2, -1], [1, 0.5, 0.5]]


@given(
    st.lists(
        st.tuples(st.floats(0.01, 5), st.floats(0, 10)),
        min_size=1,
        max_size=20,
    ),
    st.integers(1, 10),
)
def test_step_means_keep_the_energy(steps: list[tuple[float, float]], ticks: int) -> None:
    lengths, values = np.array(steps).T
    breaks = np.concatenate([[0.0], np.cumsum(lengths)])
    edges = np.linspace(0, breaks[-1], ticks + 1)
    means = step_means(breaks, values, edges)
    assert (means * np.diff(edges)).sum() == pytest.approx((values * lengths).sum())
    assert means.min() >= values.min() - 1e-9
    assert means.max() <= values.max() + 1e-9
