"""p2p_cosim: peer-to-peer energy markets on a distribution feeder, in one seeded process.

    import p2p_cosim as p2p

    base = p2p.load("scenarios/trading_day.yaml")
    run = p2p.run(base, seed=7)
    p2p.plots.voltage_band(run)

Everything that a plug-in needs is here too: the records that it gets and returns, and the
protocols that it follows. `p2p_cosim.testing` checks one against its protocol. Names are imported
at first use, so that importing the package costs nothing.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

if sys.version_info < (3, 11):  # noqa: UP036 (a folder on the path is imported by any Python)
    raise ImportError(
        f"p2p_cosim needs Python 3.11 or newer, and {sys.executable} is {sys.version_info[0]}."
        f"{sys.version_info[1]}: make a virtual environment with a newer one"
    )

from p2p_cosim.core.naming import did_you_mean
from p2p_cosim.core.renamed import answer_old_imports

if TYPE_CHECKING:
    from p2p_cosim import plots, testing
    from p2p_cosim.core.errors import (
        CosimError,
        GridError,
        InputError,
        PluginError,
        ResultsError,
        ScenarioError,
    )
    from p2p_cosim.core.protocols import (
        Chain,
        Controller,
        Detector,
        Forecaster,
        Grid,
        GridModel,
        InverterRule,
        Market,
        Notifier,
        Recorder,
        Strategy,
    )
    from p2p_cosim.core.types import (
        Alarm,
        ControlView,
        Decision,
        DeviceState,
        Expected,
        Fault,
        ForecastView,
        HouseSite,
        MeterView,
        Order,
        Outcome,
        OwnState,
        Power,
        QuoteView,
        Side,
        Step,
        TapMove,
        Tariff,
        TickRecord,
        Trade,
    )
    from p2p_cosim.houses import Device
    from p2p_cosim.record import Results, compare, latest, runs
    from p2p_cosim.running import run
    from p2p_cosim.scenario import Scenario, load
    from p2p_cosim.simulation import Simulation
    from p2p_cosim.sweeps import Sweep, sweep

__version__ = "0.1.0"

answer_old_imports()

_MODULES = ("plots", "testing")
_NAMES = {
    "p2p_cosim.core.errors": (
        "CosimError",
        "GridError",
        "InputError",
        "PluginError",
        "ResultsError",
        "ScenarioError",
    ),
    "p2p_cosim.core.protocols": (
        "Chain",
        "Controller",
        "Detector",
        "Forecaster",
        "Grid",
        "GridModel",
        "InverterRule",
        "Market",
        "Notifier",
        "Recorder",
        "Strategy",
    ),
    "p2p_cosim.core.types": (
        "Alarm",
        "ControlView",
        "Decision",
        "DeviceState",
        "Expected",
        "Fault",
        "ForecastView",
        "HouseSite",
        "MeterView",
        "Order",
        "Outcome",
        "OwnState",
        "Power",
        "QuoteView",
        "Side",
        "Step",
        "TapMove",
        "Tariff",
        "TickRecord",
        "Trade",
    ),
    "p2p_cosim.houses": ("Device",),
    "p2p_cosim.record": ("Results", "compare", "latest", "runs"),
    "p2p_cosim.scenario": (
        "Scenario",
        "load",
    ),
    "p2p_cosim.running": ("run",),
    "p2p_cosim.simulation": ("Simulation",),
    "p2p_cosim.sweeps": (
        "Sweep",
        "sweep",
    ),
}
_HOMES = {name: module for module, names in _NAMES.items() for name in names}

__all__ = [
    "Alarm",
    "Chain",
    "ControlView",
    "Controller",
    "CosimError",
    "Decision",
    "Detector",
    "Device",
    "DeviceState",
    "Expected",
    "Fault",
    "ForecastView",
    "Forecaster",
    "Grid",
    "GridError",
    "GridModel",
    "HouseSite",
    "InputError",
    "InverterRule",
    "Market",
    "MeterView",
    "Notifier",
    "Order",
    "Outcome",
    "OwnState",
    "PluginError",
    "Power",
    "QuoteView",
    "Recorder",
    "Results",
    "ResultsError",
    "Scenario",
    "ScenarioError",
    "Side",
    "Simulation",
    "Step",
    "Strategy",
    "Sweep",
    "TapMove",
    "Tariff",
    "TickRecord",
    "Trade",
    "__version__",
    "compare",
    "latest",
    "load",
    "plots",
    "run",
    "runs",
    "sweep",
    "testing",
]


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return import_module(f"p2p_cosim.{name}")
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    near = "" if name.startswith("_") else did_you_mean(name, __all__)
    raise AttributeError(f"module 'p2p_cosim' has no attribute {name!r}{near}")


def __dir__() -> list[str]:
    return sorted(__all__)
