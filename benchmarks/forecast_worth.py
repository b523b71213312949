"""Why a forecast with smaller errors can be worth less: a table of docs/forecasting.md.

    python benchmarks/forecast_worth.py [--seeds 5]

The houses and days of benchmarks/forecasting.py, with forecasts that are put together from two: the
load as one forecaster expects it, the PV as the other. Truthful orders are cleared by the
contract's reference in a random order of arrival, without chain and feeder. Arms of a seed share
houses, weather and arrivals.
"""

from __future__ import annotations

import argparse
from datetime import timedelta

import forecasting
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from p2p_cosim.compose.seeds import Purpose, seed_of
from p2p_cosim.core.types import ForecastView, Order, Side
from p2p_cosim.forecasts import Boosted, Persistence
from p2p_cosim.market.oracle.mechanisms import k_double_auction
from p2p_cosim.scenario import Profiles, Scenario, build_profiles
from p2p_cosim.statistics import paired_differences

Array = NDArray[np.float64]
FIRST, LAST = (days * forecasting.A_DAY for days in (forecasting.FIRST_DAY, forecasting.RUN_DAYS))
BASE = "persistence for both"
PERSISTENCE, MEDIAN = "persistence", 0.5
Source = str | float
ARMS: dict[str, tuple[Source, Source]] = {
    BASE: (PERSISTENCE, PERSISTENCE),
    "load by persistence, PV boosted": (PERSISTENCE, MEDIAN),
    "load boosted, PV by persistence": (MEDIAN, PERSISTENCE),
    "boosted for both": (MEDIAN, MEDIAN),
    "boosted, load at its 30 % quantile": (0.3, MEDIAN),
    "boosted, load at its 70 % quantile": (0.7, MEDIAN),
}
"""By arm, what load and PV are taken from: the last interval, or a quantile of `Boosted`."""
K_BASIS_POINTS, RETAIL, FEED_IN = 5000, 300, 80  # of the scenario, in EUR/MWh


def forecasts(base: Scenario, profiles: Profiles, house: int) -> dict[tuple[str, Source], Array]:
    """Of the days that count, shape (intervals,) in kW, by part and source."""
    sources = {(part, arm[i]) for arm in ARMS.values() for i, part in enumerate(("load", "pv"))}
    found: dict[tuple[str, Source], list[float]] = {source: [] for source in sources}
    last, learned, start = Persistence(), Boosted(), base.clock.clock().start
    load_kw, pv_kw = profiles.load_kw[:, house], profiles.pv_kw[:, house]
    for tick in range(FIRST, LAST):
        time = start + timedelta(seconds=tick * forecasting.INTERVAL_S)
        view = ForecastView(
            "house", tick, time, forecasting.INTERVAL_S, load_kw[:tick], pv_kw[:tick]
        )
        held = last.expect(view)
        for (part, source), values in found.items():
            if isinstance(source, str):
                values.append(float((held.load_kw if part == "load" else held.pv_kw)[0]))
            else:
                values.append(float(learned.quantiles(view, (source,))[part][0, 0]))
    return {source: np.array(values) for source, values in found.items()}


def traded_wh(expected_wh: NDArray[np.int64], arrival: NDArray[np.int64]) -> Array:
    """What each house contracted, shape (houses,), positive if it bought."""
    orders = [
        Order(
            str(house),
            Side.BID if expected_wh[house] > 0 else Side.ASK,
            abs(int(expected_wh[house])),
            RETAIL if expected_wh[house] > 0 else FEED_IN,
        )
        for house in arrival
        if expected_wh[house]
    ]
    contracted = np.zeros(len(expected_wh))
    for pair in k_double_auction(orders, K_BASIS_POINTS).pairs:
        contracted[int(orders[pair.bid].trader)] += pair.energy_wh
        contracted[int(orders[pair.ask].trader)] -= pair.energy_wh
    return contracted


def figures(expected_wh: Array, metered_wh: Array, rng: np.random.Generator) -> dict[str, float]:
    """Of one arm; both of shape (intervals, houses), positive is need.

    saved_eur: a traded Wh saves the houses the spread of the tariff if its buyer used it and its
    seller gave it. missed_kwh: what both sides' meters could have shared and nobody traded.
    unused_kwh, ungiven_kwh: traded, and not used by its buyer, or not given by its seller.
    mae_short_wh, mae_long_wh: mean size of the error of houses on the side that was short in an
    interval, and on the other.
    """
    contracted = np.array(
        [
            traded_wh(expected, rng.permutation(len(expected)))
            for expected in expected_wh.round().astype(np.int64)
        ]
    )
    need, over = metered_wh.clip(min=0), (-metered_wh).clip(min=0)
    bought, sold = contracted.clip(min=0), (-contracted).clip(min=0)
    unused, ungiven = (bought - need).clip(min=0).sum(), (sold - over).clip(min=0).sum()
    could = np.minimum(need.sum(axis=1), over.sum(axis=1))
    need_is_short = need.sum(axis=1) < over.sum(axis=1)
    short = ((metered_wh > 0) == need_is_short[:, None])[could > 0]
    error = np.abs(expected_wh - metered_wh)[could > 0]
    return {
        "saved_eur": float(bought.sum() - unused - ungiven) * (RETAIL - FEED_IN) / 1e6,
        "missed_kwh": float((could - bought.sum(axis=1)).clip(min=0).sum()) / 1e3,
        "unused_kwh": float(unused) / 1e3,
        "ungiven_kwh": float(ungiven) / 1e3,
        "mae_short_wh": float(error[short].mean()),
        "mae_long_wh": float(error[~short].mean()),
    }


def measure(seeds: int) -> pd.DataFrame:
    """One row an arm and seed."""
    base, rows = forecasting.scenario(forecasting.RUN_DAYS), []
    wh_per_kw = forecasting.INTERVAL_S / 3.6
    for seed in range(1, seeds + 1):
        profiles = build_profiles(base, seed_of(seed, Purpose.PROFILES))
        metered_wh = (profiles.load_kw - profiles.pv_kw)[FIRST:LAST] * wh_per_kw
        houses = [forecasts(base, profiles, house) for house in range(forecasting.HOUSES)]
        for name, (load, pv) in ARMS.items():
            net = [house["load", load] - house["pv", pv] for house in houses]
            rng = np.random.default_rng(seed)
            found = figures(np.column_stack(net) * wh_per_kw, metered_wh, rng)
            rows.append({"arm": name, "seed": seed, **found})
        print(f"seed {seed} of {seeds}", flush=True)
    return pd.DataFrame(rows)


def table(found: pd.DataFrame) -> str:
    """Means by arm, and what each saves beside persistence."""
    mean = found.groupby("arm").mean(numeric_only=True)
    against = paired_differences(
        found[["arm", "seed", "saved_eur"]], "saved_eur", "arm", BASE
    ).set_index("arm")
    lines = [
        "| forecast | saved | against the first | missed | not used | not given "
        "| error, short side | long side |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for name in ARMS:
        row, told = mean.loc[name], ""
        if name in against.index:
            d = against.loc[name]
            told = f"{d['difference']:+.2f} EUR ({d['low']:+.2f} to {d['high']:+.2f})"
        lines.append(
            f"| {name} | {row['saved_eur']:.2f} EUR | {told} | {row['missed_kwh']:.1f} kWh | "
            f"{row['unused_kwh']:.1f} kWh | {row['ungiven_kwh']:.1f} kWh | "
            f"{row['mae_short_wh']:.0f} Wh | {row['mae_long_wh']:.0f} Wh |"
        )
    return "\n".join(lines)


def main() -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seeds", type=int, default=5)
    text = table(measure(parser.parse_args().seeds))
    page = forecasting.PAGE.read_text(encoding="utf-8")
    begin, end = "<!-- begin parts -->", "<!-- end parts -->"
    forecasting.PAGE.write_text(
        f"{page.split(begin)[0]}{begin}\n\n{text}\n\n{end}{page.split(end)[1]}", encoding="utf-8"
    )
    print(text)


if __name__ == "__main__":
    main()
