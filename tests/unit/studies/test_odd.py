"""docs/odd.md has the lists that the code declares."""

from pathlib import Path

import pytest

from p2p_cosim.record.schema import TABLES
from p2p_cosim.scenario.reference import parameters
from p2p_cosim.studies import odd

PAGE = Path(__file__).parents[3] / "docs" / "odd.md"


def test_the_page_is_up_to_date():
    """Else: python -m p2p_cosim.studies.odd docs/odd.md."""
    page = PAGE.read_text(encoding="utf-8")
    assert odd.updated(page) == page


def test_every_table_is_the_state_of_one_entity():
    assert sorted(name for names in odd.ENTITIES.values() for name in names) == sorted(TABLES)


def test_the_lists_hold_every_column_and_every_field():
    lists = odd.lists()
    for table in TABLES.values():
        for column in table.columns:
            named = f"`{table.name}.{column.name}`"
            assert (named in lists["state variables"]) == (column.name != "tick")
    paths = [path for path, *_ in parameters()]
    assert len(paths) == len(set(paths)) > 80
    assert "`faults.schedule[i].kind`" in paths
    assert all(f"| {path} |" in lists["parameters"] for path in paths)


def test_a_page_without_markers_is_refused():
    with pytest.raises(ValueError, match="begin state variables"):
        odd.updated("# a page")
