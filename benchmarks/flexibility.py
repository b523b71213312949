"""What a strategy makes of batteries: writes the table of docs/flexibility.md.

python benchmarks/flexibility.py

Twelve houses, half with sun, all with a battery that begins empty, two days in June. Money is what
all houses together pay the utility, less what the charge that is left at the end could still earn.
The optimum is one linear program over all batteries that knows both days and shares every Wh
among the houses.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

import numpy as np

from p2p_cosim import load, run
from p2p_cosim.core.types import Order, QuoteView
from p2p_cosim.core.units import eur_of
from p2p_cosim.houses import Battery
from p2p_cosim.record import Results
from p2p_cosim.scenario import Scenario
from p2p_cosim.strategies import Predictive
from p2p_cosim.strategies.storage_program import best_plan

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "flexibility.md"
BEGIN, END = "<!-- begin strategies -->", "<!-- end strategies -->"
HOUSES, INTERVAL_MIN, DAYS = 12, 30, 2
TICKS = DAYS * 24 * 60 // INTERVAL_MIN
BATTERY = {
    "kind": "battery",
    "power_kw": 4.0,
    "energy_wh": 8000.0,
    "stored_share": 0.0,
    "wear_eur_per_kwh": 0.02,
}
CASES = {
    "no battery, `truthful`": ("truthful", "perfect"),
    "`opt_out`": ("opt_out", "perfect"),
    "`truthful`": ("truthful", "perfect"),
    "`self_consumption`": ("self_consumption", "perfect"),
    "`predictive`, `perfect`": ("predictive", "perfect"),
    "`predictive`, `noisy_truth`": ("predictive", "noisy_truth"),
    "`predictive`, `seasonal_naive`": ("predictive", "seasonal_naive"),
    "`predictive`, `persistence`": ("predictive", "persistence"),
}


def base() -> Scenario:
    """The houses, with batteries."""
    return load(ROOT / "scenarios" / "trading_day.yaml").replace(
        {
            "clock.interval_min": INTERVAL_MIN,
            "clock.ticks": TICKS,
            "houses.count": HOUSES,
            "profiles.model": "weather",
            "profiles.pv_share": 0.5,
            "control.controller": "hold",
            "feeder.spot_loads.bid": False,
            "traders.every_house.devices": [BATTERY],
        }
    )


@contextmanager
def timed(seconds: list[float]) -> Iterator[None]:
    """Processor time of every decision of a predictive house."""
    quote = Predictive.quote

    def measured(self: Predictive, view: QuoteView, rng: np.random.Generator) -> list[Order]:
        began = time.process_time()
        orders = list(quote(self, view, rng))
        seconds.append(time.process_time() - began)
        return orders

    with patch.object(Predictive, "quote", measured):
        yield


def paid_eur(results: Results, end_eur_per_kwh: float) -> float:
    """By all houses to the utility and for wear, less what the charge at the end is worth."""
    houses, devices = results.households, results.table("devices")
    wei = sum(int(v) for column in ("market_wei", "imbalance_wei") for v in houses[column])
    stores = devices[devices["kind"] == "battery"]
    given_kwh = -stores["p_kw"].clip(upper=0).sum() * INTERVAL_MIN / 60
    left_wh = stores[stores["tick"] == TICKS - 1]["stored_wh"].sum()
    wear = BATTERY["wear_eur_per_kwh"] * given_kwh  # type: ignore[operator]
    return float(eur_of(wei, results.eur_per_ether) + wear - 0.95 * end_eur_per_kwh * left_wh / 1e3)


def optimum_eur(scenario: Scenario, results: Results, end_eur_per_kwh: float) -> float:
    """The least that all houses together can pay."""
    houses, tariff = results.households, scenario.tariff
    net_kw = (houses["load_kw"] - houses["pv_kw"]).groupby(houses["tick"]).sum().to_numpy()
    battery = Battery(8000.0, 4.0, 0.0, wear_wei_per_wh=tariff.price_wei_per_wh(0.02))
    interval_s = 60 * INTERVAL_MIN
    prices = (tariff.retail_eur_per_kwh, tariff.feed_in_eur_per_kwh, end_eur_per_kwh)
    retail, feed_in, end = (tariff.price_wei_per_wh(price) for price in prices)
    ones = np.ones(TICKS)
    plan = best_plan(
        net_kw * 1e3 * interval_s / 3600,
        [battery.outlook(TICKS, interval_s)] * HOUSES,
        interval_s,
        retail * ones,
        feed_in * ones,
        end,
    )
    assert plan is not None
    return eur_of(plan.cost, tariff.eur_per_ether)


def main() -> None:
    """Run every case and write the table."""
    scenario = base()
    end = (scenario.tariff.retail_eur_per_kwh + scenario.tariff.feed_in_eur_per_kwh) / 2
    paid, seconds = {}, []
    with tempfile.TemporaryDirectory() as out, timed(seconds):
        for name, (strategy, forecaster) in CASES.items():
            some: dict[str, object] = {
                "market.strategy": strategy,
                "profiles.forecaster": forecaster,
            }
            if name.startswith("no battery"):
                some["traders.every_house.devices"] = []
            results = run(scenario.replace(some), out=out)
            paid[name] = paid_eur(results, end)
            if name.startswith("no battery"):
                best = optimum_eur(scenario, results, end)
            print(f"{name}: {paid[name]:.2f} EUR", flush=True)
    first = next(iter(paid.values()))
    lines = ["| strategy, forecaster | paid | share of the optimum |", "|---|---|---|"]
    lines += [
        f"| {name} | {eur:.2f} EUR | {(first - eur) / (first - best):.0%} |"
        for name, eur in {**paid, "optimum": best}.items()
    ]
    median, p95 = 1e3 * np.median(seconds), 1e3 * np.percentile(seconds, 95)
    lines += ["", f"A decision took {median:.0f} ms of a processor (median; 95 %: {p95:.0f} ms)."]
    text = "\n".join(lines)
    before, after = PAGE.read_text().split(BEGIN)[0], PAGE.read_text().split(END)[1]
    PAGE.write_text(f"{before}{BEGIN}\n\n{text}\n\n{END}{after}", encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
