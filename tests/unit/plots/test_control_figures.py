from dataclasses import replace

import numpy as np
import pytest
from synthetic_run import SyntheticRun

from p2p_cosim import plots
from p2p_cosim.core.types import Decision, TapMove
from p2p_cosim.plots import save
from p2p_cosim.record import ParquetRecorder, Results


@pytest.fixture(scope="module")
def predicted(tmp_path_factory):
    """A day of five houses in which every prediction is 2 mpu too low, and one move refused."""
    run = SyntheticRun(houses=5, ticks=96)
    recorder = ParquetRecorder(tmp_path_factory.mktemp("predicted"), run.info)
    for record in run.records():
        names = run.info.houses
        moves = tuple(TapMove(m.regulator, m.tap, m.reason, names[1]) for m in record.tap_moves)
        refused = (TapMove("reg1", 3, "refused: enough", names[2]),) if record.tick == 5 else ()
        decision = Decision(moves, refused, None, record.grid.house_v_pu - 0.002)
        object.__setattr__(record, "decision", decision)
        object.__setattr__(record, "tap_moves", moves)
        recorder.record(record)
    return Results.load(recorder.write("complete"))


def test_moves_and_refusals_stand_in_a_table_with_what_happened(predicted):
    control = predicted.control
    refusal = control[~control["made"]].iloc[0]
    assert (refusal["tick"], refusal["tap"], refusal["reason"]) == (5, 3, "refused: enough")
    assert refusal["v_pu"] - refusal["predicted_v_pu"] == pytest.approx(0.002)
    assert control["made"].sum() == (predicted.taps["tick"] >= 0).sum() > 0


def test_the_error_is_metered_minus_predicted_of_houses_with_supply(predicted):
    ax = plots.prediction_error(predicted)
    median = next(p for p in ax.patches if p.get_label() == "median").get_data().values
    assert median == pytest.approx(np.full(96, 2.0), abs=1e-3)
    labels = [text.get_text() for text in ax.get_legend().get_texts()]
    assert labels == ["lowest to highest", "5th-95th percentile", "median", "tap moved"]


def test_without_predictions_the_figure_says_so_and_is_not_saved(day, tmp_path):
    assert "no predictions" in [t.get_text() for t in plots.prediction_error(day).texts]
    assert "prediction_error.png" not in {p.name for p in save.save_all(day, tmp_path)}


def test_with_predictions_it_is_saved(predicted, tmp_path):
    assert "prediction_error.png" in {p.name for p in save.save_all(predicted, tmp_path)}


def test_controllers_are_compared_by_the_mean_of_their_runs(day, predicted):
    ax = plots.controller_comparison({"one": [day], "two": [day, predicted]})
    shown = [float(bar.get_width()) for bar in ax.patches]
    v_pu = [run.voltages["v_pu"].to_numpy() for run in (day, predicted)]
    above = [int((v > 1.05).sum()) for v in v_pu]
    below = [int(((v > 0) & (v < 0.95)).sum()) for v in v_pu]
    assert shown == [above[0], np.mean(above), below[0], np.mean(below)]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["one", "two"]


def test_the_overvoltage_story_shows_voltage_taps_and_sales(day, predicted):
    upper = plots.overvoltage({"hold": day, "look ahead": predicted})
    _, middle, lower = upper.figure.axes
    highest = upper.patches[0].get_data().values
    assert highest == pytest.approx(day.feeder["v_max_pu"].to_numpy())
    assert len(middle.patches) == 2
    sold = lower.patches[0].get_data().values
    assert sold == pytest.approx(day.market["energy_wh"].to_numpy() / 1000)


def test_the_overvoltage_story_of_a_feeder_without_regulators(tmp_path):
    run = SyntheticRun(houses=2, ticks=4, start_hour=12)
    recorder = ParquetRecorder(tmp_path, replace(run.info, initial_taps={}))
    for record in run.records():
        grid = replace(record.grid, taps=())
        recorder.record(replace(record, tap_moves=(), grid=grid))
    bare = Results.load(recorder.write("complete"))
    upper = plots.overvoltage({"hold": bare})
    _, middle, _ = upper.figure.axes
    assert [text.get_text() for text in middle.texts if text.get_text() != "(b)"] == [
        "no regulators"
    ]
    assert "no regulators" in [text.get_text() for text in plots.taps(bare).texts]
