"""The simulator as mosaik calls it, without mosaik: what is set is drawn, told and traded."""

import pytest

import p2p_cosim as p2p
from p2p_cosim.core.errors import InputError
from p2p_cosim.mosaik import HOUSE, MARKET, Simulator

ATTRIBUTES = ["p_set_kw", "p_kw", "v_pu", "position_wh"]


@pytest.fixture
def simulator():
    made = Simulator()
    meta = made.init("P2P-0", time_resolution=60.0, scenario="three_houses")
    assert set(meta["models"]) == {HOUSE, MARKET}
    yield made
    made.finalize()


def houses_of(simulator, time, set_kw=None):
    inputs = {"house_2": {"p_set_kw": set_kw}} if set_kw else {}
    following = simulator.step(time, inputs, 240)
    entities = ["house_1", "house_2", "house_3"]
    return following, simulator.get_data(dict.fromkeys(entities, ATTRIBUTES))


def test_a_run_that_nobody_steers_is_the_run(simulator, tmp_path):
    created = simulator.create(2, HOUSE) + simulator.create(1, HOUSE)
    assert [each["eid"] for each in created] == ["house_1", "house_2", "house_3"]
    assert simulator.create(1, MARKET) == [{"eid": "market", "type": MARKET}]
    alone = p2p.run(p2p.load("three_houses"), out=tmp_path)
    following = 0
    for tick in range(4):
        assert following == 60 * tick  # intervals of an hour, steps of a minute
        following, told = houses_of(simulator, 60 * tick)
        of_tick = alone.households[alone.households["tick"] == tick].set_index("house")
        for house, answers in told.items():
            assert answers["p_set_kw"] == 0.0
            assert answers["p_kw"] == pytest.approx(of_tick.loc[house, "p_kw"])
            assert answers["position_wh"] == of_tick.loc[house, "contracted_wh"]
        market = simulator.get_data({"market": ["price_eur_per_kwh", "energy_wh"]})["market"]
        row = alone.market.set_index("tick").loc[tick]
        assert market["energy_wh"] == row["energy_wh"]
        assert (market["price_eur_per_kwh"] is None) == (row["energy_wh"] == 0)
    assert following == 240
    with pytest.raises(IndexError, match="all are run"):
        simulator.step(240, {}, 300)


def test_what_is_set_is_drawn_seen_and_traded_and_stays(simulator):
    simulator.create(3, HOUSE)
    _, before = houses_of(simulator, 0)
    other = Simulator()
    other.init("P2P-1", time_resolution=60.0, scenario="three_houses")
    _, after = houses_of(other, 0, {"A.b": 2.0, "C.d": 0.5})
    assert after["house_2"]["p_set_kw"] == 2.5
    assert after["house_2"]["p_kw"] == pytest.approx(before["house_2"]["p_kw"] + 2.5)
    assert after["house_2"]["v_pu"] < before["house_2"]["v_pu"]
    assert after["house_2"]["position_wh"] > before["house_2"]["position_wh"]  # it sells less
    _, later = houses_of(other, 60)
    assert later["house_2"]["p_set_kw"] == 2.5
    other.finalize()


def test_what_does_not_fit_is_refused(simulator):
    with pytest.raises(InputError, match="4 more of House were asked for and 3 of 3 are left"):
        simulator.create(4, HOUSE)
    with pytest.raises(InputError, match="3600 s is no whole number of steps of 7 s"):
        Simulator().init("P2P-1", time_resolution=7.0, scenario="three_houses")
