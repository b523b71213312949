"""Writing a study's table, figure, resolved scenarios and checksums."""

from __future__ import annotations

import json

from p2p_cosim.studies.published.figure import draw
from p2p_cosim.studies.published.rows import Rows
from p2p_cosim.studies.published.study import FIGURE, HASHES, TABLE, Study

_DIGITS = 12  # of a float in the stored table: more than any tolerance


def store(study: Study, made: Rows) -> None:
    """Store all rows of a study, and what follows from them."""
    made.table.to_csv(study.folder / TABLE, lineterminator="\n", float_format=f"%.{_DIGITS}g")
    scenarios = study.folder / "scenarios"
    scenarios.mkdir(exist_ok=True)
    for file in study.sweeps:
        text = file.plan.base.to_yaml()
        (scenarios / f"{file.plan.name}.yaml").write_text(text, "utf-8", newline="\n")
    draw(study, study.folder / FIGURE)
    hashes = json.dumps(study.digests(), indent=1)
    (study.folder / HASHES).write_text(f"{hashes}\n", encoding="utf-8", newline="\n")
