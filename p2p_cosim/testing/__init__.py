"""Checks that an implementation follows its protocol, for tests of your own.

    import p2p_cosim as p2p

    def test_my_strategy():
        p2p.testing.check_strategy(MyStrategy)

Each raises ConformanceError, an AssertionError, with everything that it found. The package's own
implementations pass the same checks (tests/conformance).
"""

from p2p_cosim.testing.answers import check_answer
from p2p_cosim.testing.chains import check_chain
from p2p_cosim.testing.findings import ConformanceError
from p2p_cosim.testing.grids import check_grid, check_grid_model
from p2p_cosim.testing.houses import check_device, check_forecaster
from p2p_cosim.testing.keepers import check_explorer, check_notifier, check_recorder
from p2p_cosim.testing.markets import check_market
from p2p_cosim.testing.mechanisms import check_mechanism
from p2p_cosim.testing.meters import check_metering
from p2p_cosim.testing.plugins import (
    check_controller,
    check_detector,
    check_inverter_rule,
    check_strategy,
)

__all__ = [
    "ConformanceError",
    "check_answer",
    "check_chain",
    "check_controller",
    "check_detector",
    "check_device",
    "check_explorer",
    "check_forecaster",
    "check_grid",
    "check_grid_model",
    "check_inverter_rule",
    "check_market",
    "check_mechanism",
    "check_metering",
    "check_notifier",
    "check_recorder",
    "check_strategy",
]
