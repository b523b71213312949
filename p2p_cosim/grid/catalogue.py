"""The circuits of the package's feeders."""

from __future__ import annotations

from functools import cache

from p2p_cosim.core.naming import require
from p2p_cosim.feeders.catalogue import FEEDERS, master_file
from p2p_cosim.feeders.tables import TABULATED, load_feeder
from p2p_cosim.grid.circuit import Circuit
from p2p_cosim.grid.tables import circuit_of


@cache
def package_circuit(name: str) -> Circuit:
    """A feeder shipped with the package. Raises GridError for an unknown name."""
    require("feeder", name, FEEDERS)
    if name in TABULATED:
        return circuit_of(load_feeder(name))
    # Imported here, because reading a DSS file needs the engine.
    from p2p_cosim.grid.dss import read_circuit

    with master_file(name) as file:
        return read_circuit(file, file.parent)
