"""`p2p-cosim hosting-capacity`: what it scans, and what it prints."""

import json
from datetime import date

import pytest
from typer.testing import CliRunner

from p2p_cosim.cli import hosting
from p2p_cosim.cli.app import app
from p2p_cosim.core.errors import InputError
from p2p_cosim.studies.hosting import HostingCapacity, Limits, Trial

SCENARIO = "scenarios/trading_day.yaml"
DAY = date(2024, 6, 21)


@pytest.fixture
def asked(monkeypatch):
    """Answer at once: thermal above 0.5 in the first draw, nothing in the second."""
    calls = []

    def answer(scenario, field, values, draws, days, *, size_spread, limits, on_trial):
        calls.append((scenario.control.controller, field, values, draws, days, size_spread, limits))
        trials = [
            Trial(draw, DAY, value, ("thermal",) if value > 0.5 and draw == 0 else ())
            for draw in (0, 1)
            for value in values
        ]
        for trial in trials:
            on_trial(trial)
        return HostingCapacity(field, values, tuple(trials))

    monkeypatch.setattr(hosting, "hosting_capacity", answer)
    return calls


def run(*words):
    result = CliRunner().invoke(app, ["hosting-capacity", SCENARIO, *words])
    assert result.exit_code == 0, result.output
    return result


def test_percentiles_of_all_limits_and_of_each_that_was_violated(asked):
    words = ["--controller", "hold", "--controller", "curtail", "--draws", "2"]
    out = run(*words, "--step", "0.25", "--day", "2024-03-21", "--curtailed", "0.1").stdout
    assert out.splitlines() == [
        "hold     all limits   pv_share P5 0.5, P50 0.5, P95 0.5",
        "hold     thermal      pv_share P5 0.5, P50 0.5, P95 0.5",
        "curtail  all limits   pv_share P5 0.5, P50 0.5, P95 0.5",
        "curtail  thermal      pv_share P5 0.5, P50 0.5, P95 0.5",
    ]
    limits = Limits(curtailed_share=0.1)
    told = ("pv_share", (0.25, 0.5, 0.75, 1.0), 2, (date(2024, 3, 21),), 0.3, limits)
    assert asked == [("hold", *told), ("curtail", *told)]


def test_json_and_a_figure(asked, tmp_path):
    figure = tmp_path / "hosting.png"
    words = ["--field", "pv_kw", "--low", "0", "--high", "4", "--json", "--figure", str(figure)]
    found = json.loads(run(*words).stdout)["reactive"]
    assert found["values"] == [0, 2, 4]
    assert found["percentiles"]["thermal"] == {"5": 0, "50": 0, "95": 0}
    assert found["percentiles"]["voltage"] == {"5": 4, "50": 4, "95": 4}
    assert found["not_monotone"] == 0
    assert figure.stat().st_size > 1000


@pytest.mark.parametrize(
    ("low", "high", "step", "values"),
    [
        (0.1, 1.0, 0.25, (0.1, 0.35, 0.6, 0.85)),  # none lies above the highest
        (0.0, 0.3, 0.1, (0.0, 0.1, 0.2, 0.3)),
        (0.0, 0.0, None, (0.0,)),
    ],
)
def test_values_end_at_the_highest(low, high, step, values):
    assert hosting.values_of("pv_share", low, high, step) == values


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--step", "0"), "--step 0 is not above 0"),
        (("--high", "0"), "--high 0 is below the lowest value, 0.1"),
        (("--figure", "hosting.xyz"), "end it with .png, .pdf, .svg"),
        (("--figure", "nowhere/hosting.png"), "there is no folder nowhere"),
        (("--controller", "hold", "--controller", "hodl"), "'hodl' is not a controller"),
    ],
)
def test_what_cannot_be_scanned_or_drawn_is_told_before_the_scan(asked, words, told):
    result = CliRunner().invoke(app, ["hosting-capacity", SCENARIO, *words])
    assert isinstance(result.exception, InputError)
    assert told in str(result.exception)
    assert asked == []
