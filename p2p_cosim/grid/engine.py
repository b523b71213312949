"""OpenDSS behind plain numbers and arrays: the only module that imports the engine.

OpenDSSDirect.py builds and solves; AltDSS, over the same context, moves arrays.
"""

from __future__ import annotations

import weakref
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from p2p_cosim.core.errors import GridError
from p2p_cosim.core.types import FloatArray
from p2p_cosim.grid.environment import pin_environment

pin_environment()  # before the engine is loaded

from altdss.AltDSS import AltDSS
from altdss.enums import SetterFlags
from dss.IDSS import IDSS
from dss_python_backend.events import EventCallbackManager
from opendssdirect import DSSException, dss
from opendssdirect.OpenDSSDirect import OpenDSSDirect

ComplexArray = NDArray[np.complex128]

PHASES = 3
_REGISTRIES = (
    *(IDSS._ctx_to_dss, OpenDSSDirect._ctx_to_dss, AltDSS._ctx_to_dss),
    EventCallbackManager._ctx_to_manager,
)
_KEEP_MATRIX = int(SetterFlags.AvoidFullRecalc)


class DeliveryElement(NamedTuple):
    """What delivers power, as OpenDSS has it: a line, transformer, reactor or capacitor.

    name: `class.name` in lower case. conductors: at all its terminals together.
    """

    name: str
    conductors: int
    to_ground: bool


class Engine:
    """One engine context. Contexts do not share state; one is not thread-safe."""

    def __init__(self) -> None:
        self._dss: Any = dss.NewContext()
        weakref.finalize(self, _release, self._dss).atexit = False
        self._dss.Basic.AllowChangeDir(False)
        self._alt: Any = self._dss.to_altdss()
        self._sources: tuple[tuple[str, tuple[int, ...]], ...] = (("vsource.source", (1, 2, 3)),)
        self._feeding: tuple[tuple[Any, tuple[int, ...]], ...] = ()
        self._others: tuple[str, ...] = ()
        self.is_restless = False  # the last solve failed because controls moved on and on

    def _forget(self) -> None:
        self._feeding = ()

    @property
    def version(self) -> str:
        """The engine's own version text, on one line."""
        return _in_a_line(self._dss.Basic.Version())

    def run(self, commands: Sequence[str]) -> None:
        """Execute text commands. Raises GridError with the engine's message."""
        self._forget()
        try:
            self._dss.Text.Commands(list(commands))
        except DSSException as error:
            raise GridError(f"OpenDSS refused a command: {_in_a_line(error)}") from error

    def load_names(self) -> list[str]:
        """All loads in lower case, the disabled ones included, in order."""
        return [str(name).lower() for name in self._dss.Loads.AllNames()]

    def node_names(self) -> list[str]:
        """`bus.node` in upper case, in the order of `voltages_v`."""
        return [str(name) for name in self._alt.YNodeOrder()]

    @property
    def api(self) -> Any:
        """The engine's classic interface, for `inventory`."""
        return self._dss

    def line_lengths(self) -> FloatArray:
        """Of all lines in their order, each in its own unit; shape (lines,)."""
        lines = self._dss.Lines
        return np.array([lines.Length() for _ in lines], dtype=float)

    def set_line_lengths(self, lengths: FloatArray) -> None:
        """Give every line another length, and with it another impedance."""
        lines = self._dss.Lines
        for _, length in zip(lines, lengths.tolist(), strict=True):
            lines.Length(length)

    def run_each(self, commands: Iterable[tuple[str, str]]) -> None:
        """Execute text commands, each with where it stands.

        Raises GridError with the place of each one that the engine refuses, all at once.
        """
        self._forget()
        problems = []
        for command, where in commands:
            try:
                self._dss.Text.Command(command)
            except DSSException as error:
                problems.append(f"{where}: OpenDSS refused it: {_in_a_line(error)}")
        if problems:
            raise GridError("\n".join(problems))

    def watch(self, sources: Sequence[tuple[str, tuple[int, ...]]], others: Sequence[str]) -> None:
        """Say what counts in the balance beside loads and what delivers to them.

        sources: each with the nodes of its phases; none for the circuit's own alone.
        others: elements that draw or give power and are no loads. All as `class.name`.
        """
        self._sources = tuple(sources) or self._sources
        self._others = tuple(others)
        self._forget()

    def loads(self, positions: Sequence[int]) -> LoadGroup:
        """The loads at these positions in the class, from 0; valid until the next `clear`."""
        return LoadGroup(self._dss, self._alt, positions)

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

    def set_source_v_pu(self, v_pu: float) -> None:
        """Another voltage of the circuit's first source."""
        self._dss.Vsources.Name("source")
        self._dss.Vsources.PU(v_pu)

    def set_time(self, at_s: float) -> None:
        """The time that controls with delays go by, in seconds from 0."""
        self._dss.Solution.DblHour(at_s / 3600)

    def capacitor_steps(self) -> tuple[int, ...]:
        """Steps in service of every capacitor that has a CapControl, in the controls' order."""
        capacitors, found = self._dss.Capacitors, []
        for control in self._dss.CapControls:
            capacitors.Name(control.Capacitor())
            found.append(sum(state > 0 for state in capacitors.States()))
        return tuple(found)

    def solve(self) -> bool:
        """Solve from the last voltages; True if it converged. NaN voltages stay NaN."""
        try:
            self._dss.Solution.Solve()
        except DSSException as error:
            self.is_restless = "#485" in str(error)  # controls that have not come to rest
            return False
        self.is_restless = False
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
        """What all sources give on each phase, shape (3,)."""
        return np.zeros(PHASES, dtype=complex) - self._at_sources("Powers")

    def source_current_a(self) -> float:
        """What all sources give together in the fullest phase."""
        return max(map(abs, self._at_sources("Currents")))

    def _at_sources(self, quantity: str) -> list[complex]:
        """Into all sources together, by phase."""
        if not self._feeding:
            self._feeding = tuple(
                (self._alt.Vsource[name.partition(".")[2]], nodes) for name, nodes in self._sources
            )
        total = [0j] * PHASES
        for source, nodes in self._feeding:
            for node, value in zip(nodes, getattr(source, quantity)().tolist(), strict=False):
                if 1 <= node <= PHASES:
                    total[node - 1] += value
        return total

    def element_current_a(self, element: str) -> float:
        """Current of one element in its fullest conductor, `class.name`."""
        return float(np.abs(self.currents_a(element)).max())

    def currents_a(self, element: str) -> ComplexArray:
        """Into one element by conductor, its first terminal's first, `class.name`."""
        return self._by_conductor(element, "Currents")

    def _by_conductor(self, element: str, quantity: str) -> ComplexArray:
        self._dss.Circuit.SetActiveElement(element)
        flat = np.asarray(getattr(self._dss.CktElement, quantity)())
        return flat[0::2] + 1j * flat[1::2]

    def delivery_elements(self) -> list[DeliveryElement]:
        """All of them, the disabled ones included, in order."""
        table = self._dss.PDElements
        counts = zip(table.AllNumConductors(), table.AllNumTerminals(), strict=True)
        columns = zip(table.AllNames(), counts, self._alt.PDElement.IsShunt(), strict=True)
        return [
            DeliveryElement(str(name).lower(), conductors * terminals, bool(to_ground))
            for name, (conductors, terminals), to_ground in columns
        ]

    def delivery_powers_kva(self) -> ComplexArray:
        """Into every conductor of these elements, one after the other; 0 for disabled ones."""
        # Not their `Losses`: that of a batch (AltDSS 0.2.4) writes beyond the end of its array.
        return np.asarray(self._alt.PDElement.Powers())

    def delivery_currents_a(self) -> FloatArray:
        """In the fullest phase at the first terminal of these elements, shape (elements,)."""
        return np.asarray(self._alt.PDElement.MaxCurrent(1))

    def other_powers_kva(self) -> complex:
        """What elements draw that are neither loads nor branches; negative is generation."""
        return complex(sum(self._by_conductor(name, "Powers").sum() for name in self._others))

    def element_losses_kw(self, element: str) -> float:
        """What one element dissipates, `class.name`."""
        self._dss.Circuit.SetActiveElement(element)
        return float(self._dss.CktElement.Losses()[0]) / 1e3


def _release(engine_dss: Any) -> None:
    """Let a context go with the engine that had it.

    The libraries (OpenDSSDirect.py 0.9.4, AltDSS 0.2.4) list every context as a weak key of values
    that hold it, so that none was ever freed: 2 MB a grid of thirty houses.
    """
    util = engine_dss._api_util
    util.unregister_callbacks()
    util.unregister_callbacks = lambda: None  # as it dies it would list its context once more
    for registry in (*_REGISTRIES, type(util)._ctx_to_util):
        registry.pop(util.ctx, None)


class LoadGroup:
    """Loads that are written together."""

    def __init__(self, engine_dss: Any, engine_alt: Any, positions: Sequence[int]) -> None:
        self._dss = engine_dss
        self._positions = tuple(positions)
        self._batch = engine_alt.Load.batch(idx=list(positions)) if positions else None

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
        for offset, position in enumerate(self._positions):
            loads.Idx(position + 1)
            loads.kW(float(p_kw[offset]))
            loads.kvar(float(q_kvar[offset]))


def _in_a_line(told: object) -> str:
    return " ".join(str(told).split())
