"""What plug-ins may return, and what they are told otherwise."""

from datetime import datetime

import numpy as np
import pytest

from p2p_cosim.core.errors import PluginError
from p2p_cosim.core.types import (
    Alarm,
    ControlView,
    Decision,
    Expected,
    ForecastView,
    HouseSite,
    MeterView,
    Order,
    Side,
    TapMove,
)
from p2p_cosim.seams import (
    Source,
    checked_alarms,
    checked_decision,
    checked_expected,
    checked_orders,
)

SITES = (HouseSite("house_1", "675", "B", "t_1"), HouseSite("house_2", "675", "B", "t_1"))
METERS = MeterView(3, SITES, np.ones(2), np.ones(2), np.zeros(2))
VIEW = ControlView(4, METERS, (), {"reg_a": 0, "reg_b": 2}, {"reg_a": "A", "reg_b": "B"}, None)


class Mine:
    """A plug-in of somebody's."""


SOURCE = Source("strategy", Mine(), 3, "house_7")
WHO = f"strategy {__name__}:Mine of house_7, tick 3: "


def bid(**fields):
    return Order(
        **{"trader": "house_7", "side": Side.BID, "energy_wh": 100, "price_wei_per_wh": 5} | fields
    )


def orders_error(returned):
    with pytest.raises(PluginError) as caught:
        checked_orders(SOURCE, returned, "house_7")
    message = str(caught.value)
    assert message.startswith(WHO)
    return message.removeprefix(WHO)


@pytest.mark.parametrize("kind", [int, np.int64, np.int32, np.uint16, np.array])
def test_whole_numpy_numbers_are_whole_numbers(kind):
    (order,) = checked_orders(SOURCE, [bid(energy_wh=kind(7), price_wei_per_wh=kind(9))], "house_7")
    assert order == bid(energy_wh=7, price_wei_per_wh=9)
    assert type(order.energy_wh) is type(order.price_wei_per_wh) is int


@pytest.mark.parametrize("returned", [[], (), [bid()], (bid(), bid()), iter([bid()])])
def test_any_sequence_of_orders_is_taken(returned):
    assert all(order == bid() for order in checked_orders(SOURCE, returned, "house_7"))


PRICE = "expected a whole number of wei per Wh from 0 to 2^56 - 1"
ENERGY = "expected a whole number of Wh from 0 to 2^32 - 1"
LIST = "expected a list of Order, [] to stay out of the market"


@pytest.mark.parametrize(
    ("returned", "told"),
    [
        (None, f"orders: None: {LIST}"),
        ({}, f"orders: {{}} (dict): {LIST}"),
        ("bid", f"orders: 'bid' (str): {LIST}"),
        (3, f"orders: 3 (int): {LIST}"),
        ([("house_7", "bid")], "orders[0]: ('house_7', 'bid') (tuple): expected a p2p_cosim.Order"),
        ([None], "orders[0]: None: expected a p2p_cosim.Order"),
        (
            [bid(trader="house_1")],
            "orders[0].trader: 'house_1' (str): expected 'house_7', in whose name it quotes: "
            "use view.trader",
        ),
        (
            [bid(side="bid")],
            "orders[0].side: 'bid' (str): expected Side.BID or Side.ASK",
        ),
        ([bid(side=None)], "orders[0].side: None: expected Side.BID or Side.ASK"),
        (
            [bid(price_wei_per_wh=0.2)],
            f"orders[0].price_wei_per_wh: 0.2 (float): {PRICE}: round it with int(...)",
        ),
        (
            [bid(energy_wh=float("nan"))],
            f"orders[0].energy_wh: nan (float): {ENERGY}: round it with int(...)",
        ),
        ([bid(price_wei_per_wh=None)], f"orders[0].price_wei_per_wh: None: {PRICE}"),
        ([bid(price_wei_per_wh="5")], f"orders[0].price_wei_per_wh: '5' (str): {PRICE}"),
        ([bid(price_wei_per_wh=-5)], f"orders[0].price_wei_per_wh: -5 (int): {PRICE}"),
        ([bid(energy_wh=True)], f"orders[0].energy_wh: True (bool): {ENERGY}"),
        ([bid(), bid(energy_wh=2**32)], f"orders[1].energy_wh: 4294967296 (int): {ENERGY}"),
    ],
)
def test_a_wrong_order_is_told_by_field_value_and_what_is_expected(returned, told):
    assert orders_error(returned) == told


def test_one_order_alone_is_told_to_be_put_in_a_list():
    assert orders_error(bid()).endswith("expected a list: return [order]")


def test_everything_wrong_is_told_at_once():
    message = orders_error([bid(side="ask", energy_wh=-1), bid(trader="house_8")])
    assert message.splitlines()[0] == "3 problems"
    assert [line.split(":")[0].strip() for line in message.splitlines()[1:]] == [
        "orders[0].side",
        "orders[0].energy_wh",
        "orders[1].trader",
    ]


def test_an_error_of_the_plugin_itself_carries_whose_it_is():
    with pytest.raises(KeyError) as caught, SOURCE:
        raise KeyError("oops")
    assert caught.value.__notes__ == [f"raised in {WHO.removesuffix(': ')}"]


def decision_error(returned):
    with pytest.raises(PluginError) as caught:
        checked_decision(Source("controller", Mine(), 4), returned, VIEW)
    return str(caught.value).removeprefix(f"controller {__name__}:Mine, tick 4: ")


def test_a_decision_comes_back_with_plain_numbers():
    given = Decision(
        (TapMove("reg_a", np.int64(-3), "low", "house_1"),), (), [1, 2], np.array([1.0, np.nan])
    )
    decision = checked_decision(SOURCE, given, VIEW)
    assert type(decision.moves[0].tap) is int
    assert decision.expected_p_kw.tolist() == [1.0, 2.0]
    assert decision.expected_p_kw.dtype == np.float64


@pytest.mark.parametrize(
    ("returned", "told"),
    [
        (None, "None: expected a p2p_cosim.Decision; Decision() leaves the taps"),
        ([], "[] (list): expected a p2p_cosim.Decision; Decision() leaves the taps"),
        (
            Decision(TapMove("reg_a", 1, "x")),
            "TapMove(regulator='reg_a', tap=1, reason='x', house='') (TapMove): expected a list",
        ),
        (
            Decision((TapMove("reg_c", 1, "x"),)),
            "moves[0].regulator: 'reg_c' (str): expected a regulator of the view, such as 'reg_",
        ),
        (
            Decision((TapMove("reg_a", 17, "x"),)),
            "moves[0].tap: 17 (int): expected a whole number of steps from -16 to 16",
        ),
        (
            Decision((TapMove("reg_a", 1.0, "x"),)),
            "moves[0].tap: 1.0 (float): expected a whole number of steps from -16 to 16: round",
        ),
        (
            Decision((TapMove("reg_a", 1, "x"), TapMove("reg_a", 2, "x"))),
            "moves[1].regulator: 'reg_a' (str): expected one move of a regulator",
        ),
        (Decision((TapMove("reg_a", 1, ""),)), "moves[0].reason: '' (str): expected the reason"),
        (
            Decision(predicted_v_pu=np.ones(3)),
            "predicted_v_pu: array([1., 1., 1.]) (ndarray): expected an array of finite numbers or "
            "NaN in pu, shape (2,), not (3,)",
        ),
        (
            Decision(expected_p_kw=np.array([1.0, np.inf])),
            "expected_p_kw[1]: inf (float): expected an array of finite numbers or NaN in kW",
        ),
    ],
)
def test_a_wrong_decision_is_told(returned, told):
    assert told in decision_error(returned)


def alarm(**fields):
    return Alarm(
        **{"tick": 3, "kind": "house_outage", "place": "house_1", "detector": "mine"} | fields
    )


def alarms_error(returned):
    with pytest.raises(PluginError) as caught:
        checked_alarms(Source("detector", Mine(), 3), returned, METERS)
    return str(caught.value).removeprefix(f"detector {__name__}:Mine, tick 3: ")


def test_alarms_come_back_with_plain_numbers():
    (given,) = checked_alarms(
        SOURCE, [alarm(tick=np.int64(3), confidence=np.float32(0.5), first_tick=np.int8(1))], METERS
    )
    assert given == alarm(confidence=0.5, first_tick=1)
    (timed,) = checked_alarms(SOURCE, [alarm(known_s=np.float32(31.5))], METERS)
    assert timed == alarm(known_s=31.5)
    assert type(given.tick) is type(given.first_tick) is int
    assert type(given.confidence) is float


@pytest.mark.parametrize(
    ("returned", "told"),
    [
        (None, "alarms: None: expected a list of Alarm, [] for none"),
        (["house_1"], "alarms[0]: 'house_1' (str): expected a p2p_cosim.Alarm"),
        ([alarm(tick=2)], "alarms[0].tick: 2 (int): expected a whole number of ticks"),
        (
            [alarm(place="house_11")],
            "alarms[0].place: 'house_11' (str): expected a house of the meters, such as 'house_1'",
        ),
        ([alarm(kind="")], "alarms[0].kind: '' (str): expected what happened"),
        ([alarm(kind=None)], "alarms[0].kind: None: expected what happened"),
        (
            [alarm(confidence=float("nan"))],
            "alarms[0].confidence: nan (float): expected a number from 0 to 1",
        ),
        ([alarm(confidence=90)], "alarms[0].confidence: 90 (int): expected a number from 0 to 1"),
        (
            [alarm(place_kind="hous")],
            "alarms[0].place_kind: 'hous' (str): expected what the place names, such as 'house'",
        ),
        ([alarm(first_tick=4)], "alarms[0].first_tick: 4 (int): expected a whole number of ticks"),
        ([alarm(known_s=-1.0)], "alarms[0].known_s: -1.0 (float): expected a number of s from 0"),
        (
            [alarm(place="D", place_kind="phase")],
            "alarms[0].place: 'D' (str): expected one to three phases",
        ),
        (
            [alarm(place="service_99", place_kind="transformer")],
            "alarms[0].place: 'service_99' (str): expected a service transformer",
        ),
    ],
)
def test_a_wrong_alarm_is_told(returned, told):
    assert alarms_error(returned).startswith(told)


FORECAST = ForecastView("house_7", 3, datetime(2024, 6, 21), 900, np.ones(3), np.ones(3), 2)


def test_a_forecast_comes_back_as_arrays():
    expected = checked_expected(SOURCE, Expected([1, 2], np.zeros(2, dtype=int)), FORECAST)
    assert expected.load_kw.tolist() == [1.0, 2.0]
    assert expected.pv_kw.dtype == np.float64


@pytest.mark.parametrize(
    ("returned", "told"),
    [
        (None, "None: expected a p2p_cosim.Expected(load_kw, pv_kw)"),
        ((1.0, 2.0), "(1.0, 2.0) (tuple): expected a p2p_cosim.Expected(load_kw, pv_kw)"),
        (Expected(1.0, np.zeros(2)), "load_kw: 1.0 (float): expected an array of finite numbers"),
        (Expected(np.ones(3), np.zeros(2)), "in kW, shape (2,), not (3,)"),
        (Expected(np.ones(2), np.array([0, np.nan])), "pv_kw[1]: nan (float): expected an array"),
        (Expected(["a", "b"], np.zeros(2)), "load_kw: ['a', 'b'] (list): expected an array"),
    ],
)
def test_a_wrong_forecast_is_told(returned, told):
    with pytest.raises(PluginError) as caught:
        checked_expected(Source("forecaster", Mine(), 3, "house_7"), returned, FORECAST)
    message = str(caught.value)
    assert message.startswith(f"forecaster {__name__}:Mine of house_7, tick 3: ")
    assert told in message


def test_what_is_right_is_passed_on_as_it_is():
    forecast, orders = Expected(np.ones(2), np.zeros(2)), [bid(), bid()]
    assert checked_expected(SOURCE, forecast, FORECAST) is forecast
    for mine, passed in zip(orders, checked_orders(SOURCE, orders, "house_7"), strict=True):
        assert passed is mine
