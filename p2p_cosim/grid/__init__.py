"""The power flow side: feeders as data, houses, and OpenDSS behind one seam.

`p2p_cosim.grid.opendss` holds the engine's grid. It is not imported here, so that the
feeder's data and map can be used without an engine.
"""

from p2p_cosim.grid.catalogue import package_circuit
from p2p_cosim.grid.circuit import Circuit
from p2p_cosim.grid.commands import FeederOptions
from p2p_cosim.grid.houses import HousePlan, Tie
from p2p_cosim.grid.topology import FeederMap, feeder_map

__all__ = [
    "Circuit",
    "FeederMap",
    "FeederOptions",
    "HousePlan",
    "Tie",
    "feeder_map",
    "package_circuit",
]
