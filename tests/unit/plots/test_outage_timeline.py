"""The timeline of an outage shows the tables, and says so when there is none."""

import numpy as np
import pytest

from p2p_cosim import plots
from p2p_cosim.plots.outage import had_outage

LATE = {"start_hour": 12, "ticks": 80}  # the house's outage is in ticks 72 to 75


def test_steps_are_those_of_the_tables(make_run):
    run = make_run(**LATE)
    steps = [(step.name, step.edge) for step in plots.outage_steps(run, "h00")]
    assert steps == [("fault", 72), ("repair", 76)]  # nothing alarmed in this made-up outage
    assert plots.outage_steps(run, "h01") == []


def test_an_outage_that_lasts_has_no_repair(make_run):
    run = make_run(start_hour=12, ticks=74)
    assert [step.name for step in plots.outage_steps(run, "h00")] == ["fault"]
    plots.outage_timeline(run).figure.draw_without_rendering()


def test_the_voltage_and_the_energies_are_those_of_the_meter(make_run):
    run = make_run(**LATE)
    _, strip, voltage, energy = plots.outage_timeline(run).figure.axes
    (drawn,) = [patch for patch in voltage.patches if hasattr(patch, "get_data")]
    v_pu = run.voltages[run.voltages["house"] == "h00"]["v_pu"]
    assert np.array_equal(drawn.get_data().values, v_pu)
    meters = run.households[run.households["house"] == "h00"]
    metered, contracted = (patch.get_data().values for patch in energy.patches)
    assert np.array_equal(metered, meters["metered_wh"].astype(float))
    assert np.array_equal(contracted, meters["contracted_wh"].astype(float))
    assert len(strip.patches) == run.ticks


@pytest.mark.parametrize("case", [{"ticks": 0}, {"ticks": 4}, {"houses": 0}])
def test_without_an_outage_the_figure_says_so_and_is_not_saved(make_run, tmp_path, case):
    run = make_run(**case)
    assert not had_outage(run)
    assert [text.get_text() for text in plots.outage_timeline(run).texts] == ["no outage"]
    saved = plots.save_all(run, tmp_path / "figures", ["svg"])
    assert "outage_timeline.svg" not in [path.name for path in saved]


def test_with_an_outage_it_is_saved(make_run, tmp_path):
    saved = plots.save_all(make_run(**LATE), tmp_path / "figures", ["svg"])
    assert "outage_timeline.svg" in [path.name for path in saved]
