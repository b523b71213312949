"""Checks of what a run calls every tick: strategies, controllers, detectors, inverter rules."""

from __future__ import annotations

import copy
import pickle
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import pairwise
from typing import Any

import numpy as np

from p2p_cosim.core.protocols import Controller, Detector, InverterRule, Strategy
from p2p_cosim.core.types import Alarm, ControlView, FloatArray, MeterView, QuoteView
from p2p_cosim.seams import (
    Source,
    checked_alarms,
    checked_decision,
    checked_orders,
    require_role,
)
from p2p_cosim.testing.findings import Findings, maker
from p2p_cosim.testing.situations import control_series, meter_series, quotes

_EPS = 1e-9


def check_strategy(
    strategy: Strategy | Callable[[], Strategy], views: Mapping[str, QuoteView] | None = None
) -> None:
    """Ask a strategy for orders in twenty situations: needs, surpluses, no money, no price yet.

    strategy: an object, its class, or a function that makes one. If it has `learn`, it is told
    the outcome of a round before it is asked for the next. views: situations of your own
    instead, by name.

    Raises ConformanceError unless it returns orders of its trader with whole numbers everywhere,
    quotes the same when it is asked the same (all chance comes from the generator that it gets),
    and leaves what it is shown and the global generators alone.
    """
    make = maker(strategy, "quote")
    found = Findings(_made(make, strategy), "Strategy")

    def answers() -> Iterator[object]:
        mine = make()
        for name, view in (views or quotes()).items():
            source = Source("strategy", mine, view.tick, view.trader)
            with found.case(name), _unchanged(found, name, view), _no_global_chance(found):
                if hasattr(mine, "learn") and view.last is not None:
                    mine.learn(view.last)
                returned = mine.quote(view, np.random.default_rng(view.tick))
                yield checked_orders(source, returned, view.trader)

    with found.case("as it is"):
        require_role("strategy", make())
        _same_twice(found, answers, "orders", "draw all chance from the rng it is given")
    found.close()


def check_controller(
    controller: Controller | Callable[[], Controller],
    views: Mapping[str, ControlView] | None = None,
) -> None:
    """Ask a controller for decisions over ten ticks: voltages inside and outside the band, houses
    without supply, readings that are lost, taps at the end of their range.

    controller: an object, its class, or a function that makes one. views: ticks of your own
    instead, by name, in order.

    Raises ConformanceError unless every answer is a `Decision` with known regulators, taps from
    -16 to 16 and arrays of shape (houses,), is the same when the same ticks are gone through
    again, and what it is shown is left alone.
    """
    make = maker(controller, "decide")
    found = Findings(_made(make, controller), "Controller")

    def answers() -> Iterator[object]:
        mine = make()
        for name, view in (views or control_series()).items():
            source = Source("controller", mine, view.tick)
            shown = (view.meters, view.taps, view.regulator_phases)
            with found.case(name), _unchanged(found, name, shown), _no_global_chance(found):
                decision = checked_decision(source, mine.decide(view), view)
                yield (decision.moves, decision.refusals)

    with found.case("as it is"):
        require_role("controller", make())
        _same_twice(found, answers, "decisions", "take a seed where it is made, if it draws")
    found.close()


def check_detector(
    detector: Detector | Callable[[], Detector], series: Sequence[MeterView] | None = None
) -> None:
    """Show a detector fourteen ticks of meters: quiet ones, outages and returns, a house on its
    tie, lost readings, a whole transformer.

    detector: an object, its class, or a function that makes one. series: ticks of your own
    instead, in order, for a detector that knows one feeder.

    Raises ConformanceError unless it returns alarms of the tick about places that are there,
    reports an event once and not once a tick, reports the same when it is shown the same, and
    leaves the readings alone.
    """
    make = maker(detector, "inspect")
    found = Findings(_made(make, detector), "Detector")

    def answers() -> Iterator[tuple[Alarm, ...]]:
        mine = make()
        for view in meter_series() if series is None else series:
            source, name = Source("detector", mine, view.tick), f"tick {view.tick}"
            with found.case(name), _unchanged(found, name, view), _no_global_chance(found):
                yield checked_alarms(source, mine.inspect(view), view)

    with found.case("as it is"):
        require_role("detector", make())
        alarms = _same_twice(found, answers, "alarms", "take a seed where it is made, if it draws")
        for before, after in pairwise(alarms):
            again = {(a.kind, a.place) for a in before} & {(a.kind, a.place) for a in after}
            for kind, place in sorted(again):
                found.expect(
                    False,
                    f"tick {after[0].tick}: {kind} of {place} was reported the tick before: give "
                    "one alarm an event, not one a tick",
                )
    found.close()


def check_inverter_rule(rule: InverterRule | Callable[[], InverterRule]) -> None:
    """Ask a rule for PV output and reactive power from 0.85 to 1.15 pu, with and without sun.

    Raises ConformanceError unless output lies between 0 and what is available, both fit into the
    rating, an inverter without PV does nothing, and the answer depends on the arguments alone.
    """
    make = maker(rule, "respond")
    found = Findings(_made(make, rule), "InverterRule")
    with found.case("as it is"):
        mine = make()
        found.expect(isinstance(getattr(mine, "name", None), str), "it has no name")
        v_pu = np.repeat(np.linspace(0.85, 1.15, 31), 4)
        available_kw = np.tile([0.0, 2.0, 8.0, 0.0], 31)
        rating_kva = np.tile([8.8, 8.8, 8.8, 0.0], 31)
        given = (v_pu, available_kw, rating_kva)
        with _unchanged(found, "respond", given):
            output_kw, q_kvar = mine.respond(*given)
        _inverter_limits(found, output_kw, q_kvar, available_kw, rating_kva)
        again = mine.respond(*given)
        found.expect(
            np.array_equal(again[0], output_kw) and np.array_equal(again[1], q_kvar),
            "asked twice the same, it answers differently: keep no state",
        )
    found.close()


def _inverter_limits(
    found: Findings,
    output_kw: FloatArray,
    q_kvar: FloatArray,
    available_kw: FloatArray,
    rating_kva: FloatArray,
) -> None:
    found.expect(
        np.shape(output_kw) == np.shape(q_kvar) == available_kw.shape,
        f"it returns shapes {np.shape(output_kw)} and {np.shape(q_kvar)}, expected (houses,) twice",
    )
    found.expect(np.isfinite([output_kw, q_kvar]).all(), "it returns numbers that are not finite")
    found.expect((np.asarray(output_kw) >= -_EPS).all(), "output is negative somewhere")
    found.expect((output_kw <= available_kw + _EPS).all(), "output exceeds what is available")
    fits = np.hypot(output_kw, q_kvar) <= rating_kva + 1e-6
    found.expect(fits.all(), "output and reactive power exceed the rating together")
    idle = rating_kva == 0
    found.expect(not np.asarray(q_kvar)[idle].any(), "a house without PV gives reactive power")


def _made(make: Callable[[], Any], given: object) -> object:
    """What to call the subject: its class, not that of a factory."""
    try:
        return make()
    except Exception:  # told where it is made in earnest
        return getattr(given, "__name__", given)


def _same_twice(
    found: Findings, answers: Callable[[], Iterator[Any]], what: str, remedy: str
) -> list[Any]:
    first, second = list(answers()), list(answers())
    same = pickle.dumps(first) == pickle.dumps(second) or first == second
    found.expect(same, f"asked the same again, it gives other {what}: {remedy}")
    return first


@contextmanager
def _unchanged(found: Findings, name: str, shown: object) -> Iterator[None]:
    """What a plug-in is shown belongs to the run."""
    before = _frozen(shown)
    yield
    found.expect(_frozen(shown) == before, f"{name}: it changes what it is shown: copy that first")


def _frozen(shown: Any) -> bytes:
    parts = shown if isinstance(shown, tuple) else (shown,)
    return pickle.dumps(copy.deepcopy(parts))


@contextmanager
def _no_global_chance(found: Findings) -> Iterator[None]:
    before = (random.getstate(), pickle.dumps(np.random.get_state()))  # noqa: NPY002
    yield
    found.expect(
        (random.getstate(), pickle.dumps(np.random.get_state())) == before,  # noqa: NPY002
        "it draws from a generator that everybody shares (random or numpy.random)",
    )
