"""What people pass to a figure, looked at before anything is drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from p2p_cosim.core.errors import InputError
from p2p_cosim.record import Results


def checked_run(figure: str, given: Any) -> None:
    """Raise InputError unless a figure of one run is given one."""
    if isinstance(given, Results):
        return
    if hasattr(given, "step") and hasattr(given, "results"):
        shown = "so_far" if hasattr(given, "so_far") else "results()"
        raise InputError(f"{figure} draws Results, not a Simulation: {figure}(sim.{shown})")
    raise InputError(
        f"{figure} draws Results, not {_what(given)}: give what p2p_cosim.run(...) returns, or "
        "Results.load(folder)"
    )


def checked_runs(figure: str, given: Any) -> None:
    """Raise InputError unless a figure that compares runs is given them by label."""
    if isinstance(given, Mapping) and given:
        for runs in given.values():
            for run in runs if isinstance(runs, Sequence) else (runs,):
                checked_run(figure, run)
        return
    raise InputError(
        f"{figure} compares runs by label, not {_what(given)}: "
        f"{figure}({{'reactive': run, 'look_ahead': other_run}})"
    )


def _what(given: object) -> str:
    return "an empty mapping" if given == {} else f"a {type(given).__name__}"


CHECKS = {"run": checked_run, "runs": checked_runs}
"""By the name of a figure's first parameter."""
