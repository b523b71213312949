"""The tidy table of a sweep, and other shapes of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from p2p_cosim.core.errors import InputError, ResultsError
from p2p_cosim.core.naming import did_you_mean
from p2p_cosim.sweeps.designs import FACTORIAL, SOBOL, salib_problem

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

SEED = "seed"


class Row(Protocol):
    """What a row needs of a run."""

    @property
    def index(self) -> int: ...  # noqa: D102
    @property
    def arm(self) -> int: ...  # noqa: D102
    @property
    def seed(self) -> int: ...  # noqa: D102
    @property
    def point(self) -> Mapping[str, Any]: ...  # noqa: D102


def tidy(
    rows: Iterable[tuple[Row, Mapping[str, object]]], axes: Sequence[str], figures: Sequence[str]
) -> pd.DataFrame:
    """One row a run: axes, seed, figures. A list as a value of an axis becomes text."""
    import pandas as pd

    data: list[dict[str, object]] = []
    for run, summary in rows:
        unknown = [name for name in figures if name not in summary]
        if unknown:
            near = did_you_mean(unknown[0], summary)
            raise ResultsError(f"no summary has {unknown[0]!r}{near}")
        chosen = {name: summary[name] for name in figures or summary}
        values = {name: _plain(run.point[name]) for name in axes}
        data.append({"index": run.index, **values, SEED: run.seed, **chosen})
    columns = ["index", *axes, SEED, *figures]
    return pd.DataFrame(data, columns=None if data else columns).set_index("index")


def numeric(table: pd.DataFrame, axes: Sequence[str]) -> list[str]:
    """Columns that hold figures, of which a mean can be taken."""
    given = {*axes, SEED}
    return [
        name
        for name in table.columns
        if name not in given and all(isinstance(v, (int, float)) for v in table[name].dropna())
    ]


def sobol_indices(
    table: pd.DataFrame, runs: Sequence[Row], axes: Sequence[str], design: str, figure: str
) -> pd.DataFrame:
    """What share of a figure's variance each axis is behind: alone (`first`) and with all its
    interactions (`total`), each with half a 95 % interval. Index `axis`. Seeds are averaged
    first. Saltelli et al. (2010), doi:10.1016/j.cpc.2009.09.018, computed by SALib.

    Raises InputError for another design, a run that is not complete, or a figure that is empty in
    one of them.
    """
    import pandas as pd
    from SALib.analyze import sobol

    if design != SOBOL:
        raise InputError(f"Sobol indices need a sobol design, this one is {design}")
    if len(table) < len(runs) or table[figure].isna().any():
        raise InputError(f"Sobol indices need {figure} of all {len(runs)} runs")
    by_arm = table[figure].groupby([run.arm for run in runs]).mean().to_numpy(dtype=float)
    problem = salib_problem(axes)
    found = sobol.analyze(problem, by_arm, calc_second_order=False, seed=0)
    columns = {
        "first": found["S1"],
        "first_half_width": found["S1_conf"],
        "total": found["ST"],
        "total_half_width": found["ST_conf"],
    }
    return pd.DataFrame(columns, index=pd.Index(axes, name="axis"))


def to_xarray(
    table: pd.DataFrame, runs: Sequence[Row], axes: Sequence[str], design: str
) -> xr.Dataset:
    """The table's figures as arrays over axes and seed, or over arm and seed with the axes as
    coordinates of arms. What is not complete is NaN.

    Raises InputError without the extra.
    """
    try:
        import xarray  # noqa: F401
    except ImportError as error:
        raise InputError(
            f"xarray is not installed ({error}): pip install 'p2p-cosim[data]'"
        ) from None
    figures = table[numeric(table, axes)].astype("float64")
    arms = {run.index: run.arm for run in runs}
    if design == FACTORIAL and not table.duplicated([*axes, SEED]).any() and _is_grid(table, axes):
        return figures.set_index([table[name] for name in (*axes, SEED)]).to_xarray()
    indexed = figures.assign(arm=[arms[i] for i in table.index], seed=table[SEED])
    dataset = indexed.set_index(["arm", SEED]).to_xarray()
    points = {run.arm: run.point for run in runs}
    return dataset.assign_coords(
        {name: ("arm", [_plain(points[int(arm)][name]) for arm in dataset["arm"]]) for name in axes}
    )


def _is_grid(table: pd.DataFrame, axes: Sequence[str]) -> bool:
    """Whether there are no more combinations of values than there would be in a grid."""
    cells = 1
    for name in axes:
        cells *= table[name].nunique()
    return cells <= 4 * max(1, len(table))


def _plain(value: object) -> object:
    return str(value) if isinstance(value, (list, tuple, dict)) else value
