"""The tick: households, market, grid, fault agent and controller in lockstep.

Delays are part of the connections, as in a real distribution system:

- orders for interval t use each trader's own forecast of t and what was published at the
  end of t-1: balances, clearing price, meters (before tick 0: an initial solve);
- orders and clearing of t stand in one block, at gate closure, before delivery begins;
- the grid controller decides after gate closure and before delivery of t; it sees the
  cleared trades of t and the meters of t-1;
- faults strike and are repaired before delivery; meters of t are read after it, and reach
  the detector with the noise, loss and delay of the metering (none unless asked for);
- settlement of t and alarms of t come at the end of t; what anybody does about an alarm
  enters the market at t+1;
- a house whose own drop is dead draws nothing in t, whatever it bought, unless it was told
  by the end of t-1: then it has bid for backup power at gate closure of t, and draws through
  its tie in t no more than it bought. Every tick its own drop comes first: after a repair
  before t it is fed by that in t, sees so at the end of t, and orders as ever from t+1;
- who can sell to it in t+1 is named at the end of t, from the book of t, the meters of t and
  the forecasts of t+1 that households publish then.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import mesa
import numpy as np

from p2p_cosim import conservation
from p2p_cosim.agents import (
    BulkConsumer,
    FaultAgent,
    GridController,
    Household,
    Trader,
    backup_offer,
    tell_outages,
)
from p2p_cosim.backup import INTERRUPTION_PU, Known, bought_wh
from p2p_cosim.control import settle_inverters
from p2p_cosim.core.errors import DivergenceError
from p2p_cosim.core.protocols import (
    Grid,
)
from p2p_cosim.core.types import (
    Alarm,
    BackupOffer,
    ControlView,
    Decision,
    Fault,
    Feed,
    FloatArray,
    GateClosure,
    GridState,
    HouseFlows,
    Injections,
    MeterView,
    Order,
    Reading,
    TapMove,
    TickRecord,
    Trade,
)
from p2p_cosim.core.units import energy_wh_nearest
from p2p_cosim.faults import HOUSE_KINDS
from p2p_cosim.metering import METER_KINDS, Metering
from p2p_cosim.parts import Parts

OWN_CONTROL = "RegControl: its compensated voltage had left its band"


class Cosim(mesa.Model):  # type: ignore[misc]  # mesa is untyped
    """The co-simulation. `last` is the record of the newest tick, None before the first."""

    def __init__(self, parts: Parts) -> None:
        super().__init__(rng=parts.arrival_rng)
        self.parts = parts
        self.clock, self.market, self.grid = parts.clock, parts.market, parts.grid
        trading = (parts.tariff, parts.clock.interval_s)
        self.households = [Household(self, plan, *trading) for plan in parts.households]
        self.bulk_consumers = [BulkConsumer(self, plan, *trading) for plan in parts.bulk]
        self.fault_agent = FaultAgent(self, parts.detector)
        self.grid_controller = GridController(self, parts.controller)
        self.last: TickRecord | None = None
        self._spot_index = {load.name: i for i, load in enumerate(self.grid.spot_loads)}
        self._last_price_wei_per_wh: int | None = None
        self._ledger = self.market.ledger()
        self._on_tie: tuple[str, ...] = ()
        self._recorded_taps = dict(self.grid.taps)
        self._state = self._solve(tick=0)

    def close(self) -> None:
        """Let go of the chain and of those who tell people. Harmless a second time."""
        self.parts.notifier.close()
        self.parts.close_chain()

    @property
    def tick(self) -> int:
        """The tick that `step` runs next; `clock.ticks` when the run is over."""
        return int(self.steps)

    @property
    def state(self) -> GridState:
        """The newest solved operating point."""
        return self._state

    def step(self) -> None:
        """One market interval; see the module's docstring for who knows what when."""
        tick = int(self.steps) - 1  # mesa has counted this step already
        orders = self._collect_orders(tick)
        gate = self.market.close_gate(orders, self.clock.gate_closure_timestamp(tick))
        decision = self._control(tick, gate.clearing.trades)
        struck = self._strike_and_repair(tick)
        self._state = self._deliver(tick, gate.clearing.trades)
        meters = self._household_meters(tick)
        delivery = self.market.settle(self._readings(), self.clock.delivery_timestamp(tick))
        before, self._ledger = self._ledger, delivery.ledger
        self._last_price_wei_per_wh = gate.clearing.price_wei_per_wh or self._last_price_wei_per_wh
        alarms = self.fault_agent.inspect(self._read_meters(tick))
        offers = self._offers(tick, alarms, gate)
        self.last = TickRecord(
            tick=tick,
            gate=gate,
            tap_moves=self._taps_moved(decision),
            meters=meters,
            grid=self._state,
            settlements=delivery.settlements,
            settle_receipt=delivery.receipt,
            ledger=delivery.ledger,
            alarms=alarms,
            faults=struck,
            offers=offers,
            alerts=self.parts.alert_desk.alerts(tick, alarms, offers),
            decision=decision,
        )
        self.parts.notifier.notify([a for a in self.last.alerts if not a.suppressed])
        self.parts.recorder.record(self.last)
        conservation.check_tick(self.last, before)

    def _collect_orders(self, tick: int) -> list[Order]:
        """Everybody's orders. The order of arrival is drawn anew every tick, so that ties,
        which go to the earlier order, favour nobody in the long run."""
        traders: list[Trader] = [*self.households, *self.bulk_consumers]
        accounts = self._ledger.accounts
        quotes = [
            trader.quote(tick, accounts[trader.name], self._last_price_wei_per_wh)
            for trader in traders
        ]
        return [order for i in self.rng.permutation(len(quotes)) for order in quotes[i]]

    def _control(self, tick: int, trades: tuple[Trade, ...]) -> Decision:
        """Ask the controller, and make its moves."""
        clock = self.clock
        view = ControlView(
            tick=tick,
            meters=self._meter_view(tick - 1),
            trades=trades,
            taps=dict(self.grid.taps),
            regulator_phases=dict(self.grid.regulators),
            network=self.parts.network,
            interval_s=clock.interval_s,
            day=(clock.time(tick).date() - clock.start.date()).days,
        )
        decision = self.grid_controller.decide(view)
        for move in decision.moves:
            self.grid.set_tap(move)
        return decision

    def _taps_moved(self, decision: Decision) -> tuple[TapMove, ...]:
        """The controller's moves, and those that the grid's own controls made in the solve."""
        ordered = {move.regulator for move in decision.moves}
        before, self._recorded_taps = self._recorded_taps, dict(self.grid.taps)
        own = tuple(
            TapMove(name, tap, OWN_CONTROL)
            for name, tap in self._recorded_taps.items()
            if tap != before[name] and name not in ordered
        )
        return (*decision.moves, *own)

    def _strike_and_repair(self, tick: int) -> tuple[Fault, ...]:
        struck = self.parts.schedule.starting(tick)
        for fault in self.parts.schedule.ending(tick):
            self._breakable(fault).clear(fault)
        for fault in struck:
            self._breakable(fault).apply(fault)
        return struck

    def _breakable(self, fault: Fault) -> Grid | Metering | Household:
        """What a fault happens to: the grid, unless it is a house's inverter or meter."""
        if fault.kind in METER_KINDS:
            return self.parts.metering
        if fault.kind in HOUSE_KINDS:
            return next(house for house in self.households if house.name == fault.place)
        return self.grid

    def _deliver(self, tick: int, trades: tuple[Trade, ...]) -> GridState:
        """Everybody on his own drop; then those who are dark there and bought backup power on
        their ties."""
        for name in self._on_tie:
            self.grid.transfer(name, to_tie=False)
        self._on_tie = ()
        state = self._solve(tick)
        bought = {
            house.name: bought_wh(house.name, trades)
            for house, v_pu in zip(self.households, state.house_v_pu, strict=True)
            if house.outage and house.tie and v_pu < INTERRUPTION_PU
        }
        self._on_tie = tuple(name for name, energy_wh in bought.items() if energy_wh > 0)
        if not self._on_tie:
            return state
        for name in self._on_tie:
            self.grid.transfer(name, to_tie=True)
        return self._solve(tick, bought)

    def _solve(self, tick: int, bought: Mapping[str, int] | None = None) -> GridState:
        """The operating point of a tick, with inverters at rest.

        bought: by house on its tie, what it may draw in Wh.
        """
        rule, houses = self.parts.inverters, self.households
        if rule is None:
            return self._power_flow(tick, bought)
        for house in houses:
            house.curtailed_kw = house.inverter_kvar = 0.0
        available_kw = np.array([house.produced_kw(tick) for house in houses])

        def with_inverters(output_kw: FloatArray, q_kvar: FloatArray) -> GridState:
            for i, house in enumerate(houses):
                house.curtailed_kw = float(available_kw[i] - output_kw[i])
                house.inverter_kvar = float(q_kvar[i])
            return self._power_flow(tick, bought)

        state = self._power_flow(tick, bought)
        rating_kva = np.array([house.inverter_kva for house in houses])
        return settle_inverters(rule, state, available_kw, rating_kva, with_inverters)

    def _power_flow(self, tick: int, bought: Mapping[str, int] | None) -> GridState:
        drawn = np.array(
            [
                house.tie_injection(tick, (bought or {})[house.name])
                if house.name in self._on_tie
                else house.injection(tick)
                for house in self.households
            ]
        ).reshape(-1, 2)
        self.grid.dispatch(
            Injections(
                house_p_kw=np.ascontiguousarray(drawn[:, 0]),
                house_q_kvar=np.ascontiguousarray(drawn[:, 1]),
                spot_scale=float(self.parts.spot_scale[tick]),
            )
        )
        try:
            return self.grid.solve()
        except DivergenceError as error:
            raise error.at_tick(tick) from error

    def _meter_view(self, tick: int) -> MeterView:
        state = self._state
        return MeterView(
            tick,
            self.grid.houses,
            state.house_v_pu,
            state.house_p_kw,
            state.house_q_kvar,
            on_tie=frozenset(self._on_tie),
        )

    def _read_meters(self, tick: int) -> MeterView:
        """What the detector gets at the end of this tick."""
        taps = dict(zip(self.grid.regulators, self._state.taps, strict=True))
        view = self.parts.metering.read(tick, self.grid.houses, self._state, taps)
        # The utility knows its switches at once, however late the meters are.
        return replace(view, on_tie=frozenset(self._on_tie))

    def _offers(
        self, tick: int, alarms: Sequence[Alarm], gate: GateClosure
    ) -> tuple[BackupOffer, ...]:
        """Tell houses of their outage, and those it is new to what they can do about it."""
        meters = self._meter_view(tick)
        told = tell_outages(self.households, meters, alarms)
        if not told:
            return ()
        publishing = self.households if tick + 1 < self.clock.ticks else []
        known = Known(
            meters=meters,
            placements=gate.placements,
            forecast_wh={house.name: house.forecast(tick + 1) for house in publishing},
            tie_ends={house.name: house.tie.end for house in self.households if house.tie},
        )
        return tuple(backup_offer(tick, house, known) for house in told)

    def _readings(self) -> list[Reading]:
        """Metered energy of everybody with an account, from the solve of this tick."""
        state, interval_s = self._state, self.clock.interval_s
        metered = [
            (house.name, float(p_kw))
            for house, p_kw in zip(self.households, state.house_p_kw, strict=True)
        ]
        metered += [
            (bulk.name, float(state.spot_p_kw[self._spot_index[bulk.name]]))
            for bulk in self.bulk_consumers
        ]
        return [Reading(name, energy_wh_nearest(p_kw, interval_s)) for name, p_kw in metered]

    def _household_meters(self, tick: int) -> tuple[HouseFlows, ...]:
        v_pu, p_kw = self._state.house_v_pu, self._state.house_p_kw
        return tuple(
            house.behind_the_meter(tick, self._feed(house, float(v)), metered_kw=float(p))
            for house, v, p in zip(self.households, v_pu, p_kw, strict=True)
        )

    def _feed(self, house: Household, v_pu: float) -> Feed:
        if not v_pu > 0:
            return Feed.NONE
        return Feed.TIE if house.name in self._on_tie else Feed.DROP
