from p2p_cosim.core.types import Alarm, AlertKind, BackupOffer, Feed, Seller, event_id
from p2p_cosim.notify import AlertDesk, Shelf

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
    told = run(AlertDesk("run"), [OUTAGE], [RESTORED])
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


def test_alarms_about_no_single_house_tell_nobody():
    alarms = [Alarm(4, "slg", "A", "test", place_kind="phase")]
    assert AlertDesk("run").alerts(4, alarms) == ()
