"""Profiles under one weather: determinism, independence, and what the docs promise of them."""

from __future__ import annotations

import numpy as np
import pytest

from p2p_cosim.scenario import Profiles, Scenario, build_profiles
from p2p_cosim.scenario.profiles.homes import climate
from p2p_cosim.scenario.profiles.homes.park import draw_home
from p2p_cosim.scenario.profiles.owners import pv_houses
from p2p_cosim.scenario.profiles.weather import Climate, weather_of
from p2p_cosim.scenario.profiles.weather.arrays import Array, Sun
from p2p_cosim.scenario.profiles.weather.cells import CELLS_PER_DAY, Cells

DAY = Scenario(name="day").replace(count=6, pv_share=1.0)


def _seed(entropy: int = 7) -> np.random.SeedSequence:
    return np.random.SeedSequence(entropy)


def _profiles(entropy: int = 7, /, **changes: object) -> Profiles:
    return build_profiles(DAY.replace(**changes), _seed(entropy))


def _same(one: Profiles, other: Profiles) -> None:
    np.testing.assert_allclose(one.load_kw, other.load_kw, rtol=0, atol=1e-9)
    np.testing.assert_allclose(one.pv_kw, other.pv_kw, rtol=0, atol=1e-9)


def _part(profiles: Profiles, ticks: slice) -> Profiles:
    return Profiles(
        profiles.load_kw[ticks].copy(),
        profiles.pv_kw[ticks].copy(),
        profiles.spot_scale[ticks].copy(),
    )


def test_weather_is_the_default() -> None:
    assert DAY.profiles.model == "weather"
    simple = DAY.replace({"profiles.model": "simple"})
    assert not np.allclose(_profiles().pv_kw, build_profiles(simple, _seed()).pv_kw)


def test_same_seed_same_arrays_and_another_seed_others() -> None:
    one, again, other = _profiles(), _profiles(), _profiles(8)
    np.testing.assert_array_equal(one.load_kw, again.load_kw)
    np.testing.assert_array_equal(one.pv_kw, again.pv_kw)
    assert not np.array_equal(one.load_kw, other.load_kw)
    assert not np.array_equal(one.pv_kw, other.pv_kw)


def test_a_house_does_not_change_when_there_are_more_houses() -> None:
    few, many = _profiles(count=3), _profiles()
    np.testing.assert_array_equal(few.load_kw, many.load_kw[:, :3])
    np.testing.assert_array_equal(few.pv_kw, many.pv_kw[:, :3])


def test_a_longer_run_begins_like_a_shorter_one() -> None:
    _same(_profiles(ticks=96), _part(_profiles(ticks=300), slice(96)))


def test_a_run_that_starts_at_noon_is_the_second_half_of_the_day() -> None:
    _same(_profiles(start="2024-06-21 12:00", ticks=48), _part(_profiles(), slice(48, 96)))


def test_the_same_date_has_the_same_sun_whenever_the_run_begins() -> None:
    later = _profiles(start="2024-06-22", ticks=96)
    both = _part(_profiles(ticks=192), slice(96, 192))
    np.testing.assert_allclose(later.pv_kw, both.pv_kw, rtol=0, atol=1e-9)
    assert np.corrcoef(later.load_kw.ravel(), both.load_kw.ravel())[0, 1] > 0.95


@pytest.mark.parametrize("interval_min", [5, 30, 60])
def test_the_interval_changes_only_the_resolution(interval_min: int) -> None:
    fine = _profiles(interval_min=5, ticks=288)
    coarse = _profiles(interval_min=interval_min, ticks=1440 // interval_min)
    for one, other in ((fine.load_kw, coarse.load_kw), (fine.pv_kw, coarse.pv_kw)):
        means = one.reshape(len(other), -1, 6).mean(axis=1)
        np.testing.assert_allclose(means, other, rtol=0, atol=1e-9)


def test_more_pv_adds_arrays_and_changes_none() -> None:
    half, all_of_them = _profiles(pv_share=0.5), _profiles()
    chosen = list(pv_houses(6, 0.5, _seed()))
    assert np.flatnonzero(half.pv_kw.any(axis=0)).tolist() == chosen
    np.testing.assert_array_equal(half.pv_kw[:, chosen], all_of_them.pv_kw[:, chosen])


def test_more_cooled_houses_change_only_those_that_come_in() -> None:
    none = _profiles(start="2024-07-15", **{"cooled_share": 0.0, "heated_share": 0.0})
    some = _profiles(start="2024-07-15", **{"cooled_share": 0.5, "heated_share": 0.0})
    changed = (none.load_kw != some.load_kw).any(axis=0)
    assert 0 < changed.sum() < 6


def test_an_inverter_clips_at_its_rating() -> None:
    profiles = _profiles(**{"profiles.pv_kw": 6.0, "dc_per_ac": 2.0, "cloudiness": 0.0})
    assert profiles.pv_kw.max() == pytest.approx(3.0, abs=1e-9)


def test_an_array_of_nothing_gives_nothing() -> None:
    assert (_profiles(**{"profiles.pv_kw": 0.0}).pv_kw == 0).all()


def test_seasons_and_hemispheres() -> None:
    north = {month: _profiles(start=f"2024-{month}-10", ticks=7 * 96) for month in ("01", "07")}
    assert north["07"].pv_kw.sum() > 1.5 * north["01"].pv_kw.sum()
    south = _profiles(start="2024-01-10", ticks=7 * 96, latitude_deg=-40.0)
    assert south.pv_kw.sum() > 1.5 * north["01"].pv_kw.sum()


def test_a_clear_year_gives_what_pvlib_gives_for_one_array() -> None:
    cells = Cells.of(DAY.replace(ticks=96).clock.clock())
    weather = weather_of(cells, Climate(40.0, 0.0, 12.0, 11.0), _seed())
    sun = Sun(weather)
    # 8.433 kWh/m2: Ineichen at Linke turbidity 3 (tests/oracles/test_clear_sky_against_pvlib.py)
    assert sun.clear_w_per_m2.sum() / 12 / 1000 == pytest.approx(8.433, rel=5e-3)
    flat = sun.ac_kw(Array(0.0, 180.0, 1.0, 2.0, 0.0), np.ones(cells.count))
    assert 7.0 < flat.sum() / 12 < 8.4  # less what a hot module and the inverter take


def test_days_have_a_memory_and_houses_one_weather() -> None:
    year = Cells.of(Scenario(name="y").replace(start="2024-01-01", ticks=35040).clock.clock())
    weather = weather_of(year, Climate(40.0, 0.4, 12.0, 11.0), _seed(3))
    lag = np.corrcoef(weather.cloudiness[:-1], weather.cloudiness[1:])[0, 1]
    assert 0.25 < lag < 0.6
    assert weather.cloudiness.mean() == pytest.approx(0.4, abs=0.08)
    ours, theirs = weather.sky.over_house(0), weather.sky.over_house(1)
    assert 0.8 < np.corrcoef(ours, theirs)[0, 1] < 0.999
    daily = ours.reshape(-1, CELLS_PER_DAY).mean(axis=1)
    assert 0.2 < (daily / daily.max() < 0.5).mean() < 0.45


def test_climate_load_is_what_its_expectation_says() -> None:
    home = draw_home(np.random.default_rng(1), 1.0, 0.0, 260.0)
    rng = np.random.default_rng(2)
    felt = 24.0 + 5.0 * rng.standard_normal(200_000)
    kw = climate.hvac_kw(home, felt, felt, np.arange(200_000) / 12, np.zeros(200_000))
    expected = climate.expected_kwh_per_day(home, np.array([24.0]), 5.0)
    assert kw.mean() * 24 == pytest.approx(expected, rel=0.02)
