"""Quality of supply as regulators measure it: interruptions and voltage.

Interruptions: IEEE 1366-2012. Voltage: EN 50160:2010, 4.2.2 (95 % of the 10-minute means of a
week within 10 % of nominal) and ANSI C84.1-2020, service voltage, Ranges A and B.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from p2p_cosim.core.types import FloatArray
from p2p_cosim.core.types.short import table
from p2p_cosim.record.grid_figures import power_flow_s, solved_voltages

if TYPE_CHECKING:
    from p2p_cosim.record.results import Results

EN_50160_PU = (0.90, 1.10)
EN_50160_SHARE = 0.95
ANSI_A_PU = (0.95, 1.05)
ANSI_B_PU = (0.917, 1.058)
_MINUTES_PER_DAY = 1440
_MEAN_S = 600


@dataclass(frozen=True, slots=True)
class Quality:
    """Figures of a run over all its houses. Minutes and counts are of the run, not of a year.

    saidi_min: mean minutes without supply of a house; saifi: mean number of its interruptions;
    caidi_min: mean length of one, None if there was none. An interruption lasts whole ticks, and
    one that has not ended counts as far as it went.
    en_50160_share: of the 10-minute means with supply within 10 % of nominal, the least of any
    house and started week; en_50160_met: whether that is 95 % everywhere. Power flows that divide
    10 minutes are averaged, without those that were dark; any other counts as a mean of its own.
    range_a_h, range_b_h: hours that houses with supply spent outside ANSI Range A and Range B,
    summed over houses; longest_outside_a_h: the longest stay of one house outside Range A.
    """

    saidi_min: float
    saifi: float
    caidi_min: float | None
    en_50160_share: float | None
    en_50160_met: bool | None
    range_a_h: float
    range_b_h: float
    longest_outside_a_h: float

    def __repr__(self) -> str:
        told = ", ".join(f"{name} {_number(value)}" for name, (value, _) in self._told().items())
        return f"Quality({told})"

    def _repr_html_(self) -> str:
        return table(
            "Quality of supply", {n: f"{_number(v)} {u}" for n, (v, u) in self._told().items()}
        )

    def _told(self) -> dict[str, tuple[float | None, str]]:
        """By what it is called in print, a figure and its unit."""
        return {
            "SAIDI": (self.saidi_min, "min"),
            "SAIFI": (self.saifi, "interruptions a house"),
            "CAIDI": (self.caidi_min, "min"),
            "EN 50160": (self.en_50160_share, f"of readings (at least {EN_50160_SHARE:g})"),
            "outside Range A": (self.range_a_h, "house-hours"),
            "outside Range B": (self.range_b_h, "house-hours"),
            "longest outside Range A": (self.longest_outside_a_h, "h"),
        }


def _number(value: float | None) -> str:
    return "none" if value is None else f"{value:.4g}"


def quality_of(run: Results) -> Quality:
    """The figures of a run, a piece of its tables at a time."""
    step_s = power_flow_s(run)
    minutes, houses = step_s / 60, len(run.feeder_map["houses"])
    divides = _MEAN_S % step_s == 0
    a_mean = _MEAN_S // step_s if divides else 1
    count = _Count(houses, a_mean, round(7 * _MINUTES_PER_DAY / (minutes * a_mean)))
    for piece in run.frames(solved_voltages(run), "v_pu"):
        for v_pu in piece["v_pu"].to_numpy().reshape(-1, houses):
            count.add(v_pu)
    share = count.least_share()
    interruptions = int(count.interruptions.sum())
    dark_min = float(count.dark.sum()) * minutes
    return Quality(
        saidi_min=dark_min / houses,
        saifi=interruptions / houses,
        caidi_min=dark_min / interruptions if interruptions else None,
        en_50160_share=share,
        en_50160_met=None if share is None else share >= EN_50160_SHARE,
        range_a_h=int(count.outside_a.sum()) * minutes / 60,
        range_b_h=int(count.outside_b.sum()) * minutes / 60,
        longest_outside_a_h=int(count.longest.max(initial=0)) * minutes / 60,
    )


class _Count:
    """Counters by house. a_mean: ticks of a 10-minute mean. a_week: means of a week."""

    def __init__(self, houses: int, a_mean: int, a_week: int) -> None:
        self._a_mean, self._a_week, self._ticks, self._means = a_mean, a_week, 0, 0
        self._sum_pu = np.zeros(houses)
        self._lit = np.zeros(houses, dtype=np.int64)
        self.dark = np.zeros(houses, dtype=np.int64)
        self.interruptions = np.zeros(houses, dtype=np.int64)
        self.outside_a = np.zeros(houses, dtype=np.int64)
        self.outside_b = np.zeros(houses, dtype=np.int64)
        self.longest = np.zeros(houses, dtype=np.int64)
        self._stay = np.zeros(houses, dtype=np.int64)
        self._was_dark = np.zeros(houses, dtype=bool)
        self._within = np.zeros(houses, dtype=np.int64)
        self._read = np.zeros(houses, dtype=np.int64)
        self._least: float | None = None

    def add(self, v_pu: FloatArray) -> None:
        """A tick: voltages of all houses, 0 without supply."""
        dark = v_pu <= 0
        self.dark += dark
        self.interruptions += dark & ~self._was_dark
        self._was_dark = dark
        outside_a = ~dark & ((v_pu < ANSI_A_PU[0]) | (v_pu > ANSI_A_PU[1]))
        self.outside_a += outside_a
        self.outside_b += ~dark & ((v_pu < ANSI_B_PU[0]) | (v_pu > ANSI_B_PU[1]))
        self._stay = np.where(outside_a, self._stay + 1, 0)
        self.longest = np.maximum(self.longest, self._stay)
        self._sum_pu += np.where(dark, 0.0, v_pu)
        self._lit += ~dark
        self._ticks += 1
        if self._ticks % self._a_mean == 0:
            self._end_mean()

    def least_share(self) -> float | None:
        """Of means within EN 50160's limits, of any house and week; None without a reading."""
        self._end_mean()
        self._end_week()
        return self._least

    def _end_mean(self) -> None:
        lit = self._lit > 0
        mean_pu = self._sum_pu / np.where(lit, self._lit, 1)
        self._read += lit
        self._within += lit & (mean_pu >= EN_50160_PU[0]) & (mean_pu <= EN_50160_PU[1])
        self._sum_pu[:] = 0
        self._lit[:] = 0
        self._means += 1
        if self._means % self._a_week == 0:
            self._end_week()

    def _end_week(self) -> None:
        read = self._read > 0
        if read.any():
            share = float((self._within[read] / self._read[read]).min())
            self._least = share if self._least is None else min(self._least, share)
        self._within[:] = 0
        self._read[:] = 0
