"""What the market did."""

from __future__ import annotations

from p2p_cosim.record.schema.column import TICK, TICK_OR_BEFORE, WIDE, Column, Table

ROUNDS = Table(
    "rounds",
    "One row a tick: the result of the call auction.",
    (
        TICK,
        Column(
            "price_wei_per_wh",
            "int64",
            "wei/Wh",
            "market clearing price; null when nothing traded",
            nullable=True,
        ),
        Column("energy_wh", "int64", "Wh", "energy traded"),
        Column("welfare_wei", WIDE, "wei", "sum over trades of energy x (bid limit - ask limit)"),
        Column("bids", "int64", "", "bids in the book"),
        Column("asks", "int64", "", "asks in the book"),
        Column(
            "gas_clear",
            "int64",
            "gas",
            "gas used to clear the round",
            nullable=True,
        ),
        Column(
            "budget_surplus_wei",
            WIDE,
            "wei",
            "paid by buyers and not got by sellers: account surplus has it",
        ),
    ),
)

ORDERS = Table(
    "orders",
    "One row an order sent, in order of arrival, refused ones included. Of those whom the scenario "
    "does not name, whose trader is an address, it has the orders that the market took.",
    (
        TICK,
        Column(
            "order_id", "int64", "", "index in the round's book; null if refused", nullable=True
        ),
        Column("trader", "string", "", "who sent it"),
        Column("side", "string", "", "bid (buys) or ask (sells)"),
        Column("energy_wh", "int64", "Wh", "energy wanted or offered"),
        Column("price_wei_per_wh", "int64", "wei/Wh", "limit price"),
        Column("filled_wh", "int64", "Wh", "energy traded"),
        Column("rejection", "string", "", 'the custom error with its values, or ""'),
        Column("cancelled", "bool", "", "whether its trader took it back before the clearing"),
    ),
)

TRADES = Table(
    "trades",
    "One row a trade, in matching order (best bid with best ask first).",
    (
        TICK,
        Column("buyer", "string", "", "who pays"),
        Column("seller", "string", "", "who is paid"),
        Column("energy_wh", "int64", "Wh", "energy that changed hands"),
        Column("price_wei_per_wh", "int64", "wei/Wh", "price that the buyer pays"),
        Column(
            "budget_surplus_wei",
            WIDE,
            "wei",
            "part of the payment that is surplus",
        ),
    ),
)

TRANSACTIONS = Table(
    "transactions",
    "One row a transaction, in block order.",
    (
        TICK_OR_BEFORE,
        Column("label", "string", "", "what it was for"),
        Column("status", "bool", "", "whether it succeeded; false is reverted"),
        Column(
            "gas_used",
            "int64",
            "gas",
            "gas used, including of reverted ones",
            nullable=True,
        ),
    ),
)
