"""Fuses and reclosers: their curves against the engine's own, and what they clear."""

from __future__ import annotations

import math

import numpy as np
import pytest

from p2p_cosim.compose.protection import protect, typical_devices
from p2p_cosim.core.types import Fault, Injections
from p2p_cosim.faults import ProtectiveDevice
from p2p_cosim.faults.curves import DELAYED, K_LINK
from p2p_cosim.grid import FeederOptions, HousePlan
from p2p_cosim.grid.engine import Engine
from p2p_cosim.grid.opendss import OpenDSSGrid

SITES = ("652.A", "611.C", "684.A", "684.C", "675.B")
INTERVAL_S = 900.0


@pytest.fixture(scope="module")
def grid() -> OpenDSSGrid:
    grid = OpenDSSGrid.build("ieee13", FeederOptions(taps=(9, 6, 9)), HousePlan(30, SITES))
    grid.dispatch(Injections(np.ones(30), np.full(30, 0.25), 0.8))
    return grid


def cleared(grid: OpenDSSGrid, protection, fault: Fault):
    """What opens, the state after it, and then everything as it was."""
    before = grid.solve()
    grid.apply(fault)
    grid.solve()
    opened = []
    while opening := protection.next_open(fault, 0, INTERVAL_S):
        grid.apply(opening)
        opened.append((opening.kind, opening.place, opening.phases))
        grid.solve()
    state = grid.solve()
    for opening in protection.reset():
        grid.clear(opening)
    grid.clear(fault)
    assert grid.solve().node_v_pu == pytest.approx(before.node_v_pu, abs=1e-6)
    return opened, state


def short(kind: str, place: str, phases: str, ohm: float) -> Fault:
    return Fault(kind, place, 0, 4, phases, ohm)


@pytest.mark.parametrize("curve", [K_LINK, DELAYED], ids=lambda curve: curve.name)
def test_curves_against_the_engines_own(curve):
    engine = Engine()
    engine.run(["clear", "new circuit.curves"])

    def read(name):
        engine.run([f"? tcc_curve.{curve.name}.{name}"])
        return [float(value) for value in engine.api.Text.Result().strip("[ ]").split()]

    assert read("c_array") == pytest.approx(curve.multiples)
    assert read("t_array") == pytest.approx(curve.seconds)


def test_a_curve_is_read_on_logarithmic_axes_and_ends_at_its_ends():
    assert K_LINK.time_s(1.99) == math.inf
    assert K_LINK.time_s(2.0) == pytest.approx(300)
    middle = math.sqrt(3.0 * 4.0)
    assert K_LINK.time_s(middle) == pytest.approx(math.sqrt(4.0 * 1.3))
    assert K_LINK.time_s(1000) == pytest.approx(0.02)
    assert DELAYED.time_s(math.nan) == math.inf


@pytest.mark.parametrize(
    ("fault", "opened", "dark"),
    [
        (short("slg", "671", "A", 0), [("lateral_open", "RG60-632", "")], 30),
        (short("slg", "611", "C", 0), [("open_phase", "671-684", "C")], 12),
        (short("lv_short", "house_1", "", 0.05), [("transformer_outage", "service_1", "")], 6),
        (short("slg", "671", "A", 2), [("lateral_open", "RG60-632", "")], 30),
        (short("slg", "671", "A", 5), [], 0),
        (short("slg", "611", "C", 10), [("open_phase", "671-684", "C")], 12),
        (short("slg", "611", "C", 20), [], 0),
        (short("lv_short", "house_1", "", 1.0), [], 0),
    ],
    ids=lambda value: f"{value.place}-{value.impedance_ohm}" if isinstance(value, Fault) else "",
)
def test_usual_devices_clear_what_feeds_much_current_and_nothing_else(grid, fault, opened, dark):
    protection = protect(grid)
    assert protection is not None
    found, state = cleared(grid, protection, fault)
    assert found == opened
    assert (state.house_v_pu < 0.1).sum() == dark
    if opened:
        assert state.fault_a == pytest.approx(0, abs=1)


def test_both_links_blow_of_a_short_circuit_between_two_phases(grid):
    found, state = cleared(grid, protect(grid), short("llg", "645", "BC", 0))
    assert sorted(found) == [("open_phase", "632-645", phase) for phase in "BC"]
    assert state.fault_a == pytest.approx(0, abs=0.1)


def test_the_quickest_opens_first_and_a_named_device_replaces_the_usual_one(grid):
    fault = short("slg", "611", "C", 0)
    quick = protect(grid, [ProtectiveDevice("684-611", "fuse", 65.0)])
    assert cleared(grid, quick, fault)[0] == [("lateral_open", "684-611", "")]
    strong = protect(grid, [ProtectiveDevice("671-684", "fuse", 5000.0)])
    assert cleared(grid, strong, fault)[0] == [("lateral_open", "RG60-632", "")]


def test_no_usual_device_opens_at_full_load(grid):
    devices = typical_devices(grid)
    assert {device.place for device in devices} == {
        *("RG60-632", "632-645", "671-684"),
        *(f"service_{i}" for i in range(1, 6)),
    }
    grid.dispatch(Injections(np.full(30, 5.0), np.zeros(30), 1.0))
    grid.solve()
    for device in devices:
        times_s = [seconds for seconds, _ in device.times_s(grid.currents_a(device.place))]
        assert min(times_s) == math.inf
    grid.dispatch(Injections(np.ones(30), np.full(30, 0.25), 0.8))
