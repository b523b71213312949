"""A battery that carries a house while it is dark, and charges when it is not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from p2p_cosim.core.types import Power, Step
from p2p_cosim.houses import BackupBattery

HOUR_S = 3600


def giving_kw(battery, need_kw, seconds):
    return -battery.draw(Step(0, seconds), 0.0, Power(-need_kw)).p_kw


def charging_kw(battery, seconds):
    return battery.draw(Step(0, seconds), 1.0).p_kw


def test_it_gives_what_is_needed_until_it_is_empty():
    battery = BackupBattery(energy_wh=5000, power_kw=3, stored_wh=2500)
    assert giving_kw(battery, 2.0, HOUR_S) == 2.0
    battery = battery.after(Power(-2.0), HOUR_S)
    assert battery.stored_wh == 500
    assert giving_kw(battery, 2.0, HOUR_S) == 0.5
    assert giving_kw(battery.after(Power(-0.5), HOUR_S), 2.0, HOUR_S) == 0


def test_it_gives_and_takes_no_more_than_its_power():
    battery = BackupBattery(energy_wh=5000, power_kw=3, stored_wh=1000)
    assert giving_kw(battery, 8.0, 60) == 3
    assert charging_kw(battery, 60) == 3


def test_charging_loses_what_the_efficiency_says():
    empty = BackupBattery(energy_wh=900, power_kw=3, stored_wh=0, efficiency=0.9)
    assert charging_kw(empty, HOUR_S) == pytest.approx(1.0)
    assert empty.after(Power(0.5), HOUR_S).stored_wh == pytest.approx(450)
    full = empty.after(Power(charging_kw(empty, HOUR_S)), HOUR_S)
    assert full.stored_wh == pytest.approx(900)
    assert charging_kw(full, HOUR_S) == pytest.approx(0, abs=1e-12)


@given(
    energy_wh=st.floats(1, 1e5),
    power_kw=st.floats(0.1, 100),
    share=st.floats(0, 1),
    efficiency=st.floats(0.5, 1),
    steps=st.lists(st.one_of(st.none(), st.floats(0, 50)), max_size=30),
    interval_s=st.sampled_from([60, 900, 3600]),
)
def test_it_never_holds_less_than_nothing_or_more_than_it_can(
    energy_wh, power_kw, share, efficiency, steps, interval_s
):
    battery = BackupBattery(energy_wh, power_kw, share * energy_wh, efficiency)
    taken_wh = given_wh = 0.0
    first_wh = battery.stored_wh
    for need_kw in steps:
        if need_kw is None:
            p_kw = charging_kw(battery, interval_s)
            taken_wh += p_kw * interval_s / 3.6
        else:
            p_kw = -giving_kw(battery, need_kw, interval_s)
            assert -p_kw <= need_kw
            given_wh -= p_kw * interval_s / 3.6
        assert abs(p_kw) <= power_kw
        battery = battery.after(Power(p_kw), interval_s)
        assert 0 <= battery.stored_wh <= energy_wh
    stored = first_wh + taken_wh * efficiency - given_wh
    assert battery.stored_wh == pytest.approx(stored, abs=1e-6 * energy_wh)
