"""What a notebook shows of a simulation: short lines, and a book that says what became of it."""

import sys
from dataclasses import fields, is_dataclass
from types import SimpleNamespace

import numpy as np
import pytest

import p2p_cosim as p2p
from p2p_cosim.core.types import ControlView, Decision, MeterView, TapMove
from p2p_cosim.shown import notebook_progress

LONGEST = 160


@pytest.fixture(scope="module")
def sim(tmp_path_factory):
    scenario = p2p.load("trading_day").replace(start="2024-06-21 11:00", ticks=2)
    sim = p2p.Simulation(scenario, seed=7, out=tmp_path_factory.mktemp("shown"))
    sim.step()
    return sim


def test_the_last_line_of_a_cell_is_short(sim):
    record = sim.last
    told = repr(record)
    assert told.startswith("TickRecord(0: ")
    assert " kWh in " in told
    assert told.endswith("0 tap moves, 0 alarms)")
    for record_of in (record, record.gate, record.ledger, record.grid, record.decision, sim):
        assert len(repr(record_of)) < LONGEST
        assert "\n" not in repr(record_of)


def test_every_record_inside_a_tick_is_short(sim):
    seen = []

    def walk(value):
        if is_dataclass(value):
            seen.append(value)
            for field in fields(value):
                walk(getattr(value, field.name))
        elif isinstance(value, tuple):
            for item in value[:2]:
                walk(item)

    walk(sim.last)
    assert len(seen) > 10
    assert {type(v).__name__: len(repr(v)) for v in seen if len(repr(v)) > 2 * LONGEST} == {}


def test_what_plugins_see_is_short_too(sim):
    sites = sim.model.grid.houses
    v_pu = sim.voltages.to_numpy().copy()
    v_pu[:2], v_pu[2] = np.nan, 0.0
    meters = MeterView(3, sites, v_pu, v_pu, v_pu)
    view = ControlView(4, meters, sim.last.gate.clearing.trades, {"reg_a": -3}, {}, None)
    assert "30 houses" in repr(meters)
    assert "1 without supply, 2 without reading" in repr(meters)
    assert "reg_a -3" in repr(view)
    assert len(repr(view)) < LONGEST
    assert repr(Decision((TapMove("reg_a", -3, "low"),))) == "Decision(reg_a to -3)"


def test_html_of_a_tick_is_a_small_table(sim):
    page = sim.last._repr_html_()
    assert page.count("<tr>") == 8
    assert "House voltages" in page
    assert len(page) < 3000
    gate = sim.last.gate._repr_html_()
    bids = sum(placed.order.side is p2p.Side.BID for placed in sim.last.gate.placements)
    assert f">{bids} orders<" in gate
    assert len(gate) < 2000


def test_html_of_a_simulation_lists_the_book_in_the_order_of_a_market(sim):
    page = sim._repr_html_()
    assert page.index("Bids") < page.index("Asks")
    bids = sim.book.query("side == 'bid'")["price_eur_per_kwh"].sort_values(ascending=False)
    cells = [page.index(f"<td>{price:.4f}</td>") for price in bids.drop_duplicates().head(4)]
    assert cells == sorted(cells)


def test_the_book_says_what_became_of_every_order(sim):
    book = sim.book
    assert set(book["tick"]) == {0}
    assert len(book) == len(sim.last.gate.placements)
    filled = book.groupby("side")["filled_wh"].sum()
    assert filled["bid"] == filled["ask"] == sim.last.gate.clearing.energy_wh > 0
    assert (book["filled_wh"] <= book["energy_wh"]).all()
    price = book["round_price_eur_per_kwh"].iloc[0]
    traded = book[book["filled_wh"] > 0]
    bids = traded["side"] == "bid"
    assert (traded["price_eur_per_kwh"][bids] >= price).all()
    assert (traded["price_eur_per_kwh"][~bids] <= price).all()


def test_before_the_first_tick_the_book_is_empty():
    sim = p2p.Simulation(p2p.load("three_houses"))
    assert len(sim.book) == 0
    assert "filled_wh" in sim.book
    assert sim._repr_html_() == "<b>Simulation(&#x27;three_houses&#x27;, seed=0, tick 0 of 4)</b>"


def test_blocks_and_transactions_are_short(sim):
    block = sim.chain.block(2)
    (first, *_) = block.transactions
    assert repr(block).startswith(f"Block(2: {len(block.transactions)} transactions, ")
    for value in (block, first, first.transaction, sim.model.parts):
        assert len(repr(value)) < LONGEST
    deployed = sim.chain.block(1).transactions[0].transaction
    assert "creating a contract" in repr(deployed)


def test_figures_of_quality_and_of_a_comparison_have_units_and_html(sim):
    run = sim.so_far
    assert "<td style='text-align:left'>0 min</td>" in run.quality()._repr_html_()
    assert len(repr(run.quality())) < LONGEST
    same = p2p.compare(run, run)
    assert repr(same) == "Comparison(0 fields and 0 figures differ)"
    assert same._repr_html_().count("<table") == 2
    with pytest.raises(
        p2p.InputError, match=r"two Results, not a str: give Results\.load\('out/x'\)"
    ):
        p2p.compare("out/x", run)


def test_a_run_in_a_notebook_says_how_far_it_is(monkeypatch, tmp_path):
    lines = []

    class Handle:
        def update(self, shown, raw):
            lines.append(shown["text/plain"])

    def display(shown, raw, display_id):
        lines.append(shown["text/plain"])
        return Handle()

    notebook = SimpleNamespace(get_ipython=lambda: SimpleNamespace(kernel=object()))
    monkeypatch.setitem(sys.modules, "IPython", notebook)
    monkeypatch.setitem(sys.modules, "IPython.display", SimpleNamespace(display=display))
    p2p.run(p2p.load("three_houses"), out=tmp_path)
    assert lines == [f"three_houses: {done} of 4 ticks" for done in range(5)]


def test_outside_a_notebook_a_run_says_nothing(monkeypatch):
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: None))
    assert notebook_progress("three_houses", 4) is None
