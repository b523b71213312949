from dataclasses import replace

import pytest

from p2p_cosim.core.types import AlertKind, Answer, Feed
from p2p_cosim.notify.messages import TEXT_LIMIT, display_name, to_homeowner, to_substation

LINK = "https://example.org/p2p"
PLEASE = "Please initiate rectification procedures."


def about(alerts, kind, element):
    """The alerts as one notice about an element."""
    return [replace(a, notice_id="0" * 32, element_kind=kind, element=element) for a in alerts]


def test_the_two_texts_word_for_word(alert, clock):
    two = alert(1, sellers=("house_2", "house_3"))
    assert to_substation([two], clock) == (
        "Alert: A fault has been detected at House 1. Please initiate rectification procedures."
    )
    assert to_homeowner(two, "[link-to-dapp]") == (
        "A fault has been detected at your house. You can buy backup power from House 2 or "
        "House 3 on our trading platform: [link-to-dapp]."
    )


def test_the_substation_gets_a_link_where_there_is_an_operators_page(alert, clock):
    url = "http://x/#/operator/{place}/{tick}"
    one = alert(1)
    link = f"Acknowledge or shelve the alarm: http://x/#/operator/house_1/{one.tick}"
    assert to_substation([one], clock, url) == f"{to_substation([one], clock)} {link}"
    line = about([alert(1), alert(2)], "phase", "671-692.A")
    assert to_substation(line, clock, url).endswith(f"/operator/671-692.A/{one.tick}")
    groups = about([alert(1), alert(2)], "lateral", "service_1,service_2")
    assert "/operator/service_1%2Cservice_2/" in to_substation(groups, clock, url)
    apart = about([alert(7), alert(9)], "several", "")
    assert "/operator/house_7/" in to_substation(apart, clock, url)
    back = alert(1, kind=AlertKind.RESTORED)
    assert to_substation([back], clock, url) == to_substation([back], clock)
    many = about([alert(i) for i in range(0, 3000, 2)], "several", "")
    long = to_substation(many, clock, url)
    assert len(long) <= TEXT_LIMIT
    assert long.endswith(f"/operator/house_0/{one.tick}")


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
    deep = to_homeowner(alert(), "http://x/#/backup/{house}/{tick}")
    assert deep.endswith(f"http://x/#/backup/house_1/{alert().tick + 1}.")
    nobody = to_homeowner(alert(sellers=()), LINK)
    assert "Nobody can sell you backup power at the moment" in nobody
    assert LINK in nobody
    dark = to_homeowner(alert(path=Feed.NONE), LINK)
    assert "stays without power until the repair" in dark
    battery = to_homeowner(alert(path=Feed.BATTERY, sellers=()), LINK)
    assert "Your battery supplies it" in battery
    assert LINK not in dark + battery


def test_the_all_clear_names_the_house_to_those_who_repair(alert, clock):
    back = alert(7, kind=AlertKind.RESTORED)
    assert to_substation([back], clock) == "All clear: House 7 has supply again."
    answer = Answer("1" * 32, 4, "house", "house_7", houses=1, still_dark=0)
    answered = replace(back, answers=answer)
    assert to_substation([answered], clock) == "All clear: House 7 has supply again."
    assert to_homeowner(back, LINK) == "All clear: your house has supply again."


def test_display_names_stay_as_they_are():
    assert display_name("house_12") == display_name(display_name("house_12")) == "House 12"


@pytest.mark.parametrize(
    ("kind", "element", "named"),
    [
        ("transformer", "service_2", "at transformer Service 2, or behind it. 3 houses"),
        ("lateral", "671-692", "at line 671-692, or behind it. 3 houses"),
        (
            "lateral",
            "service_1,service_2",
            "at what feeds the transformers Service 1 and Service 2",
        ),
        ("phase", "A", "at phase A, or behind it. 3 houses"),
        ("phase", "671-692.A", "at phase A of line 671-692, or behind it. 3 houses"),
        ("feeder", "ieee13", "at the head of the feeder, or behind it. 3 houses"),
        ("several", "", "at 3 houses in different places: House 1"),
    ],
)
def test_one_message_names_the_element_the_count_and_the_houses(alert, clock, kind, element, named):
    text = to_substation(about([alert(1), alert(2), alert(10)], kind, element), clock)
    assert text.startswith(f"Alert: A fault has been detected {named}")
    assert text.endswith(f": House 1, House 2 and House 10. {PLEASE}")


def test_a_thousand_houses_fit_into_one_message_and_each_is_named(alert, clock):
    for houses in (range(1, 1001), range(1, 1001, 2), [i for i in range(1, 1001) if i % 3]):
        text = to_substation(about([alert(i) for i in houses], "several", ""), clock)
        assert len(text) <= TEXT_LIMIT
        names = text.split("House ")[1].removesuffix(f". {PLEASE}").split(", ")
        ends = [[int(part) for part in name.split("-")] for name in names]
        assert [i for end in ends for i in range(end[0], end[-1] + 1)] == list(houses)


def test_the_all_clear_refers_to_its_alarm_and_tells_what_is_left(alert, clock):
    answer = Answer("1" * 32, 4, "transformer", "service_2", houses=6, still_dark=4)
    back = [replace(alert(i, kind=AlertKind.RESTORED), answers=answer) for i in (1, 2)]
    assert to_substation(back, clock) == (
        "All clear: 2 houses have supply again: House 1 and House 2. This answers the alert of "
        "2024-06-21 01:15 at transformer Service 2; 4 of its 6 houses are still without supply."
    )
    last = replace(back[0], answers=replace(answer, still_dark=0))
    assert to_substation([last], clock) == (
        "All clear: House 1 has supply again. This answers the alert of 2024-06-21 01:15 at "
        "transformer Service 2; no house of it is without supply any more."
    )


def test_an_all_clear_of_many_alarms_names_their_times(alert, clock):
    back = [
        replace(
            alert(i, kind=AlertKind.RESTORED),
            answers=Answer(f"{i:032x}", i, "house", f"house_{i}", houses=1, still_dark=0),
        )
        for i in range(1, 6)
    ]
    text = to_substation(about(back, "several", ""), clock)
    assert text.endswith("This answers 5 alerts, of 2024-06-21 00:30 to 2024-06-21 01:30.")


def test_a_text_is_never_longer_than_a_message_may_be(alert):
    assert len(to_homeowner(alert(sellers=("s" * 5000,)), LINK)) == TEXT_LIMIT
