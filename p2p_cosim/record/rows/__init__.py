"""What one tick adds to each table: a `TickRecord` to rows, with the schema's names.

One module a group of tables, as in `record.schema`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from p2p_cosim.core.types import TickRecord
from p2p_cosim.record.columns import Row
from p2p_cosim.record.rows import accounts, devices, grid, market, outages, power_flows
from p2p_cosim.record.run_info import RunInfo

ROWS: Mapping[str, Callable[[TickRecord, RunInfo], list[Row]]] = {
    "rounds": market.rounds,
    "orders": market.orders,
    "trades": market.trades,
    "households": accounts.households,
    "devices": devices.devices,
    "others": accounts.others,
    "voltages": grid.voltages,
    "taps": grid.taps,
    "control": grid.control,
    "predictions": grid.predictions,
    "alarms": outages.alarms,
    "faults": outages.faults,
    "offers": outages.offers,
    "alerts": outages.alerts,
    "transactions": market.transactions,
    "feeder": grid.feeder,
    "node_voltages": grid.node_voltages,
    "loadings": grid.loadings,
    "parts": power_flows.parts,
    "part_voltages": power_flows.part_voltages,
    "phase_voltages": power_flows.phase_voltages,
}
"""By table, its rows of one tick."""

BEFORE: Mapping[str, Callable[[RunInfo], list[Row]]] = {
    "taps": grid.initial_taps,
    "transactions": market.setup_transactions,
}
"""By table, what stands in it before the first tick."""

__all__ = ["BEFORE", "ROWS"]
