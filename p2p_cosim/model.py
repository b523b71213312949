"""The tick: households, market, grid, fault agent and controller in lockstep.

Delays are part of the connections, as in a real distribution system:

- orders for interval t use each trader's own forecast of t and what was published at the
  end of t-1: balances, clearing price, meters (before tick 0: an initial solve);
- orders and clearing of t stand in one block, at gate closure, before delivery begins;
- the grid controller decides after gate closure and before delivery of t; it sees the
  cleared trades of t and the meters of t-1;
- faults strike and are repaired before delivery; meters measure it, the oracle settles what
  their registers have counted at its end, and what they report reaches detector and controller
  with the noise, loss and delay of the metering (none unless asked for);
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

from collections.abc import Sequence
from dataclasses import replace

from p2p_cosim import conservation
from p2p_cosim.agents import (
    AtHome,
    BulkConsumer,
    FaultAgent,
    GridController,
    Household,
    Trader,
    backup_offer,
    outcomes,
    own_moves,
    tell_outages,
)
from p2p_cosim.agents.framework import Model, forget
from p2p_cosim.backup import Known
from p2p_cosim.core.errors import InputError
from p2p_cosim.core.types import (
    Alarm,
    BackupOffer,
    ControlView,
    Decision,
    GateClosure,
    GridState,
    HouseFlows,
    Ledger,
    Order,
    TapMove,
    TickRecord,
    Trade,
    contracted_wh,
)
from p2p_cosim.core.types import Delivery as Settled
from p2p_cosim.delivery import BEFORE, Delivery
from p2p_cosim.parts import Parts

NO_BATCH_RUN = (
    "a Cosim is built from a scenario and not from parameters: run many with p2p_cosim.sweep "
    "instead of mesa.batch_run (docs/mesa.md)"
)


class Cosim(Model):  # type: ignore[misc]  # mesa is untyped
    """The co-simulation. `last` is the record of the newest tick, None before the first.

    Raises InputError if it is made of parameters, as Mesa's `batch_run` makes models.
    """

    def __init__(self, parts: Parts | None = None, **parameters: object) -> None:
        if parts is None or parameters:
            raise InputError(NO_BATCH_RUN)
        super().__init__(rng=parts.model_rng)
        self.parts = parts
        self.clock, self.market, self.grid = parts.clock, parts.market, parts.grid
        trading = (parts.tariffs, parts.clock)
        self.households = [Household(self, plan, *trading) for plan in parts.households]
        self.bulk_consumers = [BulkConsumer(self, plan, *trading) for plan in parts.bulk]
        self.fault_agent = FaultAgent(self, parts.detector)
        self.grid_controller = GridController(self, parts.controller)
        self.delivery = Delivery(
            grid=parts.grid,
            houses=[household.house for household in self.households],
            metering=parts.metering,
            spot_scale=parts.spot_scale,
            interval_s=parts.clock.interval_s,
            inverters=parts.inverters,
            protection=parts.protection,
            parts=parts.power_flows,
            source_v_pu=parts.source_v_pu,
        )
        self.last: TickRecord | None = None
        self._spot_index = {load.name: i for i, load in enumerate(self.grid.spot_loads)}
        self._last_price_wei_per_wh: int | None = None
        self._ledger = self.market.ledger()
        self._first_taps = dict(self.grid.taps)
        self._by_hand: dict[str, TapMove] = {}
        self._delivered = self.delivery.begin()
        self._meters = self.parts.metering.arrived(BEFORE)

    def __repr__(self) -> str:
        return f"Cosim(tick {self.tick} of {self.clock.ticks}, {len(self.households)} households)"

    def close(self) -> None:
        """Let go of the chain and of those who tell people. Harmless a second time."""
        self.parts.notifier.close()
        if self.parts.chain:
            self.parts.chain.close()
        forget(self)

    @property
    def tick(self) -> int:
        """The tick that `step` runs next; `clock.ticks` when the run is over."""
        return int(self.steps)

    @property
    def state(self) -> GridState:
        """The newest solved operating point."""
        return self._delivered.state

    def step(self) -> None:
        """One market interval; see the module's docstring for who knows what when."""
        tick, before = int(self.steps) - 1, self._ledger  # mesa has counted it already
        payers = (trader.name for trader in self.traders if not trader.by_hand)
        billed, self._ledger = self.parts.billing.collect(tick, self.market, before, payers)
        orders = self._collect_orders(tick)
        gate = self.market.close_gate(orders, self.clock.gate_closure_timestamp(tick))
        gate = replace(gate, receipts=(*billed, *gate.receipts))
        decision = self._control(tick, gate.clearing.trades)
        self._strike_and_repair(tick)
        self._deliver(tick, gate.clearing.trades)
        readings = self.parts.metering.readings()
        settled = self.market.settle(readings, self.clock.delivery_timestamp(tick))
        self._learn(tick, gate, settled)
        alarms = self.fault_agent.inspect(self._meters)
        offers = self._offers(tick, alarms, gate)
        happened = self._happened(tick, gate, decision, settled, before)
        alerts = self.parts.alert_desk.alerts(tick, alarms, offers)
        self.last = replace(happened, alarms=alarms, offers=offers, alerts=alerts)
        self._tell(self.last)
        conservation.check_tick(self.last, before)
        self.running = self.tick < self.clock.ticks  # Mesa's run_model goes on while it is true

    @property
    def traders(self) -> list[Trader]:
        """Everybody with a meter and an account, households first."""
        return [*self.households, *self.bulk_consumers]

    def hand_over(self, house: str, *, by_hand: bool) -> None:
        """Let somebody trade for a house from the next tick on, or its agent again.

        The market's accounts are read anew: whose they are has changed. Raises InputError for
        an unknown house.
        """
        self.household(house).by_hand = by_hand
        self._ledger = self.market.ledger()

    @property
    def taps_by_hand(self) -> tuple[TapMove, ...]:
        """Moves that somebody makes by hand before the next interval."""
        return tuple(self._by_hand.values())

    def move_by_hand(self, move: TapMove) -> None:
        """Move a tap before the next interval, in which its controller leaves it alone.

        Raises GridError for a move that the grid does not take: its present tap stays.
        """
        present = self.grid.taps[move.regulator]
        self.grid.set_tap(move)
        self.grid.set_tap(replace(move, tap=present))
        self._by_hand[move.regulator] = move

    def household(self, house: str) -> Household:
        """The agent of a house. Raises InputError for an unknown one."""
        for household in self.households:
            if household.name == house:
                return household
        raise InputError(f"{house!r} is no house of this run: it has {len(self.households)}")

    def _collect_orders(self, tick: int) -> list[Order]:
        """Everybody's orders. The order of arrival is drawn anew every tick, so that ties,
        which go to the earlier order, favour nobody in the long run."""
        accounts, price = self._ledger.accounts, self._last_price_wei_per_wh
        quotes = [trader.quote(tick, accounts[trader.name], price) for trader in self.traders]
        arrival = self.parts.arrival_rng.permutation(len(quotes))
        return [order for i in arrival for order in quotes[i]]

    def _control(self, tick: int, trades: tuple[Trade, ...]) -> Decision:
        """Make the moves by hand, ask the controller, and make those of the others."""
        clock = self.clock
        by_hand, self._by_hand = self._by_hand, {}
        made = tuple(move for move in by_hand.values() if self.delivery.orders.move(move))
        view = ControlView(
            tick=tick,
            meters=self._meters,
            trades=trades,
            taps=dict(self.grid.taps),
            regulator_phases=dict(self.grid.regulators),
            regulator_sites=self.grid.regulator_sites,
            network=self.parts.network,
            interval_s=clock.interval_s,
            day=(clock.time(tick).date() - clock.start.date()).days,
        )
        decision = self.grid_controller.decide(view)
        if by_hand:
            free = tuple(move for move in decision.moves if move.regulator not in by_hand)
            predicted_v_pu = decision.predicted_v_pu if free == decision.moves else None
            decision = replace(decision, moves=free, predicted_v_pu=predicted_v_pu)
        decision = self.delivery.orders.make(decision)
        return replace(decision, moves=(*made, *decision.moves)) if made else decision

    def _strike_and_repair(self, tick: int) -> None:
        for fault in self.parts.schedule.ending(tick):
            self.delivery.repair(fault)
        for fault in self.parts.schedule.starting(tick):
            self.delivery.strike(fault)

    def _deliver(self, tick: int, trades: tuple[Trade, ...]) -> None:
        """Deliver the interval, and take what has arrived of the meters at its end."""
        in_outage = {household.name for household in self.households if household.outage}
        self._delivered = self.delivery.run(tick, contracted_wh(trades), in_outage)
        # The utility knows its switches at once, however late the meters are.
        arrived = self.parts.metering.arrived(tick)
        self._meters = replace(arrived, on_tie=self._delivered.on_tie)

    def _learn(self, tick: int, gate: GateClosure, settled: Settled) -> None:
        """What traders know of this round when they quote for the next."""
        self._ledger = settled.ledger
        if gate.clearing.price_wei_per_wh is not None:  # a price of 0 is a price
            self._last_price_wei_per_wh = gate.clearing.price_wei_per_wh
        for household, flows in zip(self.households, self._delivered.flows, strict=True):
            household.observe(flows.forecast_load_kw, flows.pv_kw)
        for bulk in self.bulk_consumers:
            bulk.observe(float(self.state.spot_p_kw[self._spot_index[bulk.name]]), 0.0)
        told = outcomes(tick, [t.name for t in self.traders], gate, settled.settlements)
        for trader in self.traders:
            trader.learn(told[trader.name])

    def _taps_moved(self, decision: Decision) -> tuple[TapMove, ...]:
        """The controller's moves, and those that the grid's own controls made in the solves."""
        before = tuple(self._first_taps.values()) if self.last is None else self.last.grid.taps
        solved = [part.grid.taps for part in self._delivered.parts] or [self.state.taps]
        own = own_moves(self.grid.regulators, before, solved, decision.moves)
        return (*decision.moves, *own)

    def _offers(
        self, tick: int, alarms: Sequence[Alarm], gate: GateClosure
    ) -> tuple[BackupOffer, ...]:
        """Tell houses of their outage, and those it is new to what they can do about it."""
        seen = AtHome(self.grid.houses, self.state.house_v_pu, self._delivered.on_tie)
        told = tell_outages(self.households, seen, alarms)
        if not told:
            return ()
        publishing = self.households if tick + 1 < self.clock.ticks else []
        known = Known(
            meters=self._meters,
            placements=gate.placements,
            forecast_wh={house.name: house.forecast(tick + 1) for house in publishing},
            tie_ends={h.name: h.house.tie.end for h in self.households if h.house.tie},
        )
        return tuple(backup_offer(tick, house, known) for house in told)

    def _happened(
        self, tick: int, gate: GateClosure, decision: Decision, settled: Settled, before: Ledger
    ) -> TickRecord:
        """The record of a tick before anybody is told of anything."""
        return TickRecord(
            tick=tick,
            gate=gate,
            tap_moves=self._taps_moved(decision),
            meters=self._household_flows(),
            grid=self.state,
            settlements=settled.settlements,
            settle_receipts=settled.receipts,
            faults=(*self.parts.schedule.starting(tick), *self._delivered.opened),
            ledger=settled.ledger,
            alarms=(),
            decision=decision,
            paid_in_wei=settled.ledger.paid_in_since(before),
            late_trades=settled.late_trades,
            parts=self._delivered.parts,
        )

    def _household_flows(self) -> tuple[HouseFlows, ...]:
        return tuple(
            replace(flows, forecast_wh=household.forecast_wh)
            for household, flows in zip(self.households, self._delivered.flows, strict=True)
        )

    def _tell(self, record: TickRecord) -> None:
        self.parts.notifier.notify([alert for alert in record.alerts if not alert.suppressed])
        self.parts.recorder.record(record)
