"""What a house bought and sold decides what its flexible devices do.

The house steers for its position, so that nothing is left to be settled with the utility. First
move the devices that work unasked (batteries), whatever the difference comes from: they cover
what the house needs and take what it has over, also without a market. Then the others (cars,
heat pumps, appliances), in the order in which they stand in the house. They take no more than the
house has bought, and give only if it has sold, but then until its meter shows what it sold, its
own load included: nobody feels cold because a bid found no seller.
"""

from __future__ import annotations

from collections.abc import Sequence

from p2p_cosim.core.types import Power, Step
from p2p_cosim.houses.device import Device
from p2p_cosim.seams import checked_power, checked_range

_NOTHING_KW = 1e-12


def towards_position(
    house: str,
    devices: Sequence[Device],
    step: Step,
    wanted: Sequence[Power],
    contracted_kw: float,
) -> list[Power]:
    """The powers of the devices, with flexible ones moved until they sum to the position.

    wanted: what every device draws untold. contracted_kw: what the house bought less what it sold.

    Raises PluginError where a device answers what is no range or no power.
    """
    powers = list(wanted)
    ranges = {
        i: bounds
        for i, device in enumerate(devices)
        if (bounds := checked_range(house, device, step, device.range_kw(step))) is not None
    }
    if not ranges:
        return powers
    missing_kw = contracted_kw - sum(power.p_kw for power in powers)
    for unasked in (True, False):
        if not unasked:
            missing_kw = _traded(missing_kw, contracted_kw)
        for i, (least_kw, most_kw) in ranges.items():
            if devices[i].works_unasked is not unasked or abs(missing_kw) < _NOTHING_KW:
                continue
            set_point_kw = min(max(powers[i].p_kw + missing_kw, least_kw), most_kw)
            told = Power(set_point_kw, powers[i].q_kvar)
            drawn = checked_power(house, devices[i], step, devices[i].draw(step, 1.0, told))
            missing_kw -= drawn.p_kw - powers[i].p_kw
            powers[i] = drawn
    return powers


def _traded(missing_kw: float, contracted_kw: float) -> float:
    """The part of a difference that is made up because something was sold, or bought."""
    if missing_kw < 0:
        return missing_kw if contracted_kw < 0 else 0.0
    return min(missing_kw, max(contracted_kw, 0.0))
