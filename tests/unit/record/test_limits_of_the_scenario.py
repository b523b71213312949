"""A run is judged by its own scenario's voltage limits, wherever it is shown."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from synthetic_run import SyntheticRun

from p2p_cosim.cli.report import print_summary
from p2p_cosim.plots.control import controller_comparison
from p2p_cosim.plots.faults import fault_timeline
from p2p_cosim.plots.grid import feeder_map, voltage_band
from p2p_cosim.record import ParquetRecorder, Results

V_PU = (0.94, 0.96, 1.04, 1.06)


def _run(folder: Path, scenario: str) -> Results:
    synthetic = SyntheticRun(houses=4, ticks=1)
    (record,) = synthetic.records()
    recorder = ParquetRecorder(folder, replace(synthetic.info, scenario_yaml=scenario))
    recorder.record(replace(record, grid=replace(record.grid, house_v_pu=np.array(V_PU))))
    return Results.load(recorder.write("complete"))


@pytest.mark.parametrize(
    ("control", "outside", "words"),
    [
        ("", 2, "0.95-1.05 pu"),
        ("control: {v_min_pu: 0.9, v_max_pu: 1.1}\n", 0, "0.9-1.1 pu"),
        ("control: {v_min_pu: 0.97, v_max_pu: 1.03}\n", 4, "0.97-1.03 pu"),
    ],
)
def test_counts_labels_and_lines_follow_the_scenario(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    control: str,
    outside: int,
    words: str,
) -> None:
    run = _run(tmp_path, f"name: trading_day\n{control}")
    assert run.summary().house_ticks_outside == outside
    print_summary(run, as_json=False)
    assert f"outside {words}" in capsys.readouterr().out
    low, high = run.v_limits_pu
    lines = [line.get_ydata()[0] for line in voltage_band(run).get_lines()]
    assert {low, high} <= set(lines)
    legend = fault_timeline(run).get_legend()
    assert legend is not None
    assert f"outside {words}" in [text.get_text() for text in legend.get_texts()]
    figure = feeder_map(run, 0).figure
    assert low - 0.01 == pytest.approx(figure.axes[1].get_ylim()[0])
    bars = controller_comparison({"hold": [run]})
    assert f"above {high:g} pu" in str([text.get_text() for text in bars.figure.findobj(_has_text)])


def _has_text(artist: object) -> bool:
    return hasattr(artist, "get_text")
