"""Reinforcement of prices that have paid."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from p2p_cosim.core.brief import Brief
from p2p_cosim.core.types import FloatArray, Order, Outcome, QuoteView, Side
from p2p_cosim.strategies.margins import Band, band_of, order_at, require_inside, result_of, side_of

_LEAST = 1e-9  # no choice is ever given up for good


class RothErev(Brief):
    """Draws its margin among `choices` even ones, each as likely as its propensity says.

    Erev and Roth, American Economic Review 88 (1998) 848. After a round that paid R with choice k
    every propensity becomes

        q_j <- (1 - recency) q_j + E_j

    with E_k = R (1 - experimentation), and for the others R experimentation / (choices - 1), or, if
    `modified`, q_j experimentation / (choices - 1), so that a round which paid nothing teaches as
    well (Nicolaisen, Petrov and Tesfatsion, IEEE Transactions on Evolutionary Computation 5 (2001)
    504, doi:10.1109/4235.956714, who give the original in this form).

    Both sides have propensities of their own, `initial` in all at first. Across rounds R is
    the margin of its own trades times the share of its order that was filled: 0 for nothing, 1 for
    the whole tariff's spread on all of it. Imbalances do not count: no price causes them.

    Raises InputError for parameters beyond their limits.
    """

    def __init__(
        self,
        modified: bool = False,
        *,
        choices: int = 11,
        recency: float = 0.1,
        experimentation: float = 0.2,
        initial: float = 4.5,
    ) -> None:
        require_inside(
            "modified_roth_erev" if modified else "roth_erev",
            {
                "choices": (choices, 2, 1_000),
                "recency": (recency, 0, 1),
                "experimentation": (experimentation, 0, 1),
                "initial": (initial, _LEAST, 1e9),
            },
        )
        self._modified = modified
        self._recency, self._experimentation = recency, experimentation
        self._margins: FloatArray = np.linspace(0.0, 1.0, choices)
        first = initial / choices
        self._propensities = {side: np.full(choices, first) for side in Side}
        self._chosen: int = 0
        self._band: Band | None = None

    def quote(self, view: QuoteView, rng: np.random.Generator) -> Sequence[Order]:
        """One order for the whole forecast, at the margin that was drawn."""
        propensities = self._propensities[side_of(view)]
        self._chosen = int(rng.choice(len(propensities), p=propensities / propensities.sum()))
        self._band = band_of(view)
        return order_at(view, self._band, float(self._margins[self._chosen]))

    def learn(self, outcome: Outcome) -> None:
        """Reinforce the choice that was made."""
        result = result_of(outcome, self._band) if self._band else None
        if result is None:
            return
        paid = result.filled * (result.margin or 0.0)
        before = self._propensities[result.side]
        share = self._experimentation / (len(before) - 1)
        others: FloatArray = before if self._modified else np.full(len(before), paid)
        gained = others * share
        gained[self._chosen] = paid * (1 - self._experimentation)
        after = (1 - self._recency) * before + gained
        self._propensities[result.side] = np.maximum(after, _LEAST)
