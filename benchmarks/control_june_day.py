"""What every controller makes of June days, and of a June week, with PV on every roof.

    python benchmarks/control_june_day.py [--quick] [--check] [--processes 2]

Thirty houses on the IEEE 13-bus feeder, all with PV of 8 or 12 kW without losses in wires or by
dirt (performance ratio 1), five seeds, the spot loads bidding for the surplus.

Who sells what does not depend on voltages, so the market of a day runs once, in the EVM and
under `look_ahead`, and the other controllers get the same gate closures in a run that is
otherwise whole. `--check` runs one day in full for every controller and compares.

Prints the table of the days, and writes it and the figure of the week into docs/. About five
minutes on two free cores; `--quick` takes one day at 8 kW and writes nothing.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import mean, median
from typing import Any

from p2p_cosim import load
from p2p_cosim.core.types import (
    Account,
    Delivery,
    GateClosure,
    Ledger,
    Order,
    Reading,
    Settlement,
)
from p2p_cosim.plots import controller_comparison
from p2p_cosim.record import Results
from p2p_cosim.record.grid_figures import tap_steps
from p2p_cosim.simulation import Simulation

ROOT = Path(__file__).parents[1]
SCENARIO = ROOT / "scenarios" / "trading_day.yaml"
PAGE = ROOT / "docs" / "control.md"
FIGURE = ROOT / "docs" / "figures" / "controller_comparison.png"
BEGIN, END = "<!-- begin june day -->", "<!-- end june day -->"
DAY: dict[str, object] = {
    "pv_share": 1.0,
    "pv_performance_ratio": 1.0,
    "feeder.spot_loads.bid": True,
    "tariff.eur_per_ether": 100_000,  # megawatts for a week: more wei than 64 bits hold
}
CONTROLLERS: dict[str, dict[str, object]] = {
    "hold": {"controller": "hold"},
    "regcontrol": {"controller": "regcontrol"},
    "reactive": {"controller": "reactive"},
    "look_ahead, smallest": {"controller": "look_ahead", "policy": "smallest"},
    "look_ahead, setpoint": {"controller": "look_ahead", "policy": "setpoint"},
    "volt_var": {"controller": "volt_var"},
    "curtail": {"controller": "curtail"},
}
IN_FULL = "look_ahead, smallest"
DECISION_LIMIT_MS = 5.0  # look-ahead at 30 houses
DAY_TICKS, WEEK_TICKS = 96, 7 * 96
WEEK_PV_KW, WEEK_SEEDS = 12.0, (0, 1)


class SameTrades:
    """A `Market` that gives the recorded gate closures of another run, and goes on with the
    accounts of the market whose place it takes. Imbalances cost nothing."""

    def __init__(self, gates: Sequence[GateClosure], start: Ledger) -> None:
        self._gates = iter(gates)
        self._start = start
        self._energy_wh = {name: account.energy_wh for name, account in start.accounts.items()}
        self._balance_wei = {name: account.balance_wei for name, account in start.accounts.items()}
        self._contracted_wh: dict[str, int] = {}

    def ledger(self) -> Ledger:
        """Energy, and what was paid for it in the auction."""
        energy = self._energy_wh.items()
        accounts = {name: Account(self._balance_wei[name], 0, wh) for name, wh in energy}
        return replace(self._start, accounts=accounts)

    def close_gate(self, orders: Sequence[Order], timestamp: int) -> GateClosure:  # noqa: ARG002
        """The next gate closure."""
        gate = next(self._gates)
        self._contracted_wh = dict.fromkeys(self._energy_wh, 0)
        for trade in gate.clearing.trades:
            self._contracted_wh[trade.buyer] += trade.energy_wh
            self._contracted_wh[trade.seller] -= trade.energy_wh
            self._balance_wei[trade.buyer] -= trade.payment_wei
            self._balance_wei[trade.seller] += trade.proceeds_wei
            self._balance_wei["surplus"] += trade.budget_surplus_wei
        for name, energy_wh in self._contracted_wh.items():
            self._energy_wh[name] += energy_wh
        return gate

    def settle(self, readings: Sequence[Reading], timestamp: int) -> Delivery:  # noqa: ARG002
        """Imbalances go to the utility, uncharged."""
        settlements = []
        for reading in readings:
            contracted_wh = self._contracted_wh[reading.trader]
            short_wh = reading.metered_wh - contracted_wh
            self._energy_wh[reading.trader] += short_wh
            self._energy_wh["utility"] -= short_wh
            settlements.append(
                Settlement(reading.trader, contracted_wh, reading.metered_wh, short_wh, 0, 0)
            )
        return Delivery(tuple(settlements), (), self.ledger())


@dataclass(frozen=True)
class Day:
    """One run of a day, or of a week; `path` holds its tables. Decision times are wall time,
    and the only figure that depends on the machine."""

    controller: str
    pv_kw: float
    seed: int
    ticks: int
    path: Path
    decisions_ms: tuple[float, ...]

    def counts(self) -> dict[str, float]:
        """What the table tells of the day."""
        run = Results.load(self.path)
        v_pu, steps = run.voltages["v_pu"].to_numpy(), tap_steps(run)
        v_min_pu, v_max_pu = run.v_limits_pu
        return {
            "above": int((v_pu > v_max_pu).sum()),
            "below": int(((v_pu > 0) & (v_pu < v_min_pu)).sum()),
            "highest": float(v_pu.max()),
            "operations": int((steps > 0).sum()),
            "steps": int(steps.sum()),
            "curtailed_kwh": float(run.households["curtailed_kw"].sum())
            * run.clock.interval_s
            / 3600,
        }


def run_days(task: tuple[float, int, int, Path]) -> list[Day]:
    """These ticks under every controller: the market once, and then its trades."""
    pv_kw, seed, ticks, out = task
    full, gates = run_one(IN_FULL, pv_kw, seed, ticks, out)
    others = (name for name in CONTROLLERS if name != IN_FULL)
    return [full, *(run_one(name, pv_kw, seed, ticks, out, gates)[0] for name in others)]


def run_one(
    name: str,
    pv_kw: float,
    seed: int,
    ticks: int,
    out: Path,
    trades: Sequence[GateClosure] | None = None,
) -> tuple[Day, list[GateClosure]]:
    """One run under one controller, with the trades given or those of its own market."""
    changes = DAY | CONTROLLERS[name] | {"pv_kw": pv_kw, "clock.ticks": ticks}
    simulation = Simulation(load(SCENARIO).replace(changes), seed=seed, out=out)
    model = simulation.model
    if trades is not None:
        model.market = SameTrades(trades, model.market.ledger())  # type: ignore[assignment]
    decisions_ms: list[float] = []
    chosen = model.grid_controller.controller
    chosen.decide = timed(chosen.decide, decisions_ms)  # type: ignore[method-assign]
    gates = []
    for _ in range(model.clock.ticks):
        model.step()
        assert model.last is not None
        gates.append(model.last.gate)
    path = model.parts.recorder.write("complete")
    return Day(name, pv_kw, seed, ticks, path, tuple(decisions_ms)), gates


def timed(function: Callable[..., Any], spent_ms: list[float]) -> Callable[..., Any]:
    """The function, noting its wall time at every call."""

    def wrapper(*args: Any) -> Any:
        start = time.perf_counter()
        result = function(*args)
        spent_ms.append((time.perf_counter() - start) * 1e3)
        return result

    return wrapper


def table(days: Sequence[Day]) -> str:
    """Markdown: means over the seeds, and the least and most of a seed in brackets."""
    lines = [
        "| PV | controller | above 1.05 | below 0.95 | highest | operations | steps | curtailed |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for pv_kw in sorted({day.pv_kw for day in days}):
        for name in CONTROLLERS:
            some = [d.counts() for d in days if (d.pv_kw, d.controller) == (pv_kw, name)]
            highest = max(counts["highest"] for counts in some)
            lines.append(
                f"| {pv_kw:g} kW | {name} | {_spread(some, 'above')} | {_spread(some, 'below')} "
                f"| {highest:.4f} | {_spread(some, 'operations')} | {_spread(some, 'steps')} "
                f"| {mean(counts['curtailed_kwh'] for counts in some):.0f} kWh |"
            )
    return "\n".join(lines)


def _spread(some: Sequence[Mapping[str, float]], what: str) -> str:
    values = [counts[what] for counts in some]
    return f"{mean(values):.3g} ({min(values):g}-{max(values):g})"


def speed(days: Sequence[Day]) -> str:
    """How long a look-ahead decision takes, in words."""
    times = sorted(ms for day in days if day.controller == IN_FULL for ms in day.decisions_ms)
    return (
        f"A look-ahead decision at 30 houses took {median(times):.1f} ms (median), "
        f"{times[int(0.95 * len(times))]:.1f} ms (95th percentile) and {times[-1]:.1f} ms "
        f"(longest); the limit set was {DECISION_LIMIT_MS:g} ms."
    )


def check(out: Path) -> None:
    """One day in full for every controller gives what the same trades give."""
    for same in run_days((8.0, 0, DAY_TICKS, out / "same")):
        full, _ = run_one(same.controller, 8.0, 0, DAY_TICKS, out / "full")
        assert full.counts() == same.counts(), same.controller
        print(f"{same.controller}: the full run gives the same", flush=True)


def main() -> None:
    """Run the days, print and write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="one seed at 8 kW, nothing written")
    parser.add_argument("--check", action="store_true", help="compare with runs in full")
    parser.add_argument("--processes", type=int, default=2)
    options = parser.parse_args()
    seeds, sizes = ([0], [8.0]) if options.quick else (range(5), [8.0, 12.0])
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder)
        if options.check:
            check(out)
            return
        tasks = [(pv_kw, seed, DAY_TICKS, out) for pv_kw in sizes for seed in seeds]
        if not options.quick:
            tasks = [(WEEK_PV_KW, seed, WEEK_TICKS, out) for seed in WEEK_SEEDS] + tasks
        days: list[Day] = []
        with ProcessPoolExecutor(options.processes) as pool:
            for some in pool.map(run_days, tasks):
                days += some
                done = some[0]
                print(
                    f"{len(days)} of {len(tasks) * len(CONTROLLERS)} runs: "
                    f"{done.pv_kw:g} kW, seed {done.seed}, {done.ticks} ticks",
                    flush=True,
                )
        single = [day for day in days if day.ticks == DAY_TICKS]
        text = f"{table(single)}\n\n{speed(single)}"
        print(text)
        if not options.quick:
            write(text, [day for day in days if day.ticks == WEEK_TICKS])


def write(text: str, weeks: Sequence[Day]) -> None:
    """Put the table of the days into the page, and draw the figure of the weeks."""
    page = PAGE.read_text(encoding="utf-8")
    before, after = page.split(BEGIN)[0], page.split(END)[1]
    PAGE.write_text(f"{before}{BEGIN}\n\n{text}\n\n{END}{after}", encoding="utf-8")
    runs = {
        name: [Results.load(week.path) for week in weeks if week.controller == name]
        for name in CONTROLLERS
    }
    controller_comparison(runs).figure.savefig(FIGURE, dpi=200)


if __name__ == "__main__":
    main()
