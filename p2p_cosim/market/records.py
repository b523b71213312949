"""From what the contract told to the records of `core.types.market`.

label: the name of whoever has an address; the address itself where nobody has given it one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from p2p_cosim.core.types import Account, Clearing, Event, Order, Placement, Settlement, Trade
from p2p_cosim.market.deployment import UTILITY
from p2p_cosim.market.follower import Entry, integer
from p2p_cosim.market.submission import Sent

Label = Callable[[str], str]


def placements(
    sent: Iterable[Sent], entries: Mapping[int, Entry], label: Label
) -> tuple[Placement, ...]:
    """Everybody's orders: first those that others placed, then the ones sent.

    entries: the round's book by order id.
    """
    own = [_own(each, entries) for each in sent]
    ids = {placement.order_id for placement in own}
    others = [_other(i, entry, label) for i, entry in entries.items() if i not in ids]
    return (*others, *own)


def _own(sent: Sent, entries: Mapping[int, Entry]) -> Placement:
    filled_wh = 0 if sent.order_id is None else entries[sent.order_id].filled_wh
    return Placement(sent.order, sent.order_id, sent.rejection, filled_wh)


def _other(order_id: int, entry: Entry, label: Label) -> Placement:
    order = Order(label(entry.trader), entry.side, entry.energy_wh, entry.price_wei_per_wh)
    return Placement(order, order_id, filled_wh=entry.filled_wh, cancelled=entry.cancelled)


def clearing(summaries: Sequence[Event], trades: Iterable[Event], label: Label) -> Clearing:
    """Of one round or more, as one. The price is the newest at which energy was traded."""
    prices = [integer(summary, "price") for summary in summaries if integer(summary, "energy")]
    return Clearing(
        price_wei_per_wh=prices[-1] if prices else None,
        energy_wh=sum(integer(summary, "energy") for summary in summaries),
        welfare_wei=sum(integer(summary, "welfareWei") for summary in summaries),
        trades=tuple(trade(event, label) for event in trades),
        budget_surplus_wei=sum(integer(summary, "surplusWei") for summary in summaries),
    )


def trade(event: Event, label: Label) -> Trade:
    """Of a `TradeCleared`."""
    energy_wh, price = integer(event, "energy"), integer(event, "buyPrice")
    return Trade(
        buyer=label(str(event.args["buyer"])),
        seller=label(str(event.args["seller"])),
        energy_wh=energy_wh,
        price_wei_per_wh=price,
        budget_surplus_wei=energy_wh * (price - integer(event, "sellPrice")),
    )


def settlement(event: Event, accounts: Mapping[str, Account], label: Label) -> Settlement:
    """Of an `ImbalanceSettled`. accounts: after the round's settlement."""
    trader = label(str(event.args["trader"]))
    metered_wh, imbalance_wh = integer(event, "meteredWh"), integer(event, "imbalanceWh")
    return Settlement(
        trader=trader,
        contracted_wh=metered_wh - imbalance_wh,
        metered_wh=metered_wh,
        imbalance_wh=imbalance_wh,
        charge_wei=integer(event, "chargeWei"),
        open_wei=accounts[trader].open_wei,
    )


def with_counter_entry(accounts: Mapping[str, Account]) -> dict[str, Account]:
    """The accounts, with what all others have open as the utility's own, of opposite sign.

    The contract keeps a position of zero for the utility.
    """
    owed_wei = -sum(account.open_wei for account in accounts.values())
    return {**accounts, UTILITY: replace(accounts[UTILITY], open_wei=owed_wei)}
