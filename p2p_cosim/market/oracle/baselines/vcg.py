"""Vickrey-Clarke-Groves: truthful and efficient, at the operator's expense."""

from __future__ import annotations

from collections.abc import Sequence

from p2p_cosim.core.types import Order
from p2p_cosim.market.oracle.baselines.outcome import Outcome
from p2p_cosim.market.oracle.mechanisms.matching import match


def vcg(orders: Sequence[Order]) -> Outcome:
    """The efficient trades; everybody pays what its presence costs the others.

    A trader gains what it adds to total welfare, `W(all) - W(without it)`, whatever it says
    of itself. All its orders count as one valuation. Time n^2 log n.

    No mechanism is efficient, individually rational and balanced where values are private
    (Myerson and Satterthwaite, doi:10.1016/0022-0531(83)90048-0): this one runs a deficit.

    Source: Vickrey, J. Finance 16 (1961) 8; Clarke, Public Choice 11 (1971) 17; Groves,
    Econometrica 41 (1973) 617.
    """
    filled_wh = [0] * len(orders)
    matching = match(orders)
    for bid, ask, energy_wh in matching.matches if matching else ():
        filled_wh[bid] += energy_wh
        filled_wh[ask] += energy_wh
    free = Outcome(tuple(filled_wh), {})
    welfare_wei = free.welfare_wei(orders)
    paid_wei = {}
    for trader in {orders[i].trader: None for i, wh in enumerate(filled_wh) if wh}:
        without_wei = _welfare_wei([order for order in orders if order.trader != trader])
        paid_wei[trader] = free.gain_wei(orders, trader) - (welfare_wei - without_wei)
    return Outcome(free.filled_wh, paid_wei)


def _welfare_wei(orders: Sequence[Order]) -> int:
    matching = match(orders)
    return sum(
        energy_wh * (orders[bid].price_wei_per_wh - orders[ask].price_wei_per_wh)
        for bid, ask, energy_wh in (matching.matches if matching else ())
    )
