"""The seams of a trader: how it prices, and what it expects."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from p2p_cosim.core.types import Expected, ForecastView, Order, QuoteView


class Strategy(Protocol):
    """How a trader prices, from what it may know and a generator of its own.

    A strategy may have a method `learn(outcome: Outcome) -> None`, told after settlement what
    became of its orders. Every trader has a strategy of its own: an object is copied for each,
    unless it says `shared = True`. One that has a whole number as `horizon` is told in
    `view.outlook` what its trader expects of so many intervals, fewer at the end of the run.
    """

    def quote(self, view: QuoteView, rng: np.random.Generator) -> Sequence[Order]:
        """Orders for the coming interval; empty to stay out."""
        ...


class Forecaster(Protocol):
    """What a trader expects of its own load and PV. One for each trader."""

    def expect(self, view: ForecastView) -> Expected:
        """The coming `view.horizon` intervals. Asked again about one, it answers the same."""
        ...
