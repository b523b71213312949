"""Delivery: at least once, one at a time, without the caller waiting."""

import threading
from collections import Counter

import pytest

from p2p_cosim.notify import Outbox, Receipts, WebhookNotifier
from p2p_cosim.notify.courier import (
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
    """Sends events to a receiver, to the end; returns the courier and the receipts."""

    def run(url, events, backoff=QUICK):
        receipts = Receipts(tmp_path)
        courier = Courier(Webhook(url, token).post, receipts, backoff)
        courier.send(events)
        courier.wait(30)
        assert courier.close(10)
        return courier, receipts

    return run


def test_a_burst_arrives_once_each_in_order_and_one_at_a_time(receiver, deliver, event):
    server = receiver(202, delay_s=0.005)
    events = [event(house) for house in range(1, 51)]
    courier, receipts = deliver(server.url, events)
    assert server.arrived == [one.event_id for one in events]
    assert server.most_at_once == 1
    assert receipts.delivered() == set(server.arrived)
    assert (courier.waiting, courier.failure, courier.rejections) == (0, None, [])


def test_trouble_is_tried_again_until_it_passes(receiver, deliver, event):
    server = receiver(500, "drop", 503, 429, 200)
    courier, receipts = deliver(server.url, [event(1), event(2)])
    assert Counter(server.arrived) == {event(1).event_id: 5, event(2).event_id: 1}
    assert len(receipts.delivered()) == 2
    assert courier.failure is None


def test_an_event_given_up_ends_the_delivery_and_the_rest_waits(receiver, deliver, event):
    server = receiver(500)
    courier, receipts = deliver(server.url, [event(1), event(2)], Backoff(3, 0.01))
    assert server.arrived == [event(1).event_id] * 3
    assert "given up after 3 attempts" in str(courier.failure)
    assert (courier.waiting, receipts.delivered()) == (2, set())


def test_a_refusal_ends_the_delivery_at_once(receiver, deliver, event):
    server = receiver(403)
    courier, _ = deliver(server.url, [event(1), event(2)])
    assert len(server.arrived) == 1
    assert isinstance(courier.failure, RefusedError)
    assert courier.waiting == 2


def test_a_rejected_event_is_reported_and_the_next_goes_on(receiver, deliver, event):
    server = receiver(400, 200)
    courier, receipts = deliver(server.url, [event(1), event(2)])
    assert [event(1).event_id in str(error) for error in courier.rejections] == [True]
    assert receipts.delivered() == {event(2).event_id}


def test_a_bug_in_a_post_ends_the_wait_too(tmp_path, event, monkeypatch):
    monkeypatch.setattr(threading, "excepthook", lambda args: None)

    def broken(_event):
        raise ZeroDivisionError

    courier = Courier(broken, Receipts(tmp_path))
    courier.send([event(1)])
    courier.wait(10)
    assert "ZeroDivisionError" in str(courier.failure)


def test_the_wait_doubles_up_to_its_bound():
    waits = [Backoff(first_s=0.5, most_s=3).wait_s(attempt) for attempt in (1, 2, 3, 4, 5000)]
    assert waits == [0.5, 1.0, 2.0, 3, 3]


class Gate:
    """A post that waits until the test lets it through."""

    def __init__(self, error=None):
        self.entered, self.open, self.error, self.posted = (
            threading.Event(),
            threading.Event(),
            error,
            [],
        )

    def __call__(self, event):
        self.entered.set()
        self.open.wait(30)
        if self.error:
            raise self.error
        self.posted.append(event.event_id)


@pytest.fixture
def notifier(tmp_path, event):
    def make(post):
        return WebhookNotifier(
            Outbox(tmp_path),
            lambda alert: event(int(alert.house.removeprefix("house_"))),
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
    assert Receipts(tmp_path).delivered() == set(gate.posted)


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
    assert "2 alerts are not delivered" in caplog.text
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
    gate = Gate(error=RejectedError("it takes no such event"))
    gate.open.set()
    telling = notifier(gate)
    telling.notify([alert(1)])
    telling.close()
    assert "it takes no such event" in caplog.text


def test_while_another_process_sends_the_run_only_keeps(notifier, tmp_path, alert, caplog):
    gate = Gate()
    telling = notifier(gate)
    with Receipts(tmp_path).lock():
        telling.notify([alert(1)])
        telling.close()
    assert not gate.entered.is_set()
    assert "another process" in caplog.text
    assert len(Outbox(tmp_path).read()) == 1
