"""The feeders of this package."""

from __future__ import annotations

from functools import cache

from p2p_cosim.grid.circuit import Circuit
from p2p_cosim.grid.commands import circuit_of
from p2p_cosim.grid.feeder import FEEDERS, load_feeder
from p2p_cosim.grid.naming import require


@cache
def package_circuit(name: str) -> Circuit:
    """A feeder shipped with the package. Raises GridError for an unknown name."""
    require("feeder", name, FEEDERS)
    return circuit_of(load_feeder(name))
