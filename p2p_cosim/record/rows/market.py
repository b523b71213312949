"""Rows of the tables `rounds`, `orders`, `trades` and `transactions`."""

from __future__ import annotations

from p2p_cosim.core.types import Side, TickRecord
from p2p_cosim.record import schema
from p2p_cosim.record.columns import Row
from p2p_cosim.record.run_info import RunInfo


def rounds(record: TickRecord, _info: RunInfo) -> list[Row]:
    """The round of the tick."""
    clearing = record.gate.clearing
    sides = [placement.order.side for placement in record.gate.placements if placement.in_book]
    return [
        {
            "tick": record.tick,
            "price_wei_per_wh": clearing.price_wei_per_wh,
            "energy_wh": clearing.energy_wh,
            "welfare_wei": clearing.welfare_wei,
            "bids": sides.count(Side.BID),
            "asks": sides.count(Side.ASK),
            "gas_clear": record.gate.gas_clear,
            "budget_surplus_wei": clearing.budget_surplus_wei,
        }
    ]


def orders(record: TickRecord, _info: RunInfo) -> list[Row]:
    """Every order, in order of arrival."""
    return [
        {
            "tick": record.tick,
            "order_id": placement.order_id,
            "trader": placement.order.trader,
            "side": placement.order.side.value,
            "energy_wh": placement.order.energy_wh,
            "price_wei_per_wh": placement.order.price_wei_per_wh,
            "filled_wh": placement.filled_wh,
            "rejection": placement.rejection,
            "cancelled": placement.cancelled,
        }
        for placement in record.gate.placements
    ]


def trades(record: TickRecord, _info: RunInfo) -> list[Row]:
    """Every trade, in matching order."""
    return [
        {
            "tick": record.tick,
            "buyer": trade.buyer,
            "seller": trade.seller,
            "energy_wh": trade.energy_wh,
            "price_wei_per_wh": trade.price_wei_per_wh,
            "budget_surplus_wei": trade.budget_surplus_wei,
        }
        for trade in record.trades
    ]


def transactions(record: TickRecord, _info: RunInfo) -> list[Row]:
    """Every transaction of the round, the settlement last."""
    receipts = (
        *record.gate.receipts,
        *((schema.SETTLE_LABEL, receipt) for receipt in record.settle_receipts),
    )
    return [
        {
            "tick": record.tick,
            "label": label,
            "status": receipt.status,
            "gas_used": receipt.gas_used,
        }
        for label, receipt in receipts
    ]


def setup_transactions(info: RunInfo) -> list[Row]:
    """Transactions before the first tick."""
    return [
        {
            "tick": schema.BEFORE_RUN,
            "label": label,
            "status": receipt.status,
            "gas_used": receipt.gas_used,
        }
        for label, receipt in info.setup
    ]
