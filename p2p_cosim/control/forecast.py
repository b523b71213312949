"""What may be known of the coming interval: trades, last meters, drift, and one's own errors."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from p2p_cosim.core.defaults import FORECAST
from p2p_cosim.core.types import ControlView, FloatArray, MeterView, contracted_wh
from p2p_cosim.core.units import DAY_S, p_kw_of

BoolArray = NDArray[np.bool_]
IntArray = NDArray[np.int64]
Forecast = Literal["trades", "persistence", "seasonal_naive"]

_NEW = 0.2  # weight of the newest tick in running means: a memory of about five ticks
_NEW_ERROR = 0.1  # of the newest error: about two and a half hours of quarter hours


def expected_p_kw(view: ControlView) -> FloatArray:
    """What every house is expected to draw in the coming interval, in kW; shape (houses,).

    A house that traded: what it bought minus what it sold. Any other: its last meter, since
    nothing about it stands on the chain. A dark house draws nothing, and a house without a
    reading is taken at what it traded, or at 0.
    """
    meters = view.meters
    index = {site.name: i for i, site in enumerate(meters.sites)}
    expected = np.nan_to_num(meters.p_kw)
    for name, energy_wh in contracted_wh(view.trades).items():
        if name in index:
            expected[index[name]] = p_kw_of(energy_wh, view.interval_s)
    expected[meters.v_pu == 0] = 0.0
    return expected


class HouseForecast:
    """What houses are expected to draw: from trades, from their last meters, or a day before."""

    def __init__(self, source: Forecast = FORECAST) -> None:
        self._source = source
        self._said_kw: dict[int, FloatArray] = {}

    def p_kw(self, view: ControlView) -> FloatArray:
        """For the coming interval, in kW; shape (houses,)."""
        if self._source == "trades":
            return expected_p_kw(view)
        meters = view.meters
        expected = np.nan_to_num(meters.p_kw)
        if self._source == "seasonal_naive":
            self._said_kw[meters.of_tick] = expected
            day_before = view.tick - DAY_S // view.interval_s
            expected = self._said_kw.get(day_before, expected)
            self._said_kw.pop(day_before - 1, None)
        return np.where(meters.v_pu == 0, 0.0, expected)


class LastReadings:
    """What every meter last said, for houses whose newest reading did not arrive."""

    def __init__(self) -> None:
        self._known: MeterView | None = None

    def completed(self, meters: MeterView) -> MeterView:
        """The meters, with the last known reading where one is missing. A house that never sent
        one keeps its NaN as voltage, and counts as drawing nothing."""
        before = self._known or replace(
            meters, p_kw=np.nan_to_num(meters.p_kw), q_kvar=np.nan_to_num(meters.q_kvar)
        )
        missing = meters.missing
        self._known = replace(
            meters,
            v_pu=np.where(missing, before.v_pu, meters.v_pu),
            p_kw=np.where(missing, before.p_kw, meters.p_kw),
            q_kvar=np.where(missing, before.q_kvar, meters.q_kvar),
        )
        return self._known


class Drift:
    """The slow movement of each phase's voltage, tap moves taken out."""

    def __init__(self) -> None:
        self._last: tuple[FloatArray, FloatArray] | None = None  # voltages, taps
        self._per_tick: FloatArray | None = None

    def per_tick(self, view: ControlView, dv_dtap: FloatArray) -> FloatArray:
        """Running mean of the change in a tick, in pu; the same for all houses of a phase."""
        meters = view.meters
        taps = taps_then(view).astype(np.float64)
        if self._last is None:
            self._per_tick = np.zeros(len(meters.sites))
        else:
            change = meters.v_pu - self._last[0] - dv_dtap @ (taps - self._last[1])
            lit = (meters.v_pu > 0) & (self._last[0] > 0)
            mean = _phase_means(change, lit, meters)
            assert self._per_tick is not None  # noqa: S101 (set with the first `_last`)
            self._per_tick = self._per_tick + _NEW * (mean - self._per_tick)
        self._last = (meters.v_pu, taps)
        assert self._per_tick is not None  # noqa: S101
        return self._per_tick


class ErrorMemory:
    """How far predictions have been off: a running mean of squares over the lit houses."""

    def __init__(self) -> None:
        self._square = 0.0
        self._predicted_v_pu: dict[int, FloatArray] = {}

    @property
    def deviation_pu(self) -> float:
        """Root of the mean square of past errors; 0 before the first."""
        return float(np.sqrt(self._square))

    def learn(self, meters: MeterView) -> None:
        """Compare the prediction of the interval that the meters are of."""
        predicted = self._predicted_v_pu.pop(meters.of_tick, None)
        if predicted is None:
            return
        lit = (meters.v_pu > 0) & (predicted > 0)
        if lit.any():
            error = (meters.v_pu - predicted)[lit]
            newest = float(np.mean(error**2))
            self._square += _NEW_ERROR * (newest - self._square)

    def predicted(self, tick: int, v_pu: FloatArray | None) -> None:
        """Keep the prediction for an interval until its meters come."""
        if v_pu is not None:
            self._predicted_v_pu[tick] = v_pu


def at_present_taps(view: ControlView) -> ControlView:
    """The view with its meters' voltages as they would be at the taps as they stand now, by the
    ratio of turns; the same where meters are not late."""
    v_pu = view.meters.v_pu.copy()
    for (name, now), then in zip(view.taps.items(), taps_then(view).tolist(), strict=True):
        if now != then:
            site = view.regulator(name)
            v_pu[site.serves] *= site.ratio(now) / site.ratio(then)
    return replace(view, meters=replace(view.meters, v_pu=v_pu))


def taps_then(view: ControlView) -> IntArray:
    """The taps at which the meters were read, in the order of `view.taps`."""
    return np.array(
        [view.meters.taps.get(name, tap) for name, tap in view.taps.items()], dtype=np.int64
    )


def _phase_means(change: FloatArray, lit: BoolArray, meters: MeterView) -> FloatArray:
    phases = np.array([site.phase for site in meters.sites])
    means = np.zeros(len(phases))
    for phase in np.unique(phases):
        seen = lit & (phases == phase)
        if seen.any():
            means[phases == phase] = change[seen].mean()
    return means
