"""What trade is worth at true values, and what price answers scarcity: tables of docs/values.md.

python benchmarks/true_values.py [--seeds 5]

The trading day under two strategies, two mechanisms, and houses whose values are those of the
tariff or differ (market.value_spread). Arms share every random number that is not the strategy's.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import pandas as pd
from scipy.stats import spearmanr

from p2p_cosim import load, run
from p2p_cosim.core.units import eur_per_kwh_of
from p2p_cosim.record import Results

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "values.md"
STRATEGIES = ("truthful", "zic")
MECHANISMS = ("k_double_auction", "walrasian")
SPREADS = (0.0, 0.5)


def scarcity(results: Results) -> tuple[float, float, float]:
    """Rank correlation of price with demand over supply in the rounds that traded, 0 where the
    price never moves; and the least and most price in EUR/kWh."""
    orders = results.orders[results.orders["rejection"] == ""]
    book = orders.pivot_table(
        index="tick", columns="side", values="energy_wh", aggfunc="sum", fill_value=0
    )
    traded = results.market.set_index("tick")["price_wei_per_wh"].dropna().astype(float)
    ratio = (book["bid"] / book["ask"]).loc[traded.index]
    least, most = (eur_per_kwh_of(p, results.eur_per_ether) for p in (traded.min(), traded.max()))
    moves = traded.nunique() > 1
    return float(spearmanr(traded, ratio)[0]) if moves else 0.0, least, most


def rows(seeds: int) -> pd.DataFrame:
    """One row an arm and seed."""
    base, found = load(ROOT / "scenarios" / "trading_day.yaml"), []
    with tempfile.TemporaryDirectory() as out:
        for seed in range(1, seeds + 1):
            for strategy in STRATEGIES:
                for mechanism in MECHANISMS:
                    for spread in SPREADS:
                        changes = {
                            "market.strategy": strategy,
                            "market.mechanism": mechanism,
                            "market.value_spread": spread,
                        }
                        results = run(base.replace(changes), seed=seed, out=out)
                        summary, (rank, least, most) = results.summary(), scarcity(results)
                        arm = strategy, mechanism, spread
                        found.append(
                            (
                                *(*arm, seed, summary.energy_traded_kwh, summary.welfare_eur),
                                *(summary.surplus_eur, summary.surplus_efficiency),
                                *(least, most, summary.mean_price_eur_per_kwh, rank),
                            )
                        )
            print(f"seed {seed} of {seeds}", flush=True)
    columns = ["strategy", "mechanism", "spread", "seed", "kwh", "declared", "realised"]
    return pd.DataFrame(found, columns=[*columns, "share", "least", "most", "mean", "rank"])


def worth(found: pd.DataFrame) -> str:
    """What is declared and what is realised, and by how much zero intelligence is below truth."""
    some = found[found["mechanism"] == MECHANISMS[0]]
    mean = some.groupby(["spread", "strategy"]).mean(numeric_only=True)
    lines = [
        "| values | strategy | traded | declared | realised | of the best |",
        "|---|---|---|---|---|---|",
    ]
    for spread in SPREADS:
        for strategy in STRATEGIES:
            row = mean.loc[(spread, strategy)]
            lines.append(
                f"| {_values(spread)} | `{strategy}` | {row['kwh']:.0f} kWh | "
                f"{row['declared']:.2f} EUR | {row['realised']:.2f} EUR | {row['share']:.0%} |"
            )
    losses = []
    for spread in SPREADS:
        true, zic = mean.loc[(spread, "truthful")], mean.loc[(spread, "zic")]
        declared, realised = (1 - zic[name] / true[name] for name in ("declared", "realised"))
        losses.append(f"{declared:.0%} as declared and {realised:.0%} as realised")
    text = (
        f"From truthful to zero intelligence welfare falls by {losses[0]} where all houses have "
        f"the tariff's values, and by {losses[1]} where they differ."
    )
    return "\n".join([*lines, "", text])


def prices(found: pd.DataFrame) -> str:
    """How the price of every arm follows scarcity."""
    lines = [
        "| strategy | values | mechanism | prices, EUR/kWh | mean | rank correlation |",
        "|---|---|---|---|---|---|",
    ]
    for (strategy, spread, mechanism), arm in found.groupby(["strategy", "spread", "mechanism"]):
        ranks = arm["rank"].to_numpy()
        told = f"{ranks.mean():.2f}" if ranks.any() else "none: one price"
        if len(ranks) > 1 and ranks.any():
            told += f" ({ranks.min():.2f} to {ranks.max():.2f})"
        lines.append(
            f"| `{strategy}` | {_values(float(spread))} | `{mechanism}` | {arm['least'].min():.2f} "
            f"to {arm['most'].max():.2f} | {arm['mean'].mean():.3f} | {told} |"
        )
    return "\n".join(lines)


def _values(spread: float) -> str:
    return f"spread {spread:g}" if spread else "the tariff's"


def main() -> None:
    """Run and write."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", type=int, default=5)
    found = rows(parser.parse_args().seeds)
    page = PAGE.read_text(encoding="utf-8")
    for name, text in (("worth", worth(found)), ("scarcity", prices(found))):
        begin, end = f"<!-- begin {name} -->", f"<!-- end {name} -->"
        page = f"{page.split(begin)[0]}{begin}\n\n{text}\n\n{end}{page.split(end)[1]}"
        print(text)
    PAGE.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
