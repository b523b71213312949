"""OpenDSS behind plain numbers and arrays: the only module that imports the engine.

OpenDSSDirect.py builds and solves; AltDSS, over the same context, moves arrays.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from altdss.enums import SetterFlags
from numpy.typing import NDArray
from opendssdirect import DSSException, dss

from p2p_cosim.core.errors import GridError
from p2p_cosim.core.types import FloatArray

ComplexArray = NDArray[np.complex128]

_KEEP_MATRIX = int(SetterFlags.AvoidFullRecalc)


@dataclass(frozen=True, slots=True)
class BusRecord:
    """A bus as built: node numbers, line-to-neutral base, and coordinates if it has any."""

    name: str
    nodes: tuple[int, ...]
    base_kv: float
    place: tuple[float, float] | None


@dataclass(frozen=True, slots=True)
class ElementRecord:
    """An element as built, names in lower case.

    terminals: of each, the bus and the nodes of its conductors. power_kva: nominal, of a load.
    """

    kind: str
    name: str
    terminals: tuple[tuple[str, tuple[int, ...]], ...]
    phases: int
    is_switch: bool = False
    is_delta: bool = False
    power_kva: complex = 0j


@dataclass(frozen=True, slots=True)
class RegulatorRecord:
    """A transformer with a RegControl: winding of the tap, its number of steps and range."""

    control: str
    set_point_v: float
    transformer: str
    winding: int
    steps: int
    least: float
    most: float


class Engine:
    """One engine context. Contexts do not share state; one is not thread-safe."""

    def __init__(self) -> None:
        self._dss: Any = dss.NewContext()
        self._dss.Basic.AllowChangeDir(False)
        self._alt: Any = self._dss.to_altdss()
        self._source: Any = None

    @property
    def version(self) -> str:
        """The engine's own version text, on one line."""
        return " ".join(str(self._dss.Basic.Version()).split())

    def run(self, commands: Sequence[str]) -> None:
        """Execute text commands. Raises GridError with the engine's message."""
        self._source = None
        try:
            self._dss.Text.Commands(list(commands))
        except DSSException as error:
            raise GridError(f"OpenDSS refused a command: {error}") from error

    def node_names(self) -> list[str]:
        """`bus.node` in upper case, in the order of `voltages_v`."""
        return [str(name) for name in self._alt.YNodeOrder()]

    def buses(self) -> list[BusRecord]:
        """All buses, in the engine's order."""
        return list(self._buses())

    def elements(self, kind: str) -> list[ElementRecord]:
        """All enabled elements of a class (`line`, `transformer`, `load`), in order."""
        return list(self._elements(kind))

    def regulators(self) -> list[RegulatorRecord]:
        """The transformers that RegControls act on, in the order of the controls."""
        return list(self._regulators())

    def source(self) -> tuple[str, str, float]:
        """Name of the circuit, bus of its source, and the voltage there in pu."""
        self._dss.Vsources.First()
        bus = str(self._dss.CktElement.BusNames()[0]).split(".")[0].lower()
        return str(self._dss.Circuit.Name()).lower(), bus, float(self._dss.Vsources.PU())

    def _buses(self) -> Iterator[BusRecord]:
        for index, name in enumerate(self._dss.Circuit.AllBusNames()):
            self._dss.Circuit.SetActiveBusi(index)
            bus = self._dss.Bus
            place = (float(bus.X()), float(bus.Y())) if bus.Coorddefined() else None
            nodes = tuple(sorted(int(node) for node in bus.Nodes()))
            yield BusRecord(str(name).lower(), nodes, float(bus.kVBase()), place)

    def _elements(self, kind: str) -> Iterator[ElementRecord]:
        rows = {"line": "Lines", "transformer": "Transformers", "load": "Loads"}[kind]
        table, element = getattr(self._dss, rows), self._dss.CktElement
        index = table.First()
        while index:
            conductors, nodes = int(element.NumConductors()), list(element.NodeOrder())
            buses = [str(bus).split(".")[0].lower() for bus in element.BusNames()]
            yield ElementRecord(
                kind=kind,
                name=str(table.Name()).lower(),
                terminals=tuple(
                    (bus, tuple(int(n) for n in nodes[t * conductors : (t + 1) * conductors]))
                    for t, bus in enumerate(buses)
                ),
                phases=int(element.NumPhases()),
                is_switch=kind == "line" and bool(table.IsSwitch()),
                is_delta=kind == "load" and bool(table.IsDelta()),
                power_kva=complex(table.kW(), table.kvar()) if kind == "load" else 0j,
            )
            index = table.Next()

    def _regulators(self) -> Iterator[RegulatorRecord]:
        controls, transformers = self._dss.RegControls, self._dss.Transformers
        index = controls.First()
        while index:
            name, winding = str(controls.Transformer()).lower(), int(controls.TapWinding())
            self._select(name, winding)
            yield RegulatorRecord(
                str(controls.Name()).lower(),
                float(controls.ForwardVreg()),
                name,
                winding,
                int(transformers.NumTaps()),
                float(transformers.MinTap()),
                float(transformers.MaxTap()),
            )
            index = controls.Next()

    def loads(self, first: int, count: int) -> LoadGroup:
        """The loads at positions first to first + count; valid until the next `clear`."""
        return LoadGroup(self._dss, self._alt, first, count)

    def ratio(self, transformer: str, winding: int = 2) -> float:
        """Turns ratio in pu of a winding."""
        self._select(transformer, winding)
        return float(self._dss.Transformers.Tap())

    def set_ratio(self, transformer: str, ratio: float, winding: int = 2) -> None:
        """Set the turns ratio in pu of a winding."""
        self._select(transformer, winding)
        self._dss.Transformers.Tap(ratio)

    def _select(self, transformer: str, winding: int) -> None:
        self._dss.Transformers.Name(transformer)
        self._dss.Transformers.Wdg(winding)

    def solve(self) -> bool:
        """Solve from the last voltages; True if it converged. NaN voltages stay NaN."""
        try:
            self._dss.Solution.Solve()
        except DSSException:
            return False
        return bool(self._dss.Solution.Converged())

    def solve_linear(self) -> None:
        """Solve once with all loads as admittances, whatever the voltages were before."""
        self._dss.Solution.SolveDirect()

    def voltages_v(self) -> ComplexArray:
        """Node voltages, shape (nodes,)."""
        return np.asarray(self._alt.YNodeVarray())

    def load_powers_kva(self) -> ComplexArray:
        """What every load draws, shape (loads,)."""
        return np.asarray(self._alt.Load.TotalPowers())

    def source_powers_kva(self) -> ComplexArray:
        """What the source gives on each phase, shape (3,)."""
        if self._source is None:
            self._source = self._alt.Vsource[0]
        return -np.asarray(self._source.Powers())[:3]

    def element_losses_kva(self, element: str) -> complex:
        """What one element dissipates, `class.name`."""
        self._dss.Circuit.SetActiveElement(element)
        watts, vars_ = np.asarray(self._dss.CktElement.Losses())[:2]
        return complex(watts, vars_) / 1e3

    def losses_kva(self) -> complex:
        """Losses of all lines and transformers; capacitors and faults are not among them."""
        return complex(self._alt.Losses()) / 1e3


class LoadGroup:
    """Consecutive loads that are written together."""

    def __init__(self, engine_dss: Any, engine_alt: Any, first: int, count: int) -> None:
        self._dss = engine_dss
        self._first = first
        self._count = count
        self._batch = engine_alt.Load.batch(idx=range(first, first + count)) if count else None

    def write(self, p_kw: FloatArray, q_kvar: FloatArray) -> None:
        """Set nominal powers, shape (count,), without touching the admittance matrix.

        The matrix holds a linear part of each load and the difference is injected as current,
        so the solution is the same within tolerance and needs no new factorisation.
        """
        if self._batch is None:
            return
        if hasattr(self._batch, "_set_kW"):
            # The public properties take no flags.
            self._batch._set_kW(p_kw, _KEEP_MATRIX)
            self._batch._set_kvar(q_kvar, _KEEP_MATRIX)
        else:
            self.write_one_by_one(p_kw, q_kvar)

    def renew(self, p_kw: FloatArray, q_kvar: FloatArray) -> None:
        """Set nominal powers, and have the matrix follow at the next solve."""
        if self._batch is not None:
            self._batch.kW = p_kw
            self._batch.kvar = q_kvar

    def write_one_by_one(self, p_kw: FloatArray, q_kvar: FloatArray) -> None:
        """The same over the classic public interface, in case the batch's own goes away."""
        loads = self._dss.Loads
        for offset in range(self._count):
            loads.Idx(self._first + offset + 1)
            loads.kW(float(p_kw[offset]))
            loads.kvar(float(q_kvar[offset]))
