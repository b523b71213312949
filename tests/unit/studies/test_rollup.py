"""Bytes and costs of a run's transactions, against those of the chain it ran on."""

import pytest

import p2p_cosim as p2p
from p2p_cosim.core.errors import InputError
from p2p_cosim.market import OnChainMarket
from p2p_cosim.studies import rollup


def run_of(tmp_path, **changes):
    """A run, and the call data of all its transactions after the deployment."""
    base = p2p.load("trading_day").replace(
        {"clock.start": "2024-06-21 11:00", "clock.ticks": 2, "houses.count": 8}
    )
    with p2p.Simulation(base.replace(changes), seed=1, out=tmp_path) as simulation:
        while not simulation.done:
            simulation.step()
        chain, market = simulation.chain, simulation.model.market.contract
        to_market = [each for each in chain.included(0) if each.transaction.to == market.address]
        return simulation.results(), sum(len(each.transaction.data) for each in to_market)


@pytest.mark.parametrize("submission", ["individual", "batched", "signed"])
def test_call_data_against_that_of_the_chain(tmp_path, submission):
    run, on_chain = run_of(tmp_path, **{"market.submission": submission})
    assert rollup.call_data_bytes(run) == on_chain


def test_call_data_of_a_round_that_is_cleared_in_parts_against_that_of_the_chain(
    tmp_path, monkeypatch
):
    deploy = OnChainMarket.deploy
    monkeypatch.setattr(
        OnChainMarket, "deploy", lambda *args, **more: deploy(*args, payouts=3, **more)
    )
    run, on_chain = run_of(tmp_path)
    assert rollup.call_data_bytes(run) == on_chain


def test_call_data_of_bulk_consumers_against_that_of_the_chain(tmp_path):
    run, on_chain = run_of(tmp_path, **{"feeder.spot_loads.bid": True})
    assert rollup.call_data_bytes(run) == on_chain


def test_costs_are_units_times_prices(tmp_path):
    run, on_chain = run_of(tmp_path)
    costs, summary = rollup.costs_of(run), run.summary()
    assert costs.l1 == pytest.approx(summary.gas_cost_eur)
    assert costs.execution == pytest.approx(costs.l1 * rollup.EXECUTION_GWEI / run.gas_price_gwei)
    count = len(run.transactions)
    assert rollup.data_bytes(run) == on_chain + 120 * count
    gwei = rollup.data_bytes(run) * rollup.BLOB_GWEI
    assert costs.data == pytest.approx(gwei / 1e9 * run.eur_per_ether)
    assert costs.rollup == costs.execution + costs.data


def test_what_is_not_known_is_said(tmp_path):
    run, _ = run_of(tmp_path, **{"market.submission": "sealed"})
    with pytest.raises(InputError, match="commit, reveal"):
        rollup.costs_of(run)
