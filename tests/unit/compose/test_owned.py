"""A strategy for every trader from what was passed in."""

import threading
from dataclasses import dataclass, field

import pytest

import p2p_cosim as p2p
from p2p_cosim.compose.owned import maker
from p2p_cosim.core.errors import InputError


@dataclass
class Counter:
    """Counts its own quotes, and those of everybody if it is shared."""

    quotes: int = 0
    traders: list = field(default_factory=list)
    heard: list = field(default_factory=list)

    def quote(self, view, rng):
        self.quotes += 1
        self.traders.append(view.trader)
        price = view.tariff.retail_wei_per_wh if view.forecast_wh > 0 else 0
        side = p2p.Side.BID if view.forecast_wh > 0 else p2p.Side.ASK
        return [p2p.Order(view.trader, side, abs(view.forecast_wh), price)]

    def learn(self, outcome):
        self.heard.append(outcome)


class Shared(Counter):
    shared = True


class WithLock(Counter):
    def __init__(self):
        super().__init__()
        self.lock = threading.Lock()


def made():
    return Counter()


def test_an_object_is_copied_for_each():
    given = Counter()
    make = maker("strategy", given)
    first, second = make(), make()
    first.traders.append("house_1")
    assert given.traders == second.traders == []


def test_an_object_that_says_so_is_shared():
    given = Shared()
    make = maker("strategy", given)
    assert make() is given
    assert make() is given


@pytest.mark.parametrize("factory", [Counter, made])
def test_a_class_or_function_makes_one_for_each(factory):
    make = maker("strategy", factory)
    first, second = make(), make()
    assert isinstance(first, Counter)
    assert first is not second


def test_what_cannot_be_copied_is_refused_with_what_to_do():
    with pytest.raises(InputError) as refused:
        maker("strategy", WithLock())()
    for part in ("WithLock cannot be copied for each trader", "pass its class", "shared = True"):
        assert part in str(refused.value)


@pytest.mark.parametrize(
    ("factory", "why"), [(lambda: 3, "made 3, which has no quote"), (int, "made 0"), (len, "made")]
)
def test_what_makes_no_strategy_is_refused(factory, why):
    with pytest.raises(InputError, match=why):
        maker("strategy", factory)()


@pytest.mark.parametrize("given", [Counter(), Counter, made])
def test_in_a_run_every_trader_has_one_of_its_own_and_learns(given, tmp_path):
    sim = p2p.Simulation(p2p.load("scenarios/three_houses.yaml"), out=tmp_path, strategy=given)
    for _ in range(2):
        sim.step()
    mine = [household.strategy for household in sim.model.households]
    assert [own.quotes for own in mine] == [2, 2, 2]
    assert [set(own.traders) for own in mine] == [{"house_1"}, {"house_2"}, {"house_3"}]
    rows = sim.last.settlements
    for own, settlement in zip(mine, rows, strict=True):
        assert [outcome.tick for outcome in own.heard] == [0, 1]
        assert own.heard[1].imbalance_wh == settlement.imbalance_wh
        assert own.heard[1].contracted_wh == settlement.contracted_wh
    sim.close()
