"""Story 3 under every controller: prints the table and draws the figure of docs/control.md.

python benchmarks/overvoltage.py
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from p2p_cosim import load, run
from p2p_cosim.plots import overvoltage
from p2p_cosim.record import Results

ROOT = Path(__file__).parents[1]
SCENARIO = ROOT / "scenarios" / "overvoltage.yaml"
FIGURE = ROOT / "docs" / "figures" / "overvoltage.png"
BEFORE, SALE = 3, 12  # ticks: no sun yet, and the middle of the sale
CONTROLLERS: dict[str, dict[str, object]] = {
    "hold": {"controller": "hold"},
    "regcontrol": {"controller": "regcontrol"},
    "look_ahead, smallest": {"controller": "look_ahead", "policy": "smallest"},
    "look_ahead, setpoint": {"controller": "look_ahead", "policy": "setpoint"},
    "reactive": {"controller": "reactive"},
    "volt_var": {"controller": "volt_var"},
    "curtail": {"controller": "curtail"},
}
IN_FIGURE = tuple(CONTROLLERS)[:4]


def row(name: str, results: Results) -> str:
    """One controller: highest house before and during the sale, ticks above, taps, energy."""
    highest = results.feeder["v_max_pu"]
    last = results.taps[results.taps["tick"] <= SALE].groupby("regulator", sort=False)["tap"].last()
    sale = results.households[results.households["tick"] == SALE]
    return (
        f"| {name} | {highest[BEFORE]:.4f} | {highest[SALE]:.4f} | {highest.max():.4f} "
        f"| {int((highest > 1.05).sum())} | {'/'.join(str(tap) for tap in last)} "
        f"| {sale['curtailed_kw'].sum():.1f} kW |"
    )


def main() -> None:
    """Run, print and draw."""
    base = load(SCENARIO)
    with tempfile.TemporaryDirectory() as out:
        runs = {name: run(base.replace(some), out=out) for name, some in CONTROLLERS.items()}
        print("| controller | before | sale | highest | ticks above 1.05 | taps | curtailed |")
        print("|---|---|---|---|---|---|---|")
        for name, results in runs.items():
            print(row(name, results))
        axes = overvoltage({name: runs[name] for name in IN_FIGURE})
        axes.figure.savefig(FIGURE, dpi=200)


if __name__ == "__main__":
    main()
