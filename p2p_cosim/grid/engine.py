"""OpenDSS behind plain numbers and arrays: the only module that imports the engine.

OpenDSSDirect.py builds and solves; AltDSS, over the same context, moves arrays.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from altdss.enums import SetterFlags
from numpy.typing import NDArray
from opendssdirect import DSSException, dss

from p2p_cosim.core.errors import GridError
from p2p_cosim.core.types import FloatArray

ComplexArray = NDArray[np.complex128]

_KEEP_MATRIX = int(SetterFlags.AvoidFullRecalc)


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
