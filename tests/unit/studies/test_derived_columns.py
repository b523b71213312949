"""Columns that a study derives, on the story of three houses, whose numbers are known by hand."""

import numpy as np
import pytest

import p2p_cosim as p2p
from p2p_cosim.studies.published import derived

RULES = ("mid_market_rate", "supply_demand_ratio")


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return p2p.run(p2p.load("three_houses"), out=tmp_path_factory.mktemp("run"))


def test_the_market_saves_what_its_costs_say(run):
    assert derived.saving_eur(run, "market") == pytest.approx(run.costs()["saving_eur"].sum())


@pytest.mark.parametrize("rule", RULES)
def test_a_community_saves_what_it_shares_inside(run, rule):
    """Whoever buys inside saves the tariff's spread once, however the rule shares it."""
    energy_wh = derived._energy_wh(run)
    inside_wh = np.minimum(np.maximum(energy_wh, 0).sum(1), np.maximum(-energy_wh, 0).sum(1))
    spread_eur_per_kwh = 0.30 - 0.08
    expected_eur = inside_wh.sum() / 1000 * spread_eur_per_kwh
    assert derived.saving_eur(run, rule) == pytest.approx(expected_eur)
    assert derived.losers(run, rule) == 0


def test_all_that_could_be_traded_was(run):
    assert derived.traded_share(run) == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("savings", "expected"),
    [([1.0, 1.0, 1.0], 0.0), ([3.0, 0.0, 0.0], 2 / 3), ([1.0, 3.0], 0.25), ([-1.0, 1.0], None)],
)
def test_gini_of_known_distributions(monkeypatch, savings, expected):
    monkeypatch.setattr(derived, "_savings_eur", lambda *_: np.array(savings))
    found = derived.gini(None, "market")
    assert found == (None if expected is None else pytest.approx(expected))


def test_losses_peak_and_gas_are_those_of_the_tables(run):
    assert derived.peak_kw(run) == pytest.approx(run.households.groupby("tick").p_kw.sum().max())
    summary = run.summary()
    assert summary.losses_kwh == pytest.approx(run.feeder["losses_kw"].sum())  # hours
    at_break_even = derived.break_even_gas_gwei(run) / run.gas_price_gwei * summary.gas_cost_eur
    assert at_break_even == pytest.approx(summary.welfare_eur)
    assert derived.value_of("trades", run, summary.as_dict()) == 5
    assert set(derived.DERIVED).isdisjoint(summary.as_dict())
