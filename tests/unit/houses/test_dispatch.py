"""What a house bought and sold moves its devices."""

import numpy as np
import pytest

import p2p_cosim as p2p
from p2p_cosim.core.errors import PluginError
from p2p_cosim.core.types import Feed, Power, Step
from p2p_cosim.houses import Battery, ElectricVehicle, HeatPump, House, Load

STEP = Step(0, 900.0)


def house(*devices, load_kw=1.0):
    return House("house_1", [Load(np.full(4, load_kw)), *devices])


def battery(**changes):
    return Battery(**{"energy_wh": 10_000, "power_kw": 5, "stored_wh": 5_000} | changes)


def car(**changes):
    fields = {"plugged": np.ones(9, dtype=bool), "driving_kw": np.zeros(9), "interval_s": 900}
    fields |= {"energy_wh": 50_000, "power_kw": 4, "required_wh": 20_000, "stored_wh": 30_000}
    return ElectricVehicle(**fields | changes)


@pytest.mark.parametrize(
    ("contracted_kw", "drawn_kw"), [(0.0, 0.0), (-4.0, -4.0), (-9.0, -4.0), (3.0, 3.0), (9.0, 6.0)]
)
def test_a_battery_keeps_the_house_to_its_position_within_its_power(contracted_kw, drawn_kw):
    assert house(battery()).draw(STEP, None, contracted_kw).p_kw == pytest.approx(drawn_kw)


def test_a_battery_covers_the_need_until_it_is_empty():
    assert house(battery(stored_wh=0.0)).draw(STEP).p_kw == 1.0


def test_a_car_moves_for_what_was_sold_and_not_for_a_need():
    home = house(battery(stored_wh=0.0), car())
    assert home.draw(STEP).p_kw == 1.0
    assert home.draw(STEP, None, -2.0).p_kw == pytest.approx(-2.0)  # and 1 kW of its own
    assert home.draw(STEP, None, 0.5).p_kw == 1.0
    assert house(battery(), car()).draw(STEP, None, -7.0).p_kw == pytest.approx(-7.0)


def test_a_car_charges_what_was_bought_and_nobody_freezes_for_a_bid_without_a_seller():
    waiting = house(car(waits=True))
    assert waiting.draw(STEP).p_kw == 1.0
    assert waiting.draw(STEP, None, 3.0).p_kw == pytest.approx(3.0)
    warm = HeatPump(outdoor_c=np.zeros(4), interval_s=900, indoor_c=20.25, power_kw=4)
    untold_kw = warm.draw(STEP, 1.0).p_kw
    assert house(warm).draw(STEP).p_kw == pytest.approx(1.0 + untold_kw)
    assert house(warm).draw(STEP, None, 1.0).p_kw == pytest.approx(1.0 + untold_kw)
    assert house(warm).draw(STEP, None, -1.0).p_kw == 1.0  # it sold, and is still comfortable


def test_flows_are_those_of_the_position_and_move_the_state():
    home = house(battery(), car())
    drawn = home.draw(STEP, None, -7.0)
    flows = home.flows(STEP, Feed.DROP, drawn, None, -7.0)
    assert [flow.p_kw for flow in flows.devices] == pytest.approx([1.0, -5.0, -3.0])
    home.advance(STEP, flows)
    assert home.devices[1].stored_wh == pytest.approx(5_000 - 1250 / 0.95)
    assert flows.forecast_load_kw == 1.0


def test_where_the_loads_cannot_make_up_for_what_the_engine_draws_all_change():
    home = house(battery())
    flows = home.flows(STEP, Feed.DROP, Power(4.0), None, 6.0)
    assert [flow.p_kw for flow in flows.devices] == pytest.approx([4 / 6, 20 / 6])


def test_a_range_that_is_none_is_refused():
    class Wrong(p2p.Device):
        name = kind = "wrong"

        def expected_kw(self, step):
            return 0.0

        def range_kw(self, step):
            return (1.0, float("nan"))

        def draw(self, step, v_pu, told=None):
            return p2p.Power(0.0)

    with pytest.raises(PluginError, match="range_kw"):
        house(Wrong()).draw(STEP)
