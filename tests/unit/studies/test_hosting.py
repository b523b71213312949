from datetime import date

import numpy as np
import pytest

import p2p_cosim as p2p
from p2p_cosim import plots
from p2p_cosim.core.errors import InputError
from p2p_cosim.studies.hosting import HostingCapacity, Limits, Trial, hosting_capacity

DAY = date(2024, 6, 21)


def of(*violated_at):
    """A scan of 1 to 4, one draw each of these values with a violation of the voltage."""
    trials = [
        Trial(draw, DAY, float(value), ("voltage",) if value in values else ())
        for draw, values in enumerate(violated_at)
        for value in (1, 2, 3, 4)
    ]
    return HostingCapacity("pv_kw", (1.0, 2.0, 3.0, 4.0), tuple(trials))


def test_the_capacity_of_a_draw_ends_before_its_first_violation():
    found = of((), (4,), (2,), (1, 2, 3, 4))
    assert found.capacities() == pytest.approx([4, 3, 1, np.nan], nan_ok=True)
    assert found.capacities("thermal") == pytest.approx([4, 4, 4, 4])
    assert found.not_monotone() == 1
    assert [found.percentile(p) for p in (0, 50, 100)] == [None, 1, 4]
    assert found.table().query("voltage")["pv_kw"].tolist() == [4, 2, 1, 2, 3, 4]


def test_one_bad_day_is_enough():
    good = of(())
    bad = replace_day(good, ("thermal",))
    both = HostingCapacity("pv_kw", good.values, good.trials + bad)
    assert both.capacities() == pytest.approx([2])
    assert both.capacities("voltage") == pytest.approx([4])


def replace_day(found, violated):
    other = date(2024, 3, 21)
    return tuple(
        Trial(trial.draw, other, trial.value, violated if trial.value > 2 else ())
        for trial in found.trials
    )


@pytest.fixture(scope="module")
def noon():
    return p2p.load("scenarios/trading_day.yaml").replace(
        {"ticks": 2, "start": "2024-06-21 12:00", "cloudiness": 0.0, "pv_kw": 12.0}
        | {"pv_performance_ratio": 1.0, "controller": "hold"}
    )


def test_real_runs_find_each_limit(noon, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    scan = {"values": (0.1, 0.5, 1.0), "draws": 2}
    held = hosting_capacity(noon, **scan)
    assert {limit for trial in held.trials for limit in trial.violated} >= {"voltage", "thermal"}
    assert hosting_capacity(noon, **scan) == held
    watched = hosting_capacity(noon.replace(controller="look_ahead"), **scan)
    assert np.nansum(watched.capacities("voltage")) > np.nansum(held.capacities("voltage"))
    curtailed = hosting_capacity(noon.replace(controller="curtail"), **scan)
    last = [trial for trial in curtailed.trials if trial.value == 1.0]
    assert all("curtailment" in trial.violated for trial in last)
    assert not any("voltage" in trial.violated for trial in last)
    ax = plots.hosting_capacity({"hold": held.table(), "curtail": curtailed.table()})
    assert [line.get_label() for line in ax.get_lines()] == ["hold", "curtail"]
    assert list(tmp_path.iterdir()) == []  # nothing is written


def test_what_is_wrong_without_pv_is_not_its_fault(noon):
    strict = Limits(loading=0.0, unbalance=0.0)
    found = hosting_capacity(noon, values=(0.0,), draws=1, limits=strict)
    assert found.trials[0].violated == ()


def test_larger_arrays_are_scanned_at_the_scenarios_share(noon):
    found = hosting_capacity(
        *(noon, "pv_kw", (1.0, 30.0), 1, (DAY, date(2024, 12, 21))), size_spread=0.0
    )
    assert [(trial.day.month, trial.value) for trial in found.trials] == [
        *((6, 1.0), (6, 30.0), (12, 1.0), (12, 30.0))
    ]
    assert found.trials[0].violated == ()
    assert "thermal" in found.trials[1].violated


@pytest.mark.parametrize(
    ("field", "values", "draws", "message"),
    [
        ("pv_kilowatt", (1.0,), 1, "take pv_share or pv_kw"),
        ("pv_share", (), 1, "0 values of pv_share and 1 draws are no scan"),
        ("pv_share", (2.0,), 1, "values from 0 to 1"),
        ("pv_kw", (2.0,), 0, "1 values of pv_kw and 0 draws are no scan"),
    ],
)
def test_what_is_no_scan_is_refused(noon, field, values, draws, message):
    with pytest.raises(InputError, match=message):
        hosting_capacity(noon, field, values, draws)


def test_limits_and_spreads_below_nothing_are_refused_together(noon):
    limits = Limits(loading=-1, curtailed_share=float("nan"))
    with pytest.raises(InputError, match="loading -1, curtailed_share nan, size_spread -2: give"):
        hosting_capacity(noon, size_spread=-2, limits=limits)
