"""Loadings, losses and unbalance are drawn as the tables have them, or it is said why not."""

import json
from dataclasses import replace

import numpy as np
import pyarrow.parquet as pq
import pytest
from matplotlib.patches import StepPatch
from synthetic_run import SyntheticRun

from p2p_cosim import plots
from p2p_cosim.core.types import LossesByClass, RatedElement
from p2p_cosim.record import ParquetRecorder, Results

TICKS = 4
ELEMENTS = (
    RatedElement("long_line_to_the_end", "line", 50.0),
    RatedElement("drop_h00", "line", 10.0),
    RatedElement("service_1", "transformer", 20.0),
    RatedElement("xfm_1", "transformer", 400.0),
)
RATED_A = [element.rated_a for element in ELEMENTS]
CURRENTS_A = np.array([[10, 1, 4, 40], [20, 2, 30, 40], [60, 3, 8, 80], [5, 0, 0, 40]], float)


@pytest.fixture(scope="module")
def loaded(tmp_path_factory):
    """A run whose line is overloaded in tick 2 and whose transformer in tick 1."""
    run = SyntheticRun(houses=2, ticks=TICKS, start_hour=12)
    info = replace(run.info, rated_elements=ELEMENTS)
    recorder = ParquetRecorder(tmp_path_factory.mktemp("loaded"), info)
    for record, current_a in zip(run.records(), CURRENTS_A, strict=True):
        losses = LossesByClass(60.0, 30.0, 15.0)  # of 110 kW: 5 in shunts
        grid = replace(record.grid, current_a=current_a, losses=losses)
        recorder.record(replace(record, grid=grid))
    return Results.load(recorder.write("complete"))


def steps(ax):
    """By its label, what is drawn as steps."""
    return {p.get_label(): p.get_data() for p in ax.patches if isinstance(p, StepPatch)}


def test_loadings_are_percent_of_each_rating(loaded):
    drawn = steps(plots.loadings(loaded))
    percent = 100 * CURRENTS_A / np.array(RATED_A)
    np.testing.assert_allclose(drawn["lowest to highest"].values, percent.max(axis=1))
    np.testing.assert_allclose(drawn["lowest to highest"].baseline, percent.min(axis=1))
    np.testing.assert_allclose(drawn["median"].values, np.median(percent, axis=1))
    np.testing.assert_allclose(drawn["line long_line_to_th..."].values, percent[:, 0])
    np.testing.assert_allclose(drawn["transformer service_1"].values, percent[:, 2])


def test_the_rating_is_a_line_inside_the_axes(loaded, day):
    for run in (loaded, day):
        ax = plots.loadings(run)
        (rating,) = (line for line in ax.lines if line.get_label() == "rating")
        assert set(rating.get_ydata()) == {100.0}
        assert ax.get_ylim()[1] > 100
        assert ax.get_ylabel() == "Loading (% of rating)"


def test_the_fullest_element_is_that_of_the_summary(loaded):
    summary = loaded.summary()
    assert summary.worst_loading_element == "service_1"
    drawn = steps(plots.loadings(loaded))
    assert drawn["transformer service_1"].values.max() == pytest.approx(100 * summary.worst_loading)


def test_losses_are_stacked_up_to_their_sum(loaded):
    ax = plots.losses(loaded)
    drawn = steps(ax)
    hours = TICKS * loaded.clock.interval_s / 3600
    names = [label for label in drawn if label and label.endswith("kWh")]
    assert names == [
        f"lines {60 * hours:g} kWh",
        f"transformers {30 * hours:g} kWh",
        f"house services {15 * hours:g} kWh",
        f"shunts, faults {5 * hours:g} kWh",
    ]
    tops = np.array([drawn[name].values for name in names])
    np.testing.assert_allclose(tops, np.outer([60, 90, 105, 110], np.ones(TICKS)))
    np.testing.assert_allclose([drawn[n].baseline for n in names[1:]], tops[:-1])
    assert ax.get_ylabel() == "Losses (kW)"


def test_unbalance_is_drawn_in_percent_beside_what_is_recommended(loaded):
    ax = plots.unbalance(loaded)
    drawn = steps(ax)["worst bus of three phases"].values
    np.testing.assert_allclose(drawn, 100 * loaded.feeder["unbalance"])
    assert [line.get_ydata()[0] for line in ax.lines] == [3.0]


@pytest.mark.parametrize("draw", [plots.loadings, plots.losses, plots.unbalance])
def test_a_run_without_ticks_has_nothing_to_draw(make_run, draw):
    (said,) = [text.get_text() for text in draw(make_run(ticks=0)).texts]
    assert said.startswith("no ")


def test_a_run_of_an_earlier_version_is_told_and_its_other_figures_are_drawn(make_run, tmp_path):
    folder = make_run().path
    (folder / "loadings.parquet").unlink()
    feeder = pq.read_table(folder / "feeder.parquet")
    later = [n for n in feeder.column_names if n.startswith("losses_") and n != "losses_kw"]
    pq.write_table(feeder.drop_columns([*later, "unbalance"]), folder / "feeder.parquet")
    manifest = json.loads((folder / "manifest.json").read_text())
    del manifest["sha256"]["loadings.parquet"]
    (folder / "manifest.json").write_text(json.dumps(manifest))
    old = Results.load(folder)
    for draw, what in (
        (plots.loadings, "loadings"),
        (plots.losses, "losses by class"),
        (plots.unbalance, "unbalance"),
    ):
        said = [text.get_text() for text in draw(old).texts]
        assert said == [f"{what} not recorded:\nrun the scenario again"]
    assert {p.stem for p in plots.save_all(old, tmp_path / "f", formats=("svg",))} >= {"taps"}
