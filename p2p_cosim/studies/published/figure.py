"""The figure of a study, from its stored table alone."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from p2p_cosim.studies.published.study import Study, read_table

ARM = "arm"
"""A column that a figure may name: the sweep and what it varies, a line each."""
_DPI = 300
_LETTERS = 12  # of a name that fits beside others


def draw(study: Study, file: Path) -> None:
    """Draw the study's figure into a file."""
    from p2p_cosim import plots
    from p2p_cosim.plots.style import applied

    arguments = dict(study.figure)
    table = read_table(study)
    if sweeps := arguments.pop("sweeps", None):
        table = table[table["sweep"].isin(sweeps)].dropna(axis="columns", how="all")
    table[ARM] = _arms(table, tuple(axis for axis in study.axes if axis in table.columns))
    if suffix := arguments.pop("institutions", None):
        table = _by_institution(table, suffix)
    if baseline := arguments.pop("saved_against", None):
        table = _saved(table, baseline, arguments["x"], arguments["figure"])
    kept = ["sweep", "seed", *(v for v in arguments.values() if v in table.columns)]
    function = getattr(plots, arguments.pop("draw"))
    ax = function(table[list(dict.fromkeys(kept))], **arguments)
    file.parent.mkdir(parents=True, exist_ok=True)
    with applied():
        ax.figure.savefig(file, dpi=_DPI, metadata={"Software": None})


def image_difference(a: Path, b: Path) -> float:
    """Mean difference of two figures in 0 to 1; 1 if they have another size."""
    from matplotlib.image import imread

    first, second = imread(a), imread(b)
    if first.shape != second.shape:
        return 1.0
    return float(np.abs(first.astype(float) - second.astype(float)).mean())


def _by_institution(table: pd.DataFrame, suffix: str) -> pd.DataFrame:
    """Columns `<institution><suffix>` below each other, as columns `institution` and the figure."""
    columns = [name for name in table.columns if name.endswith(suffix)]
    others = [name for name in table.columns if name not in columns]
    figure = suffix.removeprefix("_")
    long = table.melt(others, columns, "institution", figure).dropna(subset=[figure])
    names = long["institution"].str.removesuffix(suffix).str.replace("_", " ")
    return long.assign(institution=names)


def _saved(table: pd.DataFrame, baseline: str, x: str, figure: str) -> pd.DataFrame:
    """What each institution pays less than `baseline` with the same seed, as column `figure`."""
    keys, paid = [x, "seed"], "paid_eur"
    alone = table[table["institution"] == baseline].set_index(keys)[paid]
    others = table[table["institution"] != baseline]
    there = pd.MultiIndex.from_frame(others[keys])
    return others.assign(**{figure: alone.reindex(there).to_numpy() - others[paid].to_numpy()})


def _arms(table: pd.DataFrame, axes: tuple[str, ...]) -> list[str]:
    """The sweep and its values, a line each; long names of sweeps are broken."""
    return [
        "\n".join(str(v) for v in (_broken(row["sweep"]), *(row[a] for a in axes)) if v == v)  # noqa: PLR0124 (NaN)
        for row in table.to_dict("records")
    ]


def _broken(name: str) -> str:
    return name.replace("_", "\n" if len(name) > _LETTERS else " ")
