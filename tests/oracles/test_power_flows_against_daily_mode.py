"""Power flows inside an interval against the stock engine's own series over time.

IEEE's European low voltage feeder has profiles of a minute for each of its 55 loads. Without
P2P_FEEDERS, which names where it lies, the tests are skipped.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from opendssdirect import dss

from p2p_cosim.core.types import FloatArray
from p2p_cosim.delivery import Delivery
from p2p_cosim.feeders.elements import PHASE_NODE
from p2p_cosim.grid.dss import read_circuit
from p2p_cosim.grid.houses import NO_HOUSES, HousePlan
from p2p_cosim.grid.opendss import OpenDSSGrid
from p2p_cosim.houses import Course, House, Load
from p2p_cosim.metering import SimulatedMetering

FEEDERS = os.environ.get("P2P_FEEDERS", "")
FOLDER = Path(FEEDERS) / "LVTestCase"
LOADS, DAY, PARTS = 55, 96, 15
EVENING = range(68, 84)
TAN = np.tan(np.arccos(0.95))  # of every load's power factor
TOLERANCE_PU = 1e-4

pytestmark = pytest.mark.skipif(not FEEDERS, reason="P2P_FEEDERS names no folder of feeders")


@pytest.fixture(scope="module")
def minutes_kw() -> FloatArray:
    """Shape (1440, 55): the profiles as distributed."""
    files = [FOLDER / f"Daily_1min_100profiles/load_profile_{n + 1}.txt" for n in range(LOADS)]
    return np.column_stack([np.loadtxt(file) for file in files])


def _stock(ticks: range, *, constant_power: bool) -> tuple[list[str], FloatArray]:
    """Nodes, and their voltages in V by minute of these ticks, from the engine's daily mode."""
    engine: Any = dss.NewContext()
    engine.Basic.AllowChangeDir(False)
    engine.Text.Command(f'compile "{FOLDER / "Master.dss"}"')
    for number in range(1, LOADS + 1):
        engine.Text.Command(f"edit load.load{number} daily=shape_{number}")
    if constant_power:
        engine.Text.Command("batchedit load..* vminpu=0.85 vmaxpu=1.15")
    hour = ticks.start * PARTS // 60
    engine.Text.Command(f"set mode=daily stepsize=1m number=1 hour={hour} sec=0 tolerance=1e-8")
    rows = []
    for _ in range(len(ticks) * PARTS):
        engine.Solution.Solve()
        assert engine.Solution.Converged()
        rows.append(engine.Circuit.AllBusVMag())
    return [name.lower() for name in engine.Circuit.AllNodeNames()], np.array(rows)


def _worst(grid: OpenDSSGrid, delivery: Delivery, stock: tuple[list[str], FloatArray]) -> float:
    """Largest difference in pu at any bus of the feeder and any minute."""
    names, stock_v = stock
    delivery.begin()
    ticks = len(stock_v) // PARTS
    v_pu = np.array([p.grid.node_v_pu for tick in range(ticks) for p in delivery.run(tick).parts])
    at = {name: index for index, name in enumerate(names)}
    nodes = [name.rpartition(".") for name in grid.node_names]
    base_v = np.array([grid.circuit.buses[bus].base_kv * 1e3 / 3**0.5 for bus, _, _ in nodes])
    columns = [at[f"{bus}.{PHASE_NODE[phase]}"] for bus, _, phase in nodes]
    return float(np.abs(v_pu - stock_v[:, columns] / base_v).max())


def test_loads_that_follow_their_profiles_by_the_minute_of_a_day(minutes_kw: FloatArray) -> None:
    circuit = read_circuit(FOLDER / "Master.dss", Path(FEEDERS))
    grid = OpenDSSGrid.build(circuit, houses=NO_HOUSES)
    order = [int(load.name.removeprefix("load")) - 1 for load in grid.spot_loads]
    delivery = Delivery(
        grid, [], SimulatedMetering(grid.houses), minutes_kw[:, order], 900, parts=PARTS
    )
    assert _worst(grid, delivery, _stock(range(DAY), constant_power=False)) < TOLERANCE_PU


def test_houses_in_the_place_of_all_loads_in_the_evening(minutes_kw: FloatArray) -> None:
    circuit = read_circuit(FOLDER / "Master.dss", Path(FEEDERS))
    grid = OpenDSSGrid.build(
        circuit, houses=HousePlan(LOADS, "at_loads", mode="replace", drop_ft=1e-3)
    )
    by_tick = minutes_kw.reshape(DAY, PARTS, LOADS)[EVENING]
    houses = [
        House(site.name, [Load(kw.mean(axis=1), TAN, course=Course(kw, 60.0))])
        for site, kw in zip(grid.houses, np.moveaxis(by_tick, 2, 0), strict=True)
    ]
    meters = SimulatedMetering(grid.houses)
    delivery = Delivery(grid, houses, meters, np.ones(len(EVENING) * PARTS), 900, parts=PARTS)
    assert _worst(grid, delivery, _stock(EVENING, constant_power=True)) < TOLERANCE_PU
