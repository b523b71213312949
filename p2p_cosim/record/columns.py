"""Rows as typed columns, and columns as Arrow tables, both by the schema."""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias, cast

import numpy as np

from p2p_cosim.core.errors import ResultsError
from p2p_cosim.record import schema

if TYPE_CHECKING:
    import pyarrow as pa

Row: TypeAlias = Mapping[str, object]
"""One row of a table: every column's value by its name."""
Values: TypeAlias = "array[int] | array[float] | list[object]"

_TOO_WIDE = 10**schema.WIDE_DIGITS


def typed(table: schema.Table, rows: Sequence[Row]) -> list[Values]:
    """The rows as one typed sequence a column, in the table's order of columns.

    Raises ResultsError for an integer that its column cannot hold, and ValueError for rows
    whose names, told by the first, are not those of the columns.
    """
    if rows and rows[0].keys() != table.column_names:
        raise ValueError(
            f"a row of table '{table.name}' has the columns {sorted(rows[0])}, the schema "
            f"{sorted(table.column_names)}"
        )
    by_column = (
        zip(*map(table.values_of, rows), strict=True) if rows else ((),) * len(table.columns)
    )
    pairs = zip(table.columns, by_column, strict=True)
    return [_values(table, column, list(values)) for column, values in pairs]


def empty(table: schema.Table) -> list[Values]:
    """The columns of a table without rows."""
    return typed(table, [])


def extend(columns: Sequence[Values], kept: int, added: Sequence[Values]) -> None:
    """Add rows behind the first `kept`; what stands behind those, from a tick that was cut
    short, goes."""
    for column, values in zip(columns, added, strict=True):
        if len(column) > kept:
            del column[kept:]
        column.extend(values)  # type: ignore[arg-type]


def arrow_schema(table: schema.Table) -> pa.Schema:
    """The table's columns with types, units and descriptions."""
    import pyarrow as pa

    fields = [
        pa.field(
            column.name,
            _arrow_type(column),
            column.nullable,
            {"unit": column.unit, "description": column.description},
        )
        for column in table.columns
    ]
    return pa.schema(fields, {"table": table.name, "description": table.description})


def arrow_table(table: schema.Table, columns: Sequence[Values], rows: int) -> pa.Table:
    """The first `rows` of the columns as an Arrow table."""
    import pyarrow as pa

    arrays = [
        pa.array(_storable(column, values[:rows]), _arrow_type(column), from_pandas=True)
        for column, values in zip(table.columns, columns, strict=True)
    ]
    return pa.Table.from_arrays(arrays, schema=arrow_schema(table))


def _arrow_type(column: schema.Column) -> Any:
    import pyarrow as pa

    types = {
        "int64": pa.int64(),
        "float64": pa.float64(),
        "string": pa.string(),
        "bool": pa.bool_(),
        schema.WIDE: pa.decimal128(schema.WIDE_DIGITS, 0),
    }
    return types[column.dtype]


def _values(table: schema.Table, column: schema.Column, values: list[object]) -> Values:
    if column.dtype == "int64":
        present = [value for value in values if value is not None] if column.nullable else values
        try:
            integers = array("q", cast(Sequence[int], present))
        except OverflowError:
            raise _overflow(table, column, present, 2**63 - 1) from None
        return values if column.nullable else integers
    if column.dtype == schema.WIDE and values:
        wide = cast(Sequence[int], values)
        if min(wide) <= -_TOO_WIDE or max(wide) >= _TOO_WIDE:
            raise _overflow(table, column, values, _TOO_WIDE - 1)
    if column.dtype == "float64" and not column.nullable:
        return array("d", cast(Sequence[float], values))
    return values


def _overflow(
    table: schema.Table, column: schema.Column, values: Sequence[object], limit: int
) -> ResultsError:
    largest = max((value for value in values if isinstance(value, int)), key=abs)
    remedy = (
        "raise 'eur_per_ether' in the scenario, which makes every amount smaller in wei"
        if column.unit.startswith("wei")
        else "lower it in the scenario"
    )
    return ResultsError(
        f"table '{table.name}', column '{column.name}': {largest} {column.unit} is beyond "
        f"the limit of {limit}; {remedy}"
    )


def _storable(column: schema.Column, values: Values) -> object:
    if column.dtype != "float64":
        return values if isinstance(values, list) else np.array(values, dtype=np.int64)
    floats = np.array(values, dtype=np.float64)  # None becomes NaN, which is stored as null
    return np.round(floats, schema.FLOAT_DECIMALS) + 0.0  # -0.0 becomes 0.0
