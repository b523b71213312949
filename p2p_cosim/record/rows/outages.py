"""Rows of the tables `alarms`, `faults`, `offers` and `alerts`."""

from __future__ import annotations

from p2p_cosim.core.types import BackupOffer, TickRecord
from p2p_cosim.record.columns import Row
from p2p_cosim.record.run_info import RunInfo


def alarms(record: TickRecord, _info: RunInfo) -> list[Row]:
    """Alarms raised at the end of the tick."""
    return [
        {
            "tick": alarm.tick,
            "kind": alarm.kind,
            "place": alarm.place,
            "detector": alarm.detector,
            "place_kind": alarm.place_kind,
            "confidence": alarm.confidence,
            "first_tick": alarm.tick if alarm.first_tick is None else alarm.first_tick,
            "known_s": alarm.known_s,
        }
        for alarm in record.alarms
    ]


def faults(record: TickRecord, _info: RunInfo) -> list[Row]:
    """What struck in the tick, then what protection opened in it."""
    return [
        {
            "tick": record.tick,
            "kind": fault.kind,
            "place": fault.place,
            "phases": fault.phases,
            "impedance_ohm": fault.impedance_ohm,
            "end_tick": fault.end_tick,
        }
        for fault in record.faults
    ]


def offers(record: TickRecord, _info: RunInfo) -> list[Row]:
    """Sellers named to houses without supply; one row of rank 0 where there is none."""
    return [row for offer in record.offers for row in _offer(record.tick, offer)]


def _offer(tick: int, offer: BackupOffer) -> list[Row]:
    sellers = [
        (rank, seller.name, seller.ask_wei_per_wh, seller.spare_wh)
        for rank, seller in enumerate(offer.sellers, start=1)
    ]
    return [
        {
            "tick": tick,
            "house": offer.house,
            "path": str(offer.path),
            "rank": rank,
            "seller": name,
            "ask_wei_per_wh": ask_wei_per_wh,
            "spare_wh": spare_wh,
        }
        for rank, name, ask_wei_per_wh, spare_wh in sellers or [(0, "", None, 0)]
    ]


def alerts(record: TickRecord, _info: RunInfo) -> list[Row]:
    """What people are told at the end of the tick, or deliberately not."""
    return [
        {
            "tick": record.tick,
            "event_id": alert.event_id,
            "kind": str(alert.kind),
            "house": alert.house,
            "alarm_tick": alert.alarm_tick,
            "path": str(alert.path),
            "sellers": ",".join(alert.sellers),
            "suppressed": alert.suppressed,
            "notice_id": alert.notice_id,
            "element_kind": alert.element_kind,
            "element": alert.element,
            "answers": alert.answers.notice_id if alert.answers else "",
        }
        for alert in record.alerts
    ]
