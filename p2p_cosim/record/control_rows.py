"""What one tick adds to the tables `control` and `predictions`."""

from __future__ import annotations

import math
from typing import TypeAlias

from p2p_cosim.core.types import FloatArray, TapMove, TickRecord
from p2p_cosim.record.run_info import RunInfo

Row: TypeAlias = tuple[object, ...]


def control(record: TickRecord, info: RunInfo) -> list[Row]:
    """Every move and every refusal with its house's voltage, as predicted and as metered."""
    decided = [(move, True) for move in record.tap_moves]
    decided += [(move, False) for move in record.decision.refusals]
    index = {house: i for i, house in enumerate(info.houses)}
    return [
        (
            record.tick,
            move.regulator,
            made,
            move.tap,
            move.house or None,
            _of(record.decision.predicted_v_pu, index, move),
            _of(record.grid.house_v_pu, index, move),
            move.reason,
        )
        for move, made in decided
    ]


def predictions(record: TickRecord, info: RunInfo) -> list[Row]:
    """Every house's predicted voltage beside the metered one, if the controller predicts."""
    predicted = record.decision.predicted_v_pu
    if predicted is None:
        return []
    pairs = zip(predicted.tolist(), record.grid.house_v_pu.tolist(), strict=True)
    return [
        (record.tick, house, v if math.isfinite(v) else None, metered)
        for house, (v, metered) in zip(info.houses, pairs, strict=True)
    ]


def _of(v_pu: FloatArray | None, index: dict[str, int], move: TapMove) -> float | None:
    if v_pu is None or move.house not in index:
        return None
    value = float(v_pu[index[move.house]])
    return value if math.isfinite(value) else None
