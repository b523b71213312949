"""What trade is worth at true values."""

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import p2p_cosim as p2p
from p2p_cosim.record.surplus import best_of, surplus_of

WH = st.integers(1, 4)
SIDE = st.lists(st.tuples(WH, st.integers(0, 9)), min_size=1, max_size=3)


def by_single_wh(needs, surpluses):
    """The best assignment of every Wh of the shorter side to one of the other."""
    values = [v for wh, v in needs for _ in range(wh)]
    costs = [c for wh, c in surpluses for _ in range(wh)]
    short, long = sorted((values, costs), key=len)
    sign = 1 if short is values else -1
    short, long = short[:5], long[:5]
    return max(
        sum(max(0, sign * (a - b)) for a, b in zip(short, order, strict=False))
        for order in permutations(long, len(short))
    )


@given(SIDE, SIDE)
@settings(deadline=None)
def test_the_best_is_that_of_every_way_to_share_single_wh(needs, surpluses):
    needs, surpluses = ([(min(wh, 5 // len(s)), p) for wh, p in s] for s in (needs, surpluses))
    wh, value = (np.array(column, dtype=float) for column in zip(*needs, strict=True))
    over_wh, cost = (np.array(column, dtype=float) for column in zip(*surpluses, strict=True))
    assert best_of(wh, value, over_wh, cost) == pytest.approx(by_single_wh(needs, surpluses))


BASE = p2p.load("scenarios/three_houses.yaml")


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return p2p.run(BASE, out=tmp_path_factory.mktemp("results"))


def test_at_the_values_of_the_tariff_it_is_what_the_houses_save(run):
    surplus = surplus_of(run)
    assert surplus.realised_eur == pytest.approx(run.costs()["saving_eur"].sum())
    summary = run.summary()
    assert summary.surplus_eur == surplus.realised_eur
    assert summary.surplus_efficiency == surplus.realised_eur / surplus.best_eur


def test_a_value_of_its_own_counts_for_what_was_bought_and_used(run, tmp_path):
    changed = BASE.replace({"traders.house_1.value_eur_per_kwh": 0.25})
    own = p2p.run(changed, out=tmp_path)
    assert own.manifest["values"] == {"house_1": [changed.tariff.price_wei_per_wh(0.25), None]}
    house = run.households[run.households["house"] == "house_1"]
    used = np.minimum(house["contracted_wh"], house["metered_wh"]).clip(lower=0)
    lost_eur = 0.05 * float(used[house["contracted_wh"] > 0].sum()) / 1e3
    assert lost_eur > 0
    # Its strategy bids what it bid before: the value is not the strategy's.
    assert own.trades["price_wei_per_wh"].tolist() == run.trades["price_wei_per_wh"].tolist()
    assert surplus_of(own).realised_eur == pytest.approx(
        surplus_of(run).realised_eur - lost_eur, abs=1e-9
    )
