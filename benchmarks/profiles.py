"""What a year of generated profiles is like, beside measured houses and arrays.

    python benchmarks/profiles.py

Thirty houses with PV over a year of quarter hours under both models of `profiles.model`, three
seeds, and under a hot climate like that of the measured houses. Writes the tables and the figure
of docs/profiles.md; the second table is of the day that ships. A minute or two.
"""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from p2p_cosim import load as load_scenario
from p2p_cosim.compose.seeds import Purpose, seed_of
from p2p_cosim.plots.style import BLUE, COLUMN_WIDTH_IN, ORANGE, applied
from p2p_cosim.scenario import Profiles, Scenario, build_profiles
from p2p_cosim.scenario.profiles.outdoor import outdoor_c

mpl.use("Agg")

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "profiles.md"
FIGURE = ROOT / "docs" / "figures" / "profiles.png"
STATISTICS, SHIPPED = "statistics", "shipped day"
SEEDS = (1, 2, 3)
HOUSES, DAYS, A_DAY = 30, 365, 96
FIRST_OF_MONTH = np.array([0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365])
YEAR = Scenario(name="year").replace(
    {"profiles.pv_share": 1.0, "houses.count": HOUSES},
    start="2023-01-01",
    ticks=DAYS * A_DAY,
)
ARMS: dict[str, dict[str, object]] = {
    "`simple`": {"profiles.model": "simple", "profiles.cloudiness": 0.2},
    "default": {},
    "cloudiness 0.42": {"profiles.cloudiness": 0.42},
    "hot": {
        "profiles.cloudiness": 0.25,
        "profiles.latitude_deg": 30.0,
        "profiles.mean_temperature_c": 21.0,
        "profiles.temperature_swing_k": 9.0,
        "profiles.cooled_share": 1.0,
        "profiles.load_kwh_per_day": 33.0,
        "profiles.loss_w_per_k": 300.0,
    },
}
# Measured: PV of the Netherlands 2019 and of Ausgrid's customer 12 (2011-12); 25 houses of 6 to
# 20 MWh a year in a hot climate (one data set, shipped by the package ev2gym).
MEASURED = {
    "PV: yield, kWh/kWp": "1,249 (NL)",
    "PV: daily clearness, mean": "0.63 (NL), 0.69 (Ausgrid)",
    "PV: daily clearness, sd": "0.31 (NL), 0.27 (Ausgrid)",
    "PV: days below half, %": "35 (NL), 25 (Ausgrid)",
    "PV: daily clearness, lag-1": "0.41 (NL), 0.31 (Ausgrid)",
    "PV: ramp of a quarter hour, 99 %, of rating": "",
    "PV: December over June": "",
    "load: MWh a year and house": "6 to 20",
    "load: peak of 1 house, kW": "8.9",
    "load: peak a house of 5, kW": "5.4",
    "load: peak a house of 25, kW": "4.4",
    "load: load factor of 1 / 25 houses": "0.15 / 0.31",
    "load: duration of 25 houses, exceeded 1 / 10 / 50 / 90 % of the time, over the mean": "",
    "load: correlation of houses, quarter hours": "0.40",
    "load: correlation of houses, days": "0.66",
    "load: largest over smallest month": "2.8 (1.69 Ausgrid)",
    "load: error of persistence, next quarter hour": "0.69",
    "load: error of the day before": "0.88",
}

Array = NDArray[np.float64]


def main() -> None:
    """Measure all arms, write the table and draw the figure."""
    rows: dict[str, list[str]] = {name: [] for name in MEASURED}
    for changes in ARMS.values():
        years = [build_profiles(YEAR.replace(changes), np.random.SeedSequence(s)) for s in SEEDS]
        found = [{**pv_statistics(y), **load_statistics(y)} for y in years]
        for name, cells in rows.items():
            cells.append(_cell([f[name] for f in found]))
    table = "\n".join(
        [
            f"| | {' | '.join(ARMS)} | measured |",
            f"|---|{'---|' * (len(ARMS) + 1)}",
            *(
                f"| {name} | {' | '.join(cells)} | {MEASURED[name]} |"
                for name, cells in rows.items()
            ),
        ]
    )
    write(STATISTICS, table)
    write(SHIPPED, shipped_day())
    draw()


def write(name: str, text: str) -> None:
    """Into the page, between the marks of this name."""
    print(text)
    begin, end = f"<!-- begin {name} -->", f"<!-- end {name} -->"
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(begin)
    PAGE.write_text(f"{before}{begin}\n\n{text}\n\n{end}{rest.partition(end)[2]}", encoding="utf-8")


def shipped_day() -> str:
    """The day of scenarios/trading_day.yaml beside all days of its month, under its own seed."""
    day = load_scenario(ROOT / "scenarios" / "trading_day.yaml")
    first = day.clock.start.replace(day=1)
    month = day.replace(start=first, ticks=30 * A_DAY)
    seed = seed_of(day.seed, Purpose.PROFILES)
    profiles, arrays = build_profiles(month, seed), day.profiles.pv_share * day.houses.count
    series = {
        "PV, kWh/kWp": profiles.pv_kw.sum(axis=1) / (arrays * day.profiles.pv_kw) / 4,
        "load, kWh a house": profiles.load_kw.mean(axis=1) / 4,
        "temperature, mean, C": outdoor_c(month, seed) / A_DAY,
    }
    lines = [
        "| | the day | rank from below | least | median | most day of June |",
        "|---|---|---|---|---|---|",
    ]
    for name, values in series.items():
        days = values.reshape(-1, A_DAY).sum(axis=1)
        it = days[(day.clock.start - first).days]
        spread = f"{days.min():.1f} | {np.median(days):.1f} | {days.max():.1f}"
        lines.append(f"| {name} | {it:.1f} | {(days < it).sum() + 1} of {len(days)} | {spread} |")
    return "\n".join(lines)


def pv_statistics(year: Profiles) -> dict[str, Array]:
    """Of the arrays, means over houses."""
    pv = year.pv_kw / YEAR.profiles.pv_kw
    daily = pv.reshape(DAYS, A_DAY, HOUSES).sum(axis=1) / 4
    best = pd.DataFrame(daily).rolling(31, center=True, min_periods=15).quantile(0.95).to_numpy()
    clearness = daily / best
    lag = [np.corrcoef(c[:-1], c[1:])[0, 1] for c in clearness.T]
    ramp = np.abs(np.diff(pv, axis=0))[(pv[1:] + pv[:-1]) > 0.02]
    return {
        "PV: yield, kWh/kWp": daily.sum(axis=0).mean(),
        "PV: daily clearness, mean": clearness.mean(),
        "PV: daily clearness, sd": clearness.std(axis=0).mean(),
        "PV: days below half, %": 100 * (clearness < 0.5).mean(),
        "PV: daily clearness, lag-1": np.mean(lag),
        "PV: ramp of a quarter hour, 99 %, of rating": np.quantile(ramp, 0.99),
        "PV: December over June": daily[334:].sum() / daily[151:181].sum(),
    }


def load_statistics(year: Profiles) -> dict[str, Array]:
    """Of the houses; peaks and load factors of groups are means over random groups."""
    load = year.load_kw
    daily = load.reshape(DAYS, A_DAY, HOUSES).mean(axis=1) * 24
    months = [daily[a:b].mean() for a, b in pairwise(FIRST_OF_MONTH)]
    peak, factor = {}, {}
    rng = np.random.default_rng(0)
    for n in (1, 5, 25):
        groups = [load[:, rng.choice(HOUSES, n, replace=False)].mean(axis=1) for _ in range(30)]
        peak[n] = np.mean([g.max() for g in groups])
        factor[n] = np.mean([g.mean() / g.max() for g in groups])
    # The groups of 25, the last of the loop.
    duration = np.mean([np.quantile(g / g.mean(), [0.99, 0.9, 0.5, 0.1]) for g in groups], axis=0)
    return {
        "load: MWh a year and house": daily.sum(axis=0).mean() / 1000,
        "load: peak of 1 house, kW": peak[1],
        "load: peak a house of 5, kW": peak[5],
        "load: peak a house of 25, kW": peak[25],
        "load: load factor of 1 / 25 houses": np.array([factor[1], factor[25]]),
        "load: duration of 25 houses, exceeded 1 / 10 / 50 / 90 % of the time, over the mean": (
            duration
        ),
        "load: correlation of houses, quarter hours": _correlation(load),
        "load: correlation of houses, days": _correlation(daily),
        "load: largest over smallest month": max(months) / min(months),
        "load: error of persistence, next quarter hour": _error(load, 1),
        "load: error of the day before": _error(load, A_DAY),
    }


def _correlation(series: Array) -> Array:
    return np.corrcoef(series.T)[np.triu_indices(HOUSES, 1)].mean()


def _error(load: Array, lag: int) -> Array:
    """Root mean square error of a forecast by what was `lag` ticks ago, over the mean load."""
    return np.mean(np.sqrt(((load[lag:] - load[:-lag]) ** 2).mean(axis=0)) / load.mean(axis=0))


def _cell(values: list[Array]) -> str:
    """Mean over the seeds."""
    means = np.atleast_1d(np.mean(values, axis=0))
    return " / ".join(
        f"{m:,.0f}" if m >= 20 else f"{m:.1f}" if m >= 3 else f"{m:.2f}" for m in means
    )


def draw() -> None:
    """A June and a January week under both models: mean of thirty houses, and three of them."""
    weeks = {"June": "2023-06-12", "January": "2023-01-09"}
    with applied():
        figure, axes = plt.subplots(
            2, 2, figsize=(2 * COLUMN_WIDTH_IN, 3.6), sharex=True, sharey="row"
        )
        for column, (model, cloudiness) in enumerate((("simple", 0.2), ("weather", 0.2))):
            for (month, start), colour in zip(weeks.items(), (ORANGE, BLUE), strict=True):
                changes = {"profiles.model": model, "profiles.cloudiness": cloudiness}
                scenario = YEAR.replace(changes, start=start, ticks=7 * A_DAY)
                week = build_profiles(scenario, np.random.SeedSequence(1))
                day = np.arange(7 * A_DAY) / A_DAY
                for row, series in enumerate((week.load_kw, week.pv_kw)):
                    axes[row, column].plot(day, series.mean(axis=1), colour, lw=0.9, label=month)
            axes[0, column].set_title(f"({'ab'[column]}) profiles.model: {model}", loc="left")
            axes[1, column].set_xlabel("day of the week, from Monday")
        axes[0, 0].set_ylabel("load, kW a house")
        axes[1, 0].set_ylabel("PV, kW a house")
        axes[0, 1].legend(frameon=False)
        figure.tight_layout()
        figure.savefig(FIGURE, dpi=200)


if __name__ == "__main__":
    main()
