"""What bills consist of: docs/bills.md by hand, and sums that hold in any run."""

from pathlib import Path

import numpy as np
import pytest

import p2p_cosim as p2p
from p2p_cosim.core.errors import ScenarioError
from p2p_cosim.record.bills import bills_of, gini, parts_of, savings_of

PAGE = Path("docs/bills.md")
BASE = p2p.load("scenarios/three_houses.yaml")
STACK = {
    "tariff.network_eur_per_kwh": 0.09,
    "tariff.levies_eur_per_kwh": 0.04,
    "tariff.vat_share": 0.2,
    "tariff.fixed_eur_per_day": 0.6,
}


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return p2p.run(BASE.replace(STACK), out=tmp_path_factory.mktemp("results"))


def test_the_parts_are_the_retail_price(run):
    parts = parts_of(run)
    assert parts.energy_eur == pytest.approx(0.12)
    assert parts.vat_eur == pytest.approx(0.05)
    named = parts.energy_eur + parts.network_eur + parts.levies_eur + parts.vat_eur
    assert named == pytest.approx(0.30)


def test_the_bill_of_house_1_is_that_of_the_page(run):
    bill = bills_of(run).loc["house_1"]
    by_hand = {
        "utility_kwh": 1 + 1,
        "energy_eur": 2 * 0.12,
        "network_eur": 2 * 0.09,
        "levies_eur": 2 * 0.04,
        "vat_eur": 2 * 0.05,
        "fixed_eur": 0.6 * 4 / 24,
        "neighbours_eur": 3 * 0.19 + 3 * 0.19 + 2 * 0.17,
        "fed_in_eur": 0.0,
        "total_eur": 2.18,
        "alone_eur": 10 * 0.30 + 0.10,
        "saving_eur": 0.92,
    }
    for name, eur in by_hand.items():
        assert bill[name] == pytest.approx(eur), name
    page = PAGE.read_text(encoding="utf-8")
    for name in ("energy", "network", "levies", "vat", "fixed", "neighbours", "total"):
        assert f"{by_hand[f'{name}_eur']:.2f} EUR" in page, name


def test_what_houses_save_is_what_others_do_not_get(run):
    found = savings_of(run)
    by_hand = {
        "saved_eur": 1.76,
        "energy_eur": 8 * 0.12,
        "network_eur": 8 * 0.09,
        "levies_eur": 8 * 0.04,
        "vat_eur": 8 * 0.05,
        "feed_in_eur": 8 * 0.08,
        "others_eur": 0.0,
        "with_pv_eur": 0.62 + 0.22,
    }
    for name, eur in by_hand.items():
        assert getattr(found, name) == pytest.approx(eur), name
    assert (found.better, found.worse) == (3, 0)
    page = PAGE.read_text(encoding="utf-8")
    assert f"{0.72 + 0.32 + 0.40:.2f} EUR" in page
    assert f"{found.gini:.2f}" in page


@pytest.mark.parametrize("strategy", ["zic", "truthful"])
def test_bills_are_the_costs_of_any_run(strategy, tmp_path):
    scenario = p2p.load("scenarios/trading_day.yaml").replace(
        {**STACK, "market.strategy": strategy, "houses.count": 8}, start="2024-06-21 10:00", ticks=8
    )
    run = p2p.run(scenario, out=tmp_path)
    bill, costs, found = bills_of(run), run.costs(), savings_of(run)
    fixed = bill["fixed_eur"]
    assert (bill["total_eur"] - fixed).to_numpy() == pytest.approx(costs["total_eur"].to_numpy())
    assert (bill["alone_eur"] - fixed).to_numpy() == pytest.approx(costs["tariff_eur"].to_numpy())
    parts = found.energy_eur + found.network_eur + found.levies_eur + found.vat_eur
    assert found.saved_eur == pytest.approx(parts - found.feed_in_eur + found.others_eur)


def test_the_gini_coefficient_of_known_shares():
    assert gini(np.array([1.0, 1.0, 1.0])) == 0
    assert gini(np.array([0.0, 0.0, 0.0, 4.0])) == pytest.approx(0.75)
    assert gini(np.array([-1.0, 0.0])) is None


def test_parts_beyond_the_retail_price_are_refused():
    with pytest.raises(ScenarioError, match="nothing is left for energy"):
        BASE.replace({"tariff.network_eur_per_kwh": 0.2, "tariff.vat_share": 0.6})
