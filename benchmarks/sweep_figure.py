"""The figure of docs/figures that shows a sweep: houses outside the band against the share of PV.

    python benchmarks/sweep_figure.py

Runs scenarios/sweeps/controllers_and_pv.yaml in a folder that goes away: a minute or two.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import yaml

import p2p_cosim as p2p

ROOT = Path(__file__).parents[1]
FILE = ROOT / "scenarios" / "sweeps" / "controllers_and_pv.yaml"


def main() -> None:
    """Run the sweep and draw its table."""
    told = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    base = p2p.load(FILE.parent / told["base"])
    with tempfile.TemporaryDirectory() as out:
        found = p2p.sweep(base, told["fields"], seeds=told["seeds"], name=FILE.stem, out=out)
        table = found.table("house_ticks_outside")
    ax = p2p.plots.sweep_line(table, "pv_share", "house_ticks_outside", by="controller")
    ax.figure.savefig(ROOT / "docs" / "figures" / "sweep.png", dpi=200)


if __name__ == "__main__":
    main()
