"""What one tick adds to each table: `TickRecord` to rows, in the schema's order of columns."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from p2p_cosim.core.types import Side, TickRecord
from p2p_cosim.record import control_rows, device_rows, schema
from p2p_cosim.record.run_info import RunInfo

Row: TypeAlias = tuple[object, ...]
UTILITY = "utility"  # as the ledger names it


def initial_taps(info: RunInfo) -> list[Row]:
    """The first tap of every regulator."""
    return [(schema.BEFORE_RUN, name, tap, "initial") for name, tap in info.initial_taps.items()]


def setup_transactions(info: RunInfo) -> list[Row]:
    """Transactions before the first tick."""
    return [
        (schema.BEFORE_RUN, label, receipt.status, _gas(receipt.gas_used, info))
        for label, receipt in info.setup
    ]


def _rounds(record: TickRecord, info: RunInfo) -> list[Row]:
    clearing = record.gate.clearing
    sides = [placement.order.side for placement in record.gate.placements if placement.in_book]
    return [
        (
            record.tick,
            clearing.price_wei_per_wh,
            clearing.energy_wh,
            clearing.welfare_wei,
            sides.count(Side.BID),
            sides.count(Side.ASK),
            _gas(record.gate.gas_clear, info),
            clearing.budget_surplus_wei,
        )
    ]


def _orders(record: TickRecord, _info: RunInfo) -> list[Row]:
    return [
        (
            record.tick,
            placement.order_id,
            placement.order.trader,
            placement.order.side.value,
            placement.order.energy_wh,
            placement.order.price_wei_per_wh,
            placement.filled_wh,
            placement.rejection,
            placement.cancelled,
        )
        for placement in record.gate.placements
    ]


def _trades(record: TickRecord, _info: RunInfo) -> list[Row]:
    return [
        (
            record.tick,
            trade.buyer,
            trade.seller,
            trade.energy_wh,
            trade.price_wei_per_wh,
            trade.budget_surplus_wei,
        )
        for trade in record.trades
    ]


def _households(record: TickRecord, info: RunInfo) -> list[Row]:
    money = _money(record, info.houses)
    p_kw, q_kvar = record.grid.house_p_kw.tolist(), record.grid.house_q_kvar.tolist()
    rows: list[Row] = []
    for index, (house, meter) in enumerate(zip(info.houses, record.meters, strict=True)):
        if meter.trader != house:
            raise ValueError(
                f"meter {index} is of trader {meter.trader!r}, the grid's house {index} is "
                f"{house!r}: give the meters in the grid's order of houses"
            )
        rows.append(
            (
                record.tick,
                house,
                meter.load_kw,
                meter.pv_kw,
                p_kw[index],
                q_kvar[index],
                meter.supplied,
                meter.forecast_wh,
                *money[index],
                str(meter.feed),
                meter.battery_kw,
                meter.stored_wh,
                meter.curtailed_kw,
                record.paid_in_wei.get(house, 0),
            )
        )
    return rows


def _others(record: TickRecord, info: RunInfo) -> list[Row]:
    houses = frozenset(info.houses)
    traders = [trader for trader in record.ledger.accounts if trader not in houses]
    money = _money(record, traders)
    return [
        (record.tick, trader, *row, record.paid_in_wei.get(trader, 0))
        for trader, row in zip(traders, money, strict=True)
    ]


def _money(record: TickRecord, traders: Sequence[str]) -> list[Row]:
    """The columns that every account has, from `contracted_wh` to `open_wei`."""
    bought_wh: dict[str, int] = {}
    paid_wei: dict[str, int] = {}
    for trade in record.trades:
        bought_wh[trade.buyer] = bought_wh.get(trade.buyer, 0) + trade.energy_wh
        bought_wh[trade.seller] = bought_wh.get(trade.seller, 0) - trade.energy_wh
        paid_wei[trade.buyer] = paid_wei.get(trade.buyer, 0) + trade.payment_wei
        paid_wei[trade.seller] = paid_wei.get(trade.seller, 0) - trade.proceeds_wei
        paid_wei[UTILITY] = paid_wei.get(UTILITY, 0) - trade.budget_surplus_wei
    settled = {settlement.trader: settlement for settlement in record.settlements}
    charges = [settlement.charge_wei for settlement in record.settlements]
    imbalances = [settlement.imbalance_wh for settlement in record.settlements]
    rows: list[Row] = []
    for trader in traders:
        settlement, account = settled.get(trader), record.ledger.accounts[trader]
        imbalance_wh = settlement.imbalance_wh if settlement else 0
        charge_wei = settlement.charge_wei if settlement else 0
        if trader == UTILITY:  # on the other side of every imbalance
            imbalance_wh, charge_wei = -sum(imbalances), -sum(charges)
        rows.append(
            (
                settlement.contracted_wh if settlement else bought_wh.get(trader, 0),
                settlement.metered_wh if settlement else None,
                imbalance_wh,
                paid_wei.get(trader, 0),
                charge_wei,
                account.balance_wei,
                account.open_wei,
            )
        )
    return rows


def _voltages(record: TickRecord, info: RunInfo) -> list[Row]:
    v_pu = record.grid.house_v_pu.tolist()
    return [(record.tick, house, v) for house, v in zip(info.houses, v_pu, strict=True)]


def _taps(record: TickRecord, _info: RunInfo) -> list[Row]:
    return [(record.tick, move.regulator, move.tap, move.reason) for move in record.tap_moves]


def _alarms(record: TickRecord, _info: RunInfo) -> list[Row]:
    return [
        (
            alarm.tick,
            alarm.kind,
            alarm.place,
            alarm.detector,
            alarm.place_kind,
            alarm.confidence,
            alarm.tick if alarm.first_tick is None else alarm.first_tick,
        )
        for alarm in record.alarms
    ]


def _faults(record: TickRecord, _info: RunInfo) -> list[Row]:
    return [
        (record.tick, fault.kind, fault.place, fault.phases, fault.impedance_ohm, fault.end_tick)
        for fault in record.faults
    ]


def _offers(record: TickRecord, _info: RunInfo) -> list[Row]:
    rows: list[Row] = []
    for offer in record.offers:
        head = (record.tick, offer.house, str(offer.path))
        rows += [
            (*head, rank, seller.name, seller.ask_wei_per_wh, seller.spare_wh)
            for rank, seller in enumerate(offer.sellers, start=1)
        ] or [(*head, 0, "", None, 0)]
    return rows


def _alerts(record: TickRecord, _info: RunInfo) -> list[Row]:
    return [
        (
            record.tick,
            alert.event_id,
            str(alert.kind),
            alert.house,
            alert.alarm_tick,
            str(alert.path),
            ",".join(alert.sellers),
            alert.suppressed,
            alert.notice_id,
            alert.element_kind,
            alert.element,
            alert.answers.notice_id if alert.answers else "",
        )
        for alert in record.alerts
    ]


def _transactions(record: TickRecord, info: RunInfo) -> list[Row]:
    receipts = (*record.gate.receipts, (schema.SETTLE_LABEL, record.settle_receipt))
    return [
        (record.tick, label, receipt.status, _gas(receipt.gas_used, info))
        for label, receipt in receipts
    ]


def _gas(gas: int, info: RunInfo) -> int | None:
    return gas if info.gas_is_exact else None


def _feeder(record: TickRecord, _info: RunInfo) -> list[Row]:
    grid = record.grid
    supplied = [v for v in grid.house_v_pu.tolist() if v > 0]
    return [
        (
            record.tick,
            *grid.head_p_kw.tolist(),
            *grid.head_q_kvar.tolist(),
            grid.losses_kw,
            float(grid.spot_p_kw.sum()),
            min(supplied, default=None),
            max(supplied, default=None),
        )
    ]


def _node_voltages(record: TickRecord, info: RunInfo) -> list[Row]:
    v_pu = record.grid.node_v_pu.tolist()
    return [(record.tick, node, v) for node, v in zip(info.nodes, v_pu, strict=True)]


ROWS: Mapping[str, Callable[[TickRecord, RunInfo], list[Row]]] = {
    "rounds": _rounds,
    "orders": _orders,
    "trades": _trades,
    "households": _households,
    "devices": device_rows.devices,
    "others": _others,
    "voltages": _voltages,
    "taps": _taps,
    "control": control_rows.control,
    "predictions": control_rows.predictions,
    "alarms": _alarms,
    "faults": _faults,
    "offers": _offers,
    "alerts": _alerts,
    "transactions": _transactions,
    "feeder": _feeder,
    "node_voltages": _node_voltages,
}
