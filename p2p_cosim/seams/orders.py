"""Orders of a strategy: right ones pass in a few comparisons."""

from __future__ import annotations

from p2p_cosim.core.limits import ENERGY_BITS, PRICE_BITS
from p2p_cosim.core.types import Order, Side
from p2p_cosim.seams.report import Report, Source

_MOST_WH, _MOST_WEI_PER_WH = 2**ENERGY_BITS - 1, 2**PRICE_BITS - 1


def checked_orders(source: Source, returned: object, trader: str) -> tuple[Order, ...]:
    """The orders that a strategy returned, in its order. trader: for whom it was asked.

    Bounds are those of the contract's types. A price or energy inside them that the market's
    rules do not take is an order like any other: the market rejects it, which is recorded.

    Raises PluginError for what are no orders, an order in another trader's name, a side that is
    no `Side`, and energy or prices that are no whole numbers within those bounds.
    """
    if isinstance(returned, (tuple, list)) and all(_is_right(each, trader) for each in returned):
        return tuple(returned)
    report = Report(source)
    orders = tuple(
        _order(report, path, order, trader)
        for path, order in report.items("orders", returned, Order, "[] to stay out of the market")
    )
    report.close()
    return orders


def _is_right(order: object, trader: str) -> bool:
    return (
        type(order) is Order
        and order.trader == trader
        and type(order.side) is Side
        and type(order.energy_wh) is int
        and 0 <= order.energy_wh <= _MOST_WH
        and type(order.price_wei_per_wh) is int
        and 0 <= order.price_wei_per_wh <= _MOST_WEI_PER_WH
    )


def _order(report: Report, path: str, order: Order, trader: str) -> Order:
    if order.trader != trader:
        wanted = f"{trader!r}, in whose name it quotes: use view.trader"
        report.add(f"{path}.trader", order.trader, wanted)
    if not isinstance(order.side, Side):
        report.add(f"{path}.side", order.side, "Side.BID or Side.ASK")
    energy_wh = report.whole(f"{path}.energy_wh", order.energy_wh, "Wh", 0, _MOST_WH)
    price = report.whole(
        f"{path}.price_wei_per_wh", order.price_wei_per_wh, "wei per Wh", 0, _MOST_WEI_PER_WH
    )
    return Order(trader, order.side, energy_wh, price)
