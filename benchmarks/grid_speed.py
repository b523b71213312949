"""Cost of a tick (dispatch, solve, read) of OpenDSSGrid against the bare engine, in one run.

The bare engine solves the same circuit, tolerance and house powers from load shapes in its
own loop (`mode=daily number=96`), without Python between the steps and reading nothing.
`plain` is a tick that reads neither what elements carry nor whose losses are whose.

    python benchmarks/grid_speed.py
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from p2p_cosim.core.types import FloatArray, Injections, LossesByClass
from p2p_cosim.grid.catalogue import package_circuit
from p2p_cosim.grid.commands import (
    FeederOptions,
    house_commands,
    solution_commands,
    tap_ratio,
)
from p2p_cosim.grid.engine import Engine
from p2p_cosim.grid.houses import HousePlan, place_houses
from p2p_cosim.grid.opendss import OpenDSSGrid

SITES = ("652.A", "611.C", "684.A", "684.C", "675.B")
TAPS = (9, 6, 9)
TICKS = 96
REPEATS = 15


def day_of_houses(houses: int) -> tuple[FloatArray, FloatArray]:
    """Net house power in kW and kvar, shape (ticks, houses): load less a sunny roof."""
    rng = np.random.default_rng(1)
    hour = np.arange(TICKS) / 4
    sun = np.clip(np.sin((hour - 6) / 12 * np.pi), 0, None)[:, None]
    p_kw = 1.0 + 0.1 * rng.standard_normal((TICKS, houses)) - 5.0 * sun
    return p_kw, np.full_like(p_kw, 0.25)


def lockstep(
    plan: HousePlan, p_kw: FloatArray, q_kvar: FloatArray, *, plain: bool = False
) -> Callable[[], float]:
    """A day of ticks as the model runs them; returns the highest house voltage.

    plain: without the currents of elements and of the head, and without losses by class, whose
    sum it then has to ask for.
    """
    grid = OpenDSSGrid.build("ieee13", FeederOptions(taps=TAPS), plan)
    if plain:
        readings, nothing = grid._readings, np.zeros(len(grid._readings.elements))
        readings._loadings.current_a = lambda: nothing  # type: ignore[method-assign]
        readings._losses = _TotalLosses(grid)  # type: ignore[assignment]
        grid._engine.source_current_a = lambda: 0.0  # type: ignore[method-assign]
    injections = [Injections(p, q) for p, q in zip(p_kw, q_kvar, strict=True)]

    def day() -> float:
        highest = 0.0
        for injection in injections:
            grid.dispatch(injection)
            highest = max(highest, float(grid.solve().house_v_pu.max()))
        return highest

    return day


class _TotalLosses:
    """In place of `Losses`: their sum alone, as the engine has it."""

    def __init__(self, grid: OpenDSSGrid) -> None:
        self._circuit = grid._engine._alt

    def read(self, **_: bool) -> tuple[float, LossesByClass]:
        return self._circuit.Losses().real / 1e3, LossesByClass()


def bare_engine(plan: HousePlan, p_kw: FloatArray, q_kvar: FloatArray) -> Engine:
    """The same circuit, house powers given as load shapes."""
    circuit = package_circuit("ieee13")
    houses = place_houses(circuit, plan)
    engine = Engine()
    engine.run([*circuit.commands, *house_commands(circuit, houses, plan)])
    for column, house in enumerate(houses):
        p = " ".join(map(repr, p_kw[:, column].tolist()))
        q = " ".join(map(repr, q_kvar[:, column].tolist()))
        engine.run(
            [
                f"new loadshape.{house.name} npts={TICKS} minterval=15 mult=[{p}] qmult=[{q}]",
                f"load.{house.name}.kw=1",
                f"load.{house.name}.kvar=1",
                f"load.{house.name}.daily={house.name}",
            ]
        )
    engine.run(solution_commands(circuit))
    # Without a shape of their own the published loads would follow the engine's default one.
    engine.run([f"load.{load.name}.status=fixed" for load in circuit.loads])
    for regulator, tap in zip(circuit.regulators, TAPS, strict=True):
        engine.set_ratio(regulator.name, tap_ratio(tap))
    return engine


def engine_day(engine: Engine) -> Callable[[], None]:
    """A day in the engine's own loop."""
    engine.run([f"set mode=daily stepsize=15m number={TICKS}", "set controlmode=off"])

    def day() -> None:
        engine.run(["set hour=0 sec=0"])
        engine.solve()

    return day


def best_us_per_tick(days: dict[str, Callable[[], object]]) -> dict[str, float]:
    """Least time per tick in microseconds; the candidates take turns, so noise hits all."""
    best = dict.fromkeys(days, float("inf"))
    for _ in range(REPEATS):
        for name, day in days.items():
            begin = time.process_time()
            day()
            best[name] = min(best[name], (time.process_time() - begin) / TICKS * 1e6)
    return best


def main() -> None:
    """Print one line for each number of houses."""
    print("houses  tick us  plain us  engine loop us  tick / loop  tick / plain")
    for houses in (30, 100, 300, 1000):
        plan = HousePlan(houses, SITES)
        p_kw, q_kvar = day_of_houses(houses)
        p_kw *= 30 / houses  # the same total, so that every size converges alike
        tick = lockstep(plan, p_kw, q_kvar)
        engine = bare_engine(plan, p_kw, q_kvar)
        plain, loop = lockstep(plan, p_kw, q_kvar, plain=True), engine_day(engine)
        us = best_us_per_tick({"tick": tick, "plain": plain, "loop": loop})
        _check_same(tick, engine, plan)
        print(
            f"{houses:6d} {us['tick']:8.1f} {us['plain']:9.1f} {us['loop']:15.1f}"
            f" {us['tick'] / us['loop']:12.2f} {us['tick'] / us['plain']:13.2f}"
        )


def _check_same(tick: Callable[[], float], engine: Engine, plan: HousePlan) -> None:
    names = engine.node_names()
    index = [names.index(f"HOUSE_{house + 1}.1") for house in range(plan.count)]
    engine.run(["set hour=0 sec=0 number=1"])
    highest = 0.0
    for _ in range(TICKS):
        engine.solve()
        highest = max(highest, float(np.abs(engine.voltages_v()[index]).max()) / 240)
    assert abs(highest - tick()) < 1e-6, (highest, tick())


if __name__ == "__main__":
    main()
