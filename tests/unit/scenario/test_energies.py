"""Limits of orders and meters against the interval and the profiles."""

from __future__ import annotations

import numpy as np
import pytest

from p2p_cosim.core.errors import ScenarioError
from p2p_cosim.scenario import Scenario, build_profiles
from p2p_cosim.scenario.schema import MarketSection

SEED = np.random.SeedSequence(0)


@pytest.mark.parametrize(
    ("interval_min", "least_wh"), [(1, 1), (2, 1), (5, 3), (15, 10), (30, 20), (60, 40)]
)
def test_the_least_order_is_the_same_power_in_every_interval(
    interval_min: int, least_wh: int
) -> None:
    assert MarketSection().least_order_wh(interval_min * 60) == least_wh
    assert MarketSection(min_order_wh=7).least_order_wh(interval_min * 60) == 7


def test_a_default_above_the_limit_is_told() -> None:
    with pytest.raises(ScenarioError, match="40 exceeds max_order_wh 30"):
        Scenario(name="x").replace(interval_min=60, max_order_wh=30)


@pytest.mark.parametrize(
    ("own", "energy_wh"),
    [
        ({"load_kw": 6.0, "pv_kw": 0.0}, 1500),
        ({"load_kw": 0.0, "pv_kw": 6.0}, 1500),
        ({"load_kw": 6.0, "pv_kw": 5.0}, 1500),  # as it draws when its inverter has tripped
    ],
)
def test_a_meter_beyond_the_limit_is_found_before_the_run(
    own: dict[str, float], energy_wh: int
) -> None:
    base = Scenario(name="x").replace(count=3, load_kwh_per_day=1, pv_share=0, ticks=4)
    changes = {f"traders.house_2.{field}": value for field, value in own.items()}
    fits = base.replace({**changes, "max_order_wh": energy_wh})
    build_profiles(fits, SEED)
    with pytest.raises(ScenarioError) as caught:
        build_profiles(fits.replace(max_order_wh=energy_wh - 1), SEED)
    told = str(caught.value)
    assert f"market.max_order_wh: {energy_wh - 1} is below the {energy_wh} Wh" in told
    assert "house_2" in told
    assert f"raise it to {energy_wh}" in told
