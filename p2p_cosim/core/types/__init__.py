"""Frozen records that pass between layers. Positive power and energy is consumption."""

from p2p_cosim.core.types.alerts import Alert, AlertKind, event_id
from p2p_cosim.core.types.chain import Event, Log, Receipt, Transaction
from p2p_cosim.core.types.grid import (
    Alarm,
    Fault,
    FloatArray,
    GridState,
    HouseSite,
    Injections,
    SpotLoad,
    TapMove,
)
from p2p_cosim.core.types.market import (
    Account,
    Clearing,
    Delivery,
    GateClosure,
    Ledger,
    Order,
    Placement,
    Reading,
    Settlement,
    Side,
    Tariff,
    Trade,
)
from p2p_cosim.core.types.tick import ControlView, HouseholdMeter, MeterView, QuoteView, TickRecord

__all__ = [
    "Account",
    "Alarm",
    "Alert",
    "AlertKind",
    "Clearing",
    "ControlView",
    "Delivery",
    "Event",
    "Fault",
    "FloatArray",
    "GateClosure",
    "GridState",
    "HouseSite",
    "HouseholdMeter",
    "Injections",
    "Ledger",
    "Log",
    "MeterView",
    "Order",
    "Placement",
    "QuoteView",
    "Reading",
    "Receipt",
    "Settlement",
    "Side",
    "SpotLoad",
    "TapMove",
    "Tariff",
    "TickRecord",
    "Trade",
    "Transaction",
    "event_id",
]
