"""The figure of a study, from its stored table alone."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from p2p_cosim.studies.published.study import Study, read_table

if TYPE_CHECKING:
    import pandas as pd

ARM = "arm"
"""A column that a figure may name: the sweep and what it varies, a line each."""
_DPI = 300


def draw(study: Study, file: Path) -> None:
    """Draw the study's figure into a file."""
    from p2p_cosim import plots
    from p2p_cosim.plots.style import applied

    arguments = dict(study.figure)
    table = read_table(study)
    table[ARM] = _arms(table, study.axes)
    if suffix := arguments.pop("institutions", None):
        table = _by_institution(table, suffix)
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
    long = table.melt(others, columns, "institution", suffix.removeprefix("_"))
    return long.assign(institution=long["institution"].str.removesuffix(suffix))


def _arms(table: pd.DataFrame, axes: tuple[str, ...]) -> list[str]:
    return [
        "\n".join(str(v) for v in (row["sweep"], *(row[a] for a in axes)) if v == v)  # noqa: PLR0124 (NaN)
        for row in table.to_dict("records")
    ]
