"""Feeder days as a utility sees them: houses, published loads that stray, faults, meters.

A utility's model of its feeder is never quite the feeder. A `World` says in what they differ.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

import numpy as np

from p2p_cosim.compose.protection import protect
from p2p_cosim.core.types import Fault, FloatArray, MeterView
from p2p_cosim.delivery import Delivery
from p2p_cosim.detection.straying import LoadUncertainty
from p2p_cosim.detection.twin import Twin
from p2p_cosim.faults import Schedule
from p2p_cosim.grid import FeederOptions, HousePlan, package_circuit
from p2p_cosim.grid.faults import assumed_opens, assumed_shorts, small_shorts
from p2p_cosim.grid.model import ModelError
from p2p_cosim.grid.opendss import OpenDSSGrid
from p2p_cosim.houses import House, Inverter, Load, PVArray
from p2p_cosim.metering import TYPICAL, MeterQuality, SimulatedMetering
from p2p_cosim.scenario import Scenario, build_profiles

TICKS, INTERVAL_S = 96, 900
SITES = ("652.A", "611.C", "684.A", "684.C", "675.B")


@dataclass(frozen=True, slots=True)
class World:
    """What all days of a study have in common.

    houses: number, at most six behind a transformer. sites: where, as `HousePlan` takes them.
    feeder: one of the package's. pv_share, pv_kw: of the houses, and of each array.
    loads: how the detectors take the published loads to stray. strays: how they do stray; None
    for as they are taken to. line_deviation: relative standard deviation of the impedance of each
    line about that in the utility's model, drawn anew for every day. protected: whether the
    usual fuses and reclosers clear what they see.
    """

    houses: int = 30
    quality: MeterQuality = TYPICAL
    loads: LoadUncertainty = field(default_factory=LoadUncertainty)
    feeder: str = "ieee13"
    sites: tuple[str, ...] | Literal["by_load"] = SITES
    pv_share: float = 0.5
    pv_kw: float = 8.0
    strays: LoadUncertainty | None = None
    line_deviation: float = 0.0
    protected: bool = False

    def grid(self) -> OpenDSSGrid:
        """A feeder of its own, taps where the regulators settle under the daily load."""
        return OpenDSSGrid.build(self.feeder, FeederOptions(), HousePlan(self.houses, self.sites))

    def hypotheses(self, grid: OpenDSSGrid) -> tuple[Fault, ...]:
        """The faults that a utility tries as explanations."""
        return (*assumed_opens(grid.circuit, grid.houses), *assumed_shorts(grid.circuit))

    def probes(self) -> tuple[Fault, ...]:
        """Small short circuits: the shapes that the matched filter looks for."""
        return small_shorts(package_circuit(self.feeder))


@dataclass(frozen=True, slots=True, eq=False)
class Day:
    """The profiles of a day. Arrays of houses have shape (ticks, houses), `spot_scale` has
    (ticks, loads) and its forecast (ticks,)."""

    seed: int
    start: datetime
    load_kw: FloatArray
    pv_kw: FloatArray
    kvar_per_kw: float
    spot_scale: FloatArray
    spot_forecast: FloatArray


def draw_day(world: World, seed: int, loads: int) -> Day:
    """A day of the year that the seed draws, with its own houses, clouds and strayings.

    Worlds that differ in how loads stray share what the strayings are drawn from.
    """
    rng = np.random.default_rng(np.random.SeedSequence((seed, 13)))
    start = datetime(2024, 1, 1) + timedelta(days=int(rng.integers(366)))
    scenario = Scenario.model_validate(
        {
            "name": "detector-day",
            "seed": seed,
            "clock": {"start": start, "ticks": TICKS},
            "houses": {
                "count": world.houses,
                "sites": "by_load" if world.sites == "by_load" else list(world.sites),
            },
            "profiles": {
                "model": "simple",
                "pv_share": world.pv_share,
                "pv_kw": world.pv_kw,
                "cloudiness": float(rng.uniform(0, 0.6)),
            },
            "feeder": {"name": world.feeder, "spot_loads": {"profile": "daily"}},
        }
    )
    profiles = build_profiles(scenario, np.random.SeedSequence((seed, 7)))
    stray = (world.strays or world.loads).drawn(TICKS, loads, rng)
    return Day(
        seed,
        start,
        profiles.load_kw,
        profiles.pv_kw,
        scenario.profiles.kvar_per_kw,
        np.maximum(profiles.spot_scale[:, None] * (1 + stray), 0.0),
        np.array(profiles.spot_scale),
    )


class Feeder:
    """A real feeder and its utility's twin, both reused from day to day.

    opened: what protection opened in the newest views.
    """

    def __init__(self, world: World) -> None:
        self.world = world
        self.grid = world.grid()
        self.twin_grid = world.grid()
        self.hypotheses = world.hypotheses(self.twin_grid)
        self.probes = world.probes()
        self._protection = protect(self.grid) if world.protected else None
        self._believed_lengths = self.grid.line_lengths
        self.opened: list[Fault] = []

    def twin(self, day: Day) -> Twin:
        """What the utility knows of this day: the usual shape, not the strayings."""
        return Twin(self.twin_grid, day.spot_forecast, self.world.quality, self.world.loads)

    def views(
        self,
        day: Day,
        faults: Sequence[Fault] = (),
        first: int = 0,
        last: int = TICKS,
        quality: MeterQuality | None = None,
    ) -> list[MeterView]:
        """What the meters tell from tick `first` to before `last`.

        quality: of these meters, by default the world's.

        Raises DivergenceError if a fault leaves no solution.
        """
        self._stretch_lines(day)
        metering = self._metering(day, quality or self.world.quality)
        delivery = Delivery(
            *(self.grid, self._houses(day), metering, day.spot_scale, INTERVAL_S),
            protection=self._protection,
        )
        self.opened = []
        schedule = Schedule(tuple(faults))
        views: list[MeterView] = []
        active: list[Fault] = []
        try:
            for tick in range(first, last):
                for fault in [fault for fault in active if fault.end_tick == tick]:
                    delivery.repair(fault)
                    active.remove(fault)
                for fault in schedule.starting(tick):
                    delivery.strike(fault)
                    active.append(fault)
                self.opened += delivery.run(tick).opened
                views.append(metering.arrived(tick))
        finally:
            for fault in active:
                delivery.repair(fault)
        return views

    def _metering(self, day: Day, quality: MeterQuality) -> SimulatedMetering:
        return SimulatedMetering(
            self.grid.houses,
            regulators=tuple(self.grid.regulators),
            quality=quality,
            rng=np.random.default_rng(np.random.SeedSequence((day.seed, 29))),
        )

    def _stretch_lines(self, day: Day) -> None:
        """Give the lines the lengths that they have on this day; the twin's are those believed."""
        deviation = self.world.line_deviation
        if not deviation:
            return
        rng = np.random.default_rng(np.random.SeedSequence((day.seed, 31)))
        error = ModelError.drawn(self.grid, deviation, rng)
        self.grid.set_line_lengths(self._believed_lengths * error.lines)

    def _houses(self, day: Day) -> list[House]:
        return [
            House(
                site.name,
                [Load(day.load_kw[:, i], day.kvar_per_kw), Inverter(PVArray(day.pv_kw[:, i]))],
            )
            for i, site in enumerate(self.grid.houses)
        ]
