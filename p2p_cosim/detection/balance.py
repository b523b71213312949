"""Energy balance: what enters at the head against what the twin expects there."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from p2p_cosim.core.brief import Brief
from p2p_cosim.core.fault_kinds import HOUSE_OUTAGE, HOUSE_RESTORED, LV_SHORT
from p2p_cosim.core.types import Alarm, Fault, FloatArray, MeterView
from p2p_cosim.detection.dark import DarkHouses, house_alarms
from p2p_cosim.detection.matched import MatchedFilter
from p2p_cosim.detection.places import alarm_of
from p2p_cosim.detection.twin import SIZE, BoolArray, Twin, best_explanation

THRESHOLD_SIGMA = 4.8
"""Of the matched filter. Two thousand looks a day, most of them alike, exceed it by chance
once in a year or so; loads that are not as Gaussian as assumed do so more often."""
GROSS_CHI2 = 70.0
"""Of the change from one tick to the next, against 9 expected: an event, not a load."""
SERVICE_SHORT_OHM = (0.0, 0.02, 0.05, 0.1, 0.2)
HEAD_SD_KW = 12.0  # of a phase's balance from one tick to the next, 1 % of its load


class EnergyBalance(Brief):
    """Explains a sudden change by solving hypotheses, and a small lasting one by its balance.

    hypotheses: the faults that it can name. One alarm an event; while an event lasts, only
    houses that go dark besides are reported.
    """

    name = "energy_balance"

    def __init__(
        self,
        twin: Twin,
        hypotheses: Sequence[Fault],
        probes: Sequence[Fault],
        threshold_sigma: float = THRESHOLD_SIGMA,
    ) -> None:
        self.twin = twin
        self.filter = MatchedFilter(twin, probes)
        self.hypotheses = tuple(hypotheses)
        self.threshold_sigma = threshold_sigma
        self._dark = DarkHouses(twin.grid.houses)
        self._active: Fault | None = None
        self._origin, self._struck = np.zeros(SIZE), np.zeros(SIZE)
        # What a small fault that was reported adds to every residual while it lasts.
        self._explained = np.zeros(SIZE)

    def inspect(self, meters: MeterView) -> Sequence[Alarm]:
        """Alarms of this tick: at most one for a fault, one for each house that goes dark
        besides, and one for each that is back."""
        new, back = self._dark.update(meters)
        if not np.isfinite(meters.head_p_kw).all():  # nothing but last gasps has arrived yet
            return house_alarms(HOUSE_OUTAGE, new, meters, self.name)
        meters = self._dark.told(meters)
        return (
            *self._faults(meters, new),
            *house_alarms(HOUSE_RESTORED, back, meters, self.name),
        )

    def _faults(self, meters: MeterView, new: BoolArray) -> Sequence[Alarm]:
        scale = self.twin.scale(meters)
        residual = self.twin.residual(meters, self.twin.expected(meters)) - self._explained
        previous = self.filter.window[-1] if self.filter.window else residual
        self.filter.push(residual)
        if self._active is not None:
            return self._during_event(meters, residual, scale, new)
        if new.any() or self.filter.change_chi2(scale) > GROSS_CHI2:
            alarms = self._event(meters, previous, new)
            if alarms:
                return alarms
        return self._small_step(meters, scale)

    def _event(self, meters: MeterView, previous: FloatArray, new: BoolArray) -> Sequence[Alarm]:
        if new.any() and meters.of_tick < meters.tick and meters.last_gasp.any():
            # Last gasps of now beside readings of long ago: those explain nothing.
            return house_alarms(HOUSE_OUTAGE, new, meters, self.name)
        lowest = int(np.where(self.twin.seen(meters), meters.v_pu, np.inf).argmin())
        shorted = meters.sites[lowest].name
        services = [Fault(LV_SHORT, shorted, 0, 1, "", ohm) for ohm in SERVICE_SHORT_OHM]
        offset = previous + self._explained
        fault, gain = best_explanation(
            self.twin, meters, (*self.hypotheses, *services), offset, HEAD_SD_KW
        )
        if fault is None:
            return house_alarms(HOUSE_OUTAGE, new, meters, self.name)
        self.filter.reset()
        self._active, self._origin = fault, previous
        self._struck = self.twin.residual(meters, self.twin.expected(meters)) - self._explained
        return (alarm_of(fault, meters, self.name, float(1 - np.exp(-gain / 2))),)

    def _during_event(
        self, meters: MeterView, residual: FloatArray, scale: float, new: BoolArray
    ) -> Sequence[Alarm]:
        # Over when the readings are nearer to what was before than to what the event made.
        before = self.filter.drift_chi2(residual, self._origin, scale)
        if (
            before < self.filter.drift_chi2(residual, self._struck, scale)
            and not self._dark.now.any()
        ):
            self._active = None
            self.filter.reset()
            self.filter.push(residual)
            return ()
        return house_alarms(HOUSE_OUTAGE, new, meters, self.name)

    def _small_step(self, meters: MeterView, scale: float) -> Sequence[Alarm]:
        statistics = self.filter.statistics(scale)
        probe, onset = np.unravel_index(int(np.abs(statistics).argmax()), statistics.shape)
        value = float(statistics[probe, onset])
        if abs(value) < self.threshold_sigma:
            return ()
        if value < 0:  # what was explained has ended
            self._explained = np.zeros(SIZE)
            self.filter.reset()
            return ()
        step = self.filter.explain(int(probe), int(onset), value, scale)
        self._explained = self._explained + step
        confidence = float(1 - np.exp(-(value**2 - self.threshold_sigma**2 + 1) / 2))
        first = meters.of_tick - int(onset)
        return (alarm_of(self.filter.probes[probe], meters, self.name, confidence, first),)
