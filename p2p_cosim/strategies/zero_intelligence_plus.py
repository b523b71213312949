"""Zero intelligence plus: margins that follow the market's price."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from p2p_cosim.core.brief import Brief
from p2p_cosim.core.types import Order, Outcome, QuoteView, Side
from p2p_cosim.strategies.margins import (
    Band,
    Result,
    band_of,
    order_at,
    require_inside,
    result_of,
    side_of,
)

_FIRST_MARGIN = (0.05, 0.35)
_RATE = (0.1, 0.5)
_MOMENTUM = (0.2, 0.8)


@dataclass(slots=True)
class _Margin:
    """Of one side: where it is, and how it last moved."""

    now: float
    moved: float = 0.0


class ZeroIntelligencePlus(Brief):
    """Raises its margin after success and lowers it when it was too dear (ZIP).

    Cliff and Bruten, Minimal-intelligence agents for bargaining behaviors in market-based
    environments, Hewlett-Packard Laboratories HPL-97-91 (1997). A margin m moves towards a target
    by the rule of Widrow and Hoff with momentum,

        move <- gamma move + (1 - gamma) beta (target - m),   m <- m + move, from 0 to 1

    with beta, gamma and the first margin drawn once for each trader, evenly from 0.1 to 0.5, 0.2 to
    0.8 and 0.05 to 0.35. A target strays from the price q that it follows by R q + A: upwards with
    R from 1 to 1 + `stray` and A from 0 to `stray`, downwards with R and A mirrored.

    There a trader hears every shout of a continuous auction. Here it learns once a round, of the
    clearing price and its own fill, and for the side that it quoted:

    - filled: it could have had the price; up, with the price as q;
    - not filled, and the price no better than its quote: down, with the price as q;
    - nobody traded: its quote was a shout that nobody took; down, with its own margin as q;
    - not filled at a price better than its quote (it was rationed): no change.

    stray: as above.

    Raises InputError for a parameter beyond its limits.
    """

    def __init__(self, stray: float = 0.05) -> None:
        require_inside("zip", {"stray": (stray, 0, 1)})
        self._stray = stray
        self._rate = self._momentum = 0.0
        self._margins: dict[Side, _Margin] = {}
        self._band: Band | None = None
        self._heard: Result | None = None

    def quote(self, view: QuoteView, rng: np.random.Generator) -> Sequence[Order]:
        """One order for the whole forecast, after what the round before has taught."""
        if not self._margins:
            self._rate, self._momentum = rng.uniform(*_RATE), rng.uniform(*_MOMENTUM)
            self._margins = {side: _Margin(rng.uniform(*_FIRST_MARGIN)) for side in Side}
        r, a = self._stray * rng.random(2)  # drawn in every round, heard or not
        if self._heard is not None:
            self._adapt(self._heard, r, a)
            self._heard = None
        self._band = band_of(view)
        return order_at(view, self._band, self._margins[side_of(view)].now)

    def learn(self, outcome: Outcome) -> None:
        """Take note; the margin moves with the next quote, which has the random numbers."""
        self._heard = result_of(outcome, self._band) if self._band else None

    def _adapt(self, heard: Result, r: float, a: float) -> None:
        margin = self._margins[heard.side]
        if heard.cleared is not None and heard.filled == 1:
            target = (1 + r) * heard.cleared + a
        elif heard.cleared is None:
            target = (1 - r) * margin.now - a
        elif heard.cleared <= margin.now:
            target = (1 - r) * heard.cleared - a
        else:
            return
        towards = self._rate * (target - margin.now)
        margin.moved = self._momentum * margin.moved + (1 - self._momentum) * towards
        margin.now = min(max(margin.now + margin.moved, 0.0), 1.0)
