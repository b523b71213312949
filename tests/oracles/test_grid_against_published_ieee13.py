"""The feeder's model against the published solution (Kersting, IEEE 13 Node Test Feeder).

The published table is rounded to 1e-4 pu and 0.01 degrees and was made with taps 10/8/11.
"""

from __future__ import annotations

import numpy as np
import pytest

from p2p_cosim.feeders.elements import PHASE_NODE
from p2p_cosim.feeders.tables import load_feeder, published_voltages
from p2p_cosim.grid.commands import solution_commands, tap_ratio
from p2p_cosim.grid.engine import Engine
from p2p_cosim.grid.tables import circuit_of

TAPS = (10, 8, 11)


@pytest.fixture(scope="module")
def engine() -> Engine:
    feeder = load_feeder("ieee13")
    engine = Engine()
    circuit = circuit_of(feeder)
    engine.run([*circuit.commands, *solution_commands(circuit)])
    for regulator, tap in zip(feeder.regulators, TAPS, strict=True):
        engine.set_ratio(regulator.name, tap_ratio(tap))
    assert engine.solve()
    return engine


def test_the_table_has_all_35_phase_voltages() -> None:
    buses = load_feeder("ieee13").buses.values()
    nodes = {(bus.name, phase) for bus in buses for phase in bus.phases if bus.name != "670"}
    assert set(published_voltages("ieee13")) == nodes
    assert len(nodes) == 35


@pytest.mark.parametrize(("node", "published"), published_voltages("ieee13").items())
def test_voltage(engine: Engine, node: tuple[str, str], published: tuple[float, float]) -> None:
    (bus, phase), (v_pu, angle_deg) = node, published
    v = engine.voltages_v()[engine.node_names().index(f"{bus}.{PHASE_NODE[phase]}")]
    base_v = load_feeder("ieee13").buses[bus].base_kv * 1e3 / np.sqrt(3)
    difference_deg = (np.degrees(np.angle(v)) - angle_deg + 180) % 360 - 180
    assert abs(v) / base_v == pytest.approx(v_pu, abs=2e-4)
    assert difference_deg == pytest.approx(0, abs=0.02)


def test_published_input_and_losses(engine: Engine) -> None:
    """Input 1251.398, 977.332, 1348.461 kW and losses 111.063 kW, 324.653 kvar."""
    head = engine.source_powers_kva()
    assert head.real == pytest.approx([1251.398, 977.332, 1348.461], abs=0.2)
    assert head.imag == pytest.approx([681.570, 373.418, 669.784], abs=0.6)
    losses_w, losses_var = engine.api.Circuit.Losses()
    assert losses_w / 1e3 == pytest.approx(111.063, abs=0.2)
    assert losses_var / 1e3 == pytest.approx(324.653, abs=0.6)


def test_published_totals() -> None:
    loads = load_feeder("ieee13").loads
    assert sum(load.p_kw for load in loads) == pytest.approx(3466)
    assert sum(load.q_kvar for load in loads) == pytest.approx(2102)
    by_phase = {
        phase: sum(load.p_kw for load in loads if load.phase == phase and not load.distributed)
        for phase in "ABC"
    }
    assert by_phase == {"A": 1158, "B": 973, "C": 1135}
