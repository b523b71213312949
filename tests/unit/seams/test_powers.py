"""What a device may draw."""

import numpy as np
import pytest

from p2p_cosim.core.errors import PluginError
from p2p_cosim.core.types import Power, Step
from p2p_cosim.houses import House
from p2p_cosim.seams import checked_kw, checked_power


class Mine:
    """A plug-in of somebody's."""


@pytest.mark.parametrize(
    ("returned", "told"),
    [
        (None, "draw: None: expected a p2p_cosim.Power"),
        (3.0, "draw: 3.0 (float): expected a p2p_cosim.Power"),
        (Power(float("nan")), "draw.p_kw: nan (float): expected a number of kW"),
        (Power("1"), "draw.p_kw: '1' (str): expected a number of kW"),
        (Power(0.0, float("inf")), "draw.q_kvar: inf (float): expected a number of kvar"),
    ],
)
def test_what_a_device_draws_is_a_power(returned, told):
    class Heater:
        name = kind = "heater"
        stored_wh = None

        def draw(self, step, v_pu, told=None):
            return returned

    with pytest.raises(PluginError) as caught:
        House("house_7", [Heater()]).draw(Step(3, 900.0))
    assert str(caught.value).startswith(f"device {__name__}:Heater of house_7, tick 3: {told}")


def test_whole_and_numpy_powers_are_powers():
    assert checked_power("house_7", Mine(), Step(3, 900.0), Power(1, np.float32(0.5))) == Power(
        1.0, 0.5
    )
    assert checked_kw("house_7", Mine(), Step(3, 900.0), "expected_kw", np.int64(2)) == 2.0
