"""A scenario's feeder, houses, meters and controllers without its market.

Voltages do not decide who sells what, so a study of controllers or of PV need not trade anew in
every run: it gives what was sold, or nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from p2p_cosim.compose.control import controller_of, grid_owns_taps, inverters_of, network_of
from p2p_cosim.compose.faults import metering_of
from p2p_cosim.compose.grid import grid_of
from p2p_cosim.compose.plugins import Plugins
from p2p_cosim.compose.seeds import Purpose, seed_of
from p2p_cosim.compose.traders import households_of
from p2p_cosim.control import settle_inverters
from p2p_cosim.core.brief import Brief
from p2p_cosim.core.errors import InputError
from p2p_cosim.core.types import (
    ControlView,
    Decision,
    FloatArray,
    GridState,
    Injections,
    MeterView,
    Step,
    Trade,
)
from p2p_cosim.delivery import BEFORE
from p2p_cosim.grid.opendss import OpenDSSGrid
from p2p_cosim.houses import LOAD, PV
from p2p_cosim.scenario import Scenario, build_profiles, tariffs_of

OTHERS = "others"
"""Who buys and sells what the trades of a feeder run do not tell."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Behind(Brief):
    """What is behind the meters of a scenario, whatever its controller does.

    load_kw, load_kvar, available_kw: shape (ticks, houses); the last is what PV could give.
    rating_kva: shape (houses,), of the PV inverters. spot_scale: shape (ticks,).
    """

    load_kw: FloatArray
    load_kvar: FloatArray
    available_kw: FloatArray
    rating_kva: FloatArray
    spot_scale: FloatArray

    @classmethod
    def of(cls, scenario: Scenario, grid: OpenDSSGrid | None = None) -> Behind:
        """From the scenario's seed, as a run of it draws them.

        Raises InputError for houses with other devices than load and PV, whose powers trades
        decide, for faults, and for what changes inside an interval or at the head.
        """
        if scenario.faults.schedule or scenario.faults.rates:
            raise InputError("a feeder run knows no faults: remove faults from the scenario")
        if scenario.clock.parts > 1 or scenario.feeder.source_series:
            raise InputError(
                "a feeder run knows one power flow an interval and one voltage at the head: remove "
                "clock.power_flow_min and feeder.source_series"
            )
        profiles = build_profiles(scenario, seed_of(scenario.seed, Purpose.PROFILES))
        grid = grid or grid_of(scenario, regcontrol=False)
        told = tariffs_of(scenario)
        houses = [p.house for p in households_of(scenario, grid, profiles, told, Plugins())]
        kinds = {device.kind for house in houses for device in house.devices}
        if kinds - {LOAD, PV}:
            found = ", ".join(sorted(kinds - {LOAD, PV}))
            raise InputError(f"a feeder run knows load and PV, and houses have {found}: remove it")
        interval_s = float(scenario.clock.clock().interval_s)
        steps = [Step(tick, interval_s) for tick in range(scenario.clock.ticks)]
        drawn = [[house.draw(step) for house in houses] for step in steps]
        net_kw = np.array([[power.p_kw for power in row] for row in drawn])
        inverters = [house.inverter for house in houses]
        available_kw = np.array(
            [[i.available_kw(step) if i else 0.0 for i in inverters] for step in steps]
        )
        return cls(
            load_kw=net_kw + available_kw,
            load_kvar=np.array([[power.q_kvar for power in row] for row in drawn]),
            available_kw=available_kw,
            rating_kva=np.array([i.rating_kva if i else 0.0 for i in inverters]),
            spot_scale=profiles.spot_scale,
        )


@dataclass(frozen=True, slots=True, eq=False)
class FeederTick:
    """One interval. curtailed_kw: PV that inverters held back, over all houses."""

    tick: int
    decision: Decision
    state: GridState
    curtailed_kw: float


class FeederRun(Brief):
    """A scenario's feeder, interval by interval; iterate over it once.

    behind: of the same scenario, if it is known already. sold: by interval and house, energy
    that it bought less what it sold, in Wh; none if not given. plugins: a controller of one's own.

    Raises InputError as `Behind.of` does, DivergenceError where a power flow has no solution,
    and GridError where inverters find no rest.
    """

    def __init__(
        self,
        scenario: Scenario,
        behind: Behind | None = None,
        sold: Sequence[Mapping[str, int]] = (),
        plugins: Plugins | None = None,
    ) -> None:
        plugins = plugins or Plugins()
        self.clock = scenario.clock.clock()
        self.grid = grid_of(scenario, regcontrol=grid_owns_taps(scenario, plugins))
        self.initial_taps = tuple(self.grid.taps.values())
        self._behind = behind or Behind.of(scenario, self.grid)
        self._sold = sold
        self._controller = controller_of(scenario, plugins)
        self._inverters = inverters_of(scenario, plugins)
        self._network = network_of(scenario, self.grid)
        self._metering = metering_of(scenario, self.grid, ())

    def __iter__(self) -> Iterator[FeederTick]:
        self._measure(Step(BEFORE, 0.0), self._delivered(0)[0])
        for tick in range(self.clock.ticks):
            decision = self._controller.decide(self._view(tick))
            for move in decision.moves:
                self.grid.set_tap(move)
            state, curtailed_kw = self._delivered(tick)
            self._measure(Step(tick, float(self.clock.interval_s)), state)
            yield FeederTick(tick, decision, state, curtailed_kw)

    def _measure(self, step: Step, state: GridState) -> None:
        self._metering.measure(step, state)
        self._meters: MeterView = self._metering.arrived(step.tick)

    def _view(self, tick: int) -> ControlView:
        clock = self.clock
        return ControlView(
            tick=tick,
            meters=self._meters,
            trades=_trades(self._sold[tick]) if self._sold else (),
            taps=dict(self.grid.taps),
            regulator_phases=dict(self.grid.regulators),
            network=self._network,
            interval_s=clock.interval_s,
            day=(clock.time(tick).date() - clock.start.date()).days,
            regulator_sites=self.grid.regulator_sites,
        )

    def _delivered(self, tick: int) -> tuple[GridState, float]:
        behind = self._behind
        available_kw = behind.available_kw[tick]
        output_kw = available_kw

        def solve(given_kw: FloatArray, drawn_kvar: FloatArray) -> GridState:
            nonlocal output_kw
            output_kw = np.minimum(given_kw, available_kw)
            self.grid.dispatch(
                Injections(
                    behind.load_kw[tick] - output_kw,
                    behind.load_kvar[tick] + drawn_kvar,
                    float(behind.spot_scale[tick]),
                )
            )
            return self.grid.solve()

        state = solve(available_kw, np.zeros_like(available_kw))
        if self._inverters is not None:
            state = settle_inverters(self._inverters, state, available_kw, behind.rating_kva, solve)
        return state, float((available_kw - output_kw).sum())


def _trades(sold: Mapping[str, int]) -> tuple[Trade, ...]:
    return tuple(
        Trade(house, OTHERS, energy_wh, 0) if energy_wh > 0 else Trade(OTHERS, house, -energy_wh, 0)
        for house, energy_wh in sold.items()
        if energy_wh
    )
