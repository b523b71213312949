"""Check of a market: two rounds of three traders, with every wei and Wh counted."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from p2p_cosim.core.protocols import Market
from p2p_cosim.core.types import (
    Delivery,
    GateClosure,
    Ledger,
    Order,
    Reading,
    Side,
    Tariff,
    contracted_wh,
)
from p2p_cosim.testing.findings import Findings

METERED_WH = {"alice": 900, "bob": -1_500, "carol": 40}
TRADERS = tuple(METERED_WH)
_DEPOSIT_WEI = 10**16


def check_market(
    make: Callable[[Sequence[str]], Market],
    tariff: Tariff,
    timestamp: int,
    utility: str = "utility",
) -> None:
    """Deposit, trade and settle two rounds, one of them without an order.

    make: builds a market, open for its first round, for traders of these names; orders of 100 to
    5,000 Wh at prices up to the retail tariff must be within its rules. tariff: that it settles
    imbalances with. timestamp: of the first gate closure, in Unix seconds.

    Raises ConformanceError unless every order comes back placed or rejected in its place, fills
    add up to the trades, nobody pays more than its limit or gets less, imbalances are charged at
    the tariff, and energy and money sum to what was paid in, in every ledger.
    """
    found = Findings("the market", "Market")
    with found.case("setting up"):
        market = make(TRADERS)
        found = Findings(market, "Market")
        deposits = market.deposit(dict.fromkeys((*TRADERS, utility), _DEPOSIT_WEI))
        found.expect(all(receipt.status for _, receipt in deposits), "a deposit has failed")
        _conserved(found, "after the deposits", market.ledger())
        for number, orders in enumerate((_orders(tariff), [])):
            gate_at = timestamp + 900 * number
            with found.case(f"round {number}"):
                gate = market.close_gate(orders, gate_at)
                _gate(found, f"round {number}", orders, gate)
                _conserved(found, f"round {number}, gate closed", market.ledger())
                readings = [Reading(name, wh) for name, wh in METERED_WH.items()]
                delivery = market.settle(readings, gate_at + 899)
                _settled(found, f"round {number}", readings, gate, delivery, tariff)
                _conserved(found, f"round {number}, settled", delivery.ledger)
    found.close()


def _orders(tariff: Tariff) -> list[Order]:
    low, high = tariff.feed_in_wei_per_wh, tariff.retail_wei_per_wh
    middle = (low + high) // 2
    return [
        Order("alice", Side.BID, 1_000, high),
        Order("bob", Side.ASK, 1_500, low),
        Order("carol", Side.BID, 400, middle),
        Order("carol", Side.BID, 5_000, high * 10**6),  # more than it has
        Order("bob", Side.ASK, 200, high),
    ]


def _gate(found: Findings, where: str, orders: Sequence[Order], gate: GateClosure) -> None:
    clearing = gate.clearing
    found.expect(
        [placed.order for placed in gate.placements] == list(orders),
        f"{where}: placements are not the orders in their order of arrival",
    )
    for placed in gate.placements:
        found.expect(
            (placed.order_id is None) == bool(placed.rejection),
            f"{where}: {placed.order} is neither placed nor rejected with a reason",
        )
        found.expect(
            0 <= placed.filled_wh <= placed.order.energy_wh,
            f"{where}: {placed.order} is filled with {placed.filled_wh} Wh",
        )
    if orders:
        found.expect(
            gate.placements[3].rejection, f"{where}: a bid beyond the balance is not rejected"
        )
        found.expect(clearing.trades, f"{where}: orders that cross have not traded")
    _cleared(found, where, gate)


def _cleared(found: Findings, where: str, gate: GateClosure) -> None:
    clearing = gate.clearing
    for side in Side:
        filled = sum(p.filled_wh for p in gate.placements if p.order.side is side)
        found.expect(
            filled == clearing.energy_wh,
            f"{where}: {side}s are filled with {filled} Wh, the round trades {clearing.energy_wh}",
        )
    traded = sum(trade.energy_wh for trade in clearing.trades)
    found.expect(
        traded == clearing.energy_wh, f"{where}: trades sum to {traded} Wh, not to the round's"
    )
    found.expect(
        (clearing.price_wei_per_wh is None) == (not clearing.trades),
        f"{where}: there is a price without a trade, or a trade without a price",
    )
    for trade in clearing.trades:
        highest = _limit(gate, trade.buyer, Side.BID, max)
        lowest = _limit(gate, trade.seller, Side.ASK, min)
        found.expect(trade.price_wei_per_wh <= highest, f"{where}: {trade} exceeds a bid")
        found.expect(
            trade.proceeds_wei >= lowest * trade.energy_wh, f"{where}: {trade} is below an ask"
        )


def _limit(gate: GateClosure, trader: str, side: Side, best: Callable[[list[int]], int]) -> int:
    return best(
        [
            placed.order.price_wei_per_wh
            for placed in gate.placements
            if placed.order.trader == trader and placed.order.side is side and placed.filled_wh
        ]
    )


def _settled(
    found: Findings,
    where: str,
    readings: Sequence[Reading],
    gate: GateClosure,
    delivery: Delivery,
    tariff: Tariff,
) -> None:
    contracted = contracted_wh(gate.clearing.trades)
    settled = {settlement.trader: settlement for settlement in delivery.settlements}
    for reading in readings:
        bought = contracted.get(reading.trader, 0)
        imbalance = reading.metered_wh - bought
        rate = tariff.retail_wei_per_wh if imbalance > 0 else tariff.feed_in_wei_per_wh
        settlement = settled.get(reading.trader)
        right = (bought, reading.metered_wh, imbalance, imbalance * rate)
        told = settlement and (
            settlement.contracted_wh,
            settlement.metered_wh,
            settlement.imbalance_wh,
            settlement.charge_wei,
        )
        found.expect(
            told == right,
            f"{where}: {reading.trader} is settled with (contracted, metered, imbalance, charge) "
            f"{told}, right is {right}",
        )


def _conserved(found: Findings, where: str, ledger: Ledger) -> None:
    accounts = ledger.accounts.values()
    energy = sum(account.energy_wh for account in accounts)
    found.expect(energy == 0, f"{where}: energy of all accounts sums to {energy} Wh, not to 0")
    held = sum(account.balance_wei for account in accounts) + ledger.escrow_wei
    paid_in = sum(ledger.paid_in_wei.values())
    found.expect(
        held == paid_in, f"{where}: balances and escrow are {held} wei, paid in were {paid_in}"
    )
    found.expect(
        ledger.contract_wei >= held, f"{where}: the contract holds less than it owes its accounts"
    )
    found.expect(
        all(account.balance_wei >= 0 for account in accounts), f"{where}: a balance is negative"
    )
