"""Write the summaries of the reference runs, which a test reproduces and reviewers compare,
and the figure of the README.

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
FIGURE = ROOT / "docs" / "figures" / "trading_day.png"
SCENARIOS = ("trading_day", "three_houses", "measured_day")


def main() -> None:
    """Run every reference scenario with its own seed and write its summary."""
    for name in SCENARIOS:
        with tempfile.TemporaryDirectory() as out:
            results = run(load(ROOT / "scenarios" / f"{name}.yaml"), out=out)
            text = json.dumps(results.summary().as_dict(), indent=2) + "\n"
            (REFERENCE / f"{name}.json").write_text(text, encoding="utf-8")
            if name == "trading_day":
                save_all(results, Path(out) / "figures", formats=["png"])
                shutil.copy(Path(out) / "figures" / "overview.png", FIGURE)
            print(f"{name}: {results!r}")


if __name__ == "__main__":
    main()
