"""The feeders of this package."""

from __future__ import annotations

from functools import cache
from importlib import resources

from p2p_cosim.grid.circuit import Circuit
from p2p_cosim.grid.commands import circuit_of
from p2p_cosim.grid.feeder import load_feeder
from p2p_cosim.grid.naming import require

FEEDERS = ("ieee13", "ieee34", "ieee123")


@cache
def package_circuit(name: str) -> Circuit:
    """A feeder shipped with the package. Raises GridError for an unknown name.

    IEEE 13 is written from its published tables, the others as DSS files.
    """
    require("feeder", name, FEEDERS)
    if name == "ieee13":
        return circuit_of(load_feeder(name))
    # Imported here, because reading a DSS file needs the engine.
    from p2p_cosim.grid.dss import read_circuit

    with resources.as_file(resources.files("p2p_cosim.grid") / "data" / name) as folder:
        return read_circuit(folder / "master.dss", folder)
