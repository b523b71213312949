"""Strangers trade in a running day: all balances in every tick, and tables account for it."""

import numpy as np
import pandas as pd
import pytest

import p2p_cosim as p2p
from p2p_cosim.core.errors import RevertError

DAY = {
    "name": "open_day",
    "houses": {"count": 6, "sites": ["652.A"]},
    "clock": {"start": "2024-06-21 08:00", "ticks": 40},
}
TICKS = DAY["clock"]["ticks"]
DEEDS = ("deposit", "placeBid", "placeAsk", "cancel", "requestWithdrawal", "withdraw")
STRANGERS = ("a wallet user", "another wallet user")


@pytest.fixture(scope="module", params=["individual", "signed"])
def run(request, tmp_path_factory):
    """A day's 40 quarters of an hour in which two strangers do what they like, and its results."""
    scenario = p2p.Scenario.model_validate(DAY | {"market": {"submission": request.param}})
    simulation = p2p.Simulation(scenario, out=tmp_path_factory.mktemp("results"))
    rng = np.random.default_rng(7)
    contract = simulation.model.market.contract
    done = dict.fromkeys(DEEDS, 0)
    addresses = [contract.chain.account(label) for label in STRANGERS]
    while not simulation.done:
        for _ in range(rng.integers(10)):
            meddle(contract, addresses[rng.integers(2)], rng, done)
        simulation.step()
    assert min(done.values()) > 3, done
    events = [
        e for each in contract.chain.included(0) for e in contract.decode_events(each.receipt)
    ]
    summaries = [event.args for event in events if event.name == "RoundCleared"]
    yield simulation.results(), addresses, summaries
    simulation.close()


def meddle(contract, sender, rng, done):
    """One thing that a stranger may do; what the contract refuses is nothing done."""
    price, round_id = int(rng.integers(30, 120)) * 10**9, contract.read.book().round
    deeds = {
        "deposit": ((), int(rng.integers(1, 10)) * 10**15),
        "placeBid": ((round_id, int(rng.integers(10, 800)), price), 0),
        "placeAsk": ((round_id, int(rng.integers(10, 800)), price), 0),
        "cancel": ((round_id, int(rng.integers(2))), 0),
        "requestWithdrawal": ((int(rng.integers(1, 10)) * 10**14,), 0),
        "withdraw": ((int(rng.integers(1, 10)) * 10**13,), 0),
    }
    function = list(deeds)[rng.integers(len(deeds))]
    args, value_wei = deeds[function]
    try:
        contract.transact(function, *args, sender=sender, value_wei=value_wei)
        done[function] += 1
    except RevertError:
        pass


def accounts(results):
    """Houses and others in one table: everybody with an account."""
    money = [*results.others.columns.drop(["tick", "trader"])]
    houses = results.households.rename(columns={"house": "trader"})[["tick", "trader", *money]]
    return pd.concat([houses, results.others]).sort_values(["tick", "trader"])


def total(frame, column):
    """Exact sums by tick: whatever the column is stored as."""
    return frame.groupby("tick")[column].apply(lambda values: sum(int(value) for value in values))


def test_strangers_stand_in_the_tables_under_their_addresses(run):
    results, addresses, _ = run
    assert set(addresses) < set(results.others["trader"])
    traded = {*results.trades["buyer"], *results.trades["seller"]}
    assert set(addresses) <= traded
    ordered = results.orders[results.orders["trader"].isin(addresses)]
    assert ordered["cancelled"].any()
    assert ordered["filled_wh"].sum() > 0
    labels = results.transactions["label"]
    assert labels.str.contains(f"deposit {addresses[0]}").any()


@pytest.mark.parametrize("column", ["contracted_wh", "imbalance_wh", "market_wei", "imbalance_wei"])
def test_over_all_accounts_energy_and_payments_sum_to_zero_in_every_tick(run, column):
    sums = total(accounts(run[0]), column)
    assert len(sums) == TICKS
    assert (sums == 0).all()


def test_over_all_accounts_what_is_open_sums_to_zero(run):
    assert (total(accounts(run[0]), "open_wei") == 0).all()


def test_balances_change_by_what_was_paid_in(run):
    frame = accounts(run[0])
    change = total(frame, "balance_wei").diff().iloc[1:]
    paid_in = total(frame, "paid_in_wei").iloc[1:]
    assert (change.astype(object) == paid_in.astype(object)).all()
    assert (paid_in != 0).any()


def test_every_account_explains_its_money(run):
    for _, frame in accounts(run[0]).groupby("trader"):
        has = [
            int(b) + int(o) for b, o in zip(frame["balance_wei"], frame["open_wei"], strict=True)
        ]
        rows = list(frame.itertuples())
        for before, after, row in zip(has, has[1:], rows[1:], strict=False):
            moved = int(row.paid_in_wei) - int(row.market_wei) - int(row.imbalance_wei)
            assert after - before == moved, (row.trader, row.tick)


def test_the_book_is_the_one_that_the_contract_cleared(run):
    results, _, summaries = run
    standing = results.orders[results.orders["order_id"].notna() & ~results.orders["cancelled"]]
    counted = standing.groupby(["tick", "side"]).size().unstack(fill_value=0)
    assert counted["bid"].tolist() == [summary["bids"] for summary in summaries]
    assert counted["ask"].tolist() == [summary["asks"] for summary in summaries]
    assert results.trades["energy_wh"].sum() == sum(summary["energy"] for summary in summaries)
