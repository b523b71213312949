"""Profiles of a scenario: generated or measured, then with each house's own values."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from p2p_cosim.core.errors import Problem, ScenarioError
from p2p_cosim.core.types import FloatArray
from p2p_cosim.core.units import energy_wh, whole_wh
from p2p_cosim.scenario.profiles import simple
from p2p_cosim.scenario.profiles.head import read_source_v_pu
from p2p_cosim.scenario.profiles.measured import read_measured
from p2p_cosim.scenario.profiles.spot import daily_scale
from p2p_cosim.scenario.schema import Scenario


@dataclass(frozen=True, slots=True, eq=False)
class Profiles:
    """What happens behind the meters, whatever the market does. Arrays are read-only.

    load_kw, pv_kw: shape (ticks, houses), consumption and production, both positive, means
    over the tick. spot_scale: shape (ticks,), multiplies the published spot loads.
    source_v_pu: shape (ticks,), voltage at the head; None if it is always the same.
    fine: the same by power flows, where an interval has several; their means are these.
    """

    load_kw: FloatArray
    pv_kw: FloatArray
    spot_scale: FloatArray
    source_v_pu: FloatArray | None = None
    fine: Profiles | None = None

    def __post_init__(self) -> None:
        for array in (self.load_kw, self.pv_kw, self.spot_scale, self.source_v_pu):
            if array is not None:
                array.setflags(write=False)

    @property
    def solved(self) -> Profiles:
        """By power flows: what the grid is solved with."""
        return self.fine or self


def build_profiles(scenario: Scenario, seed: np.random.SeedSequence) -> Profiles:
    """The profiles of a scenario; the same scenario and seed give the same arrays.

    Each house draws from seeds of its own, so that its load and its sky do not change when
    there are more houses; more PV (`pv_share`) adds arrays and takes none away. `seed` is
    not spawned from, so it may be used again.

    Raises ScenarioError, with every problem found, for a CSV file that does not fit, and for a
    house that draws or feeds in more in an interval than a meter may report.
    """
    parts = scenario.clock.parts
    if parts == 1:
        profiles = _built(scenario, seed, 1)
    else:
        fine = _built(scenario.model_copy(update={"clock": scenario.clock.fine()}), seed, parts)
        profiles = Profiles(
            _means(fine.load_kw, parts),
            _means(fine.pv_kw, parts),
            _means(fine.spot_scale, parts),
            None if fine.source_v_pu is None else _means(fine.source_v_pu, parts),
            fine,
        )
    _check_energies(scenario, profiles.load_kw, profiles.pv_kw)
    return profiles


def _built(scenario: Scenario, seed: np.random.SeedSequence, parts: int) -> Profiles:
    """By the scenario's clock. parts: ticks for each value that a house was given itself."""
    clock = scenario.clock.clock()
    file, source = scenario.csv_file(), scenario.source_file()
    if file is None:
        load_kw, pv_kw = _generated(scenario, seed)
    else:
        load_kw, pv_kw = read_measured(file, scenario.house_names, clock)
    for i, house in enumerate(scenario.house_names):
        own = scenario.trader(house)
        if own.load_kw is not None:
            load_kw[:, i] = _held(own.load_kw, parts)
        if own.pv_kw is not None:
            pv_kw[:, i] = _held(own.pv_kw, parts)
    source_v_pu = None if source is None else read_source_v_pu(source, clock)
    return Profiles(load_kw, pv_kw, spot_scale_of(scenario), source_v_pu)


def _held(values: float | tuple[float, ...], parts: int) -> float | FloatArray:
    return np.repeat(values, parts) if isinstance(values, tuple) else values


def _means(fine: FloatArray, parts: int) -> FloatArray:
    """Over every `parts` rows."""
    means: FloatArray = fine.reshape(-1, parts, *fine.shape[1:]).mean(axis=1)
    return means


def spot_scale_of(scenario: Scenario) -> FloatArray:
    """What multiplies the published loads; shape (ticks,)."""
    clock, spot = scenario.clock.clock(), scenario.feeder.spot_loads
    shape = daily_scale(clock) if spot.profile == "daily" else np.ones(clock.ticks)
    return spot.scale * shape


def _check_energies(scenario: Scenario, load_kw: FloatArray, pv_kw: FloatArray) -> None:
    """The contract refuses a reading beyond `max_order_wh`, and nobody can settle then."""
    interval_s, limit_wh = scenario.clock.interval_min * 60, scenario.market.max_order_wh
    # A house whose inverter is off draws its whole load.
    devices_kw = [
        sum(device.power_kw for device in scenario.trader(house).devices)
        for house in scenario.house_names
    ]
    most_kw = np.maximum(load_kw, np.abs(load_kw - pv_kw)) + np.array(devices_kw, dtype=float)
    tick, house = np.unravel_index(int(most_kw.argmax()), most_kw.shape)
    most_wh = whole_wh(energy_wh(float(most_kw[tick, house]), interval_s))
    if most_wh > limit_wh:
        name = scenario.house_names[house]
        problem = (
            f"{limit_wh} is below the {most_wh} Wh that {name} may draw or feed in in tick {tick}: "
            f"its meter could not be settled, so raise it to {most_wh} at least"
        )
        raise ScenarioError(scenario.name, [Problem("market.max_order_wh", problem)])


def _generated(scenario: Scenario, seed: np.random.SeedSequence) -> tuple[FloatArray, FloatArray]:
    if scenario.profiles.model == "simple":
        return simple.load_kw(scenario, seed), simple.pv_kw(scenario, seed)
    # Imported here, because only this model needs pvlib and SciPy.
    from p2p_cosim.scenario.profiles import under_weather

    return under_weather.load_and_pv_kw(scenario, seed)
