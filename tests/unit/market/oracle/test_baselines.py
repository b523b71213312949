"""The mechanisms that run off the chain alone, on books worked by hand."""

import numpy as np

from p2p_cosim.core.types import Order, Side
from p2p_cosim.market.oracle.baselines import muda, sbba, vcg


def bid(trader, energy_wh, price):
    return Order(trader, Side.BID, energy_wh, price)


def ask(trader, energy_wh, price):
    return Order(trader, Side.ASK, energy_wh, price)


def lottery_and_vickrey(book, seed):
    return [muda(book, np.random.default_rng(seed), kind) for kind in ("lottery", "vickrey")]


def test_vcg_pays_every_trader_what_its_presence_is_worth():
    book = [bid("a", 10, 60), bid("b", 10, 30), ask("x", 10, 20), ask("y", 10, 50)]
    outcome = vcg(book)  # a buys from x; without a, b would; without x, y would sell to a
    assert outcome.filled_wh == (10, 0, 10, 0)
    assert outcome.paid_wei == {"a": 10 * 30, "x": -10 * 50}


def test_sbba_trades_everything_at_the_next_ask_or_drops_one_pair_at_the_marginal_bid():
    book = [bid("a", 10, 60), bid("b", 10, 50), ask("x", 10, 10), ask("y", 10, 40)]
    all_trade = sbba([*book, ask("z", 10, 45)], np.random.default_rng(0))
    assert all_trade.filled_wh == (10, 10, 10, 10, 0)
    assert all_trade.paid_wei == {"a": 450, "b": 450, "x": -450, "y": -450}
    outcomes = [sbba(book, np.random.default_rng(seed)) for seed in range(40)]
    assert {o.filled_wh for o in outcomes} == {(10, 0, 10, 0), (10, 0, 0, 10)}
    assert all(o.paid_wei["a"] == 500 for o in outcomes)


def test_muda_trades_each_half_at_the_price_of_the_other():
    book = [bid("a", 10, 60), ask("x", 10, 20), bid("b", 10, 56), ask("y", 10, 30)]
    prices = {
        wei // 10
        for seed in range(40)
        for wei in muda(book, np.random.default_rng(seed)).paid_wei.values()
        if wei > 0
    }
    # Two pairs price each other at their middles: 40 and 43, or 45 and 38. Or y alone gives
    # its 30 to the rest, or b its 56. The other halves have no price or nobody to trade with.
    assert prices == {40, 43, 45, 38, 30, 56}


def test_muda_by_vickrey_charges_what_the_displaced_would_have_paid():
    rng = np.random.default_rng(0)
    rationed = 0
    for _ in range(60):
        book = [bid(f"b{i}", 10, int(p)) for i, p in enumerate(rng.integers(40, 99, 12))]
        book += [ask(f"s{i}", 10, int(p)) for i, p in enumerate(rng.integers(0, 60, 4))]
        seed = int(rng.integers(1 << 30))
        lottery, vickrey = lottery_and_vickrey(book, seed)
        assert sum(lottery.filled_wh) == sum(vickrey.filled_wh)
        assert vickrey.welfare_wei(book) >= lottery.welfare_wei(book)
        rationed += vickrey.budget_surplus_wei > 0
    assert rationed > 10
