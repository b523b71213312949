"""One operating point for an interval in which the power flow was solved several times."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from p2p_cosim.core.types import FloatArray, GridState, LossesByClass


def mean_state(states: Sequence[GridState]) -> GridState:
    """The state of an interval from those of its equal parts, in order.

    Powers, losses and voltages are means, of a house's voltage those with supply; a balance that
    holds in every part holds for them. Currents and the voltage of a neutral are the highest of
    any part. Taps and capacitors are those at the end.
    """
    last = states[-1]

    def mean(of: Callable[[GridState], FloatArray | float]) -> FloatArray:
        means: FloatArray = np.mean(np.array([of(state) for state in states]), axis=0)
        return means

    def highest(of: Callable[[GridState], float | None]) -> float | None:
        return max((v for state in states if (v := of(state)) is not None), default=None)

    return GridState(
        house_v_pu=_with_supply(np.array([state.house_v_pu for state in states])),
        house_p_kw=mean(lambda state: state.house_p_kw),
        house_q_kvar=mean(lambda state: state.house_q_kvar),
        spot_p_kw=mean(lambda state: state.spot_p_kw),
        node_v_pu=mean(lambda state: state.node_v_pu),
        head_p_kw=mean(lambda state: state.head_p_kw),
        head_q_kvar=mean(lambda state: state.head_q_kvar),
        losses_kw=float(mean(lambda state: state.losses_kw)),
        taps=last.taps,
        other_p_kw=float(mean(lambda state: state.other_p_kw)),
        current_a=np.max([state.current_a for state in states], axis=0),
        losses=_losses([state.losses for state in states]),
        head_a=max(state.head_a for state in states),
        fault_a=highest(lambda state: state.fault_a),
        neutral_v=highest(lambda state: state.neutral_v),
        source_v_pu=None
        if last.source_v_pu is None
        else float(mean(lambda state: state.source_v_pu or 0.0)),
        capacitors=last.capacitors,
        house_phase_v_pu=mean(lambda state: state.house_phase_v_pu),
    )


def _losses(parts: Sequence[LossesByClass]) -> LossesByClass:
    return LossesByClass(
        float(np.mean([part.lines_kw for part in parts])),
        float(np.mean([part.transformers_kw for part in parts])),
        float(np.mean([part.services_kw for part in parts])),
    )


def _with_supply(v_pu: FloatArray) -> FloatArray:
    lit = (v_pu > 0).sum(axis=0)
    total: FloatArray = v_pu.sum(axis=0) / np.maximum(lit, 1)
    return total
