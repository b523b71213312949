"""Write the summaries of the reference runs, which a test reproduces and reviewers compare,
and the figures of the pages.

    python benchmarks/reference.py
"""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path

from p2p_cosim import load, run
from p2p_cosim.plots import save_all

ROOT = Path(__file__).parents[1]
REFERENCE = ROOT / "results" / "reference"
FIGURES = ROOT / "docs" / "figures"
SCENARIOS = ("trading_day", "three_houses", "measured_day", "outage")
SHOWN = {"trading_day": ("overview", "trading_day"), "outage": ("outage_timeline",) * 2}
"""By scenario, the figure that a page shows and the name of its file there."""


def main() -> None:
    """Run every reference scenario with its own seed and write its summary."""
    for name in SCENARIOS:
        with tempfile.TemporaryDirectory() as out:
            results = run(load(ROOT / "scenarios" / f"{name}.yaml"), out=out)
            text = json.dumps(results.summary().as_dict(), indent=2) + "\n"
            (REFERENCE / f"{name}.json").write_text(text, encoding="utf-8")
            if name in SHOWN:
                figure, file = SHOWN[name]
                save_all(results, Path(out) / "figures", formats=["png"])
                shutil.copy(Path(out) / "figures" / f"{figure}.png", FIGURES / f"{file}.png")
            print(f"{name}: {results!r}")


if __name__ == "__main__":
    main()
