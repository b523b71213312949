import pytest
from hypothesis import given
from hypothesis import strategies as st

from p2p_cosim.core import units


@pytest.mark.parametrize(
    ("p_kw", "interval_s", "energy_wh"),
    [
        (1.0, 3600, 1000),
        (2.3, 900, 575),  # 574.9999999999999 in binary
        (0.0009, 3600, 0),
        (-0.0019, 3600, -1),
        (-4.0, 900, -1000),
        (0.0, 900, 0),
    ],
)
def test_energy_rounds_towards_zero(p_kw, interval_s, energy_wh):
    assert units.energy_wh_down(p_kw, interval_s) == energy_wh


@given(st.floats(-1e4, 1e4), st.sampled_from([60, 300, 900, 3600]))
def test_energy_never_exceeds_what_flows_and_misses_less_than_a_watt_hour(p_kw, interval_s):
    exact = abs(p_kw) * 1000 * interval_s / 3600
    energy_wh = abs(units.energy_wh_down(p_kw, interval_s))
    assert exact - 1 <= energy_wh <= exact + 1e-6


@pytest.mark.parametrize(
    ("p_kw", "energy_wh"), [(1.9999999, 2000), (-1.9999999, -2000), (0.0004, 0), (0.0006, 1)]
)
def test_meters_round_to_the_nearest(p_kw, energy_wh):
    assert units.whole_wh(units.energy_wh(p_kw, 3600)) == energy_wh


@pytest.mark.parametrize("p_kw", [float("nan"), float("inf")])
def test_energy_of_a_power_that_is_not_finite_is_refused(p_kw):
    with pytest.raises(ValueError, match="not finite"):
        units.energy_wh_down(p_kw, 900)
    with pytest.raises(ValueError, match="not finite"):
        units.whole_wh(units.energy_wh(p_kw, 900))


def test_decimal_prices_are_exact():
    assert units.price_wei_per_wh_down(0.30, 2500) == 120_000_000_000
    assert units.price_wei_per_wh_down(0.08, 2500) == 32_000_000_000
    assert units.wei_down(100, 2500) == 40_000_000_000_000_000


@given(st.floats(0, 10), st.floats(1, 1e5))
def test_price_rounds_down_by_less_than_one_wei(eur_per_kwh, eur_per_ether):
    price = units.price_wei_per_wh_down(eur_per_kwh, eur_per_ether)
    back = units.eur_per_kwh_of(price, eur_per_ether)
    one_wei = units.eur_per_kwh_of(1, eur_per_ether)
    assert back <= eur_per_kwh * (1 + 1e-12)
    assert back > eur_per_kwh * (1 - 1e-12) - one_wei


def test_power_of_an_energy_inverts_energy_of_a_power():
    assert units.p_kw_of(units.energy_wh_down(3.6, 900), 900) == pytest.approx(3.6)
