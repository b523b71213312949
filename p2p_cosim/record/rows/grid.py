"""Rows of the tables about the feeder, its taps and their control."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from p2p_cosim.core.limits import INTERRUPTION_PU
from p2p_cosim.core.types import FloatArray, TapMove, TickRecord
from p2p_cosim.record import schema
from p2p_cosim.record.columns import Row
from p2p_cosim.record.rows.parts import rounded_to
from p2p_cosim.record.run_info import RunInfo


def voltages(record: TickRecord, info: RunInfo) -> list[Row]:
    """Every house meter."""
    tick, v_pu = record.tick, record.grid.house_v_pu.tolist()
    pairs = zip(info.houses, v_pu, strict=True)
    return [{"tick": tick, "house": house, "v_pu": v} for house, v in pairs]


def node_voltages(record: TickRecord, info: RunInfo) -> list[Row]:
    """Every node of the primary feeder."""
    tick, v_pu = record.tick, record.grid.node_v_pu.tolist()
    pairs = zip(info.nodes, v_pu, strict=True)
    return [{"tick": tick, "node": node, "v_pu": v} for node, v in pairs]


def loadings(record: TickRecord, info: RunInfo) -> list[Row]:
    """Every line and transformer."""
    tick, current_a = record.tick, record.grid.current_a.tolist()
    return [
        {
            "tick": tick,
            "element": element.name,
            "kind": element.kind,
            "current_a": current,
            "rated_a": element.rated_a,
        }
        for element, current in zip(info.rated_elements, current_a, strict=True)
    ]


def feeder(record: TickRecord, info: RunInfo) -> list[Row]:
    """The feeder as a whole."""
    grid = record.grid
    solved = [part.grid for part in record.parts] or [grid]
    supplied = [v for state in solved for v in state.house_v_pu.tolist() if v > 0]
    p_kw, q_kvar = grid.head_p_kw.tolist(), grid.head_q_kvar.tolist()
    losses = grid.losses
    lines_kw, transformers_kw, services_kw = rounded_to(
        [losses.lines_kw, losses.transformers_kw, losses.services_kw], grid.losses_kw
    )
    return [
        {
            "tick": record.tick,
            **{f"head_p_{phase}_kw": p for phase, p in zip("abc", p_kw, strict=True)},
            **{f"head_q_{phase}_kvar": q for phase, q in zip("abc", q_kvar, strict=True)},
            "losses_kw": grid.losses_kw,
            "spot_p_kw": float(grid.spot_p_kw.sum()),
            "v_min_pu": min(supplied, default=None),
            "v_max_pu": max(supplied, default=None),
            "other_p_kw": grid.other_p_kw,
            "unbalance": unbalance(grid.node_v_pu, info.nodes),
            "losses_lines_kw": lines_kw,
            "losses_transformers_kw": transformers_kw,
            "losses_services_kw": services_kw,
            "head_current_a": grid.head_a,
            "fault_current_a": grid.fault_a,
            "neutral_v": grid.neutral_v,
        }
    ]


def taps(record: TickRecord, _info: RunInfo) -> list[Row]:
    """Every tap move."""
    return [
        {
            "tick": record.tick,
            "regulator": move.regulator,
            "tap": move.tap,
            "reason": move.reason,
        }
        for move in record.tap_moves
    ]


def initial_taps(info: RunInfo) -> list[Row]:
    """The first tap of every regulator."""
    return [
        {"tick": schema.BEFORE_RUN, "regulator": name, "tap": tap, "reason": "initial"}
        for name, tap in info.initial_taps.items()
    ]


def control(record: TickRecord, info: RunInfo) -> list[Row]:
    """Every move and every refusal with its house's voltage, as predicted and as metered."""
    decided = [(move, True) for move in record.tap_moves]
    decided += [(move, False) for move in record.decision.refusals]
    index = {house: i for i, house in enumerate(info.houses)} if decided else {}
    return [
        {
            "tick": record.tick,
            "regulator": move.regulator,
            "made": made,
            "tap": move.tap,
            "house": move.house or None,
            "predicted_v_pu": _of(record.decision.predicted_v_pu, index, move),
            "v_pu": _of(record.grid.house_v_pu, index, move),
            "reason": move.reason,
        }
        for move, made in decided
    ]


def predictions(record: TickRecord, info: RunInfo) -> list[Row]:
    """Every house's predicted voltage beside the metered one, if the controller predicts."""
    predicted = record.decision.predicted_v_pu
    if predicted is None:
        return []
    pairs = zip(predicted.tolist(), record.grid.house_v_pu.tolist(), strict=True)
    return [
        {
            "tick": record.tick,
            "house": house,
            "predicted_v_pu": v_pu if math.isfinite(v_pu) else None,
            "v_pu": metered,
        }
        for house, (v_pu, metered) in zip(info.houses, pairs, strict=True)
    ]


def _of(v_pu: FloatArray | None, index: dict[str, int], move: TapMove) -> float | None:
    if v_pu is None or move.house not in index:
        return None
    value = float(v_pu[index[move.house]])
    return value if math.isfinite(value) else None


def unbalance(node_v_pu: FloatArray, nodes: tuple[str, ...]) -> float:
    """Worst voltage unbalance of a bus with three live phases: the largest deviation from the mean
    of its phases over that mean (NEMA MG 1-2021, 12.45, with voltages to neutral)."""
    at = _three_phase(nodes)
    if not at.size:
        return 0.0
    v_pu = node_v_pu[at]
    mean = v_pu.mean(axis=1)
    live = v_pu.min(axis=1) > INTERRUPTION_PU
    deviation = np.abs(v_pu - mean[:, None]).max(axis=1) / np.where(live, mean, 1.0)
    return float(np.where(live, deviation, 0.0).max())


@lru_cache(maxsize=8)
def _three_phase(nodes: tuple[str, ...]) -> NDArray[np.int64]:
    """Shape (buses, 3): positions of the phases of buses that have all three."""
    by_bus: dict[str, list[int]] = {}
    for index, node in enumerate(nodes):
        by_bus.setdefault(node.rpartition(".")[0], []).append(index)
    complete = [at for at in by_bus.values() if len(at) == 3]
    return np.array(complete, dtype=np.int64).reshape(-1, 3)
