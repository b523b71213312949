"""Story 4 with and without the market: writes the table and the figure of docs/oversale.md.

python benchmarks/oversale.py
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from p2p_cosim import load, run
from p2p_cosim.plots import overvoltage
from p2p_cosim.record import Results

ROOT = Path(__file__).parents[1]
SCENARIO = ROOT / "scenarios" / "oversale.yaml"
PAGE = ROOT / "docs" / "oversale.md"
FIGURE = ROOT / "docs" / "figures" / "oversale.png"
BEGIN, END = "<!-- begin oversale -->", "<!-- end oversale -->"
SALE = 4  # a tick in which battery and car sell
CASES: dict[str, dict[str, object]] = {
    "market, look_ahead": {},
    "market, hold": {"control.controller": "hold"},
    "no market, hold": {"control.controller": "hold", "market.strategy": "opt_out"},
}


def row(name: str, results: Results) -> str:
    """One case: voltages, taps, what was sold and what flowed in the middle of the sale."""
    feeder, houses = results.feeder, results.households
    at_sale = houses[houses["tick"] == SALE]
    highest = feeder["v_max_pu"]
    last = results.taps.groupby("regulator", sort=False)["tap"].last()
    return (
        f"| {name} | {results.trades['energy_wh'].sum() / 1e3:.0f} kWh "
        f"| {at_sale['p_kw'].mean():+.1f} kW | {highest[SALE]:.4f} | {highest.max():.4f} "
        f"| {int((highest > 1.05).sum())} | {'/'.join(str(tap) for tap in last)} "
        f"| {feeder['losses_kw'][SALE]:.1f} kW | {service_loading(results):.0%} |"
    )


def service_loading(results: Results) -> float:
    """Of the fullest service transformer in the middle of the sale, a share of its rating."""
    loadings = results.table("loadings")
    service = loadings["element"].str.startswith("service_") & (loadings["tick"] == SALE)
    return float((loadings["current_a"] / loadings["rated_a"])[service].max())


def main() -> None:
    """Run, write and draw."""
    base = load(SCENARIO)
    with tempfile.TemporaryDirectory() as out:
        runs = {name: run(base.replace(some), out=out) for name, some in CASES.items()}
        lines = [
            "| case | sold | a house, sale | highest, sale | highest | ticks above 1.05 | taps "
            "| losses, sale | fullest service transformer, sale |",
            "|---|---|---|---|---|---|---|---|---|",
            *(row(name, results) for name, results in runs.items()),
        ]
        axes = overvoltage(runs)
        axes.figure.savefig(FIGURE, dpi=200)
    page = PAGE.read_text(encoding="utf-8")
    before, after = page.split(BEGIN)[0], page.split(END)[1]
    table = "\n".join(lines)
    PAGE.write_text(f"{before}{BEGIN}\n\n{table}\n\n{END}{after}", encoding="utf-8")
    print(table)


if __name__ == "__main__":
    main()
