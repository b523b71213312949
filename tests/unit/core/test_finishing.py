"""Ctrl-C passes by what must be finished."""

from __future__ import annotations

import os
import signal
import threading

import pytest

from p2p_cosim.core.finishing import uninterrupted


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_passes_by_and_is_heard_again_afterwards(number: signal.Signals) -> None:
    heard: list[int] = []
    before = signal.signal(number, lambda given, _frame: heard.append(given))
    try:
        with uninterrupted():
            os.kill(os.getpid(), number)
        assert heard == []
        os.kill(os.getpid(), number)
        assert heard == [number]
    finally:
        signal.signal(number, before)


def test_an_error_inside_comes_out_and_leaves_the_handlers() -> None:
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyError), uninterrupted():
        raise KeyError
    assert signal.getsignal(signal.SIGINT) is before


def test_in_another_thread_it_does_nothing() -> None:
    ended: list[bool] = []

    def work() -> None:
        with uninterrupted():
            ended.append(True)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert ended == [True]
