import pandas as pd
import pytest

from p2p_cosim import plots
from p2p_cosim.core.errors import InputError


@pytest.fixture
def table():
    rows = [
        {"rule": rule, "pv_share": share, "seed": seed, "welfare_eur": add * share + seed}
        for rule, add in (("a", 1.0), ("b", 3.0))
        for share in (0.2, 0.6, 1.0)
        for seed in (1, 2, 3)
    ]
    return pd.DataFrame(rows)


def test_a_line_is_the_mean_within_its_band(table):
    ax = plots.sweep_line(table, "pv_share", "welfare_eur", by="rule")
    assert [line.get_label() for line in ax.get_lines()] == ["a", "b"]
    assert ax.get_lines()[1].get_ydata().tolist() == pytest.approx([2.6, 3.8, 5.0])
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("PV share", "Welfare (EUR)")
    assert len(ax.collections) == 2


def test_a_heat_map_has_a_cell_a_pair_of_values(table):
    ax = plots.sweep_heat(table, "pv_share", "rule", "welfare_eur")
    assert ax.images[0].get_array().shape == (2, 3)
    assert ax.images[0].get_array()[1, 2] == pytest.approx(5.0)
    assert [tick.get_text() for tick in ax.get_xticklabels()] == ["0.2", "0.6", "1"]


def test_a_box_a_value(table):
    ax = plots.sweep_box(table, "rule", "welfare_eur")
    assert [tick.get_text() for tick in ax.get_xticklabels()] == ["a", "b"]


def test_fewer_than_five_runs_are_drawn_as_they_are(table):
    ax = plots.sweep_box(table[table.pv_share == 0.2], "rule", "welfare_eur")
    assert not ax.patches
    assert ax.get_lines()[0].get_ydata().tolist() == pytest.approx([1.2, 2.2, 3.2])


def test_a_wide_span_is_logarithmic_and_its_values_are_written(table):
    table["houses.count"] = table.pv_share.map({0.2: 10, 0.6: 100, 1.0: 1000})
    ax = plots.sweep_line(table, "houses.count", "welfare_eur", by="rule")
    assert ax.get_xscale() == "log"
    assert [tick.get_text() for tick in ax.get_xticklabels()] == ["10", "100", "1000"]


def test_differences_are_those_of_pairs(table):
    ax = plots.sweep_differences(table, "rule", "welfare_eur", "a")
    means = [line for line in ax.get_lines() if line.get_marker() == "o"]
    assert [line.get_ydata()[0] for line in means] == pytest.approx([1.2])
    assert ax.get_ylabel() == "Welfare (EUR),\nminus that of a"
    assert ax.get_title(loc="left") == "Mean of pairs; bar: its 95 % bootstrap interval"


def test_a_column_that_is_not_there_is_named(table):
    with pytest.raises(InputError, match="did you mean 'welfare_eur'"):
        plots.sweep_line(table, "pv_share", "welfare")
    with pytest.raises(InputError, match="not a list"):
        plots.sweep_box([], "a", "b")
