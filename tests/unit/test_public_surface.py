"""The names that people import. A change here is a change for everybody: say it in CHANGELOG."""

import re
import subprocess
import sys

import pytest

import p2p_cosim
from p2p_cosim.core import types
from p2p_cosim.core.protocols import Controller, Detector, Forecaster, Strategy
from p2p_cosim.houses import Device

SURFACE = [
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


def test_the_public_surface_is_this():
    assert sorted(p2p_cosim.__all__) == SURFACE
    assert dir(p2p_cosim) == SURFACE


@pytest.mark.parametrize("name", SURFACE)
def test_every_name_is_there(name):
    thing = getattr(p2p_cosim, name)
    if isinstance(thing, type):
        assert thing.__module__.startswith("p2p_cosim.")
        assert thing.__name__ == name


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'Ordr'"):
        p2p_cosim.Ordr  # noqa: B018


PLUGIN_METHODS = {
    Strategy: "quote",
    Controller: "decide",
    Detector: "inspect",
    Forecaster: "expect",
    Device: "draw",
}


@pytest.mark.parametrize(("protocol", "method"), PLUGIN_METHODS.items())
def test_what_a_plugin_gets_and_returns_is_public(protocol, method):
    text = " ".join(getattr(protocol, method).__annotations__.values())
    records = set(re.findall(r"\w+", text)) & set(types.__all__)
    assert len(records) == 2
    assert records <= set(SURFACE)


def test_importing_the_package_loads_nothing_heavy():
    code = (
        "import sys, p2p_cosim; "
        "print(sorted({'numpy', 'pandas', 'mesa', 'matplotlib', 'web3'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
