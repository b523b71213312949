"""Hosting capacity: how much PV a feeder takes, over many placements, sizes and days.

Monte Carlo as in the field (A. Navarro-Espinosa and L. F. Ochoa, IEEE Transactions on Power Systems
31 (2016) 2269, doi:10.1109/TPWRS.2015.2448663): every draw places PV anew, every value of a scan is
run on every day, and the answer is a distribution. A scan, since under a controller more PV may
fit where less does not.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from p2p_cosim.compose.seeds import Purpose, rng_of
from p2p_cosim.core.errors import DivergenceError, InputError
from p2p_cosim.core.limits import UNBALANCE
from p2p_cosim.core.types import FloatArray
from p2p_cosim.core.units import energy_wh, whole_wh
from p2p_cosim.record.rows.grid import unbalance
from p2p_cosim.scenario import Scenario
from p2p_cosim.studies.feeder_run import Behind, FeederRun

if TYPE_CHECKING:
    import pandas as pd

FIELDS = ("pv_share", "pv_kw")
TENTHS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
LIMITS = ("voltage", "thermal", "unbalance", "curtailment", "solution")
"""What can be violated; the last is a power flow that has none."""

BoolArray = NDArray[np.bool_]
# What PV must add before it counts, so that a tap step is not taken for it.
_ADDED_LOADING, _ADDED_UNBALANCE = 0.05, 0.002


@dataclass(frozen=True, slots=True)
class Limits:
    """What PV may not cause. The upper voltage is the scenario's `control.v_max_pu`.

    loading: of lines and transformers, over their rating. unbalance: of voltage, after NEMA.
    curtailed_share: of the energy that PV could give.
    """

    loading: float = 1.0
    unbalance: float = UNBALANCE
    curtailed_share: float = 0.05


@dataclass(frozen=True, slots=True)
class Trial:
    """One day with one draw and one value, and the limits that PV violated there."""

    draw: int
    day: date
    value: float
    violated: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class HostingCapacity:
    """What a scan found. values: ascending. trials: in the order they were run."""

    field: str
    values: tuple[float, ...]
    trials: tuple[Trial, ...]

    def capacities(self, limit: str | None = None) -> FloatArray:
        """Of every draw, the largest value up to which no day violates the limit, or any limit
        if none is named; NaN if the lowest already does. Shape (draws,)."""
        fits = self._fits(limit)
        upto = np.cumprod(fits, axis=1).sum(axis=1)
        ladder = np.array([np.nan, *self.values])
        return np.asarray(ladder[upto])

    def percentile(self, percent: float, limit: str | None = None) -> float | None:
        """Of the draws' capacities, one that lies among them; None if the lowest does not fit."""
        sure = np.nan_to_num(self.capacities(limit), nan=-np.inf)
        found = float(np.percentile(sure, percent, method="lower"))
        return None if np.isinf(found) else found

    def not_monotone(self, limit: str | None = None) -> int:
        """Draws in which a larger value fits although a smaller one does not."""
        fits = self._fits(limit)
        return int((fits[:, 1:] & ~fits[:, :-1]).any(axis=1).sum())

    def table(self) -> pd.DataFrame:
        """A row a draw and value: `draw`, the field, and for each limit whether it was violated."""
        import pandas as pd

        wrong = {limit: ~self._fits(limit) for limit in LIMITS}
        draws = range(len(wrong[LIMITS[0]]))
        where = [(draw, value) for draw in draws for value in self.values]
        table = pd.DataFrame(where, columns=["draw", self.field])
        return table.assign(**{limit: outside.ravel() for limit, outside in wrong.items()})

    def _fits(self, limit: str | None) -> BoolArray:
        draws = 1 + max(trial.draw for trial in self.trials)
        fits = np.ones((draws, len(self.values)), dtype=bool)
        for trial in self.trials:
            if trial.violated if limit is None else limit in trial.violated:
                fits[trial.draw, self.values.index(trial.value)] = False
        return fits


def hosting_capacity(
    scenario: Scenario,
    field: str = "pv_share",
    values: Sequence[float] = TENTHS,
    draws: int = 20,
    days: Sequence[date] = (),
    *,
    size_spread: float = 0.3,
    limits: Limits | None = None,
    on_trial: Callable[[Trial], None] | None = None,
) -> HostingCapacity:
    """Scan `pv_share` or `pv_kw` under the scenario's controller, without its market.

    draws: placements, each with sizes of its own round `pv_kw`, log-normal with the relative
    standard deviation `size_spread`. days: the scenario's own if none. A controller that reads
    trades is told what houses will feed in, with their forecast error. What the feeder violates
    without PV in the same interval does not count. Nothing is written.

    Raises InputError for a field that cannot be scanned, no values or draws, a limit or spread
    below 0, measured profiles, and as `Behind.of` does.
    """
    _check(scenario, field, values, draws)
    _check_numbers(limits or Limits(), size_spread)
    values = tuple(sorted(values))
    trials = []
    for day in days or (scenario.clock.clock().start.date(),):
        study = _Day(scenario, day, limits or Limits())
        for draw in range(draws):
            rng = rng_of(scenario.seed, Purpose.HOSTING, draw)
            order, size = rng.permutation(study.houses), _sizes(rng, study.houses, size_spread)
            for value in values:
                share = value if field == "pv_share" else scenario.profiles.pv_share
                rating = size if field == "pv_share" else size * value / scenario.profiles.pv_kw
                chosen = np.zeros(study.houses)
                chosen[order[: round(share * study.houses)]] = 1.0
                trials.append(Trial(draw, day, value, study.violated(chosen * rating, draw)))
                if on_trial:
                    on_trial(trials[-1])
    return HostingCapacity(field, values, tuple(trials))


def _check(scenario: Scenario, field: str, values: Sequence[float], draws: int) -> None:
    if field not in FIELDS:
        raise InputError(f"{field!r} cannot be scanned: take {' or '.join(FIELDS)}")
    most = 1.0 if field == "pv_share" else float("inf")
    if not values or not all(0 <= value <= most for value in values) or draws < 1:
        raise InputError(
            f"{len(values)} values of {field} and {draws} draws are no scan: give at least one of "
            f"each, values from 0{'' if most == float('inf') else ' to 1'}"
        )
    if scenario.profiles.source != "generated" or scenario.profiles.pv_kw <= 0:
        raise InputError("PV is placed anew: write profiles.source: generated, pv_kw above 0")


def _check_numbers(limits: Limits, size_spread: float) -> None:
    numbers = {**asdict(limits), "size_spread": size_spread}
    wrong = [f"{name} {number:g}" for name, number in numbers.items() if not 0 <= number < np.inf]
    if wrong:
        raise InputError(f"{', '.join(wrong)}: give finite numbers from 0 on")


def _sizes(rng: np.random.Generator, houses: int, spread: float) -> FloatArray:
    sigma = float(np.sqrt(np.log1p(spread**2)))
    return rng.lognormal(-(sigma**2) / 2, sigma, houses)


@dataclass(frozen=True, slots=True, eq=False)
class _Seen:
    """A day of a feeder: shapes (ticks, houses), (ticks, elements), (ticks,), and a share."""

    above: BoolArray
    loading: FloatArray
    unbalance: FloatArray
    curtailed_share: float


class _Day:
    """A day with loads that stay the same, however PV is placed."""

    def __init__(self, scenario: Scenario, day: date, limits: Limits) -> None:
        start = scenario.clock.clock().start
        moved = {"start": f"{day} {start:%H:%M}", "pv_share": 1.0}
        self._scenario, self._limits = scenario.replace(moved), limits
        self._everywhere = Behind.of(self._scenario)
        self.houses = self._everywhere.load_kw.shape[1]
        self._without = self._run(np.zeros(self.houses), 0)

    def violated(self, rating: FloatArray, draw: int) -> tuple[str, ...]:
        """Limits that PV violates. rating: shape (houses,), in multiples of `pv_kw`."""
        try:
            seen = self._run(rating, draw)
        except DivergenceError:
            return ("solution",)
        without, limits = self._without, self._limits
        more = (np.maximum(limits.loading, without.loading + _ADDED_LOADING) < seen.loading).any()
        skewed = np.maximum(limits.unbalance, without.unbalance + _ADDED_UNBALANCE) < seen.unbalance
        found = {
            "voltage": bool((seen.above & ~without.above).any()),
            "thermal": bool(more),
            "unbalance": bool(skewed.any()),
            "curtailment": seen.curtailed_share > limits.curtailed_share,
        }
        return tuple(name for name, wrong in found.items() if wrong)

    def _run(self, rating: FloatArray, draw: int) -> _Seen:
        every = self._everywhere
        available_kw = every.available_kw * rating
        behind = replace(every, available_kw=available_kw, rating_kva=every.rating_kva * rating)
        run = FeederRun(self._scenario, behind, self._sold(behind, draw))
        ticks = list(run)
        rated_a = np.array([element.rated_a for element in run.grid.rated_elements])
        nodes, states = run.grid.node_names, [tick.state for tick in ticks]
        could_kw = float(available_kw.sum())
        held_kw = sum(tick.curtailed_kw for tick in ticks)
        return _Seen(
            above=np.array([s.house_v_pu for s in states]) > self._scenario.control.v_max_pu,
            loading=np.array([s.current_a for s in states]) / rated_a,
            unbalance=np.array([unbalance(s.node_v_pu, nodes) for s in states]),
            curtailed_share=held_kw / could_kw if could_kw else 0.0,
        )

    def _sold(self, behind: Behind, draw: int) -> list[dict[str, int]]:
        """What houses would trade: their net power, with the error of their forecasts."""
        profiles, interval_s = self._scenario.profiles, self._scenario.clock.clock().interval_s
        rng = rng_of(self._scenario.seed, Purpose.HOSTING, draw, 1)
        net_kw = behind.load_kw - behind.available_kw
        told_kw = net_kw * (1 + profiles.forecast_error * rng.standard_normal(net_kw.shape))
        names = self._scenario.house_names
        return [
            {name: whole_wh(energy_wh(kw, interval_s)) for name, kw in zip(names, row, strict=True)}
            for row in told_kw.tolist()
        ]
