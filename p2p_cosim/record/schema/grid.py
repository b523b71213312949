"""What the feeder did, and who moved its taps."""

from __future__ import annotations

from p2p_cosim.record.schema.column import BEFORE_RUN, HOUSE, TICK, TICK_OR_BEFORE, Column, Table

OFFSET = Column("offset_s", "float64", "s", "beginning of the power flow, from the interval's")

VOLTAGES = Table(
    "voltages",
    "One row a house and tick: voltage at the house meter.",
    (
        TICK,
        HOUSE,
        Column(
            "v_pu",
            "float64",
            "pu",
            "voltage magnitude, of a house on three phases the one farthest from 1; 0 without "
            "supply",
        ),
    ),
)

NODE_VOLTAGES = Table(
    "node_voltages",
    "One row a node of the primary feeder and tick.",
    (
        TICK,
        Column("node", "string", "", "bus and phase, such as 671.A"),
        Column("v_pu", "float64", "pu", "voltage magnitude"),
    ),
)

FEEDER = Table(
    "feeder",
    "One row a tick: the feeder as a whole.",
    (
        TICK,
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
        Column(
            "other_p_kw", "float64", "kW", "drawn by what is neither house nor load; negative gives"
        ),
        Column(
            "unbalance", "float64", "", "voltage unbalance after NEMA MG 1 of the worst bus, 0 to 1"
        ),
        Column("losses_lines_kw", "float64", "kW", "losses in the feeder's own lines"),
        Column(
            "losses_transformers_kw",
            "float64",
            "kW",
            "losses in the feeder's own transformers, regulators among them",
        ),
        Column(
            "losses_services_kw",
            "float64",
            "kW",
            "losses in houses' transformers and drops",
        ),
        Column("head_current_a", "float64", "A", "current into the feeder in the fullest phase"),
        Column(
            "fault_current_a",
            "float64",
            "A",
            "through a standing short circuit, in its fullest phase; null without one",
            nullable=True,
        ),
        Column(
            "neutral_v",
            "float64",
            "V",
            "highest voltage to ground of a modelled neutral; null without one",
            nullable=True,
        ),
    ),
)

PARTS = Table(
    "parts",
    "One row a power flow, where an interval has several (clock.power_flow_min); else none.",
    (
        TICK,
        OFFSET,
        Column(
            "source_v_pu",
            "float64",
            "pu",
            "voltage at the head; null if it is always the same",
            nullable=True,
        ),
        Column("head_p_kw", "float64", "kW", "active power into the feeder"),
        Column("losses_kw", "float64", "kW", "losses"),
        Column("v_min_pu", "float64", "pu", "lowest voltage of a house with supply", nullable=True),
        Column(
            "v_max_pu", "float64", "pu", "highest voltage of a house with supply", nullable=True
        ),
        Column("tap_moves", "int64", "", "regulators that their own controls moved"),
        Column("capacitor_moves", "int64", "", "capacitors that their controls switched"),
    ),
)

PART_VOLTAGES = Table(
    "part_voltages",
    "One row a house and power flow, where an interval has several; else none.",
    (TICK, OFFSET, HOUSE, Column("v_pu", "float64", "pu", "voltage magnitude; 0 without supply")),
)

PHASE_VOLTAGES = Table(
    "phase_voltages",
    "One row a phase of each house on three phases and tick.",
    (
        TICK,
        HOUSE,
        Column("phase", "string", "", "A, B or C"),
        Column("v_pu", "float64", "pu", "voltage magnitude to neutral"),
    ),
)

TAPS = Table(
    "taps",
    f"One row a tap move, and one a regulator at tick {BEFORE_RUN} with its first tap.",
    (
        TICK_OR_BEFORE,
        Column("regulator", "string", "", "regulator"),
        Column(
            "tap",
            "int64",
            "",
            "tap from this tick on; a step-voltage regulator: -16 to 16 of 0.00625",
        ),
        Column("reason", "string", "", 'why, in words; "initial" before the run'),
    ),
)

CONTROL = Table(
    "control",
    "One row a tap move, and one a move that was wanted and refused or delayed.",
    (
        TICK,
        Column("regulator", "string", "", "regulator"),
        Column("made", "bool", "", "whether the move was made in this tick"),
        Column("tap", "int64", "", "tap that was wanted"),
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
        TICK,
        HOUSE,
        Column("predicted_v_pu", "float64", "pu", "predicted before delivery", nullable=True),
        Column("v_pu", "float64", "pu", "metered in delivery; 0 without supply"),
    ),
)

LOADINGS = Table(
    "loadings",
    "One row a line or transformer and tick: service transformers and drops of houses included.",
    (
        TICK,
        Column("element", "string", "", "line or transformer, as docs/feeder.md names it"),
        Column("kind", "string", "", "line or transformer"),
        Column("current_a", "float64", "A", "in the fullest phase, at the first terminal"),
        Column("rated_a", "float64", "A", "what it may carry for long"),
    ),
)
