"""Figures of many runs: means with intervals, and paired differences."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from p2p_cosim.core.errors import InputError
from p2p_cosim.core.types import FloatArray

if TYPE_CHECKING:
    import pandas as pd

RESAMPLES = 2000
SEED = "seed"


def interval(values: FloatArray, level: float = 0.95) -> tuple[float, float]:
    """Percentile bootstrap interval of the mean, NaN for fewer than two values. The same values
    give the same interval. Efron and Tibshirani (1993), An Introduction to the Bootstrap, ch. 13.

    With few values, such as five seeds, it is too short: it tells the spread, and no more.
    """
    if len(values) < 2:
        return float("nan"), float("nan")
    rng = np.random.default_rng(0)
    means = rng.choice(values, (RESAMPLES, len(values))).mean(axis=1)
    low, high = np.quantile(means, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def crossed_interval(values: FloatArray, level: float = 0.95) -> tuple[float, float]:
    """Percentile bootstrap interval of the mean of values that share their rows and their columns.

    values: shape (days, seeds), say. Two values of one day are no two days, nor are two of one
    seed two seeds, so rows and columns are drawn anew each by itself. NaN for fewer than two rows
    or columns. The same values give the same interval. Owen (2007), The pigeonhole bootstrap,
    Annals of Applied Statistics 1(2), 386: rather too long than too short.
    """
    rows, columns = values.shape
    if rows < 2 or columns < 2:
        return float("nan"), float("nan")
    rng = np.random.default_rng(0)
    # How often each row and column is drawn: the mean is then bilinear in the two.
    of_rows = rng.multinomial(rows, np.full(rows, 1 / rows), RESAMPLES) / rows
    of_columns = rng.multinomial(columns, np.full(columns, 1 / columns), RESAMPLES) / columns
    means = ((of_rows @ values) * of_columns).sum(axis=1)
    low, high = np.quantile(means, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def means(
    table: pd.DataFrame, by: Sequence[str], figures: Sequence[str], *, level: float = 0.95
) -> pd.DataFrame:
    """Mean of each figure over the rows that agree in `by`, with a bootstrap interval.

    One row a group and figure: `by`, `figure`, `mean`, `low`, `high`, `runs` (rows with a value).
    """
    import pandas as pd

    rows = []
    groups = table.groupby(list(by), sort=False, dropna=False) if by else [((), table)]
    for key, group in groups:
        for figure in figures:
            values = group[figure].dropna().to_numpy(dtype=float)
            mean = float(values.mean()) if len(values) else float("nan")
            rows.append((*key, figure, mean, *interval(values, level), len(values)))
    return pd.DataFrame(rows, columns=[*by, "figure", "mean", "low", "high", "runs"])


def paired_differences(
    table: pd.DataFrame, figure: str, axis: str, baseline: object, *, level: float = 0.95
) -> pd.DataFrame:
    """A figure minus what it is at one value of an axis, between runs that agree in everything
    else, the seed included: what is random in both cancels.

    table: columns are axes, `seed` and `figure`. One row a value of the axis other than
    `baseline`: `axis`, `difference` (mean), `low`, `high` (bootstrap interval), `pairs`.

    Raises InputError if no run has the baseline.
    """
    import pandas as pd

    pairs = pairs_of(table, figure, axis, baseline)
    rows = []
    for value, group in pairs.groupby(axis, sort=False):
        values = group["difference"].to_numpy(dtype=float)
        rows.append((value, float(values.mean()), *interval(values, level), len(values)))
    return pd.DataFrame(rows, columns=[axis, "difference", "low", "high", "pairs"])


def pairs_of(table: pd.DataFrame, figure: str, axis: str, baseline: object) -> pd.DataFrame:
    """Every pair behind `paired_differences`: the run's columns with `difference`."""
    others = [name for name in table.columns if name not in (axis, figure)]
    is_base = table[axis] == baseline
    if not is_base.any():
        known = ", ".join(repr(value) for value in table[axis].unique())
        raise InputError(f"no run has {axis} = {baseline!r}: there are {known}")
    base = table[is_base].drop(columns=axis).rename(columns={figure: "at_baseline"})
    pairs = table[~is_base].merge(base, on=others)
    pairs["difference"] = pairs[figure].astype(float) - pairs["at_baseline"].astype(float)
    return pairs.dropna(subset="difference")
