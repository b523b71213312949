import math

import numpy as np
import pytest

from p2p_cosim.testing import ConformanceError, check_answer


@pytest.mark.parametrize("given", [0.25, np.float64(0.25), 0.25 * (1 + 5e-7)])
def test_the_right_number_passes(given):
    check_answer("the price in EUR/kWh", given, 0.25)


@pytest.mark.parametrize(
    ("given", "why"),
    [
        (0.5, "too high by 1 of the right one"),
        (0.2, "too low by 0.2 of the right one"),
        (math.nan, "the answer is nan"),
        (..., "the answer is a ellipsis"),
        (True, "the answer is a bool"),
        ("0.25", "the answer is a str"),
    ],
)
def test_a_wrong_one_is_told_without_the_right_one(given, why):
    with pytest.raises(ConformanceError, match=why) as caught:
        check_answer("the price in EUR/kWh", given, 0.25)
    assert "0.25" not in str(caught.value).replace("price in EUR/kWh", "")


def test_next_to_nothing_the_difference_counts():
    check_answer("the imbalance in Wh", 0, 0.0)
    with pytest.raises(ConformanceError, match="too high by 1"):
        check_answer("the imbalance in Wh", 1, 0.0)
