"""What a house did in an interval that was delivered in several parts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from p2p_cosim.core.types import DeviceFlow, HouseFlows
from p2p_cosim.houses.house import house_flows


def mean_flows(parts: Sequence[HouseFlows]) -> HouseFlows:
    """The flows of a house from those of equal parts, in order.

    Powers are means; what is stored is what is there at the end; what fed it is what fed it first.
    """
    devices = zip(*(part.devices for part in parts), strict=True)
    return house_flows(parts[0].trader, parts[0].feed, tuple(_mean(flows) for flows in devices))


def _mean(flows: Sequence[DeviceFlow]) -> DeviceFlow:
    return replace(
        flows[-1],
        p_kw=float(np.mean([flow.p_kw for flow in flows])),
        q_kvar=float(np.mean([flow.q_kvar for flow in flows])),
        curtailed_kw=float(np.mean([flow.curtailed_kw for flow in flows])),
    )
