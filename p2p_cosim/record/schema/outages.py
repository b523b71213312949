"""What broke, who noticed, and who was told."""

from __future__ import annotations

from p2p_cosim.record.schema.column import HOUSE, TICK, Column, Table

ALARMS = Table(
    "alarms",
    "One row an alarm, raised at the end of its tick.",
    (
        TICK,
        Column("kind", "string", "", "what was noticed"),
        Column("place", "string", "", "where: a house, or another element by name"),
        Column("detector", "string", "", "who noticed it"),
        Column("place_kind", "string", "", "house, transformer, lateral, phase or feeder"),
        Column("confidence", "float64", "", "the detector's own, 0 to 1"),
        Column("first_tick", "int64", "", "tick of the readings that first showed it"),
        Column(
            "known_s",
            "float64",
            "s",
            "from the tick's begin until a last gasp told it; none where readings did, at its end",
            nullable=True,
        ),
    ),
)

FAULTS = Table(
    "faults",
    "One row a fault, at the tick it struck, then what protection opened. Detectors know nothing "
    "of this table.",
    (
        TICK,
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
        TICK,
        HOUSE,
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
        TICK,
        Column("event_id", "string", "", "the same for the same event of the same run"),
        Column("kind", "string", "", "outage or restored"),
        HOUSE,
        Column("alarm_tick", "int64", "", "tick whose end raised the alarm"),
        Column("path", "string", "", "what could feed the house then: drop, tie, battery or none"),
        Column("sellers", "string", "", "houses named as sellers, best first, with commas between"),
        Column(
            "suppressed",
            "string",
            "",
            'why nobody was told: flapping, shelved, crowded, untold, or ""',
        ),
        Column("notice_id", "string", "", "the notice that told it; alerts of one cause share it"),
        Column(
            "element_kind",
            "string",
            "",
            "what its houses lie behind: house, transformer, lateral, phase, feeder or several",
        ),
        Column("element", "string", "", "that by name"),
        Column("answers", "string", "", 'of an all-clear: notice_id of the outage, or ""'),
    ),
)
