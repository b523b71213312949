"""Every table of a run, declared once as data.

The recorder writes by these declarations, `Results` reads by them, and the table reference
in docs/results.md is generated from them.
"""

from __future__ import annotations

from p2p_cosim.record.schema.accounts import HOUSEHOLDS, OTHERS
from p2p_cosim.record.schema.column import (
    BEFORE_RUN,
    FLOAT_DECIMALS,
    FORMAT_VERSION,
    SETTLE_LABEL,
    WIDE,
    WIDE_DIGITS,
    Column,
    DType,
    Table,
)
from p2p_cosim.record.schema.devices import DEVICES
from p2p_cosim.record.schema.grid import (
    CONTROL,
    FEEDER,
    LOADINGS,
    NODE_VOLTAGES,
    PART_VOLTAGES,
    PARTS,
    PHASE_VOLTAGES,
    PREDICTIONS,
    TAPS,
    VOLTAGES,
)
from p2p_cosim.record.schema.market import ORDERS, ROUNDS, TRADES, TRANSACTIONS
from p2p_cosim.record.schema.outages import ALARMS, ALERTS, FAULTS, OFFERS

TABLES: dict[str, Table] = {
    table.name: table
    for table in (
        ROUNDS,
        ORDERS,
        TRADES,
        HOUSEHOLDS,
        DEVICES,
        OTHERS,
        VOLTAGES,
        TAPS,
        CONTROL,
        PREDICTIONS,
        ALARMS,
        FAULTS,
        OFFERS,
        ALERTS,
        TRANSACTIONS,
        FEEDER,
        NODE_VOLTAGES,
        LOADINGS,
        PARTS,
        PART_VOLTAGES,
        PHASE_VOLTAGES,
    )
}


def markdown_reference() -> str:
    """The table reference of docs/results.md."""
    return "\n\n".join(_markdown(table) for table in TABLES.values())


def _markdown(table: Table) -> str:
    lines = [
        f"### `{table.name}`",
        "",
        table.description,
        "",
        "| column | type | unit | meaning |",
        "|---|---|---|---|",
    ]
    for column in table.columns:
        dtype = f"{WIDE}({WIDE_DIGITS}, 0)" if column.dtype == WIDE else column.dtype
        dtype = f"{dtype}, nullable" if column.nullable else dtype
        lines.append(f"| `{column.name}` | {dtype} | {column.unit or '-'} | {column.description} |")
    return "\n".join(lines)


__all__ = [
    "BEFORE_RUN",
    "FLOAT_DECIMALS",
    "FORMAT_VERSION",
    "SETTLE_LABEL",
    "TABLES",
    "WIDE",
    "WIDE_DIGITS",
    "Column",
    "DType",
    "Table",
    "markdown_reference",
]
