"""Orders of a strategy."""

from __future__ import annotations

from p2p_cosim.core.limits import ENERGY_BITS, PRICE_BITS
from p2p_cosim.core.types import Order, Side
from p2p_cosim.seams.report import Report, Source


def checked_orders(source: Source, returned: object, trader: str) -> tuple[Order, ...]:
    """The orders that a strategy returned, in its order. trader: for whom it was asked.

    Bounds are those of the contract's types. A price or energy inside them that the market's
    rules do not take is an order like any other: the market rejects it, which is recorded.

    Raises PluginError for what are no orders, an order in another trader's name, a side that is
    no `Side`, and energy or prices that are no whole numbers within those bounds.
    """
    report = Report(source)
    orders = tuple(
        _order(report, path, order, trader)
        for path, order in report.items("orders", returned, Order, "[] to stay out of the market")
    )
    report.close()
    return orders


def _order(report: Report, path: str, order: Order, trader: str) -> Order:
    if order.trader != trader:
        wanted = f"{trader!r}, in whose name it quotes: use view.trader"
        report.add(f"{path}.trader", order.trader, wanted)
    if not isinstance(order.side, Side):
        report.add(f"{path}.side", order.side, "Side.BID or Side.ASK")
    energy_wh = report.whole(f"{path}.energy_wh", order.energy_wh, "Wh", 0, 2**ENERGY_BITS - 1)
    price = report.whole(
        f"{path}.price_wei_per_wh", order.price_wei_per_wh, "wei per Wh", 0, 2**PRICE_BITS - 1
    )
    return Order(trader, order.side, energy_wh, price)
