import pytest
from hypothesis import given
from hypothesis import strategies as st

from p2p_cosim.core.types import Alarm, AlertKind, BackupOffer, Feed, Seller, event_id
from p2p_cosim.notify import AlertDesk, Shelf
from p2p_cosim.notify.causes import Element, messages_a_tick

OUTAGE, RESTORED = "house_outage", "house_restored"


def run(desk, *ticks):
    """Each tick as the kinds of alarm that house_1 raises in it; what the desk makes of them."""
    return [
        [
            (str(alert.kind), alert.suppressed)
            for alert in desk.alerts(tick, [Alarm(tick, kind, "house_1", "test") for kind in kinds])
        ]
        for tick, kinds in enumerate(ticks)
    ]


def test_an_outage_is_told_at_once_and_the_return_once_it_lasts():
    told = run(AlertDesk("run", restore_delay_ticks=2), [OUTAGE], [], [RESTORED], [], [], [])
    assert told == [[("outage", "")], [], [], [], [("restored", "")], []]


def test_without_a_delay_the_return_is_told_at_once():
    told = run(AlertDesk("run", restore_delay_ticks=0), [OUTAGE], [RESTORED])
    assert told == [[("outage", "")], [("restored", "")]]


def test_a_house_that_flaps_is_told_once_each_way_and_the_rest_is_counted():
    flaps = [[RESTORED], [OUTAGE]] * 3
    told = run(AlertDesk("run", restore_delay_ticks=1), [OUTAGE], *flaps, [RESTORED], [])
    dropped = [("restored", "flapping"), ("outage", "flapping")]
    assert told == [[("outage", "")], *([[], dropped] * 3), [], [("restored", "")]]


def test_a_shelved_outage_is_told_when_the_shelf_ends_if_it_still_stands():
    desk = AlertDesk("run", shelves=[Shelf("house_1", 0, 3)])
    assert run(desk, [OUTAGE], [], [], []) == [[], [], [], [("outage", "")]]


def test_what_begins_and_ends_on_the_shelf_is_told_to_nobody():
    desk = AlertDesk("run", shelves=[Shelf("house_1", 0, 9)])
    told = run(desk, [OUTAGE], [RESTORED], [], [])
    assert told == [[], [("outage", "shelved"), ("restored", "shelved")], [], []]


def test_a_shelf_holds_one_house_alone():
    desk = AlertDesk("run", shelves=[Shelf("house_2", 0, 9)])
    assert run(desk, [OUTAGE]) == [[("outage", "")]]


def test_what_was_told_last_is_true_in_the_end_whatever_happens():
    """Every pattern of six ticks, with a shelf in the middle: told is what is."""
    for pattern in range(2**6):
        desk = AlertDesk("run", restore_delay_ticks=1, shelves=[Shelf("house_1", 2, 4)])
        dark, last, ticks = False, "restored", []
        for tick in range(6):
            now = bool(pattern >> tick & 1)
            ticks.append([] if now == dark else [OUTAGE if now else RESTORED])
            dark = now
        for told in run(desk, *ticks, [], []):
            last = next((kind for kind, suppressed in told if not suppressed), last)
        assert last == ("outage" if dark else "restored"), f"{pattern:06b}"


def test_the_identity_of_an_event_is_run_house_tick_and_kind():
    desk, other = AlertDesk("run", 1), AlertDesk("another", 1)
    alarm = Alarm(4, OUTAGE, "house_1", "test")
    (alert,) = desk.alerts(4, [alarm])
    assert alert.event_id == event_id("run", "house_1", 4, AlertKind.OUTAGE)
    assert alert.event_id != other.alerts(4, [alarm])[0].event_id
    assert len(alert.event_id) == 32
    desk.alerts(5, [Alarm(5, RESTORED, "house_1", "test")])
    (back,) = desk.alerts(6, [])
    assert (back.alarm_tick, back.tick) == (5, 6)
    assert back.event_id == event_id("run", "house_1", 5, AlertKind.RESTORED)


def test_the_offer_of_the_tick_goes_with_the_alert():
    offer = BackupOffer(4, "house_1", Feed.TIE, (Seller("house_3", 50, 900),))
    alarms = [Alarm(4, OUTAGE, "house_1", "test"), Alarm(4, OUTAGE, "house_2", "test")]
    first, second = AlertDesk("run").alerts(4, alarms, [offer])
    assert (first.path, first.sellers) == (Feed.TIE, ("house_3",))
    assert (second.path, second.sellers) == (Feed.NONE, ())


def test_an_alarm_about_no_house_tells_nobody_unless_a_house_is_dark():
    alarms = [Alarm(4, "slg", "A", "test", place_kind="phase")]
    assert AlertDesk("run").alerts(4, alarms) == ()
    told = AlertDesk("run").alerts(4, alarms, [BackupOffer(4, "house_1", Feed.NONE)])
    assert [(alert.house, alert.kind, alert.suppressed) for alert in told] == [
        ("house_1", AlertKind.OUTAGE, "")
    ]


def test_a_return_whose_outage_nobody_was_told_is_told_to_nobody():
    assert run(AlertDesk("run", 0), [RESTORED], []) == [[("restored", "untold")], []]


def test_an_outage_and_a_return_in_one_tick_are_a_flap():
    flap = [("outage", "flapping"), ("restored", "flapping")]
    assert run(AlertDesk("run", 0), [OUTAGE, RESTORED], []) == [flap, []]


def houses(*numbers):
    return [f"house_{number}" for number in numbers]


def element(kind, name, *numbers):
    return Element(kind, name, frozenset(houses(*numbers)))


ELEMENTS = (
    element("feeder", "ieee13", *range(1, 9)),
    element("lateral", "671-692", 1, 2, 3, 4),
    element("transformer", "service_1", 1, 2),
    element("transformer", "service_2", 3, 4),
)


def alarms(tick, kind, numbers, **named):
    return [Alarm(tick, kind, house, "test", **named) for house in houses(*numbers)]


def notices(alerts):
    """By notice, what it is about and the numbers of its houses."""
    found = {}
    for alert in alerts:
        assert not alert.suppressed
        key = (alert.notice_id, str(alert.kind), alert.element_kind, alert.element)
        found.setdefault(key, []).append(int(alert.house.removeprefix("house_")))
    assert len({key[0] for key in found}) == len(found)
    return [(*key[1:], numbers) for key, numbers in found.items()]


@pytest.mark.parametrize(
    ("lost", "told"),
    [
        (range(1, 9), [("feeder", "ieee13", [1, 2, 3, 4, 5, 6, 7, 8])]),
        ([1, 2, 3, 4], [("lateral", "671-692", [1, 2, 3, 4])]),
        ([1, 2], [("transformer", "service_1", [1, 2])]),
        ([1, 2, 3], [("transformer", "service_1", [1, 2]), ("house", "house_3", [3])]),
        (
            [1, 3, 5],
            [("house", "house_1", [1]), ("house", "house_3", [3]), ("house", "house_5", [5])],
        ),
    ],
)
def test_houses_of_a_tick_behind_one_dark_element_are_one_notice(lost, told):
    desk = AlertDesk("run", 0, elements=ELEMENTS)
    found = notices(desk.alerts(4, alarms(4, OUTAGE, lost)))
    assert sorted(found) == sorted([("outage", *one) for one in told])


def test_houses_that_were_dark_before_are_not_told_again_but_count_as_dark():
    desk = AlertDesk("run", 0, elements=ELEMENTS)
    desk.alerts(4, alarms(4, OUTAGE, [1]))
    found = notices(desk.alerts(5, alarms(5, OUTAGE, [2, 3, 4])))
    assert found == [("outage", "lateral", "671-692", [2, 3, 4])]


@pytest.mark.parametrize(
    ("place_kind", "place", "grouped"),
    [
        ("transformer", "service_1", [1, 2]),
        ("lateral", "671-692", [1, 2, 3]),
        ("lateral", "service_1,service_2", [1, 2, 3]),
        ("phase", "A", [1, 2, 3, 5]),
        ("feeder", "ieee13", [1, 2, 3, 5]),
        ("regulator", "reg1", []),
    ],
)
def test_an_alarm_that_names_an_element_groups_the_dark_houses_behind_it(
    place_kind, place, grouped
):
    desk = AlertDesk("run", 0, elements=ELEMENTS[1:])
    group = Alarm(4, "lateral_open", place, "test", place_kind=place_kind)
    offers = [BackupOffer(4, house, Feed.NONE) for house in houses(1, 2, 3, 5)]
    found = notices(desk.alerts(4, [group], offers))
    about = [one for one in found if one[2] == place]
    assert [one[3] for one in about] == ([grouped] if grouped else [])
    assert sorted(n for one in found for n in one[3]) == [1, 2, 3, 5]


def test_the_all_clear_of_a_notice_is_one_and_answers_it():
    desk = AlertDesk("run", 0, elements=ELEMENTS)
    lost = desk.alerts(4, alarms(4, OUTAGE, [1, 2, 3, 4]))
    first = desk.alerts(6, alarms(6, RESTORED, [1, 2]))
    last = desk.alerts(7, alarms(7, RESTORED, [3, 4]))
    assert notices(first) == [("restored", "lateral", "671-692", [1, 2])]
    assert notices(last) == [("restored", "lateral", "671-692", [3, 4])]
    (answer,) = {alert.answers for alert in first}
    assert (answer.notice_id, answer.tick) == (lost[0].notice_id, 4)
    assert (answer.houses, answer.still_dark) == (4, 2)
    assert {alert.answers.still_dark for alert in last} == {0}


def test_a_flood_is_one_message_more_and_no_house_is_left_out():
    desk = AlertDesk("run", 0, elements=ELEMENTS[2:], notices_a_tick=10)
    lost = [1, 2, *range(11, 41)]
    found = notices(desk.alerts(4, alarms(4, OUTAGE, lost)))
    assert len(found) == 10
    assert sorted(n for one in found for n in one[3]) == lost
    assert ("outage", "transformer", "service_1", [1, 2]) in found  # the largest stays alone
    (rest,) = [one for one in found if one[1] == "several"]
    assert len(rest[3]) == 22


@given(
    st.sampled_from([60, 120, 180, 240, 300, 360, 600, 720, 900, 1200, 1800, 3600]),
    st.lists(st.sets(st.integers(1, 40)), min_size=1, max_size=40),
)
def test_ten_minutes_hold_at_most_ten_messages_and_what_was_told_becomes_true(interval_s, darks):
    desk = AlertDesk("run", 0, elements=ELEMENTS, notices_a_tick=messages_a_tick(interval_s))
    dark, sent, last = set(), [], {}
    for tick, now in enumerate([*darks, *[darks[-1]] * 2]):
        raised = [
            *alarms(tick, OUTAGE, sorted(now - dark)),
            *alarms(tick, RESTORED, sorted(dark - now)),
        ]
        told = [alert for alert in desk.alerts(tick, raised) if not alert.suppressed]
        dark = now
        sent.append(len(notices(told)))
        last |= {alert.house: alert.kind for alert in told}
    window = max(1, 600 // interval_s)
    assert max(sum(sent[i : i + window]) for i in range(len(sent))) <= 10
    assert {house for house, kind in last.items() if kind == "outage"} == set(houses(*dark))
