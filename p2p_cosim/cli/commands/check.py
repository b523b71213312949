"""`check`."""

from __future__ import annotations

from p2p_cosim.cli.options import ScenarioFile


def check(scenario: ScenarioFile) -> None:
    """Check a scenario file and report every problem at once.

    Exit code 2 if there is one. Measured data that the file names is read and checked too.
    """
    from p2p_cosim.cli.inspect import check_scenario

    check_scenario(scenario)
