"""What a table is, and the columns that several share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Literal

FORMAT_VERSION = 2
"""Grows whenever a column changes its meaning, type or name, or goes away."""

SETTLE_LABEL = "settle"  # of the transaction that settles a round
BEFORE_RUN = -1
"""The tick of everything that happened before the first interval: deposits, initial taps."""

FLOAT_DECIMALS = 6
"""Floats are kept to 1e-6 pu, kW and kvar: far below any meter, and above the noise in the
last bits that differs between platforms."""

WIDE: Literal["decimal128"] = "decimal128"
WIDE_DIGITS = 38
"""Amounts of money that can pass 2^63 wei (9.2 ether) are whole numbers of up to 38 digits."""

DType = Literal["int64", "decimal128", "float64", "string", "bool"]


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `unit` is "" for names, counts and flags; null needs `nullable`."""

    name: str
    dtype: DType
    unit: str
    description: str
    nullable: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """One table, stored as `<name>.parquet`. Columns may be added at the end only."""

    name: str
    description: str
    columns: tuple[Column, ...]
    column_names: frozenset[str] = field(init=False, repr=False)
    values_of: Callable[[Mapping[str, object]], tuple[object, ...]] = field(
        init=False, repr=False, compare=False
    )
    """Gives a row's values in the order of the columns, of which there are several."""

    def __post_init__(self) -> None:
        names = [column.name for column in self.columns]
        object.__setattr__(self, "column_names", frozenset(names))
        object.__setattr__(self, "values_of", itemgetter(*names))

    @property
    def file_name(self) -> str:
        """The table's file in the results folder."""
        return f"{self.name}.parquet"


TICK = Column("tick", "int64", "", "market interval, from 0")
TICK_OR_BEFORE = Column(
    "tick", "int64", "", f"market interval, from 0; {BEFORE_RUN} is before the first"
)
HOUSE = Column("house", "string", "", "house, which is also its trader's name")

MONEY = (
    Column("contracted_wh", "int64", "Wh", "bought minus sold in the auction"),
    Column(
        "metered_wh",
        "int64",
        "Wh",
        "net energy measured; null without a reading, which then counts as contracted",
        nullable=True,
    ),
    Column("imbalance_wh", "int64", "Wh", "metered minus contracted; positive is short"),
    Column("market_wei", WIDE, "wei", "paid to sellers minus received from buyers"),
    Column("imbalance_wei", WIDE, "wei", "charge of the utility; negative is a credit"),
    Column("balance_wei", WIDE, "wei", "free balance in the contract after settlement"),
    Column(
        "open_wei",
        WIDE,
        "wei",
        "still open after settlement: negative a debt, positive a claim on the utility; of the "
        "utility what it is owed less what it owes",
    ),
)

PAID_IN = Column(
    "paid_in_wei", WIDE, "wei", "paid into the contract less taken out, since the tick before"
)
