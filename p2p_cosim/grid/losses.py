"""Losses of a solved grid, in all and by class of element."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from p2p_cosim.core.types import LossesByClass
from p2p_cosim.grid.engine import DeliveryElement, Engine
from p2p_cosim.grid.faults import FAULT_ELEMENT

_LINES, _TRANSFORMERS, _SERVICES, _OTHERS, _NO_LOSSES = range(5)
_CLASSES = {"line": _LINES, "transformer": _TRANSFORMERS}


class Losses:
    """What flows into an element at all its conductors and does not come out again.

    services: service transformers, drops and ties. shunts: elements to ground that dissipate;
    others to ground have no losses. All as `class.name`.
    """

    def __init__(self, engine: Engine, services: Collection[str], shunts: Collection[str]) -> None:
        self._engine = engine
        elements = engine.delivery_elements()
        groups = [_group(element, services, shunts) for element in elements]
        self._group_at = np.repeat(groups, [element.conductors for element in elements])
        names = {element.name for element in elements}
        self._standing_faults = tuple(name for name in shunts if name not in names)

    def read(self, *, is_shorted: bool) -> tuple[float, LossesByClass]:
        """Of the last solve, in kW, and the part of it that is lines' and transformers'.

        is_shorted: whether the program's own short circuit stands.
        """
        # What `Supply.anchors` may have added since comes last, and has no losses.
        p_kw = self._engine.delivery_powers_kva().real[: self._group_at.size]
        kw = np.bincount(self._group_at, weights=p_kw, minlength=_NO_LOSSES + 1).tolist()
        losses_kw = sum(kw[:_NO_LOSSES])
        for fault in (*self._standing_faults, *([FAULT_ELEMENT] if is_shorted else [])):
            losses_kw += self._engine.element_losses_kw(fault)
        return losses_kw, LossesByClass(kw[_LINES], kw[_TRANSFORMERS], kw[_SERVICES])


def _group(element: DeliveryElement, services: Collection[str], shunts: Collection[str]) -> int:
    if element.to_ground and element.name not in shunts:
        return _NO_LOSSES
    if element.name in services:
        return _SERVICES
    return _CLASSES.get(element.name.partition(".")[0], _OTHERS)
