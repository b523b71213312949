"""The reference itself: cases by hand, brute force on small books, order independence."""

from hypothesis import given, settings
from hypothesis import strategies as st

from p2p_cosim.core.types import Order, Side
from p2p_cosim.market.oracle.mechanisms import k_double_auction
from p2p_cosim.market.oracle.welfare import curve, optimal_welfare_wei, traders_surplus_wei


def bid(trader, energy_wh, price):
    return Order(trader, Side.BID, energy_wh, price)


def ask(trader, energy_wh, price):
    return Order(trader, Side.ASK, energy_wh, price)


def orders(max_size, max_wh, max_price):
    order = st.builds(
        Order,
        st.sampled_from("abc"),
        st.sampled_from(Side),
        st.integers(1, max_wh),
        st.integers(0, max_price),
    )
    return st.lists(order, max_size=max_size)


def test_the_marginal_order_is_filled_in_part_and_sets_the_price():
    book = [bid("a", 10, 50), bid("b", 10, 40), ask("c", 7, 20), ask("d", 7, 30), ask("e", 9, 45)]
    result = k_double_auction(book, 5_000)
    assert result.filled_wh == (10, 4, 7, 7, 0)
    assert result.clearing.price_wei_per_wh == (40 + 30) // 2
    assert [(t.buyer, t.seller, t.energy_wh) for t in result.clearing.trades] == [
        ("a", "c", 7),
        ("a", "d", 3),
        ("b", "d", 4),
    ]
    assert result.clearing.welfare_wei == 7 * 30 + 3 * 20 + 4 * 10


def test_ties_go_to_the_earlier_order():
    result = k_double_auction([ask("a", 5, 10), ask("b", 5, 10), bid("c", 5, 10)], 5_000)
    assert result.filled_wh == (5, 0, 5)


def test_the_price_is_rounded_down_and_k_moves_it_between_the_marginal_limits():
    book = [bid("a", 1, 20), ask("b", 1, 13)]
    prices = {
        k: k_double_auction(book, k).clearing.price_wei_per_wh for k in (0, 5_000, 9_999, 10_000)
    }
    assert prices == {0: 13, 5_000: 16, 9_999: 19, 10_000: 20}


def test_nothing_trades_without_a_crossing():
    for book in ([], [bid("a", 5, 9)], [bid("a", 5, 9), ask("b", 5, 10)]):
        result = k_double_auction(book, 5_000)
        assert result.clearing.price_wei_per_wh is None
        assert result.clearing.trades == ()
        assert result.filled_wh == (0,) * len(book)


def test_a_price_of_zero_is_a_price():
    result = k_double_auction([bid("a", 5, 0), ask("b", 5, 0)], 5_000)
    assert result.clearing.price_wei_per_wh == 0
    assert result.clearing.energy_wh == 5


def best_by_brute_force(book):
    """Most welfare and, with it, most energy of all ways to match single Wh."""
    bids = [o.price_wei_per_wh for o in book if o.side is Side.BID for _ in range(o.energy_wh)]
    asks = [o.price_wei_per_wh for o in book if o.side is Side.ASK for _ in range(o.energy_wh)]

    def best(bids, asks):
        if not bids:
            return (0, 0)
        outcomes = [best(bids[1:], asks)]
        for i, price in enumerate(asks):
            welfare_wei, energy_wh = best(bids[1:], asks[:i] + asks[i + 1 :])
            outcomes.append((welfare_wei + bids[0] - price, energy_wh + 1))
        return max(outcomes)

    return best(bids, asks)


@settings(max_examples=200, deadline=None)
@given(orders(max_size=5, max_wh=2, max_price=5))
def test_no_matching_of_a_small_book_gains_more(book):
    clearing = k_double_auction(book, 5_000).clearing
    assert (clearing.welfare_wei, clearing.energy_wh) == best_by_brute_force(book)


@given(orders(max_size=30, max_wh=50, max_price=40), st.integers(0, 10_000))
def test_welfare_is_the_most_that_the_curves_allow_and_is_shared_out(book, k):
    result = k_double_auction(book, k)
    assert result.clearing.welfare_wei == optimal_welfare_wei(book)
    buyers, sellers = traders_surplus_wei(
        book, result.filled_wh, result.clearing.price_wei_per_wh or 0
    )
    assert min(buyers, sellers) >= 0
    assert buyers + sellers == result.clearing.welfare_wei


@given(st.lists(st.tuples(st.sampled_from(Side), st.integers(1, 9)), max_size=12), st.data())
def test_order_of_arrival_does_not_matter_without_ties(sides, data):
    book = [
        Order(f"t{i}", side, energy_wh, price_wei_per_wh=(i * 7) % 12)  # all prices differ
        for i, (side, energy_wh) in enumerate(sides)
    ]
    shuffled = data.draw(st.permutations(book))
    result, other = k_double_auction(book, 5_000), k_double_auction(shuffled, 5_000)
    assert result.clearing == other.clearing
    assert dict(zip(book, result.filled_wh, strict=True)) == dict(
        zip(shuffled, other.filled_wh, strict=True)
    )


def test_the_curves_step_at_each_order():
    book = [bid("a", 4, 10), bid("b", 6, 30), ask("c", 5, 20)]
    energy_wh, price = curve(book, Side.BID)
    assert energy_wh.tolist() == [0, 6, 6, 10]
    assert price.tolist() == [30, 30, 10, 10]
    assert [axis.tolist() for axis in curve(book, Side.ASK)] == [[0, 5], [20, 20]]
    assert [axis.tolist() for axis in curve([], Side.ASK)] == [[], []]
