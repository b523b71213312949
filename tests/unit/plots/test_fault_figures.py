"""Figures of faults show the tables, and say so when there is nothing to show."""

from __future__ import annotations

import json

import numpy as np
import pytest

from p2p_cosim import plots
from p2p_cosim.plots import detection


@pytest.fixture
def verdicts(tmp_path):
    def one(detector, kind, ohm, delay, named):
        return {
            "detector": detector,
            "kind": kind,
            "decade": "-",
            "impedance_ohm": ohm,
            "delay": delay,
            "named": named,
            "placed": True,
            "kind_right": True,
            "further": 0,
        }

    rows = [
        one(name, kind, ohm, None if ohm > 100 else 0, "none" if ohm > 100 else kind)
        for name in ("outage_threshold", "statistical", "energy_balance", "learned")
        for kind in ("slg", "ll")
        for ohm in (0.0, 100.0, 500.0, 500.0)
    ]
    path = tmp_path / "detection.json"
    path.write_text(json.dumps({"verdicts": rows}), encoding="utf-8")
    return path


def test_the_timeline_shows_every_reading_and_without_faults_no_bar(day):
    ax = plots.fault_timeline(day)
    mesh = ax.collections[0]
    v_pu = day.voltages["v_pu"].to_numpy().reshape(day.ticks, -1)
    outside = (v_pu > 0) & ((v_pu < 0.95) | (v_pu > 1.05))
    assert np.array_equal(np.asarray(mesh.get_array()) == 2, (v_pu == 0).T)
    assert np.array_equal(np.asarray(mesh.get_array()) == 1, outside.T)
    assert not ax.containers
    assert len(day.faults) == 0


def test_without_faults_the_map_says_so(day):
    assert [text.get_text() for text in plots.fault_map(day).texts] == ["no faults"]


def test_without_ticks_the_timeline_says_so(make_run):
    assert "no meter readings" in [
        text.get_text() for text in plots.fault_timeline(make_run(ticks=0)).texts
    ]


def test_the_confusion_matrix_counts_first_alarms(verdicts):
    rows = detection.load_verdicts(verdicts)
    ax = detection.confusion_matrix(rows, "learned")
    share = np.asarray(ax.images[0].get_array())
    assert share.shape == (2, 3)  # ll, slg against ll, slg, none
    assert share.tolist() == [[0.5, 0, 0.5], [0, 0.5, 0.5]]


def test_the_rate_is_drawn_over_the_impedance(verdicts):
    ax = detection.detection_rate(detection.load_verdicts(verdicts))
    assert len(ax.containers) == 4
    for container in ax.containers:
        assert container.lines[0].get_ydata().tolist() == [1.0, 1.0, 0.0]


def test_all_figures_are_saved(verdicts, tmp_path):
    paths = detection.save(verdicts, tmp_path)
    assert len(paths) == 10
    assert all(path.stat().st_size > 1000 for path in paths)
