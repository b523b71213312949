"""Which houses each regulator serves, and which way its tap moves their voltage."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import numpy as np

from p2p_cosim.core.types import HouseSite, RegulatorSite
from p2p_cosim.feeders.elements import PHASE_NODE
from p2p_cosim.grid.circuit import Circuit
from p2p_cosim.grid.conductors import Conductors

_PRIMARY_WINDING = 1


def regulator_sites(circuit: Circuit, houses: Sequence[HouseSite]) -> Mapping[str, RegulatorSite]:
    """By regulator, from the feeder's own conductors and not from names or phases."""
    conductors = Conductors(circuit)
    sites = {}
    for regulator in circuit.regulators:
        behind = conductors.behind(f"transformer.{regulator.name}")
        serves = [
            any((house.bus, PHASE_NODE[phase]) in behind for phase in house.phase)
            for house in houses
        ]
        # A winding on the source's side divides where one on the load's side multiplies.
        sign = -1.0 if regulator.winding == _PRIMARY_WINDING else 1.0
        sites[regulator.name] = RegulatorSite(
            regulator.name,
            regulator.phase,
            np.array(serves, dtype=bool),
            sign * regulator.pu_per_tap,
            regulator.min_tap,
            regulator.max_tap,
        )
    return MappingProxyType(sites)
