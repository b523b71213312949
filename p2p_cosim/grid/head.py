"""The voltage at the head over a run, and the time that controls with delays go by."""

from __future__ import annotations

from p2p_cosim.core.brief import Brief
from p2p_cosim.core.types import Injections
from p2p_cosim.grid.engine import Engine


class Head(Brief):
    """What of a dispatch is about the circuit as a whole. v_pu: as it was last set, or None."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.v_pu: float | None = None

    def write(self, injections: Injections) -> bool:
        """Put both where the dispatch says; whether the voltage moved."""
        if injections.at_s is not None:
            self._engine.set_time(injections.at_s)
        if injections.source_v_pu is None or injections.source_v_pu == self.v_pu:
            return False
        self._engine.set_source_v_pu(injections.source_v_pu)
        self.v_pu = injections.source_v_pu
        return True
