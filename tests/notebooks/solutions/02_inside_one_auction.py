# %% exercise 1
# House 2 alone covers the need, so the marginal pair is 0.24 and 0.10.
third_price = (0.24 + 0.10) / 2

# %% exercise 2
from p2p_cosim.market.oracle.mechanisms import Pair, clearing_of, k_double_auction


def meet_in_the_middle(orders, k_basis_points):
    """As the k-double auction, and every pair at the middle of its own limits."""
    middle = []
    for pair in k_double_auction(orders, k_basis_points).pairs:
        bid, ask = orders[pair.bid], orders[pair.ask]
        price = (bid.price_wei_per_wh + ask.price_wei_per_wh) // 2
        middle.append(Pair(pair.bid, pair.ask, pair.energy_wh, price, price))
    return clearing_of(orders, middle)
