"""A tariff that changes: followed by hand through contract, bills, margins and figures."""

from pathlib import Path

import numpy as np
import pytest

import p2p_cosim as p2p
from p2p_cosim import plots
from p2p_cosim.core.types import Tariff
from p2p_cosim.record.bills import bills_of, savings_of
from p2p_cosim.record.prices import prices_of
from p2p_cosim.record.surplus import surplus_of
from p2p_cosim.record.tariffs import changes_of
from p2p_cosim.record.utility import utility_of

PAGE = Path("docs/bills.md")
BASE = p2p.load("scenarios/three_houses.yaml")
PEAK = {"from_hour": 18, "to_hour": 20, "retail_eur_per_kwh": 0.4, "feed_in_eur_per_kwh": 0.02}
STACK = {
    "tariff.network_eur_per_kwh": 0.09,
    "tariff.levies_eur_per_kwh": 0.04,
    "tariff.vat_share": 0.2,
    "tariff.fixed_eur_per_day": 0.6,
}
EUR = 400_000_000_000  # wei per Wh of 1 EUR/kWh


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    changed = BASE.replace({"tariff.periods": [PEAK]})
    return p2p.run(changed, out=tmp_path_factory.mktemp("results"))


def test_changes_are_kept_and_read_again():
    low, high = Tariff(100, 20), Tariff(300, -10)
    assert changes_of(low, [low, low]) == []
    assert changes_of(low, [high, high, low, low]) == [[0, 300, -10], [2, 100, 20]]


def test_the_run_knows_the_tariff_of_every_interval(run):
    retail, feed_in = prices_of(run)
    assert (retail / EUR).tolist() == [0.3, 0.4, 0.4, 0.3]
    assert (feed_in / EUR).tolist() == [0.08, 0.02, 0.02, 0.08]


def test_bills_by_hand(run):
    bill = bills_of(run)
    # House 1 needs 3, 4, 2, 1 and buys 3, 3, 2, 0 kWh from its neighbours.
    assert bill.loc["house_1", "neighbours_eur"] == pytest.approx(6 * 0.19 + 2 * 0.17)
    assert bill.loc["house_1", "energy_eur"] == pytest.approx(1 * 0.4 + 1 * 0.3)
    assert bill.loc["house_1", "alone_eur"] == pytest.approx(3 * 0.3 + 6 * 0.4 + 1 * 0.3)
    # House 3 sells 1 and 1 kWh, feeds 1 in, and draws half a kWh in the last hour.
    assert bill.loc["house_3", "fed_in_eur"] == pytest.approx(-0.02)
    assert bill.loc["house_3", "alone_eur"] == pytest.approx(-0.08 - 2 * 0.02 + 0.15)
    assert bill["saving_eur"].to_numpy() == pytest.approx(run.costs()["saving_eur"].to_numpy())


def test_the_contract_charged_what_the_bills_say(run):
    by_house = run.households.groupby("house")["imbalance_wei"].sum()
    assert by_house["house_1"] == (1_000 * 160 + 1_000 * 120) * 10**9
    assert by_house["house_3"] == (500 * 120 - 1_000 * 8) * 10**9


def test_savings_and_surplus_use_the_price_of_their_hour(run):
    found = savings_of(run)
    # 3 kWh at 0.30 less 0.08; in the second and third hour 3 and 2 kWh at 0.40 less 0.02.
    assert found.saved_eur == pytest.approx(3 * 0.22 + 5 * 0.38)
    assert found.saved_eur == pytest.approx(found.energy_eur - found.feed_in_eur)
    assert surplus_of(run).realised_eur == pytest.approx(found.saved_eur)


def test_margins_are_those_of_the_hour(run):
    # Asks of 2 kWh at 0.10 and 1 at 0.14 in three hours, and none in the last.
    by_tick = [2 * (retail - 0.10) + (retail - 0.14) for retail in (0.3, 0.4, 0.4)]
    summary = run.summary()
    assert summary.most_margin_eur == pytest.approx(max(by_tick))
    assert summary.mean_margin_eur == pytest.approx(sum(by_tick) / 4)


def test_prices_are_drawn_as_steps(run):
    plots.price_and_volume(run)


@pytest.mark.parametrize("submission", ["individual", "batched", "signed", "sealed"])
def test_every_way_of_submission_settles_at_the_tariff_of_the_round(submission, run, tmp_path):
    changed = BASE.replace({"tariff.periods": [PEAK], "market.submission": submission})
    other = p2p.run(changed, out=tmp_path)
    assert other.costs().to_numpy() == pytest.approx(run.costs().to_numpy())


def test_negative_feed_in_prices_are_paid_by_who_feeds_in(tmp_path):
    negative = {**PEAK, "feed_in_eur_per_kwh": -0.05}
    changed = BASE.replace({"tariff.periods": [negative], "market.strategy": "truthful"})
    run = p2p.run(changed, out=tmp_path)
    asks = run.orders[run.orders["side"] == "ask"]
    assert set(asks["rejection"]) == {""}
    assert (asks[asks["tick"].isin([1, 2])]["price_wei_per_wh"] == 0).all()
    fed_in = run.households[(run.households["tick"] == 2) & (run.households["imbalance_wh"] < 0)]
    fed_in_wh = -int(fed_in["imbalance_wh"].sum())
    assert fed_in_wh == 1_000  # of 3 kWh, House 1 takes 2
    assert int(fed_in["imbalance_wei"].sum()) == fed_in_wh * 20 * 10**9


def test_the_utilitys_account_is_that_of_the_page(tmp_path):
    run = p2p.run(BASE.replace({**STACK, "tariff.losses_eur_per_kwh": 0.1}), out=tmp_path)
    account = utility_of(run)
    by_hand = {
        "sold_kwh": (3, 11),
        "bought_kwh": (1, 9),
        "energy_eur": (3 * 0.12, 11 * 0.12),
        "fixed_eur": (0.3, 0.3),
        "fed_in_eur": (0.08, 9 * 0.08),
        "margin_eur": (0.58, 0.90),
        "network_eur": (3 * 0.09, 11 * 0.09),
    }
    page = PAGE.read_text(encoding="utf-8")
    for name, (market, alone) in by_hand.items():
        assert account.loc["with_market", name] == pytest.approx(market), name
        assert account.loc["without_market", name] == pytest.approx(alone), name
        if name.endswith("_eur"):
            assert f"{market:.2f} EUR" in page, name
            assert f"{alone:.2f} EUR" in page, name
    summary = run.summary()
    assert summary.utility_margin_eur == pytest.approx(0.58)
    assert summary.utility_margin_change_eur == pytest.approx(0.58 - 0.90)
    difference = account.loc["difference"]
    assert difference["houses_eur"] == pytest.approx(-savings_of(run).saved_eur)
    losses_kwh = float(run.feeder["losses_kw"].sum())
    assert account["losses_eur"].to_numpy() == pytest.approx(np.array([1, 1, 0]) * 0.1 * losses_kwh)


def test_a_flat_tariff_sends_nothing_and_is_not_kept(tmp_path):
    day = {"from_hour": 0, "to_hour": 24, "retail_eur_per_kwh": 0.3}
    plain, told = (
        p2p.run(BASE.replace(changes), out=tmp_path) for changes in ({}, {"tariff.periods": [day]})
    )
    for run in (plain, told):
        assert "tariff_changes" not in run.manifest
    differ = {n for n, sha in plain.manifest["sha256"].items() if told.manifest["sha256"][n] != sha}
    assert differ <= {"scenario.yaml"}
