"""Every table of a run, declared once as data.

The recorder writes by these declarations, `Results` reads by them, and the table reference
in docs/results.md is generated from them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

FORMAT_VERSION = 1
"""Grows whenever a column changes its meaning, type or name, or goes away."""

SETTLE_LABEL = "settle"  # of the transaction that settles a round
BEFORE_RUN = -1
"""The tick of everything that happened before the first interval: deposits, initial taps."""

FLOAT_DECIMALS = 6
"""Floats are kept to 1e-6 pu, kW and kvar: far below any meter, and above the noise in the
last bits that differs between platforms."""

DType = Literal["int64", "float64", "string", "bool"]


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

    @property
    def file_name(self) -> str:
        """The table's file in the results folder."""
        return f"{self.name}.parquet"


_TICK = Column("tick", "int64", "", "market interval, from 0")
_TICK_OR_BEFORE = Column(
    "tick", "int64", "", f"market interval, from 0; {BEFORE_RUN} is before the first"
)
_HOUSE = Column("house", "string", "", "house, which is also its trader's name")

_MONEY = (
    Column("contracted_wh", "int64", "Wh", "bought minus sold in the auction"),
    Column(
        "metered_wh",
        "int64",
        "Wh",
        "net energy measured; null without a reading, which then counts as contracted",
        nullable=True,
    ),
    Column("imbalance_wh", "int64", "Wh", "metered minus contracted; positive is short"),
    Column("market_wei", "int64", "wei", "paid to sellers minus received from buyers"),
    Column("imbalance_wei", "int64", "wei", "charge of the utility; negative is a credit"),
    Column("balance_wei", "int64", "wei", "free balance in the contract after settlement"),
    Column(
        "open_wei",
        "int64",
        "wei",
        "still open after settlement: negative a debt, positive a claim on the utility",
    ),
)

ROUNDS = Table(
    "rounds",
    "One row a tick: the result of the call auction.",
    (
        _TICK,
        Column(
            "price_wei_per_wh",
            "int64",
            "wei/Wh",
            "market clearing price; null when nothing traded",
            nullable=True,
        ),
        Column("energy_wh", "int64", "Wh", "energy traded"),
        Column(
            "welfare_wei", "int64", "wei", "sum over trades of energy x (bid limit - ask limit)"
        ),
        Column("bids", "int64", "", "bids in the book"),
        Column("asks", "int64", "", "asks in the book"),
        Column(
            "gas_clear",
            "int64",
            "gas",
            "gas used to clear the round; null with chain.gas: ignore",
            nullable=True,
        ),
        Column(
            "budget_surplus_wei",
            "int64",
            "wei",
            "paid by buyers and not got by sellers: the utility's",
        ),
    ),
)

ORDERS = Table(
    "orders",
    "One row an order sent, in order of arrival, refused ones included.",
    (
        _TICK,
        Column(
            "order_id", "int64", "", "index in the round's book; null if refused", nullable=True
        ),
        Column("trader", "string", "", "who sent it"),
        Column("side", "string", "", "bid (buys) or ask (sells)"),
        Column("energy_wh", "int64", "Wh", "energy wanted or offered"),
        Column("price_wei_per_wh", "int64", "wei/Wh", "limit price"),
        Column("filled_wh", "int64", "Wh", "energy traded"),
        Column("rejection", "string", "", 'the custom error with its values, or ""'),
    ),
)

TRADES = Table(
    "trades",
    "One row a trade, in matching order (best bid with best ask first).",
    (
        _TICK,
        Column("buyer", "string", "", "who pays"),
        Column("seller", "string", "", "who is paid"),
        Column("energy_wh", "int64", "Wh", "energy that changed hands"),
        Column("price_wei_per_wh", "int64", "wei/Wh", "price that the buyer pays"),
        Column(
            "budget_surplus_wei", "int64", "wei", "part of the payment that goes to the utility"
        ),
    ),
)

HOUSEHOLDS = Table(
    "households",
    "One row a house and tick: power, energy and money. Positive is consumption and cost.",
    (
        _TICK,
        _HOUSE,
        Column("load_kw", "float64", "kW", "load served, at least 0"),
        Column("pv_kw", "float64", "kW", "photovoltaic power produced, at least 0"),
        Column("p_kw", "float64", "kW", "net active power at the meter"),
        Column("q_kvar", "float64", "kvar", "net reactive power at the meter"),
        Column("supplied", "bool", "", "whether the grid supplied the house"),
        Column("forecast_wh", "int64", "Wh", "the house's own forecast of its net energy"),
        *_MONEY,
        Column("feed", "string", "", "what fed the house: drop, tie, battery or none"),
        Column("battery_kw", "float64", "kW", "power into its battery; negative out of it"),
        Column("stored_wh", "float64", "Wh", "in its battery at the end of the interval"),
        Column("curtailed_kw", "float64", "kW", "PV that its inverter gave up for the voltage"),
    ),
)

OTHERS = Table(
    "others",
    "One row a tick and account that is no house: bulk consumers, the utility. With "
    "`households` it accounts for all energy and money in the market.",
    (_TICK, Column("trader", "string", "", "whose account"), *_MONEY),
)

VOLTAGES = Table(
    "voltages",
    "One row a house and tick: voltage at the house meter.",
    (_TICK, _HOUSE, Column("v_pu", "float64", "pu", "voltage magnitude; 0 without supply")),
)

TAPS = Table(
    "taps",
    f"One row a tap move, and one a regulator at tick {BEFORE_RUN} with its first tap.",
    (
        _TICK_OR_BEFORE,
        Column("regulator", "string", "", "regulator"),
        Column("tap", "int64", "", "tap from this tick on, -16 to 16 (1 + 0.00625 x tap)"),
        Column("reason", "string", "", 'why, in words; "initial" before the run'),
    ),
)

CONTROL = Table(
    "control",
    "One row a tap move, and one a move that was wanted and refused or delayed.",
    (
        _TICK,
        Column("regulator", "string", "", "regulator"),
        Column("made", "bool", "", "whether the move was made in this tick"),
        Column("tap", "int64", "", "tap that was wanted, -16 to 16"),
        Column("house", "string", "", "house whose voltage decided it", nullable=True),
        Column(
            "predicted_v_pu",
            "float64",
            "pu",
            "its voltage in this tick as predicted, with the moves that were made",
            nullable=True,
        ),
        Column("v_pu", "float64", "pu", "its voltage in this tick as metered", nullable=True),
        Column("reason", "string", "", "why, in words"),
    ),
)

PREDICTIONS = Table(
    "predictions",
    "One row a house and tick, if the controller predicts: its voltage, and what came of it.",
    (
        _TICK,
        _HOUSE,
        Column("predicted_v_pu", "float64", "pu", "predicted before delivery", nullable=True),
        Column("v_pu", "float64", "pu", "metered in delivery; 0 without supply"),
    ),
)

ALARMS = Table(
    "alarms",
    "One row an alarm, raised at the end of its tick.",
    (
        _TICK,
        Column("kind", "string", "", "what was noticed"),
        Column("place", "string", "", "where: a house, or another element by name"),
        Column("detector", "string", "", "who noticed it"),
        Column("place_kind", "string", "", "house, transformer, lateral, phase or feeder"),
        Column("confidence", "float64", "", "the detector's own, 0 to 1"),
        Column("first_tick", "int64", "", "tick of the readings that first showed it"),
    ),
)

FAULTS = Table(
    "faults",
    "One row a fault, at the tick it struck. Detectors know nothing of this table.",
    (
        _TICK,
        Column("kind", "string", "", "what broke, see docs/faults.md"),
        Column("place", "string", "", "house, service transformer, line (684-611) or bus"),
        Column("phases", "string", "", 'of ABC, or ""'),
        Column("impedance_ohm", "float64", "ohm", "of a short circuit; 0 is bolted"),
        Column("end_tick", "int64", "", "first tick after its repair"),
    ),
)

OFFERS = Table(
    "offers",
    "One row a seller named to a house that lost its supply, at the end of the alarm's tick; "
    "one row with rank 0 if there is none.",
    (
        _TICK,
        _HOUSE,
        Column("path", "string", "", "what can feed it next: tie, battery or none"),
        Column("rank", "int64", "", "1 is the best seller"),
        Column("seller", "string", "", 'a house that can sell, or ""'),
        Column(
            "ask_wei_per_wh",
            "int64",
            "wei/Wh",
            "its cheapest ask of this tick; null if it did not ask",
            nullable=True,
        ),
        Column("spare_wh", "int64", "Wh", "what it expects to have left over next"),
    ),
)

ALERTS = Table(
    "alerts",
    "One row an alert that people were told, or deliberately not, at the end of its tick.",
    (
        _TICK,
        Column("event_id", "string", "", "the same for the same event of the same run"),
        Column("kind", "string", "", "outage or restored"),
        _HOUSE,
        Column("alarm_tick", "int64", "", "tick whose end raised the alarm"),
        Column("path", "string", "", "what could feed the house then: drop, tie, battery or none"),
        Column("sellers", "string", "", "houses named as sellers, best first, with commas between"),
        Column("suppressed", "string", "", 'why nobody was told: flapping, shelved, or ""'),
    ),
)

TRANSACTIONS = Table(
    "transactions",
    "One row a transaction, in block order.",
    (
        _TICK_OR_BEFORE,
        Column("label", "string", "", "what it was for"),
        Column("status", "bool", "", "whether it succeeded; false is reverted"),
        Column(
            "gas_used",
            "int64",
            "gas",
            "gas used, including of reverted ones; null with chain.gas: ignore",
            nullable=True,
        ),
    ),
)

FEEDER = Table(
    "feeder",
    "One row a tick: the feeder as a whole.",
    (
        _TICK,
        Column("head_p_a_kw", "float64", "kW", "active power into the feeder, phase A"),
        Column("head_p_b_kw", "float64", "kW", "active power into the feeder, phase B"),
        Column("head_p_c_kw", "float64", "kW", "active power into the feeder, phase C"),
        Column("head_q_a_kvar", "float64", "kvar", "reactive power into the feeder, phase A"),
        Column("head_q_b_kvar", "float64", "kvar", "reactive power into the feeder, phase B"),
        Column("head_q_c_kvar", "float64", "kvar", "reactive power into the feeder, phase C"),
        Column("losses_kw", "float64", "kW", "losses in lines, transformers and regulators"),
        Column("spot_p_kw", "float64", "kW", "active power of all published spot loads"),
        Column("v_min_pu", "float64", "pu", "lowest voltage of a house with supply", nullable=True),
        Column(
            "v_max_pu", "float64", "pu", "highest voltage of a house with supply", nullable=True
        ),
    ),
)

NODE_VOLTAGES = Table(
    "node_voltages",
    "One row a node of the primary feeder and tick.",
    (
        _TICK,
        Column("node", "string", "", "bus and phase, such as 671.A"),
        Column("v_pu", "float64", "pu", "voltage magnitude"),
    ),
)

TABLES: dict[str, Table] = {
    table.name: table
    for table in (
        ROUNDS,
        ORDERS,
        TRADES,
        HOUSEHOLDS,
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
        dtype = f"{column.dtype}, nullable" if column.nullable else column.dtype
        lines.append(f"| `{column.name}` | {dtype} | {column.unit or '-'} | {column.description} |")
    return "\n".join(lines)
