"""Three results of auction theory in their own institutions: tables and figure of docs/theory.md.

    python benchmarks/theory.py [--quick]

`--quick` takes a tenth of the books and prints only.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from p2p_cosim.plots import style
from p2p_cosim.studies.theory import reduction, shading, zero_intelligence

ROOT = Path(__file__).parents[1]
PAGE, FIGURE = ROOT / "docs" / "theory.md", ROOT / "docs" / "figures" / "theory.png"
SEED = 1993
TRADERS, UNITS, PERIODS = 6, 3, 200
SHOUTS = (25, 50, 100, 200, 400, 800, 1600)
LEARNED_M, CLOSED_M = (2, 4, 8, 16), (1, 2, 4, 8, 16, 32)
BOOKS = {1: 40_000, 2: 40_000, 4: 20_000, 8: 10_000, 16: 5_000, 32: 2_500}
REDUCED_M = (2, 5, 10, 20, 50, 100, 200)
Row = tuple[object, ...]


def zero(share: float) -> list[Row]:
    """(arm, shouts, efficiency, standard deviation of prices in the last third of trades)."""
    periods = max(10, int(PERIODS * share))
    rows: list[Row] = []
    for constrained in (True, False):
        arm = "continuous" if constrained else "continuous, no budget"
        for shouts in SHOUTS:
            rng = np.random.default_rng([SEED, shouts, constrained])
            made = [
                zero_intelligence.shouting(
                    zero_intelligence.drawn(TRADERS, UNITS, rng),
                    shouts,
                    rng,
                    constrained=constrained,
                )
                for _ in range(periods)
            ]
            rows.append((arm, shouts, zero_intelligence.efficiency(made)))
    for mechanism in ("k_double_auction", "walrasian", "continuous"):
        rng = np.random.default_rng([SEED, 7])
        made = [
            zero_intelligence.calling(zero_intelligence.drawn(TRADERS, UNITS, rng), mechanism, rng)
            for _ in range(periods)
        ]
        rows.append((f"one shout a unit, {mechanism}", None, zero_intelligence.efficiency(made)))
    return rows


def shade(share: float) -> list[Row]:
    """(equilibrium, m, lost share, its standard error, regret)."""
    rows: list[Row] = []

    def add(name: str, m: int, strategy: shading.Strategy) -> None:
        rng = np.random.default_rng([SEED, m, len(rows)])
        lost, error = shading.loss(strategy, m, int(BOOKS[m] * share), rng)
        rows.append((name, m, lost, error, shading.regret(strategy, m, rng)))

    for m in CLOSED_M:
        add("k = 1, closed form", m, shading.buyers_bid(m))
    add("k = 1/2, closed form", 1, shading.split_the_difference())
    for m in LEARNED_M:
        add(
            "k = 1/2, learned",
            m,
            shading.learned(0.5, m, np.random.default_rng([SEED, m]), steps=120),
        )
    return rows


def reduce(share: float) -> list[Row]:
    """(rule, m, efficiency, bound)."""
    rows: list[Row] = []
    for rule in reduction.RULES:
        for m in REDUCED_M:
            books = max(10, int(20_000 * share) // m)
            found = reduction.given(rule, m, books, np.random.default_rng([SEED, m]))
            rows.append((rule, m, found.efficiency, found.bound))
    return rows


def slope(rows: list[Row], name: str) -> float:
    """Exponent of the loss in m, least squares of the logarithms, from m = 2 on."""
    chosen = [(row[1], row[2]) for row in rows if row[0] == name and int(str(row[1])) >= 2]
    m, lost = (np.log(np.array(each, dtype=float)) for each in zip(*chosen, strict=True))
    return float(np.polyfit(m, lost, 1)[0])


def tables(zeros: list[Row], shades: list[Row], reduced: list[Row]) -> dict[str, str]:
    """The page's tables by name."""
    arms = list(dict.fromkeys(str(row[0]) for row in zeros))
    by_arm = {arm: [row for row in zeros if row[0] == arm] for arm in arms}
    shouted = [arm for arm in arms if len(by_arm[arm]) > 1]
    first = ["| shouts a period | " + " | ".join(map(str, SHOUTS)) + " |"]
    first += ["|---" * (1 + len(SHOUTS)) + "|"]
    first += [
        f"| {arm} | " + " | ".join(f"{float(str(r[2])):.1%}" for r in by_arm[arm]) + " |"
        for arm in shouted
    ]
    first += ["", "| the same traders, one round, cleared at once | efficiency |", "|---|---|"]
    first += [f"| {arm} | {float(str(by_arm[arm][0][2])):.1%} |" for arm in arms[len(shouted) :]]
    second = [
        "| equilibrium | m | lost share of the gains | times m^2 | best gain of a deviation |"
    ]
    second += ["|---|---|---|---|---|"]
    for name, m, lost, error, regret in shades:
        many, part = int(str(m)), float(str(lost))
        second.append(
            f"| {name} | {many} | {part:.3%} (± {2 * float(str(error)):.3%}) | "
            f"{part * many**2:.3f} | {float(str(regret)):.2%} |"
        )
    names = ("k = 1, closed form", "k = 1/2, learned")
    told = "; ".join(f"{name}: m to the power of {slope(shades, name):.2f}" for name in names)
    second += ["", f"From m = 2 on the loss falls as: {told}."]
    third = ["| buyers and sellers each | " + " | ".join(map(str, REDUCED_M)) + " |"]
    third += ["|---" * (1 + len(REDUCED_M)) + "|"]
    for rule in reduction.RULES:
        shares = [f"{float(str(r[2])):.1%}" for r in reduced if r[0] == rule]
        third.append(f"| {rule} | " + " | ".join(shares) + " |")
    bounds = [f"{float(str(r[3])):.1%}" for r in reduced if r[0] == "sbba"]
    third.append("| all but one of q trades, 1 - 1 / q | " + " | ".join(bounds) + " |")
    return {"zero": "\n".join(first), "shading": "\n".join(second), "reduction": "\n".join(third)}


def draw(zeros: list[Row], shades: list[Row], reduced: list[Row]) -> None:
    """Three panels, a result each."""
    with style.applied():
        figure = Figure(figsize=(2 * style.COLUMN_WIDTH_IN, 2.4), layout="constrained")
        axes = figure.subplots(1, 3)
        _zeros(axes[0], zeros)
        _shades(axes[1], shades)
        _reduced(axes[2], reduced)
        beside_the_lines = ("lower right", "upper right", "lower right")
        for letter, ax, place in zip("abc", axes, beside_the_lines, strict=True):
            ax.set_title(f"({letter})", loc="left")
            ax.legend(frameon=False, loc=place)
        FIGURE.parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(FIGURE, dpi=300, metadata={"Software": None})


def _line(ax: Axes, rows: list[Row], colour: str, marker: str, label: str, share: bool) -> None:
    x = [int(str(r[1])) for r in rows]
    y = [float(str(r[2])) * (100 if share else 1) for r in rows]
    ax.plot(x, y, color=colour, marker=marker, markersize=3, label=label)


def _zeros(ax: Axes, rows: list[Row]) -> None:
    kinds = (("continuous", style.BLUE, "o"), ("continuous, no budget", style.ORANGE, "s"))
    labels = ("zero intelligence", "no budget constraint")
    for (arm, colour, marker), label in zip(kinds, labels, strict=True):
        _line(ax, [r for r in rows if r[0] == arm], colour, marker, label, share=True)
    call = next(float(str(r[2])) for r in rows if r[0] == "one shout a unit, walrasian")
    ax.axhline(100 * call, color=style.GREY, linestyle="--", label="call market, one shout")
    ax.set(xscale="log", xlabel="Shouts a period", ylabel="Efficiency (%)", ylim=(-75, 105))


def _shades(ax: Axes, rows: list[Row]) -> None:
    kinds = (("k = 1, closed form", style.BLUE, "o"), ("k = 1/2, learned", style.ORANGE, "s"))
    for name, colour, marker in kinds:
        _line(ax, [r for r in rows if r[0] == name], colour, marker, name, share=True)
    m = np.array([1, 32])
    at_two = next(float(str(r[2])) for r in rows if r[0] == kinds[0][0] and r[1] == 2)
    ax.plot(m, 100 * at_two * (2 / m) ** 2, color=style.GREY, linestyle="--", label="$1 / m^2$")
    ax.set(xscale="log", yscale="log", xlabel="Buyers and sellers each, m", ylabel="Loss (%)")


def _reduced(ax: Axes, rows: list[Row]) -> None:
    colours = (style.BLUE, style.GREEN, style.ORANGE, style.VERMILION)
    for rule, colour, marker in zip(reduction.RULES, colours, "os^D", strict=True):
        name = rule.replace("_", ", ").replace("muda", "MUDA").replace("sbba", "SBBA")
        label = name.replace("mcafee", "McAfee").replace("vickrey", "Vickrey")
        _line(ax, [r for r in rows if r[0] == rule], colour, marker, label, share=True)
    ax.set(xscale="log", xlabel="Buyers and sellers each, m", ylabel="Efficiency (%)")


def main() -> None:
    """Measure, print, and write page and figure."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true")
    quick = parser.parse_args().quick
    share = 0.1 if quick else 1.0
    parts: tuple[Callable[[float], list[Row]], ...] = (zero, shade, reduce)
    zeros, shades, reduced = (part(share) for part in parts)
    found = tables(zeros, shades, reduced)
    print("\n\n".join(found.values()))
    if quick:
        return
    text = PAGE.read_text(encoding="utf-8")
    for name, table in found.items():
        begin, end = f"<!-- begin {name} -->", f"<!-- end {name} -->"
        text = f"{text.partition(begin)[0]}{begin}\n\n{table}\n\n{end}{text.partition(end)[2]}"
    PAGE.write_text(text, encoding="utf-8")
    draw(zeros, shades, reduced)


if __name__ == "__main__":
    main()
