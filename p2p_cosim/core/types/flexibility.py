"""What a trader may know of a device that it can move, over the coming intervals."""

from __future__ import annotations

from dataclasses import dataclass

from p2p_cosim.core.types.grid import FloatArray
from p2p_cosim.core.types.market import Tariff


@dataclass(frozen=True, slots=True, eq=False)
class Flexibility:
    """A device that stores, over a horizon. Arrays have shape (horizon,).

    stored_wh: in it now. least_kw, most_kw: bounds of what it draws; negative is given.
    least_wh, most_wh: bounds of what it holds at the end of each interval; they can be met.
    taken_wh: what is taken out of it in each interval otherwise than at its terminals.
    charge_efficiency: stored over drawn. discharge_efficiency: given over taken out.
    wear_wei_per_wh: what giving a Wh costs in life of the device. kept_wh: what its owner wants
    to be in it. works_unasked: as of the device.
    """

    device: str
    stored_wh: float
    least_kw: FloatArray
    most_kw: FloatArray
    least_wh: FloatArray
    most_wh: FloatArray
    taken_wh: FloatArray
    charge_efficiency: float
    discharge_efficiency: float
    wear_wei_per_wh: int = 0
    kept_wh: float = 0.0
    works_unasked: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Outlook:
    """What a trader expects of the coming intervals.

    net_kw: shape (horizon,), mean draw of all that it does not decide; negative is surplus.
    stores: what it can move, in the order of its devices. tariffs: of these intervals, which the
    utility tells beforehand; empty for that of the view in all.
    """

    interval_s: int
    net_kw: FloatArray
    stores: tuple[Flexibility, ...] = ()
    tariffs: tuple[Tariff, ...] = ()
