"""A run under one's fingers in a notebook: `Stepper(scenario)`. Needs the extra `notebook`.

from p2p_cosim.notebook import Stepper

stepper = Stepper(p2p.load("three_houses"), seed=7)
stepper                      # buttons, book, voltages, map, ledger
stepper.sim.so_far           # the same simulation, in Python
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from p2p_cosim.core.errors import InputError

if TYPE_CHECKING:
    from p2p_cosim.notebook.stepper import Stepper

__all__ = ["Stepper"]


def __getattr__(name: str) -> Any:
    if name != "Stepper":
        raise AttributeError(f"module 'p2p_cosim.notebook' has no attribute {name!r}")
    try:
        from p2p_cosim.notebook.stepper import Stepper
    except ModuleNotFoundError as error:
        if error.name != "anywidget":
            raise
        raise InputError(
            'the stepper needs anywidget: pip install "p2p-cosim[notebook]", then begin anew'
        ) from error
    return Stepper
