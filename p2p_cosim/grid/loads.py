"""Writes what houses and published loads draw into the engine."""

from __future__ import annotations

import math

import numpy as np

from p2p_cosim.core.types import FloatArray, Injections
from p2p_cosim.grid.assembly import Assembly
from p2p_cosim.grid.commands import HOUSE_NOMINAL_KW, HOUSE_NOMINAL_TAN
from p2p_cosim.grid.supply import Supply


class LoadWriter:
    """The loads of an assembly, in groups that are written at once."""

    def __init__(self, assembly: Assembly) -> None:
        engine, loads = assembly.engine, assembly.loads
        self._spot_p_kw = np.array([load.p_kw for load in loads])
        self._spot_q_kvar = np.array([load.q_kvar for load in loads])
        self._spots = engine.loads(assembly.spot_positions)
        self._houses = engine.loads(assembly.house_positions)
        self._nominal_kw = np.full(len(assembly.houses), HOUSE_NOMINAL_KW)
        self._written_scale: float | FloatArray = math.nan

    def renew(self) -> None:
        """Nominal powers, which the matrix of the next solve follows."""
        self._houses.renew(self._nominal_kw, self._nominal_kw * HOUSE_NOMINAL_TAN)
        self._spots.renew(self._spot_p_kw, self._spot_q_kvar)
        self._written_scale = 1.0

    def write(self, injections: Injections, supply: Supply) -> None:
        """What is dispatched; nothing for houses without supply, and no export where an inverter
        would have to hold an island."""
        p_kw, q_kvar = injections.house_p_kw, injections.house_q_kvar
        if not supply.may_export.all():
            drawing = supply.supplied & (supply.may_export | (p_kw > 0))
            p_kw, q_kvar = np.where(drawing, (p_kw, q_kvar), 0.0)
        self._houses.write(p_kw, q_kvar)
        scale = injections.spot_scale
        if not np.array_equal(scale, self._written_scale):
            self._spots.write(self._spot_p_kw * scale, self._spot_q_kvar * scale)
            self._written_scale = scale
