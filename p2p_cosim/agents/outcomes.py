"""What became of everybody's orders in a settled round."""

from __future__ import annotations

from collections.abc import Iterable

from p2p_cosim.core.types import (
    Clearing,
    GateClosure,
    Outcome,
    Placement,
    Settlement,
    contracted_wh,
)


def outcomes(
    tick: int, traders: Iterable[str], gate: GateClosure, settlements: Iterable[Settlement]
) -> dict[str, Outcome]:
    """By trader, for all of these."""
    placed: dict[str, list[Placement]] = {}
    for placement in gate.placements:
        placed.setdefault(placement.order.trader, []).append(placement)
    contracted, paid = contracted_wh(gate.clearing.trades), _paid_wei(gate.clearing)
    settled = {settlement.trader: settlement for settlement in settlements}
    told = {}
    for name in traders:
        settlement = settled.get(name)
        told[name] = Outcome(
            tick=tick,
            orders=tuple(placed.get(name, ())),
            price_wei_per_wh=gate.clearing.price_wei_per_wh,
            contracted_wh=contracted.get(name, 0),
            market_wei=paid.get(name, 0),
            metered_wh=settlement.metered_wh if settlement else None,
            imbalance_wh=settlement.imbalance_wh if settlement else 0,
            imbalance_wei=settlement.charge_wei if settlement else 0,
        )
    return told


def _paid_wei(clearing: Clearing) -> dict[str, int]:
    paid: dict[str, int] = {}
    for trade in clearing.trades:
        paid[trade.buyer] = paid.get(trade.buyer, 0) + trade.payment_wei
        paid[trade.seller] = paid.get(trade.seller, 0) - trade.proceeds_wei
    return paid
