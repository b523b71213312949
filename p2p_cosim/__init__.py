"""p2p_cosim: peer-to-peer energy markets on a distribution feeder, in one seeded process.

    import p2p_cosim as p2p

    base = p2p.load("scenarios/trading_day.yaml")
    run = p2p.run(base, seed=7)
    p2p.plots.voltage_band(run)

Names are imported at first use, so that importing the package costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from p2p_cosim import plots
    from p2p_cosim.record import Results
    from p2p_cosim.scenario import Scenario, load
    from p2p_cosim.simulation import Simulation, run

__version__ = "0.1.0"

_HOMES = {
    "Results": "p2p_cosim.record",
    "Scenario": "p2p_cosim.scenario",
    "Simulation": "p2p_cosim.simulation",
    "load": "p2p_cosim.scenario",
    "run": "p2p_cosim.simulation",
}

__all__ = ["Results", "Scenario", "Simulation", "__version__", "load", "plots", "run"]


def __getattr__(name: str) -> Any:
    if name == "plots":
        return import_module("p2p_cosim.plots")
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'p2p_cosim' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
