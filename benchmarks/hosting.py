"""Hosting capacity of the IEEE 13-bus feeder under four controllers: docs/hosting.md.

    python benchmarks/hosting.py [--draws 10] [--days 3]

Thirty houses, arrays round 8 kW with the weather model, placed anew in every draw; the first days
of 21 June, 21 March and 21 December. About a tenth of a CPU second a draw, day, value and
controller, so half a minute for each draw and day.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import cast

from matplotlib.figure import Figure

from p2p_cosim import load, plots
from p2p_cosim.studies.hosting import LIMITS, HostingCapacity, hosting_capacity

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "hosting.md"
FIGURE = ROOT / "docs" / "figures" / "hosting.png"
BEGIN, END = "<!-- begin hosting -->", "<!-- end hosting -->"
DAYS = (date(2024, 6, 21), date(2024, 3, 21), date(2024, 12, 21))
VALUES = (0.2, 0.4, 0.6, 0.8, 1.0)
CONTROLLERS = ("hold", "reactive", "look_ahead", "curtail")


def main() -> None:
    """Scan, and write the page and its figure."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--draws", type=int, default=10)
    parser.add_argument("--days", type=int, default=3)
    options = parser.parse_args()
    base = load(ROOT / "scenarios" / "trading_day.yaml").replace(
        {"pv_kw": 8.0, "pv_performance_ratio": 1.0}
    )
    found = {}
    for controller in CONTROLLERS:
        scenario = base.replace(controller=controller)
        found[controller] = hosting_capacity(
            *(scenario, "pv_share", VALUES, options.draws, DAYS[: options.days])
        )
        print(controller, found[controller].capacities(), flush=True)
    days = ", ".join(str(day) for day in DAYS[: options.days])
    text = f"{options.draws} draws, days {days}.\n\n{table(found)}"
    page = PAGE.read_text(encoding="utf-8")
    before, after = page.split(BEGIN)[0], page.split(END)[1]
    PAGE.write_text(f"{before}{BEGIN}\n\n{text}\n\n{END}{after}", encoding="utf-8")
    ax = plots.hosting_capacity({name: capacity.table() for name, capacity in found.items()})
    cast(Figure, ax.get_figure(root=True)).savefig(FIGURE, dpi=200)


def table(found: Mapping[str, HostingCapacity]) -> str:
    """Markdown: percentiles of the capacity, of all limits and of each."""
    lines = [
        "| controller | limit | 5th percentile | median | 95th percentile | fits again above |",
        "|---|---|---|---|---|---|",
    ]
    for name, capacity in found.items():
        violated = {limit for trial in capacity.trials for limit in trial.violated}
        for limit in (None, *(limit for limit in LIMITS if limit in violated)):
            shares = [capacity.percentile(percent, limit) for percent in (5, 50, 95)]
            cells = [f"{share:.0%}" if share is not None else "below 20%" for share in shares]
            again = f"{capacity.not_monotone(limit)} draws"
            lines.append(f"| {name} | {limit or 'all'} | {' | '.join(cells)} | {again} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
