"""Story 1 with every number written out by hand in docs/three_houses.md."""

import re
from pathlib import Path

import pytest

import p2p_cosim as p2p

PAGE = Path("docs/three_houses.md").read_text()
NAMES = ("house_1", "house_2", "house_3", "utility")


def rows(heading, label):
    """Numbers of the table rows below a heading whose first cell begins with a label."""
    section = PAGE.split(f"## {heading}\n")[1].split("\n## ")[0]
    found = re.findall(rf"^\| {label}[^|]*\|(.+)\|$", section, re.MULTILINE)
    return [[float(cell) for cell in row.split("|")] for row in found]


@pytest.fixture(scope="module", params=["individual", "sealed"])
def records(request, tmp_path_factory):
    out = tmp_path_factory.mktemp("results")
    scenario = p2p.load("scenarios/three_houses.yaml").replace(submission=request.param)
    simulation = p2p.Simulation(scenario, out=out)
    return [simulation.step() for _ in range(4)]


def test_prices_and_trades(records):
    clearings = [record.gate.clearing for record in records]
    assert [c.price_wei_per_wh for c in clearings] == [76 * 10**9, 76 * 10**9, 68 * 10**9, None]
    assert [c.energy_wh for c in clearings] == [3000, 3000, 2000, 0]
    assert [c.welfare_wei for c in clearings] == [152 * 10**12, 152 * 10**12, 112 * 10**12, 0]
    first = {(t.buyer, t.seller): t.payment_wei for t in clearings[0].trades}
    assert first == {("house_1", "house_2"): 152 * 10**12, ("house_1", "house_3"): 76 * 10**12}


def test_balances_are_those_of_the_page(records):
    expected = rows("Balances", "tick")[:4]
    for record, row in zip(records, expected, strict=True):
        balances = [record.ledger.accounts[name].balance_wei for name in NAMES]
        assert balances == [int(value) for value in row]


def test_energy_balances_are_those_of_the_page(records):
    expected = rows("Balances", "tick")[4:]
    for record, row in zip(records, expected, strict=True):
        energy_wh = [record.ledger.accounts[name].energy_wh for name in NAMES]
        assert energy_wh == [int(value) for value in row]


def test_imbalances_are_charged_at_the_tariff(records):
    charges = [
        {s.trader: s.charge_wei for s in record.settlements if s.charge_wei} for record in records
    ]
    assert charges == [
        {},
        {"house_1": 1000 * 120 * 10**9},
        {"house_3": -1000 * 32 * 10**9},
        {"house_1": 120 * 10**12, "house_2": 60 * 10**12, "house_3": 60 * 10**12},
    ]
