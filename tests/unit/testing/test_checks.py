"""The checks find what is wrong, and say it in words that help."""

import threading
from dataclasses import dataclass

import numpy as np
import pytest

import p2p_cosim as p2p
from p2p_cosim.core.errors import InputError
from p2p_cosim.market.oracle.mechanisms import Pair, k_double_auction
from p2p_cosim.market.oracle.mechanisms.result import clearing_of
from p2p_cosim.strategies import Truthful
from p2p_cosim.testing import (
    ConformanceError,
    check_controller,
    check_detector,
    check_device,
    check_forecaster,
    check_inverter_rule,
    check_mechanism,
    check_strategy,
)


def problems(check, thing):
    with pytest.raises(ConformanceError) as caught:
        check(thing)
    assert isinstance(caught.value, AssertionError)
    return "\n".join(caught.value.problems)


class Strategy:
    """Bids 10 Wh at 5."""

    def quote(self, view, rng):
        return [self.order(view, rng)]

    def order(self, view, rng):
        return p2p.Order(view.trader, p2p.Side.BID, 10, 5)


class OfHouse1(Strategy):
    def order(self, view, rng):
        return p2p.Order("house_1", p2p.Side.BID, 10, 5)


class DividesByThePrice(Strategy):
    def order(self, view, rng):
        return p2p.Order(view.trader, p2p.Side.BID, 10, 10**6 // view.last_price_wei_per_wh)


class SharedChance(Strategy):
    def order(self, view, rng):
        return p2p.Order(view.trader, p2p.Side.BID, 10, np.random.randint(1000))  # noqa: NPY002


class OwnChance(Strategy):
    def order(self, view, rng):
        return p2p.Order(view.trader, p2p.Side.BID, 10, np.random.default_rng().integers(2**40))


@pytest.mark.parametrize(
    ("strategy", "told"),
    [
        (OfHouse1, "in whose name it quotes: use view.trader"),
        (OfHouse1(), "in whose name it quotes: use view.trader"),
        (DividesByThePrice, "a need, before the first trade (house_1): raised TypeError"),
        (DividesByThePrice, "a clearing price of 0 (house_1): raised ZeroDivisionError"),
        (SharedChance, "it draws from a generator that everybody shares"),
        (OwnChance, "it gives other orders: draw all chance from the rng it is given"),
    ],
)
def test_what_a_strategy_does_wrong(strategy, told):
    assert told in problems(check_strategy, strategy)


def test_a_good_strategy_passes_as_object_class_and_factory():
    for strategy in (Strategy(), Strategy, lambda: Truthful()):  # noqa: PLW0108
        check_strategy(strategy)


class Locked(Strategy):
    """Holds what cannot be copied."""

    def __init__(self):
        self.lock = threading.Lock()


class LockedForAll(Locked):
    shared = True


def test_what_cannot_be_copied_has_to_be_shared_or_made():
    told = problems(check_strategy, Locked())
    assert told.startswith(
        "as it is: it cannot be copied: cannot pickle '_thread.lock' object; pass"
    )
    for strategy in (LockedForAll(), Locked):
        check_strategy(strategy)


class Learner(Strategy):
    """Bids what it paid in the last round."""

    price = 7

    def learn(self, outcome):
        if outcome.price_wei_per_wh is not None:
            self.price = outcome.price_wei_per_wh

    def order(self, view, rng):
        return p2p.Order(view.trader, p2p.Side.BID, 10, self.price)


class FailsToLearn(Learner):
    def learn(self, outcome):
        self.price = 10**9 // outcome.price_wei_per_wh


def test_a_strategy_that_learns_is_told_outcomes():
    check_strategy(Learner)
    told = problems(check_strategy, FailsToLearn)
    assert "a clearing price of 0 (house_1): raised ZeroDivisionError" in told


def test_what_cannot_be_a_strategy():
    with pytest.raises(InputError, match="no method 'quote' and is no class or factory"):
        check_strategy(3)
    assert "has no method quote(self, view, rng)" in problems(check_strategy, dict)


def test_the_error_names_the_class_and_counts():
    with pytest.raises(ConformanceError, match="test_checks:OfHouse1 does not follow Strategy: 10"):
        check_strategy(OfHouse1)


class Controller:
    name = "mine"

    def decide(self, view):
        return p2p.Decision(tuple(self.moves(view)))

    def moves(self, view):
        return ()


class TooFar(Controller):
    def moves(self, view):
        return [p2p.TapMove(name, tap + 9, "up") for name, tap in view.taps.items()]


class Writes(Controller):
    def moves(self, view):
        view.taps["reg_a"] = 3
        return ()


class WritesMeters(Controller):
    def moves(self, view):
        view.meters.v_pu[:] = 1.0
        return ()


class Forgets(Controller):
    def decide(self, view):
        return None


@pytest.mark.parametrize(
    ("controller", "told"),
    [
        (TooFar, "no reading at all: controller test_checks:TooFar, tick 9: 3 problems"),
        (Writes, "before the first trade: it changes what it is shown: copy that first"),
        (WritesMeters, "house_1 too high: it changes what it is shown: copy that first"),
        (Forgets, "None: expected a p2p_cosim.Decision; Decision() leaves the taps"),
    ],
)
def test_what_a_controller_does_wrong(controller, told):
    controller.__module__ = "test_checks"
    assert told in problems(check_controller, controller)


class Detector:
    name = "mine"

    def inspect(self, meters):
        return [
            p2p.Alarm(meters.tick, "house_outage", site.name, self.name)
            for site, v_pu in zip(meters.sites, meters.v_pu, strict=True)
            if self.dark(v_pu)
        ]

    def dark(self, v_pu):
        return v_pu < 0.1


def test_what_a_detector_does_wrong():
    assert problems(check_detector, Detector).splitlines() == [
        "tick 4: house_outage of house_1 was reported the tick before: give one alarm an event, "
        "not one a tick",
        "tick 5: house_outage of house_1 was reported the tick before: give one alarm an event, "
        "not one a tick",
    ]


class Rule:
    name = "mine"

    def respond(self, v_pu, available_kw, rating_kva):
        return available_kw * 2, np.full_like(v_pu, 3.0)


def test_what_an_inverter_rule_does_wrong():
    told = problems(check_inverter_rule, Rule)
    assert "output exceeds what is available" in told
    assert "output and reactive power exceed the rating together" in told
    assert "a house without PV gives reactive power" in told


def beyond_the_limit(orders, k):
    """As the k-double auction, and the buyer pays 1 wei per Wh more than its limit."""
    pairs = k_double_auction(orders, k).pairs
    return clearing_of(
        orders,
        [
            Pair(p.bid, p.ask, p.energy_wh, orders[p.bid].price_wei_per_wh + 1, p.sell_wei_per_wh)
            for p in pairs
        ],
    )


def in_floats(orders, k):
    pairs = k_double_auction(orders, k).pairs
    return clearing_of(orders, [p._replace(buy_wei_per_wh=float(p.buy_wei_per_wh)) for p in pairs])


def test_what_a_mechanism_does_wrong():
    assert "one pair: pairs[0]: the buyer pays 51, its limit is 50 wei/Wh" in problems(
        check_mechanism, beyond_the_limit
    )
    assert "holds what is no whole number: money needs them" in problems(check_mechanism, in_floats)


class Forecaster:
    """As the last hour, with an error that is drawn anew whenever it is asked."""

    def __init__(self):
        self.rng = np.random.default_rng(1)

    def expect(self, view):
        last = view.past_load_kw[-1] if view.tick else 0.5
        return p2p.Expected(np.full(view.horizon, last * self.rng.normal(1.0, 0.1)), np.zeros(1))


def test_what_a_forecaster_does_wrong():
    told = problems(check_forecaster, Forecaster)
    assert "tick 12: asked again, it answers differently: draw an interval's error once" in told
    assert "three intervals ahead: forecaster " in told
    assert "pv_kw: array([0.]) (ndarray): expected an array of finite numbers in kW" in told


@dataclass
class Battery(p2p.Device):
    """A battery that counts from the wrong side and remembers what it was asked."""

    stored_wh: float = 100.0
    name: str = "battery"
    kind: str = "battery"
    asked: int = 0

    def expected_kw(self, step):
        return 0.0

    def range_kw(self, step):
        return (-0.1, 0.1)

    def draw(self, step, v_pu, told=None):
        self.asked += 1
        return p2p.Power(0.5)

    def after(self, power, seconds):
        return Battery(self.stored_wh + 2 * power.p_kw * seconds / 3.6)


def test_what_a_device_does_wrong():
    told = problems(check_device, Battery)
    assert "asking changes it: let `after` give the device in its next state" in told
    assert "told 1000 kW it draws 0.5 kW, and range_kw is (-0.1, 0.1)" in told
    assert "it draws 125 Wh and holds 250 Wh more: energy out of nothing" in told
