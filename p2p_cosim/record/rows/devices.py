"""Rows of the table `devices`."""

from __future__ import annotations

from p2p_cosim.core.types import TickRecord
from p2p_cosim.record.columns import Row
from p2p_cosim.record.rows.parts import rounded_to
from p2p_cosim.record.run_info import RunInfo


def devices(record: TickRecord, info: RunInfo) -> list[Row]:
    """One row a device, in the order of houses."""
    p_kw, q_kvar = record.grid.house_p_kw.tolist(), record.grid.house_q_kvar.tolist()
    rows: list[Row] = []
    for house, meter, p, q in zip(info.houses, record.meters, p_kw, q_kvar, strict=True):
        active = rounded_to([flow.p_kw for flow in meter.devices], p)
        reactive = rounded_to([flow.q_kvar for flow in meter.devices], q)
        rows += [
            {
                "tick": record.tick,
                "house": house,
                "device": flow.device,
                "kind": flow.kind,
                "p_kw": active[i],
                "q_kvar": reactive[i],
                "stored_wh": flow.stored_wh,
                "curtailed_kw": flow.curtailed_kw,
            }
            for i, flow in enumerate(meter.devices)
        ]
    return rows
