"""Published studies: their tables run again and compared, in part or whole.

A study is a folder of results/published: `study.yaml`, sweep files in `sweeps/`, the resolved
scenarios behind them in `scenarios/`, `table.csv`, `figure.png`, a page `README.md`, and
`sha256.json` with the checksum of each.
"""

from p2p_cosim.studies.published.check import check_hashes, repeat
from p2p_cosim.studies.published.figure import draw, image_difference
from p2p_cosim.studies.published.rows import Rows, run_rows, sample
from p2p_cosim.studies.published.store import store
from p2p_cosim.studies.published.study import FIGURE, TABLE, Study, read_table, studies
from p2p_cosim.studies.published.verdicts import Verdict, note, read_verdicts

__all__ = [
    "FIGURE",
    "TABLE",
    "Rows",
    "Study",
    "Verdict",
    "check_hashes",
    "draw",
    "image_difference",
    "note",
    "read_table",
    "read_verdicts",
    "repeat",
    "run_rows",
    "sample",
    "store",
    "studies",
]
