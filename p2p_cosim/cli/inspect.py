"""`check` and `show`: what a scenario file says."""

from __future__ import annotations

import json
from pathlib import Path

import typer

from p2p_cosim.cli.money import deposits_that_end
from p2p_cosim.compose.check import check_feeder
from p2p_cosim.compose.seeds import Purpose, seed_of
from p2p_cosim.scenario import Scenario, build_profiles, load


def check_scenario(path: Path) -> None:
    """Load everything the file names, build the feeder and solve its hardest ticks.

    Raises ScenarioError or GridError that lists what is wrong.
    """
    scenario = load(path)
    profiles = build_profiles(scenario, seed_of(scenario.seed, Purpose.PROFILES))
    for note in check_feeder(scenario, profiles):
        typer.echo(f"{path}: {note}")
    if short := deposits_that_end(scenario, profiles):
        typer.echo(f"{path}: {short}")
    if _on_the_old_generator(scenario):
        typer.echo(
            f"{path}: profiles.model: simple is kept for one version; weather, the default, takes "
            "its place (docs/profiles.md)"
        )
    typer.echo(f"{path}: fine, {scenario!r}")


def _on_the_old_generator(scenario: Scenario) -> bool:
    """Whether some house has a load or PV that `simple` generates."""
    profiles, own = scenario.profiles, map(scenario.trader, scenario.house_names)
    return (profiles.source, profiles.model) == ("generated", "simple") and any(
        house.load_kw is None or house.pv_kw is None for house in own
    )


def show_scenario(path: Path, changes: dict[str, object], *, as_json: bool) -> None:
    """Print the resolved scenario as YAML or JSON."""
    scenario = load(path).replace(changes)
    typer.echo(
        json.dumps(scenario.resolved(), indent=2) if as_json else scenario.to_yaml().rstrip()
    )
