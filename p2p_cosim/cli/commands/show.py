"""`show`."""

from __future__ import annotations

from p2p_cosim.cli.options import Change, Json, ScenarioFile, changes


def show(scenario: ScenarioFile, change: Change = None, json: Json = False) -> None:
    """Print a scenario as it resolves, with every default visible."""
    from p2p_cosim.cli.inspect import show_scenario

    show_scenario(scenario, dict(changes(change)), as_json=json)
