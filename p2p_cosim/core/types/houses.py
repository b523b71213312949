"""Records of what lies behind a house's meter."""

from __future__ import annotations

from dataclasses import dataclass

from p2p_cosim.core.often import made_often
from p2p_cosim.core.types.grid import Feed


@made_often
@dataclass(frozen=True, slots=True)
class Step:
    """A stretch of time inside a market interval, over which every power stays the same.

    tick: the market interval. seconds: length of the step. offset_s: when it begins, in
    seconds after the beginning of the interval.
    """

    tick: int
    seconds: float
    offset_s: float = 0.0


@made_often
@dataclass(frozen=True, slots=True)
class Power:
    """What is drawn; negative is given."""

    p_kw: float
    q_kvar: float = 0.0

    def __add__(self, other: Power) -> Power:
        return Power(self.p_kw + other.p_kw, self.q_kvar + other.q_kvar)


NO_POWER = Power(0.0)


@made_often
@dataclass(frozen=True, slots=True)
class DeviceFlow:
    """What one device did in a tick.

    p_kw, q_kvar: drawn, mean over the interval; negative is given. stored_wh: in it afterwards;
    None for a device that stores nothing. curtailed_kw: what it could have given and was told
    not to.
    """

    device: str
    kind: str
    p_kw: float
    q_kvar: float = 0.0
    stored_wh: float | None = None
    curtailed_kw: float = 0.0


@made_often
@dataclass(frozen=True, slots=True)
class HouseFlows:
    """Behind one household's meter in a tick: what it consumed and produced.

    load_kw, pv_kw: what was served and produced. supplied: whether the grid supplied it.
    battery_kw: into what stores, negative out of it; the meter reads
    load_kw - pv_kw + battery_kw. stored_wh: there afterwards. curtailed_kw: PV that
    its inverter gave up for the voltage. devices: the same, device by device.
    """

    trader: str
    load_kw: float
    pv_kw: float
    forecast_wh: int
    supplied: bool
    feed: Feed = Feed.DROP
    battery_kw: float = 0.0
    stored_wh: float = 0.0
    curtailed_kw: float = 0.0
    devices: tuple[DeviceFlow, ...] = ()

    @property
    def forecast_load_kw(self) -> float:
        """What was consumed by nobody's decision: without devices that say what they will draw."""
        if not self.devices:
            return self.load_kw
        return sum((flow.p_kw for flow in self.devices if flow.kind == "load"), 0.0)

    def __repr__(self) -> str:
        powers = f"load {self.load_kw:.3g} kW, PV {self.pv_kw:.3g} kW"
        battery = f", battery {self.battery_kw:.3g} kW" * bool(self.battery_kw)
        return f"HouseFlows({self.trader}: {powers}{battery}, fed by {self.feed})"
