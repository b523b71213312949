"""OpenDSSGrid against an independent fixed-point Z-bus solver in numpy.

Shared with the grid: the published tables and the placement of houses. Not shared: element
models, admittance matrix, load currents and solution method. The regulators are exact ideal
transformers here, so RG60 is the slack.
"""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from p2p_cosim.core.types import GridState, Injections
from p2p_cosim.feeders.tables import Matrix, load_feeder
from p2p_cosim.grid.commands import FeederOptions
from p2p_cosim.grid.houses import HousePlan, place_houses
from p2p_cosim.grid.opendss import OpenDSSGrid
from p2p_cosim.grid.tables import circuit_of

SITES = ("652.A", "611.C", "684.A", "684.C", "675.B")
PLAN = HousePlan(30, SITES)
MANY = HousePlan(300, SITES)
Complex = NDArray[np.complex128]


class ZBus:
    """Admittances stamped node by node; loads as current injections between two nodes."""

    def __init__(self, taps: tuple[int, int, int], plan: HousePlan) -> None:
        self.feeder = load_feeder("ieee13")
        self.houses = place_houses(circuit_of(self.feeder), plan)
        nodes = [
            (bus.name, phase)
            for bus in self.feeder.buses.values()
            for phase in bus.phases
            if bus.name != "650"
        ]
        nodes += [(name, "") for name in dict.fromkeys(h.transformer for h in self.houses)]
        nodes += [(house.name, "") for house in self.houses]
        self.at = {node: index for index, node in enumerate(nodes)}
        self.y = np.zeros((len(nodes), len(nodes)), dtype=complex)
        turn = np.exp(-2j * np.pi / 3 * np.arange(3))
        self.v_650 = 4160 / np.sqrt(3) * turn
        self.ratio = 1 + 0.00625 * np.array(taps)
        self._stamp_feeder()
        self._stamp_services(plan)

    def _stamp(self, ends: list[int], y: Complex) -> None:
        self.y[np.ix_(ends, ends)] += y

    def _stamp_feeder(self) -> None:
        for line in self.feeder.lines:
            config = line.config
            miles = line.length_ft / 5280
            z = (full(config.r_ohm_per_mile) + 1j * full(config.x_ohm_per_mile)) * miles
            half = 0.5j * full(config.b_us_per_mile) * 1e-6 * miles
            series = np.linalg.inv(z)
            ends = [self.at[bus, p] for bus in (line.from_bus, line.to_bus) for p in config.phases]
            self._stamp(ends, np.block([[series + half, -series], [-series, series + half]]))
        pair = np.array([[1, -1], [-1, 1]])
        for phase in "ABC":
            ends = [self.at["671", phase], self.at["692", phase]]
            self._stamp(ends, pair / 1e-4)
            self._stamp_transformer(
                self.at["633", phase],
                self.at["634", phase],
                4160 / 480,
                0.480**2 / 0.5,
                0.011 + 0.02j,
                0,
            )
        for bus, phases, kvar in (("675", "ABC", 200), ("611", "C", 100)):
            for phase in phases:
                node = self.at[bus, phase]
                self.y[node, node] += 1j * kvar * 1e3 / (4160**2 / 3)

    def _stamp_services(self, plan: HousePlan) -> None:
        z_base = 240**2 / (plan.transformer_kva * 1e3)
        for house in {h.transformer: h for h in self.houses}.values():
            self._stamp_transformer(
                self.at[house.bus, house.phase],
                self.at[house.transformer, ""],
                2401.8 / 240,
                z_base,
                0.012 + 0.0204j,
                0.002 - 0.005j,
            )
        drop = (0.5837 + 0.0785j) * plan.drop_ft / 1000
        for house in self.houses:
            ends = [self.at[house.transformer, ""], self.at[house.name, ""]]
            self._stamp(ends, np.array([[1, -1], [-1, 1]]) / drop)

    def _stamp_transformer(
        self, high: int, low: int, turns: float, z_base: float, z_pu: complex, y_pu: complex
    ) -> None:
        series = 1 / (z_pu * z_base)
        y = np.array([[1 / turns**2, -1 / turns], [-1 / turns, 1]]) * series
        y[1, 1] += y_pu / z_base
        self._stamp([high, low], y)

    def solve(self, injections: Injections) -> tuple[Complex, Complex, Complex]:
        """Node volts, load powers in kVA (published, then houses) and head kVA per phase."""
        ends, s_kva, exponent, v_nominal = self._loads(injections)
        slack = [self.at["RG60", phase] for phase in "ABC"]
        rest = [index for index in range(len(self.y)) if index not in slack]
        v = np.zeros(len(self.y), dtype=complex)
        v[slack] = self.v_650 * self.ratio
        z = np.linalg.inv(self.y[np.ix_(rest, rest)])
        fixed = self.y[np.ix_(rest, slack)] @ v[slack]
        v[rest] = -z @ fixed
        for _ in range(200):
            across = ends @ v
            power = s_kva * 1e3 * (np.abs(across) / v_nominal) ** exponent
            current = np.conj(power / across)
            before = v.copy()
            v[rest] = z @ (-(ends.T @ current)[rest] - fixed)
            if np.abs(v - before).max() < 1e-9:
                break
        else:
            raise AssertionError("the oracle does not converge")
        regulated = v[slack] * np.conj(self.y[slack] @ v + (ends.T @ current)[slack])
        return v, power / 1e3, regulated / 1e3

    def _loads(self, injections: Injections) -> tuple[NDArray[np.float64], ...]:
        loads = self.feeder.loads
        count = len(loads) + len(self.houses)
        ends = np.zeros((count, len(self.y)))
        v_nominal = np.full(count, 240.0)
        exponent = np.zeros(count)
        for row, load in enumerate(loads):
            for sign, phase in zip((1, -1), load.phases, strict=False):
                ends[row, self.at[load.bus, phase]] = sign
            line_v = self.feeder.buses[load.bus].base_kv * 1e3
            v_nominal[row] = line_v / (np.sqrt(3) if load.connection == "Y" else 1)
            exponent[row] = {"PQ": 0, "I": 1, "Z": 2}[load.model]
        for row, house in enumerate(self.houses, start=len(loads)):
            ends[row, self.at[house.name, ""]] = 1
        nominal = np.array([load.p_kw + 1j * load.q_kvar for load in loads])
        houses = injections.house_p_kw + 1j * injections.house_q_kvar
        return ends, np.append(nominal * injections.spot_scale, houses), exponent, v_nominal


def full(lower: Matrix) -> NDArray[np.float64]:
    """The symmetric matrix of a lower triangle."""
    matrix = np.zeros((len(lower), len(lower)))
    for i, row in enumerate(lower):
        for j, value in enumerate(row):
            matrix[i, j] = matrix[j, i] = value
    return matrix


def cases() -> dict[str, Injections]:
    rng = np.random.default_rng(5)
    return {
        "evening": Injections(rng.uniform(0.5, 5, 30), rng.uniform(0, 1, 30)),
        "all sell": Injections(np.full(30, -7.0), np.zeros(30)),
        "mixed, light load": Injections(rng.uniform(-7, 4, 30), np.full(30, 0.3), 0.6),
    }


@pytest.mark.parametrize("taps", [(9, 6, 9), (10, 8, 11), (0, 0, 0)], ids=str)
@pytest.mark.parametrize("case", cases())
def test_grid_agrees_with_zbus(taps: tuple[int, int, int], case: str) -> None:
    compare(taps, PLAN, cases()[case])


@pytest.mark.parametrize("power_kw", [(0.2, 3.0), (-3.0, 1.0)], ids=["evening", "noon"])
def test_300_houses_agree_with_zbus(power_kw: tuple[float, float]) -> None:
    rng = np.random.default_rng(6)
    p_kw, q_kvar = rng.uniform(*power_kw, 300), rng.uniform(0, 0.5, 300)
    compare((9, 6, 9), MANY, Injections(p_kw, q_kvar, 0.7))


def compare(taps: tuple[int, int, int], plan: HousePlan, injections: Injections) -> None:
    """House and bus voltages within 5e-5 pu, and powers."""
    grid = OpenDSSGrid.build("ieee13", FeederOptions(taps=taps), plan)
    grid.dispatch(injections)
    state: GridState = grid.solve()
    oracle = ZBus(taps, plan)
    v, power_kva, head_kva = oracle.solve(injections)

    houses = np.abs([v[oracle.at[house.name, ""]] for house in oracle.houses]) / 240
    assert np.abs(houses - state.house_v_pu).max() < 5e-5
    for name, v_pu in zip(grid.node_names, state.node_v_pu, strict=True):
        bus, phase = name.split(".")
        if bus != "650":
            base_v = oracle.feeder.buses[bus].base_kv * 1e3 / np.sqrt(3)
            assert abs(v[oracle.at[bus, phase]]) / base_v == pytest.approx(v_pu, abs=5e-5), name
    spots = len(grid.spot_loads)
    assert state.spot_p_kw == pytest.approx(power_kva.real[:spots], abs=0.02)
    assert state.head_p_kw == pytest.approx(head_kva.real, abs=0.1)
    assert state.head_q_kvar == pytest.approx(head_kva.imag, abs=0.1)
