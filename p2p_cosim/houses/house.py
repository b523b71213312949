"""A house as physics knows it: devices behind one net meter, and perhaps a tie."""

from __future__ import annotations

from collections.abc import Sequence

from p2p_cosim.core.types import (
    NO_POWER,
    DeviceFlow,
    Fault,
    Feed,
    Flexibility,
    HouseFlows,
    Power,
    Step,
)
from p2p_cosim.houses.device import LOAD, PV, Device
from p2p_cosim.houses.dispatch import towards_position
from p2p_cosim.houses.metered import as_metered
from p2p_cosim.houses.pv import Inverter
from p2p_cosim.houses.tie import Tie
from p2p_cosim.seams import checked_kw, checked_power

FORECAST_KINDS = (LOAD, PV)
"""Devices whose power nobody decides, and which a trader therefore has to forecast."""


class House:
    """Devices in their present states. Questions change nothing; `advance`, `strike` and
    `repair` do.

    Fed by its own drop, every device does as it would or as it is told, and flexible ones keep
    the house to what it bought and sold (`dispatch`). Fed through its tie, loads draw what is
    let through and all else is off. Fed by nothing, what is stored carries the essential part of
    the loads. PV is off in both, because its inverter has nothing to follow or may not feed a
    network under repair.

    Raises PluginError where a device answers what is no power.
    """

    def __init__(self, name: str, devices: Sequence[Device], tie: Tie | None = None) -> None:
        """Raises ValueError for two devices of one name."""
        names = [device.name for device in devices]
        if len(set(names)) < len(names):
            raise ValueError(f"{name} has devices {', '.join(names)}: give each a name of its own")
        self.name = name
        self.tie = tie
        self._devices = tuple(devices)
        inverters = (i for i, device in enumerate(devices) if isinstance(device, Inverter))
        self._inverter_at = next(inverters, None)
        self._trips: set[Fault] = set()
        self._asked: tuple[Step, Power | None, float] | None = None
        self._answer: list[Power] = []

    def __repr__(self) -> str:
        return f"House({self.name!r}, {', '.join(d.name for d in self._devices) or 'no device'})"

    @property
    def devices(self) -> tuple[Device, ...]:
        """In their present states."""
        return self._devices

    @property
    def inverter(self) -> Inverter | None:
        """The inverter of its PV, the first if there are several; None without PV."""
        if self._inverter_at is None:
            return None
        inverter = self._devices[self._inverter_at]
        assert isinstance(inverter, Inverter)  # noqa: S101 (no device becomes another kind)
        return inverter

    @property
    def stored_wh(self) -> float:
        """Energy in all that stores."""
        return sum(device.stored_wh or 0.0 for device in self._devices)

    def strike(self, fault: Fault) -> None:
        """Trip the inverters of its PV."""
        self._trips.add(fault)
        self._set_inverters()

    def repair(self, fault: Fault) -> None:
        """Put them back into service, unless another fault still holds them out."""
        self._trips.discard(fault)
        self._set_inverters()

    def planned_kw(self, step: Step) -> float:
        """What devices that decide for themselves will draw from an ordinary supply."""
        return sum(self._expects(d, step) for d in self._devices if d.kind not in FORECAST_KINDS)

    def stores(self, horizon: int, interval_s: int) -> tuple[Flexibility, ...]:
        """What its trader may know of what it can move in the coming intervals."""
        outlooks = (device.outlook(horizon, interval_s) for device in self._devices)
        return tuple(outlook for outlook in outlooks if outlook is not None)

    def undecided_kw(self, step: Step) -> float:
        """The part of `planned_kw` that is not of `stores`."""
        return sum(
            self._expects(device, step)
            for device in self._devices
            if device.kind not in FORECAST_KINDS and device.outlook(1, int(step.seconds)) is None
        )

    def essential_kw(self, step: Step) -> float:
        """What it still needs while its own drop is dead."""
        return sum(self._needs(device, step) for device in self._devices)

    def essential_of_kw(self, step: Step, load_kw: float) -> float:
        """The essential part of a load that is not the true one, but forecast."""
        loads = [device for device in self._devices if device.kind == LOAD]
        true_kw = sum(self._expects(device, step) for device in loads)
        essential_kw = sum(self._needs(device, step) for device in loads)
        others_kw = self.essential_kw(step) - essential_kw
        return others_kw + (load_kw * (essential_kw / true_kw) if true_kw else 0.0)

    def draw(self, step: Step, told: Power | None = None, contracted_kw: float = 0.0) -> Power:
        """What it would draw from its own drop.

        told: the set-point of its PV inverter. contracted_kw: what it bought less what it sold.
        """
        self._asked = None  # what somebody outside sets may be other than when it was last asked
        return _sum(self._on_drop(step, told, contracted_kw))

    def draw_on_tie(self, step: Step, contracted_kw: float) -> Power:
        """What it draws from its tie: of its essential load, no more than the tie carries and
        no more than it bought; the rest is shed."""
        if self.tie is None:
            return NO_POWER
        let_kw = self.tie.carries_kw(min(self.essential_kw(step), contracted_kw))
        return _sum(self._shed(step, let_kw))

    def flows(
        self,
        step: Step,
        feed: Feed,
        metered: Power,
        told: Power | None = None,
        contracted_kw: float = 0.0,
    ) -> HouseFlows:
        """What every device did, given what feeds the house and what passed its meter.

        feed: its drop, its tie, or nothing; in the last case a battery may carry the house.
        told, contracted_kw: as in `draw`.
        """
        if feed is Feed.DROP:
            wanted = self._on_drop(step, told, contracted_kw)
            powers = as_metered(self._devices, wanted, metered)
        elif feed is Feed.TIE:
            powers = as_metered(self._devices, self._shed(step, metered.p_kw), metered)
        else:
            powers = self._on_store(step)
        served = any(power.p_kw for power in powers)
        curtailed = told if feed is Feed.DROP else None
        flows = tuple(
            DeviceFlow(
                device=device.name,
                kind=device.kind,
                p_kw=power.p_kw,
                q_kvar=power.q_kvar,
                stored_wh=device.after(power, step.seconds).stored_wh,
                curtailed_kw=self._curtailed_kw(device, step, curtailed),
            )
            for device, power in zip(self._devices, powers, strict=True)
        )
        return house_flows(self.name, Feed.BATTERY if feed is Feed.NONE and served else feed, flows)

    def advance(self, step: Step, flows: HouseFlows) -> None:
        """Put every device into the state that follows from what it did in this step."""
        self._asked = None
        self._devices = tuple(
            device.after(Power(flow.p_kw, flow.q_kvar), step.seconds)
            for device, flow in zip(self._devices, flows.devices, strict=True)
        )

    def _on_drop(self, step: Step, told: Power | None, contracted_kw: float) -> list[Power]:
        """Asked for the power flow, and again for what became of it: worked out once."""
        asked = (step, told, contracted_kw)
        if asked != self._asked:
            inverter = self.inverter
            wanted = [
                self._draws(device, step, 1.0, told if device is inverter else None)
                for device in self._devices
            ]
            self._answer = towards_position(self.name, self._devices, step, wanted, contracted_kw)
            self._asked = asked
        return self._answer

    def _shed(self, step: Step, let_kw: float) -> list[Power]:
        """Of every load its part of what is let through, by what is essential of it."""
        essential = [self._needs(device, step) for device in self._devices]
        total_kw = sum(essential)
        return [
            self._draws(device, step, 1.0, Power(let_kw * (part / total_kw)))
            if part > 0
            else NO_POWER
            for device, part in zip(self._devices, essential, strict=True)
        ]

    def _on_store(self, step: Step) -> list[Power]:
        """What is stored gives to the essential load, first come first."""
        need_kw = self.essential_kw(step)
        given = [NO_POWER] * len(self._devices)
        got_kw = 0.0
        for i, device in enumerate(self._devices):
            if device.stored_wh is not None:
                given[i] = self._draws(device, step, 0.0, Power(got_kw - need_kw))
                got_kw -= given[i].p_kw
        taken = self._shed(step, got_kw)
        return [take + give for take, give in zip(taken, given, strict=True)]

    def _draws(self, device: Device, step: Step, v_pu: float, told: Power | None) -> Power:
        return checked_power(self.name, device, step, device.draw(step, v_pu, told))

    def _expects(self, device: Device, step: Step) -> float:
        return checked_kw(self.name, device, step, "expected_kw", device.expected_kw(step))

    def _needs(self, device: Device, step: Step) -> float:
        return checked_kw(self.name, device, step, "essential_kw", device.essential_kw(step))

    def _curtailed_kw(self, device: Device, step: Step, told: Power | None) -> float:
        if told is None or device is not self.inverter:
            return 0.0
        return device.available_kw(step) + told.p_kw

    def _set_inverters(self) -> None:
        self._asked = None
        self._devices = tuple(
            device.tripped(bool(self._trips)) if isinstance(device, Inverter) else device
            for device in self._devices
        )


def house_flows(name: str, feed: Feed, flows: tuple[DeviceFlow, ...]) -> HouseFlows:
    """The sums over the devices: PV, all that stores, and everything else as load."""
    load_kw = given_kw = battery_kw = stored_wh = curtailed_kw = 0.0
    for flow in flows:
        if flow.kind == PV:
            given_kw += flow.p_kw
        elif flow.stored_wh is None:
            load_kw += flow.p_kw
        if flow.stored_wh is not None:
            battery_kw += flow.p_kw
            stored_wh += flow.stored_wh
        curtailed_kw += flow.curtailed_kw
    return HouseFlows(
        trader=name,
        load_kw=load_kw,
        pv_kw=0.0 - given_kw,
        forecast_wh=0,
        supplied=feed in (Feed.DROP, Feed.TIE),
        feed=feed,
        battery_kw=battery_kw,
        stored_wh=stored_wh,
        curtailed_kw=curtailed_kw,
        devices=flows,
    )


def _sum(powers: Sequence[Power]) -> Power:
    p_kw = q_kvar = 0.0
    for power in powers:
        p_kw += power.p_kw
        q_kvar += power.q_kvar
    return Power(p_kw, q_kvar)
