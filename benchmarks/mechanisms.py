"""What every mechanism makes of the same books, by size of the market.

    python benchmarks/mechanisms.py [--quick]

Every trader has one order and tells the truth: half of them bid, half ask, between feed-in and
retail price. Shares are of the most welfare there is, summed over the books of a size, so that
buyers, sellers and operator add up to the efficiency. Rules without bids share what is there
pro rata, whatever it is worth to whom, and are held to the same limits.

Writes docs/figures/mechanisms.png and the table in docs/mechanisms.md; `--quick` prints only.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from rich.progress import track

from p2p_cosim.core.types import Order, Side, Tariff
from p2p_cosim.market.oracle.baselines import COMMUNITY_RULES, muda, outcome_of, sbba, vcg
from p2p_cosim.market.oracle.mechanisms import MECHANISMS
from p2p_cosim.market.oracle.welfare import optimal_welfare_wei
from p2p_cosim.plots import style

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "mechanisms.md"
FIGURE = ROOT / "docs" / "figures" / "mechanisms.png"
BEGIN, END = "<!-- begin comparison -->", "<!-- end comparison -->"
TARIFF = Tariff(retail_wei_per_wh=300, feed_in_wei_per_wh=80)
ENERGY_WH = (200, 3_000)
SIZES = (4, 10, 30, 100, 300)
BOOKS = {4: 2_000, 10: 1_000, 30: 400, 100: 100, 300: 30}
SHOWN_SIZE = 30  # size of the bars and of the table
K_BASIS_POINTS = 5_000


@dataclass(frozen=True)
class Split:
    """Energy traded (Wh) and who gains what from it (wei); adds up by `+`."""

    energy_wh: float
    buyers: float
    sellers: float
    operator: float

    def __add__(self, other: Split) -> Split:
        return Split(
            self.energy_wh + other.energy_wh,
            self.buyers + other.buyers,
            self.sellers + other.sellers,
            self.operator + other.operator,
        )

    @property
    def welfare(self) -> float:
        """What all gain together, in wei."""
        return self.buyers + self.sellers + self.operator


Rule = Callable[[Sequence[Order], np.random.Generator], Split]


def book(size: int, rng: np.random.Generator) -> list[Order]:
    """One order of each trader, in random arrival."""
    low, high = TARIFF.feed_in_wei_per_wh, TARIFF.retail_wei_per_wh
    sides = rng.permutation(np.arange(size) % 2)
    return [
        Order(f"t{i}", Side.BID if side else Side.ASK, int(wh), int(price))
        for i, (side, wh, price) in enumerate(
            zip(
                sides,
                rng.integers(*ENERGY_WH, size, endpoint=True),
                rng.integers(low, high, size, endpoint=True),
                strict=True,
            )
        )
    ]


def bidding(name: str) -> Rule:
    """A rule that reads limits."""

    def split(orders: Sequence[Order], rng: np.random.Generator) -> Split:
        if name == "vcg":
            outcome = vcg(orders)
        elif name == "sbba":
            outcome = sbba(orders, rng)
        elif name == "muda_lottery":
            outcome = muda(orders, rng, "lottery")
        elif name == "muda_vickrey":
            outcome = muda(orders, rng, "vickrey")
        else:
            outcome = outcome_of(orders, MECHANISMS[name](orders, K_BASIS_POINTS).pairs)
        gains = dict.fromkeys(Side, 0)
        for order in orders:  # one each
            gains[order.side] += outcome.gain_wei(orders, order.trader)
        energy_wh = sum(outcome.filled_wh) / 2
        return Split(energy_wh, gains[Side.BID], gains[Side.ASK], outcome.budget_surplus_wei)

    return split


def inside(name: str, demand_wh: int, supply_wh: int) -> tuple[float, int]:
    """(what buyers pay sellers inside the community in wei, energy shared in Wh).

    It is what the buyers pay beyond the retail price of what they import from outside.
    """
    shared_wh = min(demand_wh, supply_wh)
    imported_wei = (demand_wh - shared_wh) * TARIFF.retail_wei_per_wh
    prices = COMMUNITY_RULES[name](demand_wh, supply_wh, TARIFF)
    return float(prices.buy * demand_wh - imported_wei), shared_wh


def without_bids(name: str) -> Rule:
    """A community rule: the short side trades everything, the long side pro rata."""

    def split(orders: Sequence[Order], _rng: np.random.Generator) -> Split:
        wh = {side: sum(o.energy_wh for o in orders if o.side is side) for side in Side}
        worth = {
            side: sum(o.energy_wh * o.price_wei_per_wh for o in orders if o.side is side)
            for side in Side
        }
        demand_wh, supply_wh = wh[Side.BID], wh[Side.ASK]
        if name == "tariff_only":
            return Split(0, 0, 0, 0)
        inside_wei, shared_wh = inside(name, demand_wh, supply_wh)
        return Split(
            shared_wh,
            worth[Side.BID] * shared_wh / demand_wh - inside_wei,
            inside_wei - worth[Side.ASK] * shared_wh / supply_wh,
            0,
        )

    return split


RULES: Mapping[str, Rule] = {
    **{name: bidding(name) for name in MECHANISMS},
    **{name: bidding(name) for name in ("vcg", "sbba", "muda_lottery", "muda_vickrey")},
    **{name: without_bids(name) for name in COMMUNITY_RULES},
}


def compare(size: int, books: int) -> dict[str, Split]:
    """Every rule on the same books, as shares of the most welfare and of its energy."""
    total = {name: Split(0, 0, 0, 0) for name in RULES}
    best_wei = best_wh = 0.0
    for seed in track(range(books), description=f"{size} traders", transient=True):
        orders = book(size, np.random.default_rng((size, seed)))
        best_wei += optimal_welfare_wei(orders)
        best_wh += MECHANISMS["walrasian"](orders, K_BASIS_POINTS).clearing.energy_wh
        for name, rule in RULES.items():
            total[name] += rule(orders, np.random.default_rng((size, seed, 1)))
    return {
        name: Split(
            t.energy_wh / best_wh, t.buyers / best_wei, t.sellers / best_wei, t.operator / best_wei
        )
        for name, t in total.items()
    }


def table(results: Mapping[int, Mapping[str, Split]]) -> str:
    """Efficiency by size; volume and split at one size; in percent."""
    sizes = list(results)
    lines = [
        "| | "
        + " | ".join(f"efficiency, {size} traders" for size in sizes)
        + f" | volume at {SHOWN_SIZE} | buyers | sellers | operator |",
        "|---" * (len(sizes) + 5) + "|",
    ]
    for name in RULES:
        shown = results[SHOWN_SIZE][name]
        cells = [results[size][name].welfare for size in sizes]
        cells += [shown.energy_wh, shown.buyers, shown.sellers, shown.operator]
        lines.append(f"| {name} | " + " | ".join(f"{100 * c:.1f}" for c in cells) + " |")
    return "\n".join(lines)


LINES: Mapping[str, tuple[str, str, object]] = {
    "k-DA, Walrasian, pay-as-bid, VCG": ("k_double_auction", style.BLACK, "-"),
    "McAfee": ("mcafee", style.BLUE, "-"),
    "SBBA": ("sbba", style.SKY, style.DASHED),
    "MUDA, Vickrey": ("muda_vickrey", style.PURPLE, style.DASHED),
    "MUDA, lottery": ("muda_lottery", style.PURPLE, "-"),
    "continuous": ("continuous", style.VERMILION, "-"),
}
COMMUNITY_LINES: Mapping[str, tuple[str, str]] = {
    "supply_demand_ratio": ("supply-demand ratio", style.BLUE),
    "mid_market_rate": ("mid-market rate", style.GREEN),
    "bill_sharing": ("bill sharing", style.VERMILION),
}
BARS: Mapping[str, str] = {
    "k_double_auction": "k-DA",
    "walrasian": "Walrasian",
    "pay_as_bid": "pay-as-bid",
    "mcafee": "McAfee",
    "continuous": "continuous",
    "vcg": "VCG",
    "sbba": "SBBA",
    "muda_lottery": "MUDA, lottery",
    "muda_vickrey": "MUDA, Vickrey",
}


def draw(results: Mapping[int, Mapping[str, Split]]) -> Figure:
    """Efficiency and volume over size, who gains at one size, and the rules without bids."""
    figure = Figure(figsize=(2 * style.COLUMN_WIDTH_IN, 5.0), layout="constrained")
    (top_left, top_right), (bottom_left, bottom_right) = figure.subplots(2, 2)
    _draw_lines(top_left, results, lambda split: split.welfare, "Efficiency (% of best welfare)")
    _draw_lines(top_right, results, lambda split: split.energy_wh, "Volume (% of efficient volume)")
    top_left.legend(loc="lower right", handlelength=2.6)
    _draw_bars(bottom_left, results[SHOWN_SIZE])
    _draw_community(bottom_right)
    for ax, letter in zip(figure.axes, "abcd", strict=True):
        ax.annotate(f"({letter})", (-0.14, 1.03), xycoords="axes fraction", weight="bold")
    return figure


def _draw_lines(
    ax: Axes,
    results: Mapping[int, Mapping[str, Split]],
    value: Callable[[Split], float],
    label: str,
) -> None:
    for name, (rule, color, line) in LINES.items():
        percent = [100 * value(results[size][rule]) for size in results]
        ax.semilogx(list(results), percent, color=color, linestyle=line, label=name, marker=".")
    ax.set_xticks(list(results), [str(size) for size in results])
    ax.minorticks_off()
    ax.set_ylim(0, None)
    ax.set_xlabel("Traders")
    ax.set_ylabel(label)


def _draw_bars(ax: Axes, splits: Mapping[str, Split]) -> None:
    parts = {"buyers": style.BLUE, "sellers": style.GREEN, "operator": style.ORANGE}
    rows = np.arange(len(BARS))
    positive, negative = np.zeros(len(BARS)), np.zeros(len(BARS))
    for part, color in parts.items():
        percent = np.array([100 * getattr(splits[name], part) for name in BARS])
        left = np.where(percent >= 0, positive, negative)
        ax.barh(rows, percent, left=left, color=color, height=0.7, label=part)
        positive += np.clip(percent, 0, None)
        negative += np.clip(percent, None, 0)
    ax.axvline(0, color=style.BLACK, linewidth=0.6)
    ax.axvline(100, color=style.GREY, linewidth=0.6, linestyle=style.DASHED)
    ax.set_yticks(rows, list(BARS.values()))
    ax.invert_yaxis()
    ax.set_xlabel(f"Gain (% of best welfare), {SHOWN_SIZE} traders")
    ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=3)


def _draw_community(ax: Axes) -> None:
    """Where the price of energy shared inside lies between feed-in (0 %) and retail (100 %)."""
    demand_wh = 10_000
    supplies = np.arange(100, 30_001, 100)
    spread = TARIFF.retail_wei_per_wh - TARIFF.feed_in_wei_per_wh
    for name, (label, color) in COMMUNITY_LINES.items():
        percent = []
        for supply_wh in supplies.tolist():
            inside_wei, shared_wh = inside(name, demand_wh, supply_wh)
            percent.append(100 * (inside_wei / shared_wh - TARIFF.feed_in_wei_per_wh) / spread)
        ax.plot(supplies / demand_wh, percent, color=color, label=label)
    ax.axhline(0, color=style.BLACK, linewidth=0.6)
    ax.set_ylim(-60, 105)
    ax.set_xlim(0, 3)
    ax.set_xlabel("Supply / demand")
    ax.set_ylabel("Sellers' part of the gain (%)")
    ax.legend(loc="upper right")


def main() -> None:
    """Compare, print, and write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="a tenth of the books, print only")
    options = parser.parse_args()
    divisor = 10 if options.quick else 1
    results = {size: compare(size, BOOKS[size] // divisor) for size in SIZES}
    text = table(results)
    print(text)
    if options.quick:
        return
    page = PAGE.read_text(encoding="utf-8")
    before, after = page.split(BEGIN)[0], page.split(END)[1]
    PAGE.write_text(f"{before}{BEGIN}\n\n{text}\n\n{END}{after}", encoding="utf-8")
    with style.applied():
        draw(results).savefig(FIGURE, dpi=200)


if __name__ == "__main__":
    main()
