"""What is read from an engine after a solve."""

from __future__ import annotations

import numpy as np

from p2p_cosim.core.types import FloatArray, GridState, RatedElement
from p2p_cosim.grid.assembly import Assembly
from p2p_cosim.grid.commands import drop_name, tie_name
from p2p_cosim.grid.engine import PHASES
from p2p_cosim.grid.faults import FAULT_ELEMENT
from p2p_cosim.grid.losses import Losses
from p2p_cosim.grid.ratings import Loadings


class Readings:
    """Powers, losses and currents of an assembly.

    elements: lines and transformers with their ratings, in the order of `GridState.current_a`.
    """

    def __init__(self, assembly: Assembly) -> None:
        self._engine = engine = assembly.engine
        self._spots_at = np.array(assembly.spot_positions, dtype=int)
        self._houses_at = np.array(assembly.house_positions, dtype=int)
        self._loadings = Loadings(engine)
        self.elements: tuple[RatedElement, ...] = self._loadings.elements
        services = {
            f"{kind}.{name}"
            for house in assembly.houses
            for kind, name in (
                ("line", drop_name(house.name)),
                ("line", tie_name(house.name)),
                *([] if house.on_secondary else [("transformer", house.transformer)]),
            )
        }
        self._losses = Losses(engine, services, assembly.circuit.shunts)
        self.renumber()

    def renumber(self) -> None:
        """Find the conductors beyond the three phases in the engine's present order of nodes."""
        self._neutrals_at = np.array(
            [
                index
                for index, name in enumerate(self._engine.node_names())
                if int(name.rpartition(".")[2]) > PHASES
            ],
            dtype=int,
        )

    def state(
        self,
        *,
        house_v_pu: FloatArray,
        node_v_pu: FloatArray,
        taps: tuple[int, ...],
        is_shorted: bool,
        source_v_pu: float | None = None,
        controlled: bool = False,
        house_phase_v_pu: FloatArray,
    ) -> GridState:
        """The solved state, of which the grid itself knows the arguments.

        controlled: whether the feeder's own controls are there, and may switch capacitors.
        """
        losses_kw, losses = self._losses.read(is_shorted=is_shorted)
        loads, source = self._engine.load_powers_kva(), self._engine.source_powers_kva()
        return GridState(
            house_v_pu=house_v_pu,
            house_p_kw=loads.real[self._houses_at],
            house_q_kvar=loads.imag[self._houses_at],
            spot_p_kw=loads.real[self._spots_at],
            node_v_pu=node_v_pu,
            head_p_kw=source.real,
            head_q_kvar=source.imag,
            losses_kw=losses_kw,
            other_p_kw=self._engine.other_powers_kva().real,
            current_a=self._loadings.current_a(),
            losses=losses,
            head_a=self._engine.source_current_a(),
            fault_a=self._engine.element_current_a(FAULT_ELEMENT) if is_shorted else None,
            neutral_v=self._neutral_v(),
            taps=taps,
            source_v_pu=source_v_pu,
            house_phase_v_pu=house_phase_v_pu,
            capacitors=self._engine.capacitor_steps() if controlled else (),
        )

    def _neutral_v(self) -> float | None:
        if not self._neutrals_at.size:
            return None
        return float(np.abs(self._engine.voltages_v()[self._neutrals_at]).max())
