"""What strategies learn from round to round: table and figure of docs/strategies.md.

python benchmarks/learning.py [--seeds 5] [--days 10]

The houses of the trading day, hour by hour for some days, all with one strategy. Values of energy
differ between houses (market.value_spread 0.5) and forecasts are perfect, so that arms differ by
their prices alone: loads, weather and values are the same with a seed.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from p2p_cosim import load, run
from p2p_cosim.core.units import eur_per_kwh_of
from p2p_cosim.plots.style import (
    BLACK,
    BLUE,
    COLUMN_WIDTH_IN,
    GREEN,
    GREY,
    ORANGE,
    VERMILION,
    applied,
)
from p2p_cosim.record import Results
from p2p_cosim.record.surplus import best_of
from p2p_cosim.statistics import means, paired_differences

ROOT = Path(__file__).parents[1]
PAGE, FIGURE = ROOT / "docs" / "strategies.md", ROOT / "docs" / "figures" / "learning.png"
COLOURS = {
    "truthful": GREY,
    "zic": BLACK,
    "time_ramp": ORANGE,
    "zip": BLUE,
    "roth_erev": GREEN,
    "modified_roth_erev": VERMILION,
}
A_DAY, LAST = 24, 3
FIGURES = {
    "efficiency": "Gains of trade, share of the most",
    "price": "Mean price (EUR/kWh)",
}


def by_day(results: Results, days: int) -> pd.DataFrame:
    """One row a day: gains of trade over the most possible, and the mean price in EUR/kWh."""
    houses = results.feeder_map["houses"]
    values = results.manifest["values"]
    value = {house: float(values[house][0]) for house in houses}
    cost = {house: float(values[house][1]) for house in houses}
    trades = results.trades
    wh = trades["energy_wh"].astype(float)
    gain = wh * (trades["buyer"].map(value) - trades["seller"].map(cost)).astype(float)
    paid = wh * trades["price_wei_per_wh"].astype(float)
    day = trades["tick"] // A_DAY
    sums = pd.DataFrame({"gain": gain, "wh": wh, "paid": paid}).groupby(day).sum()
    sums = sums.reindex(range(days), fill_value=0.0)
    best = np.zeros(days)
    for tick, rows in results.households.groupby("tick"):
        net, name = rows["metered_wh"].to_numpy(dtype=float), rows["house"]
        need, over = net > 0, net < 0
        if need.any() and over.any():
            best[tick // A_DAY] += best_of(
                net[need],
                name.map(value).to_numpy(dtype=float)[need],
                -net[over],
                name.map(cost).to_numpy(dtype=float)[over],
            )
    price = sums["paid"] / sums["wh"].replace(0.0, np.nan)
    return pd.DataFrame(
        {
            "day": range(1, days + 1),
            "efficiency": sums["gain"] / best,
            "price": [eur_per_kwh_of(wei, results.eur_per_ether) for wei in price],
        }
    )


def rows(seeds: int, days: int) -> pd.DataFrame:
    """One row a strategy, seed and day."""
    base = load(ROOT / "scenarios" / "trading_day.yaml").replace(
        {
            "clock.interval_min": 60,
            "clock.ticks": days * A_DAY,
            "control.controller": "hold",
            "market.value_spread": 0.5,
            "market.deposit_eur": 1000.0,  # nobody's money ends within the days
            "profiles.forecaster": "perfect",
        }
    )
    found = []
    with tempfile.TemporaryDirectory() as out:
        for seed in range(1, seeds + 1):
            for name in COLOURS:
                results = run(base.replace({"market.strategy": name}), seed=seed, out=out)
                found.append(by_day(results, days).assign(strategy=name, seed=seed))
            print(f"seed {seed} of {seeds}", flush=True)
    return pd.concat(found, ignore_index=True)


def table(found: pd.DataFrame) -> str:
    """First and last days of every strategy, and the last against zero intelligence."""
    days = int(found["day"].max())
    last = found[found["day"] > days - LAST]
    ended = last.groupby(["strategy", "seed"], as_index=False)[list(FIGURES)].mean()
    began = found[found["day"] == 1].groupby("strategy")[list(FIGURES)].mean()
    mean = ended.groupby("strategy")[list(FIGURES)].mean()
    some = ended[["strategy", "seed", "efficiency"]]
    against = paired_differences(some, "efficiency", "strategy", "zic").set_index("strategy")
    lines = [
        f"| `market.strategy` | gains, day 1 | days {days - LAST + 1} to {days} | against `zic` "
        f"| price, day 1 | days {days - LAST + 1} to {days} |",
        "|---|---|---|---|---|---|",
    ]
    for name in COLOURS:
        told = ""
        if name in against.index:
            d = against.loc[name]
            told = f"{100 * d['difference']:+.0f} ({100 * d['low']:+.0f} to {100 * d['high']:+.0f})"
        lines.append(
            f"| `{name}` | {began.loc[name, 'efficiency']:.0%} | {mean.loc[name, 'efficiency']:.0%}"
            f" | {told} | {began.loc[name, 'price']:.3f} | {mean.loc[name, 'price']:.3f} |"
        )
    return "\n".join(lines)


def draw(found: pd.DataFrame) -> None:
    """Both figures by day, with the spread of the seeds."""
    with applied():
        figure, axes = plt.subplots(
            1, 2, figsize=(2 * COLUMN_WIDTH_IN, 2.5), layout="constrained", sharex=True
        )
        for axis, (which, label), letter in zip(axes, FIGURES.items(), "ab", strict=True):
            for name, colour in COLOURS.items():
                curve = means(found[found["strategy"] == name], ["day"], [which])
                axis.plot(curve["day"], curve["mean"], color=colour, label=name)
                band = (curve["day"], curve["low"], curve["high"])
                axis.fill_between(*band, color=colour, alpha=0.15, linewidth=0)
            axis.set(xlabel="Day", ylabel=label)
            axis.set_title(f"({letter})", loc="left")
        axes[0].set_ylim(0, 1.05)
        figure.legend(*axes[0].get_legend_handles_labels(), loc="outside upper center", ncols=6)
        figure.savefig(FIGURE, dpi=200)


def main() -> None:
    """Run, draw and write."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--days", type=int, default=10)
    args = parser.parse_args()
    found = rows(args.seeds, args.days)
    text = table(found)
    print(text)
    page = PAGE.read_text(encoding="utf-8")
    begin, end = "<!-- begin learning -->", "<!-- end learning -->"
    page = f"{page.split(begin)[0]}{begin}\n\n{text}\n\n{end}{page.split(end)[1]}"
    PAGE.write_text(page, encoding="utf-8")
    draw(found)


if __name__ == "__main__":
    main()
