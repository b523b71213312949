"""Cars that give, and heat pumps on a cold day, over many seeds: writes the tables and the
figures of docs/v2g.md and docs/heat_pump.md.

python benchmarks/flexible_stories.py v2g|heat_pump [--seeds 20] [--out build/stories]

Every arm has the same weather, households, arrivals and forecast errors, seed by seed, so that
differences are paired. What has run is not run again: it can be interrupted and goes on.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from p2p_cosim import load, run
from p2p_cosim.core.limits import V_MIN_PU
from p2p_cosim.core.units import eur_of
from p2p_cosim.plots.style import (
    BLUE,
    COLUMN_WIDTH_IN,
    GREY,
    VERMILION,
    applied,
    letter_panels,
    time_axis,
)
from p2p_cosim.record import Results
from p2p_cosim.scenario import Scenario
from p2p_cosim.statistics import interval, paired_differences

ROOT = Path(__file__).parents[1]
HEAD = ["head_p_a_kw", "head_p_b_kw", "head_p_c_kw"]
WEAR_EUR_PER_KWH, CHARGE_EFFICIENCY = 0.04, 0.95  # of the cars in scenarios/v2g.yaml
Table = dict[str, float]


@dataclass(frozen=True)
class Story:
    """Arms by name, the first one is what others are compared with; what is told of them.

    arms: what they change. kind: devices whose energy is told. figures: column of `figures_of` to
    what it is called, with its unit.
    """

    arms: Mapping[str, Mapping[str, object]]
    kind: str
    figures: Mapping[str, str]


def changed(scenario: Scenario, changes: Mapping[str, Mapping[str, object]]) -> list[Any]:
    """The devices of every house, with fields changed by the device's name."""
    devices = scenario.traders["every_house"].devices
    return [d.model_dump() | dict(changes.get(d.named, {})) for d in devices]


def v2g() -> Story:
    """Cars that charged at work stand full, or sell; those that did not charge at once, or wait."""
    base = load(ROOT / "scenarios" / "v2g.yaml")
    still: dict[str, dict[str, object]] = {"workplace": {"v2g": False}}
    late: dict[str, dict[str, object]] = {"commuter": {"waits": True}}
    path = "traders.every_house.devices"
    return Story(
        arms={
            "charging at once": {path: changed(base, still)},
            "V2G": {},
            "charging late": {path: changed(base, still | late)},
        },
        kind="ev",
        figures=FIGURES,
    )


def heat_pump() -> Story:
    """Houses heated otherwise, with heat pumps, and with heat pumps and without the market."""
    return Story(
        arms={
            "heated otherwise": {"traders.every_house.devices": []},
            "heat pumps": {},
            "heat pumps, no market": {"market.strategy": "opt_out"},
        },
        kind="heat_pump",
        figures={name: title for name, title in FIGURES.items() if "cars" not in title},
    )


STORIES = {"v2g": v2g, "heat_pump": heat_pump}
FIGURES = {
    "peak_kw": "peak of all houses, kW",
    "head_kw": "peak at the feeder's head, kW",
    "exported_kwh": "fed into the primary by the houses, kWh",
    "service": "fullest service transformer, % of rating",
    "v_min_pu": "lowest house meter, pu",
    "below": "house-ticks below 0.95 pu",
    "losses_kwh": "losses, kWh",
    "traded_kwh": "traded, kWh",
    "device_kwh": "drawn by the devices, kWh",
    "imbalance_kwh": "imbalances of the houses, kWh",
    "paid_eur": "paid by all houses, EUR",
    "stored_kwh": "left in the cars, kWh",
    "given_kwh": "given by the cars, kWh",
}


def figures_of(results: Results, story: Story) -> Table:
    """Of one run."""
    hours = results.clock.interval_s / 3600
    houses, feeder = results.households, results.feeder
    net_kw = houses.groupby("tick")["p_kw"].sum()
    loadings = results.loadings
    loadings = loadings[loadings["element"].str.startswith("service_")]
    v_pu = results.voltages["v_pu"]
    devices = results.devices
    devices = devices[devices["kind"] == story.kind]
    last = devices[devices["tick"] == devices["tick"].max()]
    wei = houses["market_wei"].astype(float).sum() + houses["imbalance_wei"].astype(float).sum()
    paid_eur = eur_of(float(wei), results.eur_per_ether)
    stored_kwh = float(last["stored_wh"].astype(float).sum()) / 1e3
    return {
        "peak_kw": float(net_kw.max()),
        "head_kw": float(feeder[HEAD].sum(axis=1).max()),
        "exported_kwh": float(-net_kw.clip(upper=0).sum() * hours),
        "service": float(100 * (loadings["current_a"] / loadings["rated_a"]).max()),
        "v_min_pu": float(v_pu.min()),
        "below": float((v_pu < results.v_limits_pu[0]).sum()),
        "losses_kwh": float(feeder["losses_kw"].sum() * hours),
        "traded_kwh": float(results.trades["energy_wh"].sum() / 1e3),
        "device_kwh": float(devices["p_kw"].sum() * hours),
        "imbalance_kwh": float(houses["imbalance_wh"].abs().sum() / 1e3),
        "paid_eur": paid_eur,
        "stored_kwh": stored_kwh,
        "given_kwh": float(-devices["p_kw"].clip(upper=0).sum() * hours),
    }


def break_even(rows: pd.DataFrame) -> str:
    """What a kWh that refills the cars may cost until V2G is worth nothing, wear included."""
    of = rows.set_index(["seed", "arm"]).unstack("arm")
    saved = of["paid_eur", "charging at once"] - of["paid_eur", "V2G"]
    worn = WEAR_EUR_PER_KWH * of["given_kwh", "V2G"]
    refill = (of["stored_kwh", "charging at once"] - of["stored_kwh", "V2G"]) / CHARGE_EFFICIENCY
    price = ((saved - worn) / refill).to_numpy(dtype=float)
    low, high = interval(price)
    return (
        f"What refills the cars may cost {price.mean():.3f} EUR a kWh ({low:.3f} to {high:.3f}) "
        "until nothing is left of what their houses and neighbours save."
    )


def table_of(story: Story, rows: pd.DataFrame) -> str:
    """Means of the first arm, and paired differences of the others with 95 % intervals."""
    first, *others = story.arms
    lines = [
        f"| | {first} | " + " | ".join(f"{name}, less that" for name in others) + " |",
        "|---" * (len(story.arms) + 1) + "|",
    ]
    for column, title in story.figures.items():
        some = rows[["arm", "seed", column]]
        differences = paired_differences(some, column, "arm", first).set_index("arm")
        mean = float(some[some["arm"] == first][column].mean())
        cells = [_number(mean, column)]
        for name in others:
            d = differences.loc[name]
            low, high = _number(d["low"], column, True), _number(d["high"], column, True)
            cells.append(f"{_number(d['difference'], column, True)} ({low} to {high})")
        lines.append(f"| {title} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _number(value: float, column: str, signed: bool = False) -> str:
    digits = 4 if column == "v_min_pu" else 0 if abs(value) >= 100 else 1
    return f"{value:{'+' if signed else ''},.{digits}f}"


def draw(days: Mapping[str, list[NDArray[np.float64]]], one: Results, path: Path) -> None:
    """What all houses draw, and the lowest voltage: mean over the seeds, and 10 to 90 %."""
    edges = [one.clock.hour(t) for t in range(one.ticks)]
    with applied(), mpl.rc_context({"axes.titlesize": 8}):
        figure, axes = plt.subplots(
            1, 2, figsize=(2 * COLUMN_WIDTH_IN, 2.5), layout="constrained", sharex=True
        )
        for (name, seeds), colour in zip(days.items(), (VERMILION, BLUE, GREY), strict=False):
            both = np.array(seeds)
            for axis, which in zip(axes, (0, 1), strict=True):
                series = both[:, which]
                low, high = np.quantile(series, [0.1, 0.9], axis=0)
                axis.fill_between(edges, low, high, color=colour, alpha=0.15, lw=0)
                axis.plot(edges, series.mean(axis=0), color=colour, label=name)
        axes[0].axhline(0, color=GREY, lw=0.5)
        axes[1].axhline(V_MIN_PU, color=GREY, lw=0.8, ls=(0, (4, 2)))
        axes[1].text(edges[-1], V_MIN_PU, f"{V_MIN_PU:g} pu", ha="right", va="bottom", fontsize=6)
        axes[0].set_ylabel("All houses (kW)")
        axes[1].set_ylabel("Lowest house meter (pu)")
        for axis in axes:
            time_axis(axis, one)
            axis.set_xlim(edges[0], edges[-1])
        seeds_drawn = f"mean, 10-90 % of {len(both)} seeds"
        axes[0].legend(loc="best", title=seeds_drawn, title_fontsize=7, alignment="left")
        letter_panels(*axes)
        figure.savefig(path, dpi=200)


def main() -> None:
    """Run what has not run, and write."""
    parser = argparse.ArgumentParser()
    parser.add_argument("story", choices=STORIES)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "stories")
    args = parser.parse_args()
    story = STORIES[args.story]()
    base = load(ROOT / "scenarios" / f"{args.story}.yaml")
    rows: list[dict[str, object]] = []
    days: dict[str, list[NDArray[np.float64]]] = {name: [] for name in story.arms}
    for seed in range(args.seeds):
        for name, changes in story.arms.items():
            results = run(base.replace(changes), seed=seed, out=args.out)
            rows.append({"arm": name, "seed": seed, **figures_of(results, story)})
            houses = results.households.groupby("tick")["p_kw"].sum()
            lowest = results.voltages.groupby("tick")["v_pu"].min()
            days[name].append(np.array([houses.to_numpy(), lowest.to_numpy()]))
        print(f"seed {seed} of {args.seeds}", flush=True)
    table = pd.DataFrame(rows)
    text = table_of(story, table)
    if args.story == "v2g":
        text += f"\n\n{break_even(table)}"
    draw(days, results, ROOT / "docs" / "figures" / f"{args.story}.png")
    page = ROOT / "docs" / f"{args.story}.md"
    begin, end = f"<!-- begin {args.story} -->", f"<!-- end {args.story} -->"
    before, after = page.read_text("utf-8").split(begin)[0], page.read_text("utf-8").split(end)[1]
    page.write_text(f"{before}{begin}\n\n{text}\n\n{end}{after}", encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
