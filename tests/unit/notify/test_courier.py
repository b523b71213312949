"""Delivery: at least once, one at a time, without the caller waiting."""

import threading
from collections import Counter

import pytest

from p2p_cosim.notify import Outbox, OutboxNotifier, Receipts, State, WebhookNotifier
from p2p_cosim.notify.courier import (
    LONGEST_ASKED_S,
    Backoff,
    Courier,
    RefusedError,
    RejectedError,
    TryAgainError,
)
from p2p_cosim.notify.webhook import Webhook

QUICK = Backoff(attempts=6, first_s=0.01, most_s=0.02)


@pytest.fixture
def deliver(token, tmp_path):
    """Sends notices to a receiver, to the end; returns the courier and the receipts."""

    def run(url, notices, backoff=QUICK):
        receipts = Receipts(tmp_path)
        courier = Courier(Webhook(url, token).post, receipts, backoff)
        courier.send(notices)
        courier.wait(30)
        assert courier.close(10)
        return courier, receipts

    return run


def test_a_burst_arrives_once_each_in_order_and_one_at_a_time(receiver, deliver, notice):
    server = receiver(202, delay_s=0.005)
    notices = [notice(house) for house in range(1, 51)]
    courier, receipts = deliver(server.url, notices)
    assert server.arrived == [one.event_id for one in notices]
    assert server.most_at_once == 1
    assert receipts.states().keys() == set(server.arrived)
    assert (courier.waiting, courier.failure, courier.rejections) == (0, None, [])


def test_trouble_is_tried_again_until_it_passes(receiver, deliver, notice):
    server = receiver(500, "drop", 503, 429, 200)
    courier, receipts = deliver(server.url, [notice(1), notice(2)])
    assert Counter(server.arrived) == {notice(1).event_id: 5, notice(2).event_id: 1}
    assert len(receipts.states().keys()) == 2
    assert courier.failure is None


def test_a_notice_given_up_ends_the_delivery_and_the_rest_waits(receiver, deliver, notice):
    server = receiver(500)
    courier, receipts = deliver(server.url, [notice(1), notice(2)], Backoff(3, 0.01))
    assert server.arrived == [notice(1).event_id] * 3
    assert "given up after 3 attempts" in str(courier.failure)
    assert (courier.waiting, receipts.states().keys()) == (2, set())


def test_a_refusal_ends_the_delivery_at_once(receiver, deliver, notice):
    server = receiver(403)
    courier, _ = deliver(server.url, [notice(1), notice(2)])
    assert len(server.arrived) == 1
    assert isinstance(courier.failure, RefusedError)
    assert courier.waiting == 2


def test_a_rejected_notice_is_reported_and_the_next_goes_on(receiver, deliver, notice):
    server = receiver(400, 200)
    courier, receipts = deliver(server.url, [notice(1), notice(2)])
    assert [notice(1).event_id in str(error) for error in courier.rejections] == [True]
    assert receipts.states().keys() == {notice(2).event_id}


def test_a_bug_in_a_post_ends_the_wait_too(tmp_path, notice):
    def broken(_notice):
        raise ZeroDivisionError

    courier = Courier(broken, Receipts(tmp_path))
    courier.send([notice(1)])
    courier.wait(10)
    assert "ZeroDivisionError" in str(courier.failure)


def test_the_wait_doubles_up_to_its_bound():
    waits = [Backoff(first_s=0.5, most_s=3).wait_s(attempt) for attempt in (1, 2, 3, 4, 5000)]
    assert waits == [0.5, 1.0, 2.0, 3, 3]


@pytest.mark.parametrize("status", [429, 503])
def test_a_receiver_that_asks_for_time_is_left_alone_so_long(
    receiver, deliver, notice, response_of, status
):
    server = receiver(response_of(status, "Retry-After: 1"), 202)
    _, receipts = deliver(server.url, [notice(1)])
    first, second = server.times
    assert 1.0 <= second - first < 3.0
    assert len(receipts.states()) == 1


def test_what_a_receiver_asks_for_is_honoured_up_to_a_cap():
    backoff = Backoff(first_s=0.5, most_s=30)
    assert backoff.wait_s(1, 8.0) == 8.0
    assert backoff.wait_s(10, 8.0) == 30.0  # its own is longer
    assert backoff.wait_s(1, 1e9) == LONGEST_ASKED_S


def test_what_the_receiver_said_is_counted_and_kept(receiver, deliver, notice, response_of):
    repeat = response_of(200, "X-P2P-Alert: repeat")
    shown = response_of(202, "X-P2P-Alert: shown")
    server = receiver(202, repeat, shown)
    courier, receipts = deliver(server.url, [notice(1), notice(2), notice(3)])
    assert courier.said == {State.HANDED_OVER: 1, State.KNOWN: 1, State.SHOWN: 1}
    assert list(receipts.states().values()) == [State.HANDED_OVER, State.KNOWN, State.SHOWN]


class Gate:
    """A post that waits until the test lets it through."""

    def __init__(self, error=None):
        self.entered, self.open, self.error, self.posted = (
            threading.Event(),
            threading.Event(),
            error,
            [],
        )

    def __call__(self, notice):
        self.entered.set()
        self.open.wait(30)
        if self.error:
            raise self.error
        self.posted.append(notice.event_id)
        return State.HANDED_OVER


@pytest.fixture
def notifier(tmp_path, notice):
    def make(post):
        return WebhookNotifier(
            Outbox(tmp_path),
            lambda alerts: [notice(int(a.house.removeprefix("house_"))) for a in alerts],
            Receipts(tmp_path),
            post,
        )

    return make


def test_telling_returns_while_the_post_is_still_under_way(notifier, tmp_path, alert):
    gate = Gate()
    telling = notifier(gate)
    telling.notify([alert(1), alert(2)])  # would hang here if it waited
    assert gate.entered.wait(10)
    assert gate.posted == []
    assert len(Outbox(tmp_path).read()) == 2  # on the disk before the first post ended
    gate.open.set()
    telling.close()
    assert len(gate.posted) == 2
    assert Receipts(tmp_path).states().keys() == set(gate.posted)


def test_a_repeated_run_tells_nobody_again(notifier, alert):
    posts = []
    for _ in range(2):
        gate = Gate()
        gate.open.set()
        telling = notifier(gate)
        telling.notify([alert(1)])
        telling.close()
        posts.append(len(gate.posted))
    assert posts == [1, 0]


def test_a_dead_receiver_is_reported_at_the_end_with_the_way_out(notifier, alert, caplog):
    gate = Gate(error=TryAgainError("nobody there"))
    gate.open.set()
    telling = notifier(gate)
    telling.notify([alert(1), alert(2)])
    assert gate.entered.wait(10)
    telling.close()
    assert "2 notices wait, they are not handed over yet" in caplog.text
    assert "p2p-cosim alerts flush" in caplog.text


def test_a_refusal_in_a_run_is_reported_and_ends_nothing(notifier, alert, caplog):
    gate = Gate(error=RefusedError("it knows another token"))
    gate.open.set()
    telling = notifier(gate)
    telling.notify([alert(1)])
    telling.close()
    telling.notify([alert(2)])
    assert "it knows another token" in caplog.text


def test_a_rejection_in_a_run_is_reported(notifier, alert, caplog):
    gate = Gate(error=RejectedError("it takes no such notice"))
    gate.open.set()
    telling = notifier(gate)
    telling.notify([alert(1)])
    telling.close()
    assert "it takes no such notice" in caplog.text


def test_while_another_process_sends_the_run_only_keeps(notifier, tmp_path, alert, caplog):
    gate = Gate()
    telling = notifier(gate)
    with Receipts(tmp_path).lock():
        telling.notify([alert(1)])
        telling.close()
    assert not gate.entered.is_set()
    assert "another process" in caplog.text
    assert len(Outbox(tmp_path).read()) == 1


@pytest.mark.parametrize("error", [ValueError("too long"), OSError(28, "No space left on device")])
def test_what_cannot_be_rendered_or_kept_never_stops_a_run(tmp_path, alert, caplog, error):
    def render(_alerts):
        raise error

    telling = OutboxNotifier(Outbox(tmp_path), render)
    for _ in range(3):
        telling.notify([alert(1), alert(2)])
    telling.close()
    assert caplog.text.count("2 alerts are lost, the run goes on") == 1
    assert str(error) in caplog.text


def test_receipts_that_cannot_be_read_never_stop_a_run(notifier, tmp_path, alert, caplog):
    (tmp_path / "receipts.jsonl").write_text("nonsense\n")
    telling = notifier(Gate())
    telling.notify([alert(1)])
    telling.close()
    assert "receipts.jsonl, line 1, is no receipt" in caplog.text
    assert len(Outbox(tmp_path).read()) == 1
