"""A bill fills accounts again: from then on who had a debt bids, and money is conserved."""

import pytest

import p2p_cosim as p2p
from p2p_cosim.core.types import Account, Ledger
from p2p_cosim.market import Billing

DAYS = {
    "houses.count": 3,
    "clock.start": "2024-12-21 00:00",
    "clock.interval_min": 60,
    "clock.ticks": 54,
    "deposit_eur": 2.0,
    "bill_every_days": 1,
    "pv_share": 0.0,
    "profiles.model": "simple",  # its second day takes more than its first
}


DEBTORS = ("house_1", "house_2", "house_3")


@pytest.fixture(scope="module")
def base():
    return p2p.load("trading_day").replace(DAYS)


@pytest.fixture(scope="module")
def billed(base, tmp_path_factory):
    return p2p.run(base, out=tmp_path_factory.mktemp("billed"))


def in_debt(run):
    return set(run.households.loc[run.households["open_wei"].astype(float) < 0, "tick"])


def test_who_had_a_debt_bids_again_after_the_bill(billed):
    orders = billed.orders
    for bill in (24, 48):
        assert bill - 1 in in_debt(billed)
        assert bill not in in_debt(billed)
        assert set(orders.loc[orders["tick"] == bill, "trader"]) == set(DEBTORS)
    paid = billed.transactions[billed.transactions["label"].str.startswith("deposit")]
    assert sorted(set(paid["tick"])) == [-1, 24, 48]


def test_the_second_bill_asks_for_what_the_time_since_the_first_took(billed):
    """More than two euros were spent on the first day, so that the first bill fills up to that."""
    households = billed.households
    house = households[households["house"] == "house_1"].set_index("tick")
    total_wei = (house["balance_wei"].astype(float) + house["open_wei"].astype(float)).to_dict()
    eur = billed.eur_per_ether / 1e18
    spent_eur = 2.0 - total_wei[23] * eur
    assert spent_eur > 2.0
    assert total_wei[24] * eur == pytest.approx(spent_eur, rel=0.2)  # less what tick 24 costs


def test_runs_that_end_before_a_bill_are_what_they_are_without_bills(base, tmp_path):
    day = base.replace({"clock.ticks": 24})
    with_bill = p2p.run(day, out=tmp_path)
    without = p2p.run(day.replace(bill_every_days=None), out=tmp_path)
    for table in ("households", "orders", "transactions", "others"):
        assert getattr(with_bill, table).equals(getattr(without, table))


class Bank:
    """A market that notes deposits."""

    def __init__(self):
        self.paid = []

    def deposit(self, amounts_wei):
        self.paid.append(amounts_wei)
        return ()

    def ledger(self):
        return "after"


def test_a_bill_counts_the_debt_and_leaves_riches_alone():
    billing, bank = Billing(10, {"poor": 100, "rich": 100, "some": 100}), Bank()
    accounts = {
        "poor": Account(0, -50, 0),
        "rich": Account(130, 0, 0),
        "some": Account(40, 7, 0),  # a claim is money of later
    }
    ledger = Ledger(accounts, 0, 0, {})
    for tick in (0, 9, 11):
        assert billing.collect(tick, bank, ledger, accounts) == ((), ledger)
    assert billing.collect(10, bank, ledger, accounts) == ((), "after")
    assert bank.paid == [{"poor": 200, "some": 60}]
    spent = Ledger({"poor": Account(30, 0, 0)}, 0, 0, {})
    billing.collect(20, bank, spent, ["poor"])
    assert bank.paid[1] == {"poor": 90}  # it had 150 and has 30: up to the 120 that it has spent
