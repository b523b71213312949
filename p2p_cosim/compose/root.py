"""The composition root: the only module that names concrete engines.

It turns a scenario into a model. Everything random descends from the scenario's seed by purpose,
see `seeds`.
"""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from p2p_cosim.chain.explorer import OpenChain
from p2p_cosim.chain.terms import ChainTerms
from p2p_cosim.compose.alerts import alert_desk_of, notifier_of
from p2p_cosim.compose.chain import chain_engine, chain_of
from p2p_cosim.compose.control import controller_of, grid_owns_taps, inverters_of, network_of
from p2p_cosim.compose.elements import elements_of
from p2p_cosim.compose.faults import detector_of, metering_of, needs_twin, schedule_of
from p2p_cosim.compose.garbage import keep_libraries
from p2p_cosim.compose.grid import grid_of
from p2p_cosim.compose.market import market_of
from p2p_cosim.compose.plugins import Plugins
from p2p_cosim.compose.protection import protection_of
from p2p_cosim.compose.seeds import Purpose, rng_of, seed_of
from p2p_cosim.compose.traders import bulk_consumers_of, households_of
from p2p_cosim.compose.values import values_of
from p2p_cosim.core.types import Receipt
from p2p_cosim.grid import feeder_map
from p2p_cosim.grid.opendss import OpenDSSGrid
from p2p_cosim.model import Cosim
from p2p_cosim.parts import Parts
from p2p_cosim.record import ParquetRecorder, RunIdentity, RunInfo
from p2p_cosim.run_identity import run_identity
from p2p_cosim.scenario import Scenario, build_profiles, tariffs_of
from p2p_cosim.scenario.series.written import conversions_of

# Blocks before the first gate closure: deployment, then deposits.
_SETUP_S = 60


def build(
    scenario: Scenario,
    out: Path | None,
    plugins: Plugins | None = None,
    terms: ChainTerms | None = None,
) -> Cosim:
    """A model ready for its first step.

    out: folder of results; None for a run that will not be written, and tells nobody.
    terms: on which the run's chain is open to others.

    Raises ScenarioError or GridError for a scenario that cannot be built, InputError for a
    plugin that cannot be imported, and ChainError for a node that will not do.
    """
    keep_libraries()
    plugins = plugins or Plugins()
    identity = run_identity(scenario, plugins.given())  # before anything can change a plug-in
    terms = terms or ChainTerms()
    if terms.chain_id != ChainTerms().chain_id and scenario.market.submission != "individual":
        # The chain's id is in every signature and commitment, and their bytes are in the gas.
        engines = {**identity.engines, "chain id": str(terms.chain_id)}
        identity = replace(identity, engines=engines)
    first_gate = scenario.clock.clock().gate_closure_timestamp(0)
    with ExitStack() as on_failure:
        chain = chain_of(scenario, first_gate - _SETUP_S, terms)
        on_failure.callback(chain.close)
        model = _model(scenario, chain, out, plugins, identity)
        on_failure.pop_all()
    return model


def _model(
    scenario: Scenario, chain: OpenChain, out: Path | None, plugins: Plugins, identity: RunIdentity
) -> Cosim:
    profiles = build_profiles(scenario, seed_of(scenario.seed, Purpose.PROFILES))
    tariffs = tariffs_of(scenario)
    grid = grid_of(scenario, regcontrol=grid_owns_taps(scenario, plugins))
    twin_grid = grid_of(scenario, regcontrol=False) if needs_twin(scenario, plugins) else None
    households = households_of(scenario, grid, profiles, tariffs, plugins)
    bulk = bulk_consumers_of(scenario, grid, profiles, plugins)
    elements = elements_of(grid.circuit, grid.houses)
    names = [plan.trader.name for plan in households], [plan.name for plan in bulk]
    market, setup, billing = market_of(scenario, chain, tariffs, *names)
    info = _run_info(scenario, grid, chain, setup, identity)
    recorder = ParquetRecorder(out, replace(info, tariffs=tariffs))
    parts = Parts(
        clock=scenario.clock.clock(),
        tariffs=tariffs,
        market=market,
        grid=grid,
        network=network_of(scenario, grid),
        controller=controller_of(scenario, plugins),
        inverters=inverters_of(scenario, plugins),
        detector=detector_of(scenario, plugins, twin_grid, profiles.spot_scale),
        schedule=schedule_of(scenario, grid),
        metering=metering_of(scenario, grid, bulk),
        recorder=recorder,
        households=households,
        bulk=bulk,
        alert_desk=alert_desk_of(scenario, identity.run_id, elements),
        notifier=notifier_of(scenario, identity.run_id, recorder.folder if out else None),
        power_flows=scenario.clock.parts,
        spot_scale=profiles.solved.spot_scale,
        source_v_pu=profiles.solved.source_v_pu,
        arrival_rng=rng_of(scenario.seed, Purpose.ARRIVAL),
        model_rng=rng_of(scenario.seed, Purpose.MODEL),
        chain=chain,
        billing=billing,
        protection=protection_of(scenario, grid),
    )
    return Cosim(parts)


def _run_info(
    scenario: Scenario,
    grid: OpenDSSGrid,
    chain: OpenChain,
    setup: tuple[tuple[str, Receipt], ...],
    identity: RunIdentity,
) -> RunInfo:
    drawing = feeder_map(grid.circuit)
    return RunInfo(
        scenario_name=scenario.name,
        run_id=identity.run_id,
        seed=scenario.seed,
        scenario_yaml=scenario.to_yaml(),
        clock=scenario.clock.clock(),
        tariff=scenario.tariff.tariff(),
        eur_per_ether=scenario.tariff.eur_per_ether,
        gas_price_gwei=scenario.chain.gas_price_gwei,
        houses=tuple(site.name for site in grid.houses),
        nodes=grid.node_names,
        rated_elements=grid.rated_elements,
        initial_taps=dict(grid.taps),
        feeder_map={
            "buses": {name: list(place) for name, place in drawing.buses.items()},
            "lines": [list(ends) for ends in drawing.lines],
            "houses": {site.name: {"bus": site.bus, "phase": site.phase} for site in grid.houses},
        },
        engines={"OpenDSS": grid.engine_version, **chain_engine(chain.inner)},
        setup=setup,
        identity=identity.as_dict(),
        values=values_of(scenario),
        conversions=conversions_of(file) if (file := scenario.csv_file()) else (),
    )
