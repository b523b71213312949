import pytest

from p2p_cosim.core.types import AlertKind, Feed
from p2p_cosim.notify.messages import display_name, to_homeowner, to_substation

LINK = "https://example.org/p2p"


def test_the_two_texts_word_for_word(alert):
    two = alert(1, sellers=("house_2", "house_3"))
    assert to_substation(two) == (
        "Alert: A fault has been detected at House 1. Please initiate rectification procedures."
    )
    assert to_homeowner(two, "[link-to-dapp]") == (
        "A fault has been detected at your house. You can buy backup power from House 2 or "
        "House 3 on our trading platform: [link-to-dapp]."
    )


@pytest.mark.parametrize(
    ("sellers", "named"),
    [
        (("house_2",), "from House 2 on"),
        (("house_2", "house_3"), "from House 2 or House 3 on"),
        (("house_2", "house_3", "house_10"), "from House 2, House 3 or House 10 on"),
    ],
)
def test_any_number_of_sellers_reads_well(alert, sellers, named):
    assert named in to_homeowner(alert(sellers=sellers), LINK)


def test_who_cannot_buy_is_told_so(alert):
    nobody = to_homeowner(alert(sellers=()), LINK)
    assert "Nobody can sell you backup power at the moment" in nobody
    assert LINK in nobody
    dark = to_homeowner(alert(path=Feed.NONE), LINK)
    assert "stays without power until the repair" in dark
    battery = to_homeowner(alert(path=Feed.BATTERY, sellers=()), LINK)
    assert "Your battery supplies it" in battery
    assert LINK not in dark + battery


def test_the_all_clear_names_the_house_to_those_who_repair(alert):
    back = alert(7, kind=AlertKind.RESTORED)
    assert to_substation(back) == "All clear: House 7 has supply again."
    assert to_homeowner(back, LINK) == "All clear: your house has supply again."


def test_display_names_stay_as_they_are():
    assert display_name("house_12") == display_name(display_name("house_12")) == "House 12"
