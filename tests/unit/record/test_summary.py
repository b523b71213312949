import re
from dataclasses import replace

import numpy as np
import pytest
from synthetic_run import TARIFF, SyntheticRun

from p2p_cosim.core.types import (
    Clearing,
    HouseFlows,
    Order,
    Placement,
    Receipt,
    Settlement,
    Side,
    Trade,
)
from p2p_cosim.record import ParquetRecorder, Results

RETAIL, FEED_IN = TARIFF.retail_wei_per_wh, TARIFF.feed_in_wei_per_wh
PRICE = 100_000_000_000  # 0.20 EUR/kWh at 2000 EUR an ether
EUR_PER_WEI = 2000 / 10**18


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """Two houses, two ticks. h00 consumes, h01 produces; they trade in tick 0 alone.

    Tick 0: h00 buys 400 Wh from h01, uses 500 (short by 100); h01 sells 400, delivers 300.
    Tick 1: no trade; h00 uses 200 Wh; h01 is without supply and has no reading.
    """
    synthetic = SyntheticRun(houses=2, ticks=2)
    first, second = synthetic.records()
    recorder = ParquetRecorder(tmp_path_factory.mktemp("results"), synthetic.info)
    recorder.record(with_a_trade(first))
    recorder.record(without_a_trade(second))
    return Results.load(recorder.write("complete"))


def with_a_trade(first):
    placements = (
        Placement(Order("h00", Side.BID, 500, PRICE + 2), 0),
        Placement(Order("h01", Side.ASK, 400, PRICE - 2), 1),
        Placement(Order("h01", Side.ASK, 1, PRICE), None, "EnergyBelowMinimum(...)"),
    )
    clearing = Clearing(PRICE, 400, 1600, (Trade("h00", "h01", 400, PRICE),))
    gate = replace(first.gate, placements=placements, clearing=clearing)
    return replace(
        first,
        gate=replace(gate, receipts=(("orders", Receipt(True, 1000)),)),
        meters=(
            HouseFlows("h00", 2.0, 0.0, 500, True),
            HouseFlows("h01", 1.0, 2.2, -400, True),
        ),
        grid=replace(first.grid, house_v_pu=np.array([0.949999, 1.05])),
        settlements=(
            Settlement("h00", 400, 500, 100, 100 * RETAIL, 0),
            Settlement("h01", -400, -300, 100, 100 * RETAIL, 0),
        ),
        settle_receipts=(Receipt(True, 500),),
    )


def without_a_trade(second):
    empty = replace(second.gate, placements=(), clearing=Clearing(None, 0, 0, ()), receipts=())
    return replace(
        second,
        gate=empty,
        meters=(
            HouseFlows("h00", 0.8, 0.0, 200, True),
            HouseFlows("h01", 0.0, 0.0, 0, False),
        ),
        grid=replace(second.grid, house_v_pu=np.array([1.02, 0.0])),
        settlements=(Settlement("h00", 0, 200, 200, 200 * RETAIL, 0),),
        settle_receipts=(Receipt(True, 500),),
    )


def test_market_figures(run):
    summary = run.summary()
    assert summary.energy_traded_kwh == 0.4
    assert summary.mean_price_eur_per_kwh == pytest.approx(0.2)
    assert summary.welfare_eur == pytest.approx(1600 * EUR_PER_WEI)
    assert (summary.orders, summary.rejected_orders, summary.trades) == (3, 1, 1)


def test_margins_are_what_asks_in_the_book_would_cost_undelivered(run):
    # The ask of 400 Wh in tick 0 alone; the other was refused, and a bid has no margin.
    summary = run.summary()
    margin_eur = 400 * (RETAIL - (PRICE - 2)) * EUR_PER_WEI
    assert summary.most_margin_eur == pytest.approx(margin_eur)
    assert summary.mean_margin_eur == pytest.approx(margin_eur / 2)


def test_self_supply_is_of_the_houses_together(run):
    # Loads 3.0 and 0.8 kW, PV 2.2 and 0 kW: 2.2 kW of it used at once.
    summary = run.summary()
    assert summary.self_sufficiency == pytest.approx(2.2 / 3.8)
    assert summary.self_consumption == pytest.approx(1.0)


def test_an_outage_is_no_voltage_violation_and_the_limit_is_inside(run):
    summary = run.summary()
    assert (summary.worst_v_pu, summary.worst_v_house, summary.worst_v_tick) == (0.949999, "h00", 0)
    assert summary.house_ticks_outside == 1


def test_gas(run):
    summary = run.summary()
    assert summary.total_gas == 2_000_000 + 1000 + 500 + 500
    assert summary.gas_per_order == pytest.approx(2000 / 3)
    assert summary.gas_per_traded_kwh == pytest.approx(2000 / summary.energy_traded_kwh)
    settled = run.transactions.query("label == 'settle'")["gas_used"]
    assert summary.gas_per_settlement == pytest.approx(settled.mean())
    assert run.gas_price_gwei == 1.0
    assert summary.gas_cost_eur == pytest.approx(summary.total_gas * 1e9 * EUR_PER_WEI)


def test_costs_against_the_tariff_alone(run):
    costs = run.costs() / EUR_PER_WEI  # in wei, apart from energy_kwh
    consumer, producer = costs.loc["h00"], costs.loc["h01"]
    assert consumer["market_eur"] == pytest.approx(400 * PRICE)
    assert consumer["imbalance_eur"] == pytest.approx(300 * RETAIL)
    assert consumer["total_eur"] == pytest.approx(400 * PRICE + 300 * RETAIL)
    assert consumer["tariff_eur"] == pytest.approx(700 * RETAIL)
    assert consumer["saving_eur"] == pytest.approx(400 * (RETAIL - PRICE))
    assert producer["total_eur"] == pytest.approx(-400 * PRICE + 100 * RETAIL)
    assert producer["tariff_eur"] == pytest.approx(-300 * FEED_IN)
    assert run.costs()["energy_kwh"].tolist() == pytest.approx([0.7, -0.3])


def test_taps_count_moves_and_steps(tmp_path):
    summary = Results.load(SyntheticRun(houses=2, ticks=48).write(tmp_path)).summary()
    assert (summary.tap_moves, summary.tap_steps) == (3, 6)


def test_a_run_without_ticks_has_no_ratios(tmp_path):
    synthetic = SyntheticRun(houses=2, ticks=0)
    run = Results.load(synthetic.write(tmp_path, "interrupted"))
    summary = run.summary()
    for name in (
        "mean_price_eur_per_kwh",
        "most_margin_eur",
        "self_sufficiency",
        "self_consumption",
        "worst_v_pu",
    ):
        assert getattr(summary, name) is None
    assert (summary.gas_per_order, summary.gas_per_traded_kwh) == (None, None)
    assert summary.gas_per_settlement is None
    assert len(run.costs()) == 0
    assert re.search(r"^worst_v_pu +-$", str(summary), re.MULTILINE)


def test_a_notebook_shows_units_and_who_pays_for_gas(run):
    page = run.summary()._repr_html_()
    row = {line.partition("</th>")[0].rpartition(">")[2]: line for line in page.split("<tr>")}
    assert ">kWh<" in row["energy_traded_kwh"]
    assert ">EUR/kWh<" in row["mean_price_eur_per_kwh"]
    assert ">pu<" in row["worst_v_pu"]
    assert "nobody in the run pays" in row["gas_cost_eur"]
