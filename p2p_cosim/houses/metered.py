"""What devices really did, where the engine let a house draw another power than it wanted."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import compress

from p2p_cosim.core.types import Power
from p2p_cosim.houses.device import PV, Device

TOLERANCE_KW = 1e-7
"""Far above what a solve leaves of a dispatched power, far below what tables keep."""
_NOTHING_KW = 1e-12


def as_metered(devices: Sequence[Device], wanted: Sequence[Power], metered: Power) -> list[Power]:
    """The powers of the devices, changed so that they sum to what passed the meter.

    Far from the nominal voltage a load draws another power than it wants, and a house that may
    not export stops its inverter. What differs is the loads', in proportion; or the inverters',
    where they give more than the loads take. What stores keeps to what it wanted, unless the
    loads cannot make up for it: then all change in proportion.
    """
    p_kw, q_kvar = [power.p_kw for power in wanted], [power.q_kvar for power in wanted]
    is_p_off = abs(metered.p_kw - sum(p_kw)) > TOLERANCE_KW
    is_q_off = abs(metered.q_kvar - sum(q_kvar)) > TOLERANCE_KW
    if not (is_p_off or is_q_off):
        return [*wanted]
    if is_p_off:
        p_kw = _changed(devices, p_kw, metered.p_kw)
    if is_q_off and q_kvar:
        q_kvar = _shared(q_kvar, metered.q_kvar)
    return [Power(p, q) for p, q in zip(p_kw, q_kvar, strict=True)]


def _changed(devices: Sequence[Device], p_kw: list[float], metered_kw: float) -> list[float]:
    """kW by device; a house without what would have to change is left as it wanted."""
    suns = [device.kind == PV for device in devices]
    stores = [device.stored_wh is not None for device in devices]
    loads = [not (sun or store) for sun, store in zip(suns, stores, strict=True)]
    load_kw, pv_kw = sum(compress(p_kw, loads)), -sum(compress(p_kw, suns))
    net_kw = metered_kw - sum(compress(p_kw, stores))
    if load_kw >= pv_kw:
        load_kw = net_kw + pv_kw
    elif net_kw >= 0:
        load_kw, pv_kw = net_kw, 0.0
    else:
        pv_kw = load_kw - net_kw
    if load_kw < 0:
        return _shared(p_kw, metered_kw)
    load_powers = iter(_shared(list(compress(p_kw, loads)), load_kw))
    pv_powers = iter(_shared(list(compress(p_kw, suns)), -pv_kw))
    return [
        p if store else next(pv_powers if sun else load_powers)
        for p, sun, store in zip(p_kw, suns, stores, strict=True)
    ]


def _shared(parts: list[float], total: float) -> list[float]:
    """The parts, scaled to a total; the first takes all where there is nothing to scale."""
    old = sum(parts)
    if abs(old) > _NOTHING_KW:  # a scale of less would overflow
        return [part * (total / old) for part in parts]
    return [total if i == 0 else 0.0 for i in range(len(parts))]
