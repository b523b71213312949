"""Rows of tables that only some runs fill: power flows inside an interval, and houses on three
phases."""

from __future__ import annotations

import math

from p2p_cosim.core.types import TickRecord
from p2p_cosim.record.columns import Row
from p2p_cosim.record.run_info import RunInfo


def parts(record: TickRecord, _info: RunInfo) -> list[Row]:
    """Every power flow."""
    rows = list[Row]()
    for part in record.parts:
        grid = part.grid
        supplied = [v for v in grid.house_v_pu.tolist() if v > 0]
        rows.append(
            {
                "tick": record.tick,
                "offset_s": part.offset_s,
                "source_v_pu": grid.source_v_pu,
                "head_p_kw": float(grid.head_p_kw.sum()),
                "losses_kw": grid.losses_kw,
                "v_min_pu": min(supplied, default=None),
                "v_max_pu": max(supplied, default=None),
                "tap_moves": part.tap_moves,
                "capacitor_moves": part.capacitor_moves,
            }
        )
    return rows


def part_voltages(record: TickRecord, info: RunInfo) -> list[Row]:
    """Every house meter in every power flow."""
    return [
        {"tick": record.tick, "offset_s": part.offset_s, "house": house, "v_pu": v_pu}
        for part in record.parts
        for house, v_pu in zip(info.houses, part.grid.house_v_pu.tolist(), strict=True)
    ]


def phase_voltages(record: TickRecord, info: RunInfo) -> list[Row]:
    """Every phase of every house that is on three."""
    return [
        {"tick": record.tick, "house": house, "phase": phase, "v_pu": v_pu}
        for house, phases in zip(info.houses, record.grid.house_phase_v_pu.tolist(), strict=False)
        for phase, v_pu in zip("ABC", phases, strict=True)
        if not math.isnan(v_pu)
    ]
