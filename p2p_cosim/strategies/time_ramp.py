"""A concession that grows with time."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from p2p_cosim.core.brief import Brief
from p2p_cosim.core.types import Order, Outcome, QuoteView, Side
from p2p_cosim.strategies.margins import Band, band_of, order_at, require_inside, result_of, side_of


class TimeRamp(Brief):
    """Begins at the other end of the tariff and gives way, round by round, to its own limit.

    The margin after t rounds is 1 - (t / rounds)^(1 / beta): even steps with beta 1, late ones
    below it, early ones above (the time-dependent tactics of Faratin, Sierra and Jennings,
    Robotics and Autonomous Systems 24 (1998) 159, doi:10.1016/S0921-8890(98)00029-3).

    There a deal ends the talks. Here rounds go on and every one is for energy of its own, so
    that t counts for each side, to `rounds` at most: one more after a round that left something of
    its order, one less after a round that filled it.

    rounds: from the first price to its own limit. beta: as above.

    Raises InputError for parameters beyond their limits.
    """

    def __init__(self, rounds: int = 8, beta: float = 1.0) -> None:
        require_inside("time_ramp", {"rounds": (rounds, 1, 10_000), "beta": (beta, 0.01, 100)})
        self._rounds, self._exponent = rounds, 1.0 / beta
        self._waited = dict.fromkeys(Side, 0)
        self._band: Band | None = None

    def quote(self, view: QuoteView, rng: np.random.Generator) -> Sequence[Order]:  # noqa: ARG002
        """One order for the whole forecast."""
        self._band = band_of(view)
        waited = self._waited[side_of(view)] / self._rounds
        return order_at(view, self._band, 1.0 - waited**self._exponent)

    def learn(self, outcome: Outcome) -> None:
        """Give way by a step, or take one back."""
        result = result_of(outcome, self._band) if self._band else None
        if result is None:
            return
        step = -1 if result.filled == 1 else 1
        self._waited[result.side] = min(max(self._waited[result.side] + step, 0), self._rounds)
