"""What breaks in a run, what its meters report, and who watches them."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from p2p_cosim.agents import TraderPlan
from p2p_cosim.compose.plugins import Plugins, make_plugin
from p2p_cosim.compose.seeds import Purpose, rng_of, seed_of
from p2p_cosim.core.errors import GridError
from p2p_cosim.core.fault_kinds import AT_A_HOUSE, GRID_KINDS, SHORTS
from p2p_cosim.core.protocols import Detector
from p2p_cosim.core.roles import DETECTORS, detector_facts
from p2p_cosim.core.types import Fault, FloatArray
from p2p_cosim.detection.balance import EnergyBalance
from p2p_cosim.detection.learned import Learned, Origin, load_model
from p2p_cosim.detection.outage_threshold import OutageThreshold
from p2p_cosim.detection.statistical import Statistical
from p2p_cosim.detection.straying import LoadUncertainty
from p2p_cosim.detection.twin import Twin
from p2p_cosim.faults import FaultRate, Schedule, draw_schedule
from p2p_cosim.grid.faults import assumed_opens, assumed_shorts, small_shorts
from p2p_cosim.grid.opendss import OpenDSSGrid
from p2p_cosim.metering import PERFECT, TYPICAL, LastGasp, MeterQuality, SimulatedMetering
from p2p_cosim.scenario import Scenario
from p2p_cosim.scenario.schema import FaultsSection
from p2p_cosim.seams import instance_of

SIMPLE: Mapping[str, Callable[[FaultsSection], Detector]] = {
    "outage_threshold": lambda faults: OutageThreshold(faults.threshold_v_pu),
    "statistical": lambda _: Statistical(),
}
WITH_TWIN: Mapping[str, Callable[[Twin, Sequence[Fault], Sequence[Fault]], Detector]] = {
    "energy_balance": EnergyBalance,
    "learned": Learned,
}
"""How the detectors of `p2p_cosim.core.roles` are made."""


def schedule_of(scenario: Scenario, grid: OpenDSSGrid) -> Schedule:
    """What is written down, and what is drawn from the rates around it.

    A drawn short circuit that would overlap another is left out: the feeder holds one.
    Raises GridError for places or phases that the feeder does not have.
    """
    spelled = grid.circuit.spelled
    written = tuple(
        replace(fault, place=spelled(fault.place))
        for fault in (entry.fault() for entry in scenario.faults.schedule)
    )
    rates = [
        FaultRate(
            tuple(
                Fault(rate.kind, spelled(place), 0, 1, rate.phases, rate.impedance_ohm)
                for place in rate.places or _houses_for(scenario, rate.kind)
            ),
            rate.per_year,
            rate.repair_h,
            rate.repair_spread,
        )
        for rate in scenario.faults.rates
    ]
    _check_places((*written, *(fault for rate in rates for fault in rate.what)), grid)
    drawn = draw_schedule(
        rates,
        scenario.clock.ticks,
        scenario.clock.interval_min * 60,
        seed_of(scenario.seed, Purpose.FAULTS),
        exclusive=dict.fromkeys(SHORTS, "short circuit"),
        standing=written,
    )
    return Schedule((*written, *drawn.faults))


def _check_places(faults: Sequence[Fault], grid: OpenDSSGrid) -> None:
    """All that do not fit the feeder at once: the scenario's own checks know only ieee13."""
    wrong: dict[str, None] = {}
    for fault in faults:
        try:
            if fault.kind in GRID_KINDS:
                grid.check(fault)
        except GridError as error:
            wrong[str(error)] = None
    if wrong:
        raise GridError("\n".join(wrong))


def metering_of(
    scenario: Scenario, grid: OpenDSSGrid, bulk: Sequence[TraderPlan]
) -> SimulatedMetering:
    """Meters as good as the scenario says. bulk: published loads that trade."""
    given, share = scenario.feeder.source_v_pu, scenario.faults.metering.last_gasp_share
    places = {load.name: place for place, load in enumerate(grid.spot_loads)}
    return SimulatedMetering(
        grid.houses,
        regulators=tuple(grid.regulators),
        bulk={plan.name: places[plan.name] for plan in bulk},
        quality=_quality(scenario),
        rng=rng_of(scenario.seed, Purpose.METERS),
        head_v_pu=grid.circuit.source_v_pu if given is None else given,
        last_gasp=None if share is None else LastGasp(share),
        gasp_rng=rng_of(scenario.seed, Purpose.LAST_GASPS),
    )


def detector_of(
    scenario: Scenario, plugins: Plugins, twin_grid: OpenDSSGrid | None, spot_scale: FloatArray
) -> Detector:
    """The detector that the scenario names, or the plugin that replaces it.

    twin_grid: a second feeder for `energy_balance` and `learned`, see `needs_twin`.
    spot_scale: shape (ticks,); of it the twin gets a forecast, wrong as the scenario says.

    Warns if the learned detector was trained elsewhere.
    """
    name = scenario.faults.detector
    if plugins.detector is not None:
        given: Detector = instance_of("detector", plugins.detector)
        return given
    if name not in DETECTORS:
        detector: Detector = make_plugin("detector", name)
        return detector
    if name in SIMPLE:
        return SIMPLE[name](scenario.faults)
    assert twin_grid is not None  # noqa: S101 (needs_twin says so)
    # Perfect meters would make every rounding an event: the twin expects at least usual ones.
    quality = _quality(scenario)
    quality = TYPICAL if quality == PERFECT else quality
    if note := strangeness_of(scenario, twin_grid):
        warnings.warn(note, stacklevel=2)
    forecast, loads = _forecast(scenario, spot_scale, len(twin_grid.spot_loads))
    twin = Twin(twin_grid, forecast, quality, loads)
    circuit = twin_grid.circuit
    hypotheses = (*assumed_opens(circuit, twin_grid.houses), *assumed_shorts(circuit))
    return WITH_TWIN[name](twin, hypotheses, small_shorts(circuit))


def strangeness_of(scenario: Scenario, grid: OpenDSSGrid) -> str:
    """What the detector was not trained on, in a sentence; empty if there is nothing to say."""
    if scenario.faults.detector != "learned":
        return ""
    here = Origin(grid.circuit.name, len(grid.houses), scenario.clock.interval_min)
    return load_model().strangeness(here)


def _forecast(
    scenario: Scenario, spot_scale: FloatArray, loads: int
) -> tuple[FloatArray, LoadUncertainty]:
    """What is expected of the published loads, shape (ticks, loads), and how far they stray."""
    section = scenario.faults.load_forecast
    error = LoadUncertainty(section.common, section.own, section.memory)
    if not (error.common or error.own):
        return spot_scale, LoadUncertainty()
    rng = rng_of(scenario.seed, Purpose.LOAD_FORECASTS)
    wrong = error.drawn(len(spot_scale), loads, rng)
    return np.maximum(spot_scale[:, None] * (1 + wrong), 0.0), error


def needs_twin(scenario: Scenario, plugins: Plugins) -> bool:
    """Whether the detector solves a feeder of its own."""
    return plugins.detector is None and detector_facts(scenario.faults.detector).needs_twin


def _houses_for(scenario: Scenario, kind: str) -> tuple[str, ...]:
    return scenario.house_names if kind in AT_A_HOUSE else ()


def _quality(scenario: Scenario) -> MeterQuality:
    metering = scenario.faults.metering
    return MeterQuality(
        metering.v_noise_pu,
        metering.p_noise,
        metering.head_noise,
        metering.lost_share,
        metering.delay_ticks,
    )
