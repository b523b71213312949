"""Checks of what stands in a house: devices, and forecasters of its load and PV."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from p2p_cosim.core.protocols import Forecaster
from p2p_cosim.core.types import Expected, ForecastView, Power, Step
from p2p_cosim.core.units import WH_PER_KWH
from p2p_cosim.houses import Device
from p2p_cosim.seams import (
    Source,
    checked_expected,
    checked_kw,
    checked_power,
    checked_range,
    require_role,
)
from p2p_cosim.testing.findings import Findings, maker
from p2p_cosim.testing.situations import forecast_views

_LENGTHS_S = (60.0, 900.0, 3600.0)
_VOLTAGES_PU = (0.0, 0.9, 1.0, 1.1)
_TOLD = (None, Power(0.0), Power(-1.0), Power(1.0), Power(-1e3), Power(1e3), Power(0.0, 2.0))
_EPS_WH = 1e-6
_EPS_KW = 1e-9


def check_forecaster(
    forecaster: Forecaster | Callable[[], Forecaster],
    views: Mapping[str, ForecastView] | None = None,
) -> None:
    """Ask a forecaster for a day of hours, from no history on, one and several intervals ahead.

    forecaster: an object, its class, or a function that makes one. views: situations of your own
    instead, by name; the usual ones reach to tick 20 and three intervals ahead.

    Raises ConformanceError unless it returns an `Expected` with arrays of shape (horizon,), both
    at least 0, answers the same when it is asked again, and leaves the history alone.
    """
    make = maker(forecaster, "expect")
    subject: Any = forecaster
    found = Findings(subject, "Forecaster")
    with found.case("as it is"):
        mine = make()
        found = Findings(mine, "Forecaster")
        require_role("forecaster", mine)
        for name, view in (views or forecast_views()).items():
            source = Source("forecaster", mine, view.tick, view.trader)
            with found.case(name):
                before = pickle.dumps(view)
                first = checked_expected(source, mine.expect(view), view)
                again = checked_expected(source, mine.expect(view), view)
                found.expect(
                    pickle.dumps(view) == before, f"{name}: it changes the history: copy it first"
                )
                found.expect(
                    _equal(first, again),
                    f"{name}: asked again, it answers differently: draw an interval's error once",
                )
                for field in ("load_kw", "pv_kw"):
                    least = float(getattr(first, field).min())
                    found.expect(least >= 0, f"{name}: {field} is {least:g}: both are at least 0")
    found.close()


def check_device(device: Device | Callable[[], Device], ticks: int = 4) -> None:
    """Ask a device what it expects and draws, for steps of a minute, a quarter and an hour, with
    and without a voltage, as it would and as it is told, and put it into the state that follows.

    device: an object, its class, or a function that makes one. ticks: how many intervals it
    knows of.

    Raises ConformanceError unless all powers are finite, a set-point leads into `range_kw` if there
    is one, asking changes nothing, two half steps lead where one whole step does, and what stores
    gains no more than it draws, gives no less than it loses, and holds no less than nothing.
    """
    make = maker(device, "draw")
    subject: Any = device
    found = Findings(subject, "Device")
    with found.case("as it is"):
        mine = make()
        found = Findings(mine, "Device")
        require_role("device", mine)
        found.expect(isinstance(mine.kind, str) and mine.kind, "it has no kind: give it a word")
        for step in _steps(ticks):
            with found.case(f"tick {step.tick}, {step.seconds:g} s"):
                _questions(found, mine, step)
                mine = _moved(found, mine, step)
    found.close()


def _steps(ticks: int) -> Iterator[Step]:
    for tick in range(ticks):
        for seconds in _LENGTHS_S:
            yield Step(tick, seconds)


def _questions(found: Findings, mine: Device, step: Step) -> None:
    before = _state(mine)
    for method in ("expected_kw", "essential_kw", "available_kw"):
        p_kw = checked_kw("", mine, step, method, getattr(mine, method)(step))
        found.expect(
            method == "expected_kw" or p_kw >= 0, f"{method} is {p_kw:g}: it is at least 0"
        )
    bounds = checked_range("", mine, step, mine.range_kw(step))
    if bounds is not None:
        for p_kw in (-1e3, *bounds, 1e3):
            drawn_kw = mine.draw(step, 1.0, Power(p_kw)).p_kw
            found.expect(
                bounds[0] - _EPS_KW <= drawn_kw <= bounds[1] + _EPS_KW,
                f"told {p_kw:g} kW it draws {drawn_kw:g} kW, and range_kw is {bounds}",
            )
    for v_pu in _VOLTAGES_PU:
        for told in _TOLD:
            drawn = checked_power("", mine, step, mine.draw(step, v_pu, told))
            again = mine.draw(step, v_pu, told)
            found.expect(drawn == again, "asked twice what it draws, it answers differently")
    found.expect(
        _state(mine) == before, "asking changes it: let `after` give the device in its next state"
    )


def _moved(found: Findings, mine: Device, step: Step) -> Device:
    """The device after this step, and what must hold between the two."""
    drawn = checked_power("", mine, step, mine.draw(step, 1.0, None))
    before = _state(mine)
    later = mine.after(drawn, step.seconds)
    found.expect(_state(mine) == before, "`after` changes the device: return another one")
    found.expect(
        (later.name, later.kind) == (mine.name, mine.kind), "`after` changes its name or kind"
    )
    for told in (None, Power(-1e3), Power(1e3)):
        _energy(found, mine, mine.draw(step, 1.0, told), step.seconds)
    return later


def _energy(found: Findings, mine: Device, power: Power, seconds: float) -> None:
    """What stores obeys the conservation of energy, however the step is cut."""
    if mine.stored_wh is None:
        return
    whole = mine.after(power, seconds).stored_wh
    halves = mine.after(power, seconds / 2).after(power, seconds / 2).stored_wh
    if whole is None or halves is None:
        found.expect(False, "stored_wh is None after a step")
        return
    drawn_wh = power.p_kw * WH_PER_KWH * seconds / 3600
    gained_wh = whole - mine.stored_wh
    found.expect(whole >= 0, f"stored_wh becomes {whole:g}")
    found.expect(
        gained_wh <= drawn_wh + _EPS_WH,
        f"it draws {drawn_wh:g} Wh and holds {gained_wh:g} Wh more: energy out of nothing",
    )
    found.expect(
        abs(whole - halves) <= max(_EPS_WH, 1e-9 * abs(whole)),
        f"a step of {seconds:g} s leads to {whole:g} Wh, two of its halves to {halves:g} Wh",
    )


def _state(mine: Device) -> bytes:
    return pickle.dumps(copy.deepcopy(mine))


def _equal(first: Expected, again: Expected) -> bool:
    return np.array_equal(first.load_kw, again.load_kw) and np.array_equal(first.pv_kw, again.pv_kw)
