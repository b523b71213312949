"""Delivery: what one market interval physically is.

Faults strike before it, and protection clears the short circuits that it sees. Then every house
draws from its own drop, as near to what it bought and sold as its flexible devices can bring it,
and inverters come to rest at the voltage that follows; a house that knows of its outage and finds
its drop dead draws through its tie what it bought, and the network is solved once more. What passed
the meters tells what every device did, and moves it into its next state.

An interval may have several power flows, each with its own powers: what is said of it is then their
mean, which is what the meters count. Protection acts before the first, and who is fed through a tie
is decided in it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from p2p_cosim.control import settle_inverters
from p2p_cosim.core.errors import DivergenceError
from p2p_cosim.core.fault_kinds import HOUSE_KINDS, METER_KINDS, SHORTS, STUCK_REGULATOR
from p2p_cosim.core.limits import INTERRUPTION_PU
from p2p_cosim.core.protocols import Grid, InverterRule, Metering
from p2p_cosim.core.types import (
    Fault,
    Feed,
    FloatArray,
    GridState,
    HouseFlows,
    PartOfTick,
    Power,
    Step,
)
from p2p_cosim.core.units import p_kw_of
from p2p_cosim.faults import Protection, TapOrders
from p2p_cosim.grid.means import mean_state
from p2p_cosim.grid.power_flows import PowerFlows
from p2p_cosim.houses import House, mean_flows

BEFORE = -1
"""The tick of what is measured before the first interval."""


@dataclass(frozen=True, slots=True, eq=False)
class Delivered:
    """What happened in an interval.

    flows: behind the meters, in the grid's order of houses. on_tie: houses that were fed
    through their tie. opened: what protection has opened in this interval. parts: the power flows,
    if there were several.
    """

    state: GridState
    flows: tuple[HouseFlows, ...] = ()
    on_tie: frozenset[str] = frozenset()
    opened: tuple[Fault, ...] = ()
    parts: tuple[PartOfTick, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class _Point:
    """A solved operating point, with the set-point of every house's inverter."""

    state: GridState
    told: Sequence[Power | None]


class Delivery:
    """A feeder with its houses and meters, run interval by interval.

    houses: in the grid's order. interval_s, spot_scale, parts, source_v_pu: of the power flows, see
    `PowerFlows`. inverters: how PV answers its voltage; None lets it give what it can.
    protection: who clears short circuits; None lets them burn until they are repaired. orders: to
    its tap changers.
    """

    def __init__(
        self,
        grid: Grid,
        houses: Sequence[House],
        metering: Metering,
        spot_scale: FloatArray,
        interval_s: int,
        inverters: InverterRule | None = None,
        protection: Protection | None = None,
        parts: int = 1,
        source_v_pu: FloatArray | None = None,
    ) -> None:
        self.grid = grid
        self.houses = tuple(houses)
        self.metering = metering
        self._power_flows = PowerFlows(interval_s, spot_scale, parts, source_v_pu)
        self._interval_s = interval_s
        self._inverters = inverters
        self._protection = protection
        self._short: Fault | None = None
        self.orders = TapOrders(grid)
        self._on_tie: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"Delivery({len(self.houses)} houses, {len(self._on_tie)} on their tie)"

    def strike(self, fault: Fault) -> None:
        """Break something: the grid, unless it is a house's inverter or meter."""
        if fault.kind in HOUSE_KINDS:
            self._house(fault.place).strike(fault)
        else:
            (self.metering if fault.kind in METER_KINDS else self.grid).apply(fault)
        if fault.kind in SHORTS:
            self._short = fault
        if fault.kind == STUCK_REGULATOR:
            self.orders.stuck.append(fault.place)

    def repair(self, fault: Fault) -> None:
        """Repair what `strike` broke."""
        if fault.kind in HOUSE_KINDS:
            self._house(fault.place).repair(fault)
        else:
            (self.metering if fault.kind in METER_KINDS else self.grid).clear(fault)
        if fault.kind == STUCK_REGULATOR:
            self.orders.stuck.remove(fault.place)
        if fault.kind in SHORTS:
            self._short = None
            for opened in self._protection.reset() if self._protection else ():
                self.grid.clear(opened)

    def begin(self) -> Delivered:
        """The operating point before the first interval, which the meters show first.

        No device goes on from it, and nothing is counted. Raises DivergenceError as `run` does.
        """
        state = self._solve(self._power_flows.whole(0), {}, {}).state
        self.metering.measure(Step(BEFORE, 0.0), state)
        return Delivered(state)

    def run(
        self,
        tick: int,
        contracted_wh: Mapping[str, int] | None = None,
        in_outage: Collection[str] = (),
    ) -> Delivered:
        """Deliver an interval, measure it, and move every device into its next state.

        contracted_wh: by trader, what it bought less what it sold in the round. in_outage:
        houses that have been told that their own drop is dead. Raises DivergenceError with the
        tick if there is no solution, and GridError if inverters find no rest.
        """
        step = self._power_flows.whole(tick)
        contracted_kw = {
            name: p_kw_of(energy_wh, self._interval_s)
            for name, energy_wh in (contracted_wh or {}).items()
        }
        for name in self._on_tie:
            self.grid.transfer(name, to_tie=False)
        self._on_tie = ()
        opened = tuple(self._cleared(step, contracted_kw))
        buyers: Mapping[str, float] | None = None
        taps = tuple(self.grid.taps.values())
        parts, flows = list[PartOfTick](), list[tuple[HouseFlows, ...]]()
        for part in self._power_flows.of(tick):
            if buyers is None:
                point, buyers = self._fed(part, contracted_kw, in_outage)
            else:
                point = self._solve(part, contracted_kw, buyers)
            flows.append(self._flows(part, point, contracted_kw))
            for house, flow in zip(self.houses, flows[-1], strict=True):
                house.advance(part, flow)
            parts.append(self._power_flows.part(part, point.state, taps))
            taps = point.state.taps
        whole = self._whole(parts, flows, opened)
        self.metering.measure(step, whole.state)
        return whole

    def _whole(
        self,
        parts: Sequence[PartOfTick],
        flows: Sequence[tuple[HouseFlows, ...]],
        opened: tuple[Fault, ...],
    ) -> Delivered:
        on_tie = frozenset(self._on_tie)
        if len(parts) == 1:
            return Delivered(parts[0].grid, flows[0], on_tie, opened)
        state = mean_state([part.grid for part in parts])
        means = tuple(mean_flows(of_house) for of_house in zip(*flows, strict=True))
        return Delivered(state, means, on_tie, opened, tuple(parts))

    def _cleared(self, step: Step, contracted_kw: Mapping[str, float]) -> Iterator[Fault]:
        """Open what protection opens while a short circuit stands, one thing after the other."""
        if self._protection is None or self._short is None:
            return
        free: list[Power | None] = [None] * len(self.houses)
        while True:
            self._power_flow(step, contracted_kw, {}, free)
            opened = self._protection.next_open(self._short, step.tick, step.seconds)
            if opened is None:
                return
            self.grid.apply(opened)
            yield opened

    def _fed(
        self, step: Step, contracted_kw: Mapping[str, float], in_outage: Collection[str]
    ) -> tuple[_Point, Mapping[str, float]]:
        """Everybody on his own drop; then those who are dark there and bought on their ties, with
        what they may draw in kW."""
        point = self._solve(step, contracted_kw, {})
        buyers = {
            house.name: contracted_kw.get(house.name, 0.0)
            for house, v_pu in zip(self.houses, point.state.house_v_pu, strict=True)
            if house.name in in_outage and house.tie and v_pu < INTERRUPTION_PU
        }
        buyers = {name: bought_kw for name, bought_kw in buyers.items() if bought_kw > 0}
        if not buyers:
            return point, buyers
        self._on_tie = tuple(buyers)
        for name in buyers:
            self.grid.transfer(name, to_tie=True)
        return self._solve(step, contracted_kw, buyers), buyers

    def _solve(
        self, step: Step, contracted_kw: Mapping[str, float], on_tie_kw: Mapping[str, float]
    ) -> _Point:
        """The operating point with inverters at rest.

        contracted_kw: by house, what it bought less what it sold. on_tie_kw: by house on its
        tie, what it may draw in kW.
        """
        free: list[Power | None] = [None] * len(self.houses)
        state = self._power_flow(step, contracted_kw, on_tie_kw, free)
        if self._inverters is None:
            return _Point(state, free)
        told = free

        def with_inverters(output_kw: FloatArray, q_kvar: FloatArray) -> GridState:
            nonlocal told
            told = [Power(-p, q) for p, q in zip(output_kw.tolist(), q_kvar.tolist(), strict=True)]
            return self._power_flow(step, contracted_kw, on_tie_kw, told)

        inverters = [house.inverter for house in self.houses]
        available_kw = np.array([i.available_kw(step) if i else 0.0 for i in inverters])
        rating_kva = np.array([i.rating_kva if i else 0.0 for i in inverters])
        rest = settle_inverters(self._inverters, state, available_kw, rating_kva, with_inverters)
        return _Point(rest, told)

    def _power_flow(
        self,
        step: Step,
        contracted_kw: Mapping[str, float],
        on_tie_kw: Mapping[str, float],
        told: Sequence[Power | None],
    ) -> GridState:
        drawn = [
            house.draw_on_tie(step, on_tie_kw[house.name])
            if house.name in on_tie_kw
            else house.draw(step, set_point, contracted_kw.get(house.name, 0.0))
            for house, set_point in zip(self.houses, told, strict=True)
        ]
        self.grid.dispatch(self._power_flows.injections(step, drawn))
        try:
            return self.grid.solve()
        except DivergenceError as error:
            raise error.at_tick(step.tick) from error

    def _flows(
        self, step: Step, point: _Point, contracted_kw: Mapping[str, float]
    ) -> tuple[HouseFlows, ...]:
        state = point.state
        metered = zip(
            state.house_v_pu.tolist(),
            state.house_p_kw.tolist(),
            state.house_q_kvar.tolist(),
            strict=True,
        )
        return tuple(
            house.flows(
                step,
                self._feed(house, v_pu),
                Power(p_kw, q_kvar),
                told,
                contracted_kw.get(house.name, 0.0),
            )
            for house, (v_pu, p_kw, q_kvar), told in zip(
                self.houses, metered, point.told, strict=True
            )
        )

    def _feed(self, house: House, v_pu: float) -> Feed:
        if not v_pu > 0:
            return Feed.NONE
        return Feed.TIE if house.name in self._on_tie else Feed.DROP

    def _house(self, name: str) -> House:
        return next(house for house in self.houses if house.name == name)
