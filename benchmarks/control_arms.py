"""Fair arms: what each controller makes of days of the year, all on the same days.

    python benchmarks/control_arms.py [--days 10] [--seeds 5] [--others 2] [--processes 1] [--page]

Thirty houses on the IEEE 13-bus feeder with PV of 8 kW on every roof, days spread over 2024 with
the weather model, the spot loads bidding for the surplus. Every arm gets the same load, sky,
trades and meter errors (common random numbers). The main arms begin from two starting taps:
where the regulator controls settle at full load, and at the load of the first interval; the
optimum and the other arms from the first of these. The others are run with the first seeds alone
(`--others`), but for the wrong model, which is drawn anew with every seed: every third day has it.

The market of a day runs once, in the EVM; what it sold is kept under results/control_arms, and so
is every finished day, so that an interrupted run goes on where it was. `--page` writes
control_arms.csv, the table of docs/control.md and its figure from what is there. Settings called
tuned come from a search on other days and seeds. About 6 CPU seconds a day and seed.
"""

from __future__ import annotations

import argparse
import json
import warnings
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from pathlib import Path

import control_arms_page as page
import numpy as np

from p2p_cosim import Scenario, load
from p2p_cosim.core.types import FloatArray, contracted_wh
from p2p_cosim.core.units import energy_wh, whole_wh
from p2p_cosim.simulation import Simulation
from p2p_cosim.studies.best_taps import best_taps
from p2p_cosim.studies.feeder_run import Behind, FeederRun

Sold = list[dict[str, int]]
Changes = dict[str, object]

ROOT = Path(__file__).parents[1]
KEPT = ROOT / "results" / "control_arms"
DAY: Changes = {
    "pv_share": 1.0,
    "pv_kw": 8.0,
    "pv_performance_ratio": 1.0,
    "profiles.model": "weather",
    "feeder.spot_loads.bid": True,
    "tariff.eur_per_ether": 100_000,
    "clock.ticks": 96,
}
STARTS = {page.FULL: "full_load", page.ACTUAL: "first_interval"}
NOISY: Changes = {"faults.metering.v_noise_pu": 0.002, "faults.metering.p_noise": 0.01}
LATE: Changes = {"faults.metering.delay_ticks": 4}
LOST: Changes = {"faults.metering.lost_share": 0.2}
WRONG: Changes = {"model_error": 0.2}

SET_POINTS_V = np.arange(116.0, 125.0)
TRIGGERS_PU = (0.0, 0.0025, 0.005, 0.0075, 0.01)
MARGINS_PU = (0.0005, 0.0025, 0.005, 0.0075, 0.01)
TRAINING_DAYS, TRAINING_SEEDS = 5, (100, 101)


@dataclass(frozen=True)
class Tuned:
    """What the search found: set points of the regulator controls, and margins in pu."""

    set_points_v: tuple[float, ...]
    trigger_pu: float
    margin_pu: float


def arms(tuned: Tuned) -> dict[str, Changes]:
    """Every arm but the optimum, by its label."""
    own: Changes = {"controller": "regcontrol", "set_points_v": list(tuned.set_points_v)}
    reactive: Changes = {"controller": "reactive"}
    early = reactive | {"trigger_margin_pu": tuned.trigger_pu}
    ahead: Changes = {"controller": "look_ahead"}
    blind = ahead | {"forecast": "persistence"}
    volt_var: Changes = {"control.inverters": "volt_var"}
    return {
        "hold": {"controller": "hold"},
        "regcontrol, published": {"controller": "regcontrol"},
        "regcontrol, tuned": own,
        "reactive": reactive,
        "reactive, tuned margin": early,
        "look-ahead": ahead,
        "look-ahead, setpoint": ahead | {"policy": "setpoint"},
        "look-ahead, no trades": blind,
        "look-ahead, no trades, tuned margin": blind | {"margin_pu": tuned.margin_pu},
        "look-ahead, that margin": ahead | {"margin_pu": tuned.margin_pu},
        page.FORESEEN: ahead,
        "volt-var": {"controller": "volt_var"},
        "volt-watt (IEEE 1547)": {"controller": "volt_watt"},
        "curtail": {"controller": "curtail"},
        "regcontrol, tuned, volt-var": own | volt_var,
        "reactive, volt-var": reactive | volt_var,
        "look-ahead, volt-var": ahead | volt_var,
        "reactive, tuned margin, noisy meters": early | NOISY,
        "reactive, tuned margin, late meters": early | LATE,
        "reactive, tuned margin, lost meters": early | LOST,
        "look-ahead, noisy meters": ahead | NOISY,
        "look-ahead, late meters": ahead | LATE,
        "look-ahead, lost meters": ahead | LOST,
        page.WRONG: ahead | WRONG,
    }


def day_of(start: date, seed: int) -> Scenario:
    """One day, without a controller yet."""
    scenario = load(ROOT / "scenarios" / "trading_day.yaml")
    return scenario.replace(DAY | {"start": f"{start} 00:00", "seed": seed, "controller": "hold"})


def days_of(count: int) -> list[date]:
    """As many days, spread over the year."""
    apart = 360 // count
    return [date(2024, 1, 1) + timedelta(days=apart // 2 - 1 + apart * i) for i in range(count)]


def sold_in(start: date, seed: int) -> Sold:
    """What houses bought less what they sold, by interval, in Wh; from the EVM, or as kept."""
    kept = KEPT / "market" / f"{start}_{seed}.json"
    if not kept.exists():
        sold: Sold = []
        with Simulation(day_of(start, seed), out=None) as simulation:
            while not simulation.done:
                trades = simulation.step().gate.clearing.trades
                energies = contracted_wh(trades).items()
                sold.append({name: wh for name, wh in energies if name.startswith("house_")})
        keep(kept, sold)
    told: Sold = json.loads(kept.read_text(encoding="utf-8"))
    return told


def keep(path: Path, what: object) -> None:
    """Write whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    part.write_text(json.dumps(what), encoding="utf-8")
    part.replace(path)


def foreseen(behind: Behind, interval_s: int) -> Sold:
    """Trades that tell exactly what every house will draw: more than any market could."""
    net_kw = behind.load_kw - behind.available_kw
    names = [f"house_{i + 1}" for i in range(net_kw.shape[1])]
    return [
        {
            name: whole_wh(energy_wh(float(kw), interval_s))
            for name, kw in zip(names, row, strict=True)
        }
        for row in net_kw
    ]


def figures(scenario: Scenario, behind: Behind, sold: Sold) -> dict[str, float]:
    """What the table tells of one day under one arm."""
    run = FeederRun(scenario, behind, sold)
    ticks = list(run)
    v_pu = np.array([tick.state.house_v_pu for tick in ticks])
    taps = np.array([run.initial_taps, *(tick.state.taps for tick in ticks)])
    control, hours = scenario.control, run.clock.interval_s / 3600
    return outside(v_pu, control.v_min_pu, control.v_max_pu) | {
        "operations": int((np.diff(taps, axis=0) != 0).sum()),
        "steps": int(np.abs(np.diff(taps, axis=0)).sum()),
        "curtailed_kwh": round(sum(tick.curtailed_kw for tick in ticks) * hours, 3),
    }


def outside(v_pu: FloatArray, v_min_pu: float, v_max_pu: float) -> dict[str, float]:
    """House-ticks outside the band, and the farthest voltages."""
    return {
        "above": int((v_pu > v_max_pu).sum()),
        "below": int((v_pu < v_min_pu).sum()),
        "highest_pu": round(float(v_pu.max()), 5),
        "lowest_pu": round(float(v_pu.min()), 5),
    }


def best(scenario: Scenario, behind: Behind) -> dict[str, float]:
    """The optimum of a day, with perfect knowledge."""
    found = best_taps(scenario, behind)
    return {"above": found.outside, "below": 0, "operations": found.operations}


def key_of(start: str, arm: str, changes: Changes) -> str:
    """Under which a run is kept: with its changes, so that another setting is another run."""
    return f"{start}|{arm}|{json.dumps(changes, sort_keys=True)}"


def arms_of(case: tuple[date, int], others: int) -> frozenset[str]:
    """Which arms a day and seed has."""
    start, seed = case
    if seed < others:
        return frozenset((*arms(Tuned((), 0.0, 0.0)), page.OPTIMUM))
    third = start.timetuple().tm_yday // 12 % 3 == 0
    return frozenset((*page.FROM_BOTH, page.WRONG) if third else page.FROM_BOTH)


def run_case(case: tuple[date, int], tuned: Tuned, others: int) -> str:
    """Every arm of one day and seed that is not there yet."""
    start, seed = case
    kept = KEPT / "arms" / f"{start}_{seed}.json"
    rows: dict[str, dict[str, float]] = (
        json.loads(kept.read_text(encoding="utf-8")) if kept.exists() else {}
    )
    for label, settle_at in STARTS.items():
        wanted = {
            key_of(label, arm, changes): (arm, changes)
            for arm, changes in (*arms(tuned).items(), (page.OPTIMUM, {}))
            if arm in arms_of(case, others)
            if label == page.FULL or (arm in page.FROM_BOTH and arm != page.OPTIMUM)
        }
        if wanted.keys() <= rows.keys():
            continue
        sold = sold_in(start, seed)
        scenario = day_of(start, seed).replace({"feeder.settle_at": settle_at})
        behind = Behind.of(scenario)
        known = foreseen(behind, scenario.clock.clock().interval_s)
        for key, (arm, changes) in wanted.items():
            if key in rows:
                continue
            told = known if arm == page.FORESEEN else sold
            one = scenario.replace(changes)
            is_best = arm == page.OPTIMUM
            rows[key] = best(one, behind) if is_best else figures(one, behind, told)
        keep(kept, rows)
    return f"{start}, seed {seed}: {len(rows)} runs"


def tuned_settings() -> Tuned:
    """Settings with the fewest house-ticks outside on the training days, then the fewest
    operations; set points one regulator after the other, twice. Kept once found."""
    kept = KEPT / "tuned.json"
    if not kept.exists():
        days = [day + timedelta(days=7) for day in days_of(TRAINING_DAYS)]
        cases = [day_of(day, seed) for day in days for seed in TRAINING_SEEDS]
        known = [(case, Behind.of(case)) for case in cases]
        cost = partial(_cost, known)
        points = [122.0, 122.0, 122.0]
        for i in (0, 1, 2) * 2:
            ways = [[*points[:i], float(v), *points[i + 1 :]] for v in SET_POINTS_V]
            points = min(ways, key=lambda v: cost({"controller": "regcontrol", "set_points_v": v}))
        reactive: Changes = {"controller": "reactive"}
        blind: Changes = {"controller": "look_ahead", "forecast": "persistence"}
        trigger = min(TRIGGERS_PU, key=lambda pu: cost(reactive | {"trigger_margin_pu": pu}))
        margin = min(MARGINS_PU, key=lambda pu: cost(blind | {"margin_pu": pu}))
        keep(kept, {"set_points_v": points, "trigger_pu": trigger, "margin_pu": margin})
    found = json.loads(kept.read_text(encoding="utf-8"))
    return Tuned(tuple(found["set_points_v"]), found["trigger_pu"], found["margin_pu"])


def _cost(known: Sequence[tuple[Scenario, Behind]], changes: Changes) -> tuple[float, float]:
    some = [figures(case.replace(changes), behind, []) for case, behind in known]
    return sum(s["above"] + s["below"] for s in some), sum(s["operations"] for s in some)


def rows_of(
    tuned: Tuned, cases: Sequence[tuple[date, int]], others: int
) -> list[Mapping[str, object]]:
    """What belongs to these cases under these settings, a row each."""
    current = {arm: json.dumps(changes, sort_keys=True) for arm, changes in arms(tuned).items()}
    current[page.OPTIMUM] = "{}"
    rows: list[Mapping[str, object]] = []
    for start, seed in sorted(cases):
        kept = KEPT / "arms" / f"{start}_{seed}.json"
        for key, told in json.loads(kept.read_text(encoding="utf-8")).items():
            taps, arm, changes = key.split("|")
            if current.get(arm) == changes and arm in arms_of((start, seed), others):
                case = {"day": str(start), "seed": seed, "taps": taps, "arm": arm}
                rows.append(case | told)
    return rows


def main() -> None:
    """Run what is missing, and write the page if asked to."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--days", type=int, default=10)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--others", type=int, default=2, help="seeds that have all arms")
    parser.add_argument("--page", action="store_true", help="write the table and the figure")
    options = parser.parse_args()
    # The weather model divides by the height of a sun that has set; pvlib drops the result.
    warnings.filterwarnings("ignore", category=RuntimeWarning, module="pvlib")
    tuned = tuned_settings()
    cases = [(day, seed) for seed in range(options.seeds) for day in days_of(options.days)]
    with ProcessPoolExecutor(options.processes) as pool:
        for done in pool.map(partial(run_case, tuned=tuned, others=options.others), cases):
            print(done, flush=True)
    if options.page:
        page.write(rows_of(tuned, cases, options.others), tuned)


if __name__ == "__main__":
    main()
