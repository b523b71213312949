"""What the feeder's elements may carry, and what they do carry.

A line is rated by the file's normal current (`normamps`; OpenDSS assumes 400 A where a file says
nothing), a transformer by its nameplate: its rated power over its rated voltage, at winding 1.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from p2p_cosim.core.types import FloatArray, RatedElement
from p2p_cosim.grid.engine import Engine


class Loadings:
    """Currents of lines and transformers in an engine that has been built."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        rated = [
            (position, element)
            for position, delivers in enumerate(engine.delivery_elements())
            if (element := _rated(engine.api, delivers.name)) is not None
        ]
        self._at = np.array([position for position, _ in rated], dtype=int)
        self.elements = tuple(element for _, element in rated)
        """In the order of `current_a`."""

    def current_a(self) -> FloatArray:
        """Shape (elements,): current in the fullest phase at the first terminal, in A."""
        current: FloatArray = self._engine.delivery_currents_a()[self._at]
        return current


def _rated(api: Any, name: str) -> RatedElement | None:
    kind, _, own = name.partition(".")
    api.Circuit.SetActiveElement(name)
    if kind not in ("line", "transformer") or not api.CktElement.Enabled():
        return None
    if kind == "line":
        return RatedElement(own, "line", float(api.CktElement.NormalAmps()))
    api.Transformers.Name(own)
    api.Transformers.Wdg(1)
    kva, kv = float(api.Transformers.kVA()), float(api.Transformers.kV())
    phases = int(api.CktElement.NumPhases())
    return RatedElement(own, "transformer", kva / kv / (math.sqrt(3) if phases > 1 else 1.0))
