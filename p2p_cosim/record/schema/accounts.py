"""Power, energy and money of everybody with an account."""

from __future__ import annotations

from p2p_cosim.record.schema.column import HOUSE, MONEY, PAID_IN, TICK, Column, Table

HOUSEHOLDS = Table(
    "households",
    "One row a house and tick: power, energy and money. Positive is consumption and cost.",
    (
        TICK,
        HOUSE,
        Column("load_kw", "float64", "kW", "load served, at least 0"),
        Column("pv_kw", "float64", "kW", "photovoltaic power produced, at least 0"),
        Column("p_kw", "float64", "kW", "net active power at the meter"),
        Column("q_kvar", "float64", "kvar", "net reactive power at the meter"),
        Column("supplied", "bool", "", "whether the grid supplied the house"),
        Column("forecast_wh", "int64", "Wh", "the house's own forecast of its net energy"),
        *MONEY,
        Column("feed", "string", "", "what fed the house: drop, tie, battery or none"),
        Column("battery_kw", "float64", "kW", "power into its battery; negative out of it"),
        Column("stored_wh", "float64", "Wh", "in its battery at the end of the interval"),
        Column("curtailed_kw", "float64", "kW", "PV that its inverter gave up for the voltage"),
        PAID_IN,
    ),
)

OTHERS = Table(
    "others",
    "One row a tick and account that is no house: bulk consumers, the utility, and whoever else "
    "has an account, under his address. With `households` it accounts for all energy and money "
    "in the market: in every tick contracted energy, imbalances, payments, charges and open "
    "positions sum to zero, and balances change by what was paid in.",
    (TICK, Column("trader", "string", "", "whose account"), *MONEY, PAID_IN),
)
