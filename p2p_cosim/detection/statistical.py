"""Voltages alone: a cumulative sum over the mean of each phase, and dark meters by group."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from p2p_cosim.core.brief import Brief
from p2p_cosim.core.fault_kinds import (
    FAULT_KINDS,
    HOUSE_OUTAGE,
    HOUSE_RESTORED,
    LATERAL_OPEN,
    LL,
    SLG,
    THREE_PHASE,
    TRANSFORMER_OUTAGE,
)
from p2p_cosim.core.limits import INTERRUPTION_PU
from p2p_cosim.core.types import Alarm, FloatArray, HouseSite, MeterView
from p2p_cosim.detection.dark import DarkHouses, house_alarms

BoolArray = NDArray[np.bool_]

PHASES = "ABC"

MEMORY = 0.3  # of the moving mean that stands for normal; slower ones see the day go by
SPREAD_PU = 0.003
"""Unit of the sum: about twice the standard deviation of the change of a phase's mean voltage
in a quarter of an hour. With it and the decision below, normal days raise next to no alarm."""
ALLOWANCE_SIGMA = 1.0
"""Half of the shift that the sum is tuned to (E. S. Page, Biometrika 41 (1954) 100,
doi:10.1093/biomet/41.1-2.100)."""
DECISION_SIGMA = 5.0
_KIND_OF_PHASES = {1: SLG, 2: LL, 3: THREE_PHASE}


class Statistical(Brief):
    """Two-sided CUSUM on phase means against their exponentially weighted mean.

    It needs no model of the feeder: groups of houses behind one transformer are all it knows.
    A short circuit lowers its own phases and raises others, so the phases that fall name it.
    """

    name = "statistical"

    def __init__(
        self, decision_sigma: float = DECISION_SIGMA, spread_pu: float = SPREAD_PU
    ) -> None:
        self.decision_sigma = decision_sigma
        self.spread_pu = spread_pu
        self._mean: FloatArray | None = None
        self._low, self._high = np.zeros((2, len(PHASES)))
        self._dark: DarkHouses | None = None
        self._quiet = True

    def inspect(self, meters: MeterView) -> Sequence[Alarm]:
        """Alarms for groups and houses that are newly dark or back, and for a shift of phase
        means that no outage explains."""
        self._dark = self._dark or DarkHouses(meters.sites)
        new, back = self._dark.update(meters)
        outages = self._outages(meters, new)
        restored = house_alarms(HOUSE_RESTORED, back, meters, self.name)
        fallen = self._shifted_down(meters)
        if fallen and not outages:
            kind = _KIND_OF_PHASES[len(fallen)]
            shift = Alarm(meters.tick, kind, fallen, self.name, "phase", 0.5, meters.of_tick)
            return (shift, *restored)
        return (*outages, *restored)

    def _shifted_down(self, meters: MeterView) -> str:
        """Phases whose sum has just crossed the decision; none while an event goes on."""
        means = _phase_means(meters)
        mean = means if self._mean is None else np.where(np.isnan(self._mean), means, self._mean)
        shift = (means - mean) / self.spread_pu
        shift = np.where(np.isnan(shift), 0.0, shift)  # a phase without a reading
        self._mean = np.where(np.isnan(means), mean, MEMORY * mean + (1 - MEMORY) * means)
        self._low = np.maximum(0.0, self._low - shift - ALLOWANCE_SIGMA)
        self._high = np.maximum(0.0, self._high + shift - ALLOWANCE_SIGMA)
        fallen, risen = self._low > self.decision_sigma, self._high > self.decision_sigma
        began, self._quiet = self._quiet, not (fallen.any() or risen.any())
        if self._quiet:
            return ""
        self._low, self._high = np.zeros((2, len(PHASES)))
        self._mean = means
        return "".join(p for p, low in zip(PHASES, fallen, strict=True) if low and began)

    def _outages(self, meters: MeterView, new: BoolArray) -> tuple[Alarm, ...]:
        """New outages by the largest group that is dark as a whole."""
        assert self._dark is not None  # noqa: S101 (made by inspect)
        names = np.array([site.name for site in meters.sites])
        dark, fresh = set(names[self._dark.now]), set(names[new])
        groups = _groups(meters.sites)
        # Some of a group may be silent, because its last gasp did not get through.
        silent = set(names[meters.missing])
        whole = [
            transformer
            for transformer, houses in groups.items()
            if houses <= dark | silent and 2 * len(houses & dark) >= len(houses) > 1
        ]
        hit = [t for t in whole if groups[t] & fresh]
        covered = {house for t in whole for house in groups[t]}
        single = np.array([name in fresh - covered for name in names], dtype=bool)
        kind = LATERAL_OPEN
        if len(hit) == 1:
            kind = TRANSFORMER_OUTAGE
        where = FAULT_KINDS[kind].alarm_place
        group = [Alarm(meters.tick, kind, ",".join(hit), self.name, where)] if hit else []
        return (*group, *house_alarms(HOUSE_OUTAGE, single, meters, self.name))


def _groups(sites: Sequence[HouseSite]) -> dict[str, set[str]]:
    groups: dict[str, set[str]] = {}
    for site in sites:
        groups.setdefault(site.transformer, set()).add(site.name)
    return groups


def _phase_means(meters: MeterView) -> FloatArray:
    """Mean voltage of the houses of each phase that have a supply; NaN without any. A house on
    several phases counts to the first."""
    phase = np.array([PHASES.index(site.phase[0]) for site in meters.sites])
    seen = ~meters.missing & (meters.v_pu >= INTERRUPTION_PU)
    return np.array(
        [
            meters.v_pu[seen & (phase == p)].mean() if (seen & (phase == p)).any() else np.nan
            for p in range(len(PHASES))
        ]
    )
