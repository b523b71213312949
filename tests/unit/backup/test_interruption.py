"""Which alarms tell a house about its own outage."""

import pytest

from p2p_cosim.backup import concerns
from p2p_cosim.core.types import Alarm, HouseSite

SITE = HouseSite("house_1", "675", "B", "service_2")


@pytest.mark.parametrize(
    ("place_kind", "place", "told"),
    [
        ("house", "house_1", True),
        ("house", "house_2", False),
        ("transformer", "service_2", True),
        ("transformer", "service_1", False),
        ("lateral", "671-692", True),
        ("phase", "B", True),
        ("feeder", "ieee13", True),
    ],
)
def test_an_alarm_concerns_the_house_its_transformer_or_something_wider(place_kind, place, told):
    assert concerns(Alarm(3, "any", place, "test", place_kind), SITE) is told


def test_an_all_clear_that_comes_late_tells_a_dark_house_nothing():
    assert not concerns(Alarm(3, "house_restored", "house_1", "test"), SITE)
