"""How well forecasters do, and what skill is worth: writes the tables of docs/forecasting.md.

python benchmarks/forecasting.py [--skill | --worth]

Skill: every forecaster on the same houses and days under one weather, without a market. Worth: the
same houses trade truthfully for ten days on what each forecaster tells them; only the forecaster
differs between arms.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from p2p_cosim import load, run
from p2p_cosim.core.protocols import Forecaster
from p2p_cosim.core.types import ForecastView
from p2p_cosim.core.units import eur_of
from p2p_cosim.forecasts import Boosted, NoisyTruth, Persistence, SeasonalNaive
from p2p_cosim.record import Results
from p2p_cosim.scenario import Scenario, build_profiles
from p2p_cosim.statistics import paired_differences

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "forecasting.md"
Array = NDArray[np.float64]
A_DAY, HOUSES, INTERVAL_S = 48, 8, 1800
LEARN_DAYS, TEST_DAYS, EVERY = 7, 7, 4
LEVELS = (0.1, 0.5, 0.9)
SEEDS = (1, 2, 3)
NAMES = ("perfect", "noisy_truth", "boosted", "seasonal_naive", "persistence")
RUN_DAYS, FIRST_DAY = 10, 7


def scenario(days: int) -> Scenario:
    """The houses, under weather that has dull days."""
    return load(ROOT / "scenarios" / "trading_day.yaml").replace(
        {
            "clock.start": "2024-06-10 00:00",
            "clock.interval_min": INTERVAL_S // 60,
            "clock.ticks": days * A_DAY,
            "houses.count": HOUSES,
            "profiles.model": "weather",
            "profiles.cloudiness": 0.42,
            "market.strategy": "truthful",
            "control.controller": "hold",
        }
    )


def forecasters(load_kw: Array, pv_kw: Array, *seed: int) -> dict[str, Callable[[], Forecaster]]:
    """By name, what makes one for a house."""
    rng = np.random.default_rng(seed)
    return {
        "noisy_truth": lambda: NoisyTruth(load_kw, pv_kw, 0.1, rng),
        "boosted": Boosted,
        "seasonal_naive": SeasonalNaive,
        "persistence": Persistence,
    }


def skill() -> str:
    """Errors of net energy, over the mean of its size, and pinball losses of the load."""
    days, rows = LEARN_DAYS + TEST_DAYS, []
    base = scenario(days)
    for seed in SEEDS:
        profiles = build_profiles(base, np.random.SeedSequence(seed))
        errors: dict[str, list[Array]] = {}
        pinball: dict[str, list[float]] = {}
        for house in range(HOUSES):
            load_kw, pv_kw = profiles.load_kw[:, house], profiles.pv_kw[:, house]
            for name, make in forecasters(load_kw, pv_kw, seed, house).items():
                found, loss = of_house(make(), load_kw, pv_kw, base)
                errors.setdefault(name, []).append(found)
                pinball.setdefault(name, []).append(loss)
        for name, found in errors.items():
            rows.append({"name": name, **figures(np.array(found), pinball[name])})
        print(f"skill: seed {seed}", flush=True)
    mean = pd.DataFrame(rows).groupby("name", sort=False).mean()
    lines = [
        "| `profiles.forecaster` | RMSE, next | MAE, next | RMSE, day ahead | MAE, day ahead "
        "| pinball | errors of houses, correlation |",
        "|---|---|---|---|---|---|---|",
    ]
    lines += [
        f"| `{name}` | " + " | ".join(f"{value:.2f}" for value in row) + " |"
        for name, row in zip(mean.index, mean.to_numpy(), strict=True)
    ]
    return "\n".join(lines)


def of_house(
    forecaster: Forecaster, load_kw: Array, pv_kw: Array, base: Scenario
) -> tuple[Array, float]:
    """Errors of the net, shape (origins, A_DAY), over the mean size of the net; and the mean
    pinball loss of the load's quantiles over its mean."""
    net_kw, start = load_kw - pv_kw, base.clock.clock().start
    errors, losses = [], []
    for tick in range(LEARN_DAYS * A_DAY, (LEARN_DAYS + TEST_DAYS - 1) * A_DAY, EVERY):
        time = start + timedelta(seconds=tick * INTERVAL_S)
        past = load_kw[:tick], pv_kw[:tick]
        view = ForecastView("house", tick, time, INTERVAL_S, *past, horizon=A_DAY)
        expected = forecaster.expect(view)
        coming = slice(tick, tick + A_DAY)
        errors.append(expected.load_kw - expected.pv_kw - net_kw[coming])
        if isinstance(forecaster, Boosted):
            quantiles = forecaster.quantiles(view, LEVELS)["load"]
        else:
            quantiles = np.repeat(expected.load_kw[None], len(LEVELS), axis=0)
        over = load_kw[coming] - quantiles
        level = np.array(LEVELS)[:, None]
        losses.append(np.maximum(level * over, (level - 1) * over).mean())
    tested = net_kw[LEARN_DAYS * A_DAY :]
    return np.array(errors) / np.abs(tested).mean(), float(
        np.mean(losses) / load_kw[LEARN_DAYS * A_DAY :].mean()
    )


def figures(errors: Array, pinball: list[float]) -> dict[str, float]:
    """errors: shape (houses, origins, A_DAY)."""
    each = errors.reshape(len(errors), -1)
    return {
        "rmse_next": float(np.sqrt((errors[:, :, 0] ** 2).mean())),
        "mae_next": float(np.abs(errors[:, :, 0]).mean()),
        "rmse_day": float(np.sqrt((errors**2).mean())),
        "mae_day": float(np.abs(errors).mean()),
        "pinball": float(np.mean(pinball)),
        "correlation": float(np.corrcoef(each)[np.triu_indices(len(each), 1)].mean()),
    }


def worth() -> str:
    """Imbalances and surplus with every forecaster, and what each is below a perfect one."""
    table = worth_of_runs()
    mean = table.groupby("forecaster").mean(numeric_only=True)
    less = paired_differences(
        table[["forecaster", "seed", "saved_eur"]], "saved_eur", "forecaster", "perfect"
    ).set_index("forecaster")
    lines = [
        "| `profiles.forecaster` | traded | imbalances | paid for them | saved "
        "| against `perfect` |",
        "|---|---|---|---|---|---|",
    ]
    for name in NAMES:
        row = mean.loc[name]
        told = ""
        if name in less.index:
            d = less.loc[name]
            told = f"{d['difference']:+.2f} EUR ({d['low']:+.2f} to {d['high']:+.2f})"
        lines.append(
            f"| `{name}` | {row['traded_kwh']:.0f} kWh | {row['imbalance_kwh']:.0f} kWh | "
            f"{row['imbalance_eur']:.2f} EUR | {row['saved_eur']:.2f} EUR | {told} |"
        )
    return "\n".join(lines)


def worth_of_runs() -> pd.DataFrame:
    """A row for each forecaster and seed, of the days that count."""
    base, rows = scenario(RUN_DAYS), []
    with tempfile.TemporaryDirectory() as out:
        for seed in SEEDS:
            for name in NAMES:
                results = run(base.replace({"profiles.forecaster": name}), seed=seed, out=out)
                houses = results.households
                houses = houses[houses["tick"] >= FIRST_DAY * A_DAY]
                trades = results.trades
                traded = trades[trades["tick"] >= FIRST_DAY * A_DAY]["energy_wh"].sum() / 1e3
                rows.append(
                    {
                        "forecaster": name,
                        "seed": seed,
                        "imbalance_kwh": float(houses["imbalance_wh"].abs().sum() / 1e3),
                        "imbalance_eur": eur_of(
                            float(houses["imbalance_wei"].astype(float).sum()),
                            results.eur_per_ether,
                        ),
                        "traded_kwh": float(traded),
                        "saved_eur": saved_eur(houses, results),
                    }
                )
            print(f"worth: seed {seed}", flush=True)
    return pd.DataFrame(rows)


def saved_eur(houses: pd.DataFrame, results: Results) -> float:
    """Of all houses against the tariff, in the days that count: the realised surplus."""
    tariff, rate = results.tariff, results.eur_per_ether
    metered = houses["metered_wh"].astype(float)
    price = np.where(metered > 0, tariff.retail_wei_per_wh, tariff.feed_in_wei_per_wh)
    paid = houses["market_wei"].astype(float) + houses["imbalance_wei"].astype(float)
    return float(eur_of(float((metered * price - paid).sum()), rate))


def main() -> None:
    """Measure and write what was asked for."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--skill", action="store_true")
    parser.add_argument("--worth", action="store_true")
    args = parser.parse_args()
    both = args.skill == args.worth
    page = PAGE.read_text(encoding="utf-8")
    for name, table, wanted in (("skill", skill, args.skill), ("worth", worth, args.worth)):
        if not (wanted or both):
            continue
        text = table()
        begin, end = f"<!-- begin {name} -->", f"<!-- end {name} -->"
        page = f"{page.split(begin)[0]}{begin}\n\n{text}\n\n{end}{page.split(end)[1]}"
        print(text)
    PAGE.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
