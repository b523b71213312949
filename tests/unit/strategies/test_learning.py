"""Strategies that learn from round to round: what they do with one, and where they get to."""

from functools import partial

import numpy as np
import pytest

from p2p_cosim.core.errors import InputError
from p2p_cosim.core.types import Order, Outcome, OwnState, Placement, QuoteView, Side, Tariff
from p2p_cosim.strategies import RothErev, TimeRamp, ZeroIntelligencePlus
from p2p_cosim.strategies.margins import Band
from p2p_cosim.testing import check_strategy

TARIFF = Tariff(retail_wei_per_wh=3_000, feed_in_wei_per_wh=1_000)
LEARNERS = {
    "time_ramp": TimeRamp,
    "zip": ZeroIntelligencePlus,
    "roth_erev": RothErev,
    "modified_roth_erev": partial(RothErev, modified=True),
}


def view(forecast_wh, tick=0, own=None):
    return QuoteView("h", tick, forecast_wh, TARIFF, None, own or OwnState(10**9))


def quoted(strategy, forecast_wh=100, seed=1, own=None):
    (order,) = strategy.quote(view(forecast_wh, own=own), np.random.default_rng(seed))
    return order.price_wei_per_wh


def outcome(side, price, filled_wh):
    """Of an order for 100 Wh in a round that cleared at `price`."""
    order = Order("h", side, 100, 0)
    sign = 1 if side is Side.BID else -1
    contracted_wh = sign * filled_wh
    placed = (Placement(order, 0, filled_wh=filled_wh),)
    return Outcome(3, placed, price, contracted_wh, contracted_wh * (price or 0))


@pytest.mark.parametrize("make", LEARNERS.values(), ids=LEARNERS)
def test_conform(make):
    check_strategy(make)


@pytest.mark.parametrize("make", LEARNERS.values(), ids=LEARNERS)
def test_quotes_stay_between_the_limit_and_the_tariff_whatever_was_learned(make):
    strategy, rng = make(), np.random.default_rng(0)
    own = OwnState(10**9, value_wei_per_wh=2_700, cost_wei_per_wh=1_800)
    for tick in range(300):
        forecast_wh = int(rng.choice([-100, 100]))
        (order,) = strategy.quote(view(forecast_wh, tick, own), rng)
        low, high = (1_000, 2_700) if forecast_wh > 0 else (1_800, 3_000)
        assert low <= order.price_wei_per_wh <= high
        price = int(rng.integers(1_000, 3_000))
        limit = order.price_wei_per_wh
        fits = price <= limit if forecast_wh > 0 else price >= limit
        strategy.learn(outcome(order.side, price, int(rng.integers(1, 101)) if fits else 0))


def test_a_margin_is_a_share_of_the_way_from_the_limit():
    buyer, seller = Band(1_000, -1_000), Band(-1_000, 1_000)
    assert (buyer.price(0.25), seller.price(0.25)) == (500, -500)
    assert (buyer.margin(500), seller.margin(-500)) == (0.25, 0.25)
    assert Band(7, 7).margin(7) == 0.0  # nothing to share


def test_a_ramp_gives_way_in_even_steps_and_takes_one_back_when_it_is_filled():
    ramp, prices = TimeRamp(rounds=4), []
    for _ in range(6):
        prices.append(quoted(ramp))
        ramp.learn(outcome(Side.BID, None, 0))
    assert prices == [1_000, 1_500, 2_000, 2_500, 3_000, 3_000]
    ramp.learn(outcome(Side.BID, 2_900, 100))
    assert quoted(ramp) == 2_500
    assert quoted(ramp, -100) == 3_000  # as a seller it has not waited yet


def test_a_ramp_with_a_small_beta_gives_way_late():
    late, early = TimeRamp(rounds=4, beta=0.5), TimeRamp(rounds=4, beta=2.0)
    for ramp in (late, early):
        quoted(ramp)
        ramp.learn(outcome(Side.BID, None, 0))
    assert quoted(late) == 1_000 + 125  # (1/4)^2 of 2,000
    assert quoted(early) == 2_000  # (1/4)^(1/2)


def zip_after(price, filled_wh):
    """Margin before and after one round, and what it heard, without random strays."""
    strategy = ZeroIntelligencePlus(stray=0.0)
    before = Band(3_000, 1_000).margin(quoted(strategy))
    strategy.learn(outcome(Side.BID, price, filled_wh))
    return before, Band(3_000, 1_000).margin(quoted(strategy))


def test_zip_by_hand():
    rng = np.random.default_rng(1)
    rate, momentum, first = rng.uniform(0.1, 0.5), rng.uniform(0.2, 0.8), rng.uniform(0.05, 0.35)
    before, after = zip_after(2_200, 100)  # filled at a margin of 0.4
    moved = (1 - momentum) * rate * (0.4 - first)
    assert before == pytest.approx(first, abs=1e-3)
    assert after == pytest.approx(first + moved, abs=2e-3)


def test_zip_moves_as_the_round_tells_it():
    filled, dear, rationed = zip_after(2_200, 100), zip_after(2_990, 0), zip_after(1_100, 0)
    assert filled[1] > filled[0]  # it could have had the price of 2,200
    assert dear[1] < dear[0]  # others paid more
    assert rationed[1] == rationed[0]  # its quote was good enough
    strategy = ZeroIntelligencePlus(stray=0.05)
    before = quoted(strategy)
    strategy.learn(outcome(Side.BID, None, 0))
    assert quoted(strategy) > before  # nobody traded: it gives way


@pytest.mark.parametrize("modified", [False, True])
def test_roth_erev_by_hand(modified):
    strategy = RothErev(modified, choices=3, initial=3.0)
    quoted(strategy)
    chosen = strategy._chosen
    strategy.learn(outcome(Side.BID, 2_000, 60))  # margin 0.5, of 60 % of the order: pays 0.3
    expected = np.full(3, 0.9 + (1.0 * 0.1 if modified else 0.3 * 0.1))
    expected[chosen] = 0.9 + 0.3 * 0.8
    assert strategy._propensities[Side.BID] == pytest.approx(expected)
    assert strategy._propensities[Side.ASK] == pytest.approx(np.ones(3))


def test_only_the_modified_learns_from_a_round_that_paid_nothing():
    shares = {}
    for modified in (False, True):
        strategy = RothErev(modified, choices=3)
        quoted(strategy)
        strategy.learn(outcome(Side.BID, None, 0))
        propensities = strategy._propensities[Side.BID]
        shares[modified] = propensities[strategy._chosen] / propensities.sum()
    assert shares[False] == pytest.approx(1 / 3)
    assert shares[True] < 0.32


@pytest.mark.parametrize("make", LEARNERS.values(), ids=LEARNERS)
def test_against_one_price_they_come_to_trade_near_it(make):
    """A market that always clears at 2,400: a seller gains by asking at most that."""
    strategy, rng, gains = make(), np.random.default_rng(3), []
    for tick in range(600):
        (order,) = strategy.quote(view(-100, tick), rng)
        filled_wh = 100 if order.price_wei_per_wh <= 2_400 else 0
        gains.append(filled_wh / 100 * (2_400 - 1_000) / 2_000)
        strategy.learn(outcome(Side.ASK, 2_400, filled_wh))
    assert np.mean(gains[-200:]) > 0.3  # of the 0.7 that a seller of all would have


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda: TimeRamp(rounds=0, beta=float("nan")), r"rounds is 0: .* 1 to 10000; beta is nan"),
        (lambda: ZeroIntelligencePlus(stray=float("nan")), "strategy zip: stray is nan"),
        (lambda: RothErev(recency=1.5), r"strategy roth_erev: recency is 1.5: it is from 0 to 1"),
        (lambda: RothErev(True, initial=float("inf")), "modified_roth_erev: initial is inf"),
    ],
)
def test_a_parameter_that_is_none_is_told_with_its_limits(make, told):
    with pytest.raises(InputError, match=told):
        make()
