# %% exercise 1
class Mine(Honest):
    """Shades a fifth of the spread: still trades mostly, at a better price when it is marginal."""

    def quote(self, view, rng):
        orders = super().quote(view, rng)
        shade = (view.tariff.retail_wei_per_wh - view.tariff.feed_in_wei_per_wh) // 5
        return [
            p2p.Order(
                order.trader,
                order.side,
                order.energy_wh,
                order.price_wei_per_wh + (-shade if order.side is p2p.Side.BID else shade),
            )
            for order in orders
        ]
