"""What lies behind the meters, device by device."""

from __future__ import annotations

from p2p_cosim.record.schema.column import HOUSE, TICK, Column, Table

DEVICES = Table(
    "devices",
    "One row a tick and device behind a house's meter. The devices of a house sum to its meter, "
    "`households.p_kw`.",
    (
        TICK,
        HOUSE,
        Column("device", "string", "", "its name, of its own in the house"),
        Column(
            "kind",
            "string",
            "",
            "what it is: load, pv, battery, ev, heat_pump, appliance, or a word of a plug-in",
        ),
        Column("p_kw", "float64", "kW", "active power drawn; negative is given"),
        Column("q_kvar", "float64", "kvar", "reactive power drawn; negative is given"),
        Column(
            "stored_wh",
            "float64",
            "Wh",
            "in it at the end of the interval; null if it stores nothing",
            nullable=True,
        ),
        Column("curtailed_kw", "float64", "kW", "what it could have given and was told not to"),
    ),
)
