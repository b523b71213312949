from pathlib import Path

import pytest

from p2p_cosim.record import schema

DOCS = Path(__file__).parents[3] / "docs" / "results.md"

# What others build on; more columns may follow these.
FIXED = {
    "voltages": ("tick", "house", "v_pu"),
    "rounds": (
        *("tick", "price_wei_per_wh", "energy_wh", "welfare_wei", "bids", "asks", "gas_clear"),
    ),
    "trades": ("tick", "buyer", "seller", "energy_wh", "price_wei_per_wh"),
    "taps": ("tick", "regulator", "tap", "reason"),
    "alarms": ("tick", "kind", "place", "detector"),
    "transactions": ("tick", "label", "status", "gas_used"),
    "orders": (
        *("tick", "order_id", "trader", "side", "energy_wh", "price_wei_per_wh"),
        *("filled_wh", "rejection"),
    ),
    "households": (
        *("tick", "house", "load_kw", "pv_kw", "p_kw", "q_kvar", "supplied", "forecast_wh"),
        *("contracted_wh", "metered_wh", "imbalance_wh", "market_wei", "imbalance_wei"),
        *("balance_wei", "open_wei"),
    ),
    "node_voltages": ("tick", "node", "v_pu"),
}


@pytest.mark.parametrize("name", FIXED)
def test_published_columns_keep_their_names_and_order(name):
    columns = tuple(column.name for column in schema.TABLES[name].columns)
    assert columns[: len(FIXED[name])] == FIXED[name]


@pytest.mark.parametrize("table", schema.TABLES.values(), ids=lambda table: table.name)
def test_column_names_are_unique_and_tell_their_unit(table):
    names = [column.name for column in table.columns]
    assert len(set(names)) == len(names)
    suffix = {"kW": "_kw", "kvar": "_kvar", "Wh": "_wh", "wei": "_wei", "pu": "_pu"}
    for column in table.columns:
        if column.unit in suffix:
            assert column.name.endswith(suffix[column.unit])


def test_the_documentation_holds_the_generated_reference():
    assert schema.markdown_reference() in DOCS.read_text(encoding="utf-8"), (
        "docs/results.md is behind the schema: paste schema.markdown_reference() into it"
    )
