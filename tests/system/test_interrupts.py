"""Whatever stops a tick half way, no run that is called complete differs from the undisturbed."""

import os
import sys
from contextlib import suppress

import numpy as np
import pandas as pd
import pytest

import p2p_cosim as p2p
from p2p_cosim.core.errors import SimulationError
from p2p_cosim.record import schema

TRIALS = int(os.environ.get("INTERRUPTS", "64"))  # acceptance was measured with 200
SHORT = {"houses.count": 2, "clock.ticks": 2, "clock.start": "2024-06-21 11:00"}


class InjectedError(Exception):
    """Stands for any error: no code of ours may know and catch it."""


class StopAt:
    """Raises at the n-th call of a Python function from now on; counts them without n."""

    def __init__(self, n=None, stop=None):
        self.calls, self._n, self._stop = 0, n, stop

    def __enter__(self):
        sys.setprofile(self._profile)
        return self

    def __exit__(self, *_):
        sys.setprofile(None)

    def _profile(self, _frame, event, _argument):
        if event == "call":
            self.calls += 1
            if self.calls == self._n:
                raise self._stop


def to_the_end(simulation):
    while not simulation.done:
        simulation.step()


@pytest.fixture(scope="module")
def base():
    return p2p.load("scenarios/trading_day.yaml").replace(SHORT)


@pytest.fixture(scope="module")
def undisturbed(base, tmp_path_factory):
    return p2p.run(base, out=tmp_path_factory.mktemp("undisturbed"))


@pytest.fixture(scope="module")
def calls(base):
    """Of the shortest of some runs: the first ones load and compile what later ones have."""
    counts = []
    for _ in range(4):
        simulation = p2p.Simulation(base, out=None)
        with StopAt() as counted:
            to_the_end(simulation)
        counts.append(counted.calls)
    return min(counts)


@pytest.mark.parametrize("part", range(8))
def test_no_complete_run_differs_from_the_undisturbed(base, undisturbed, calls, part, tmp_path):
    moments = np.random.default_rng(part).integers(1, calls, TRIALS // 8)
    torn = 0
    for n, moment in enumerate(moments.tolist()):
        simulation = p2p.Simulation(base, out=tmp_path / str(n))
        stop = KeyboardInterrupt() if n % 2 else InjectedError(f"at call {moment}")
        with suppress(KeyboardInterrupt, InjectedError), StopAt(moment, stop):
            to_the_end(simulation)
        with suppress(SimulationError):
            to_the_end(simulation)  # what a notebook's next cell does
        run = simulation.results()
        if run.status == "complete":
            assert run.manifest["sha256"] == undisturbed.manifest["sha256"]
        else:
            torn += 1
            is_the_beginning_of(run, undisturbed)
    assert torn > len(moments) // 3


def is_the_beginning_of(run, whole):
    assert run.status.startswith("interrupted" if run.status[0] == "i" else "failed: InjectedError")
    for name in schema.TABLES:
        expected = whole.table(name)
        expected = expected[expected["tick"] < run.ticks].reset_index(drop=True)
        pd.testing.assert_frame_equal(run.table(name), expected)
