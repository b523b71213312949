"""What holds where nobody says otherwise, for fields of a scenario that a class has as well.

The schema and the class read it here, so that `controller: look_ahead` in a scenario and
`controller=LookAhead()` in a call are one controller.
"""

from __future__ import annotations

from typing import Final, Literal

MARGIN_PU = 0.0005
"""How far inside the band a tap move aims: the accuracy of the feeder model, with some room."""

POLICY: Final[Literal["smallest"]] = "smallest"
"""Which taps a controller that looks ahead takes."""

HORIZON_TICKS = 2
"""How long a move of one that looks ahead should last."""

FORECAST: Final[Literal["trades"]] = "trades"
"""From what it expects the power of houses."""

TRIGGER_MARGIN_PU = 0.0
"""How far inside the band a house is when one that reacts to meters acts."""

MODEL_ERROR = 0.0
"""Relative standard deviation of what an operator's model takes each line and load for."""

ERROR_MARGIN = 1.0
"""Standard deviations of its own prediction errors that it adds to the margin."""

DELAY_TICKS = 0
"""Ticks between a decision and its move."""

RESTORE_DELAY_TICKS = 1
"""How long a restoration must have lasted before people are told."""
