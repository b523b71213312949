from p2p_cosim.core.types import Trade, contracted_wh


def test_contracted_is_bought_less_sold():
    trades = [Trade("a", "b", 5, 1), Trade("a", "c", 7, 1), Trade("c", "a", 2, 1)]
    assert contracted_wh(trades) == {"a": 10, "b": -5, "c": -5}
    assert contracted_wh(()) == {}
