"""A trader's own past, which grows by an interval at a time."""

from __future__ import annotations

import numpy as np

from p2p_cosim.core.types import FloatArray


class History:
    """Load and PV in kW of all intervals so far."""

    def __init__(self) -> None:
        self._keep(np.zeros((2, 128)))
        self._ticks = 0

    def __repr__(self) -> str:
        return f"History({self._ticks} intervals)"

    def add(self, load_kw: float, pv_kw: float) -> None:
        """The next interval."""
        if self._ticks == self._kw.shape[1]:
            self._keep(np.concatenate([self._kw, np.zeros_like(self._kw)], axis=1))
        self._kw[0, self._ticks] = load_kw
        self._kw[1, self._ticks] = pv_kw
        self._ticks += 1

    @property
    def load_kw(self) -> FloatArray:
        """Shape (intervals,); it cannot be written to."""
        return self._read_only[0, : self._ticks]

    @property
    def pv_kw(self) -> FloatArray:
        """Shape (intervals,); it cannot be written to."""
        return self._read_only[1, : self._ticks]

    def _keep(self, kw: FloatArray) -> None:
        self._kw, self._read_only = kw, kw.view()
        self._read_only.flags.writeable = False
