# %% exercise 1
# Asking more raises the price until somebody else would be matched instead.
reports = [gain("k_double_auction", "s2", said) for said in range(60, 261)]
gain_of_s2 = max(reports) - gain("k_double_auction", "s2", 120)

# %% exercise 2
from p2p_cosim.market.oracle.mechanisms import Pair, clearing_of, k_double_auction


def trade_reduction(orders, k_basis_points):
    """All but the two marginal orders, at the limits of those two."""
    pairs = k_double_auction(orders, k_basis_points).pairs
    if not pairs:
        return clearing_of(orders, [])
    last = pairs[-1]
    buy, sell = orders[last.bid].price_wei_per_wh, orders[last.ask].price_wei_per_wh
    kept = [pair for pair in pairs if pair.bid != last.bid and pair.ask != last.ask]
    return clearing_of(orders, [Pair(p.bid, p.ask, p.energy_wh, buy, sell) for p in kept])
