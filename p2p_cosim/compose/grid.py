"""The feeder that a scenario names, with its houses."""

from __future__ import annotations

from p2p_cosim.compose.backup import ties_of
from p2p_cosim.grid import Circuit, FeederOptions, HousePlan, package_circuit
from p2p_cosim.grid.dss import read_circuit
from p2p_cosim.grid.opendss import OpenDSSGrid
from p2p_cosim.scenario import Scenario, spot_scale_of


def grid_of(scenario: Scenario, *, regcontrol: bool) -> OpenDSSGrid:
    """The grid, its taps where the scenario puts them.

    Raises GridError as `OpenDSSGrid.build` and `read_circuit` say.
    """
    feeder, houses = scenario.feeder, scenario.houses
    return OpenDSSGrid.build(
        circuit_of(scenario),
        FeederOptions(
            source_v_pu=feeder.source_v_pu,
            taps=None if feeder.taps == "settle" else feeder.taps,
            settle_spot_scale=_settle_scale(scenario),
            regcontrol=regcontrol,
            set_points_v=scenario.control.set_points_v,
            delays=scenario.clock.parts > 1,
        ),
        HousePlan(
            count=houses.count,
            sites=houses.sites,
            per_transformer=houses.per_transformer,
            transformer_kva=houses.transformer_kva,
            drop_ft=houses.drop_ft,
            mode=houses.mode,
            nominal_house_kw=houses.nominal_house_kw,
            ties=ties_of(scenario),
        ),
    )


def _settle_scale(scenario: Scenario) -> float:
    return float(spot_scale_of(scenario)[0]) if scenario.feeder.settle_at != "full_load" else 1.0


def circuit_of(scenario: Scenario) -> Circuit:
    """The circuit: one of the package's, or the user's own."""
    if master := scenario.master_file():
        return read_circuit(master, scenario.folder)
    return package_circuit(scenario.feeder.name)
