"""What the utility took and paid in every interval of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from p2p_cosim.core.types import FloatArray

if TYPE_CHECKING:
    from p2p_cosim.record.results import Results


def prices_of(run: Results) -> tuple[FloatArray, FloatArray]:
    """Retail and feed-in price of a run in wei per Wh, shape (ticks,) each; of an interval, if the
    run has none."""
    ticks = max(1, run.clock.ticks)
    retail = np.full(ticks, float(run.tariff.retail_wei_per_wh))
    feed_in = np.full(ticks, float(run.tariff.feed_in_wei_per_wh))
    for tick, new_retail, new_feed_in in run.manifest.get("tariff_changes", ()):
        retail[tick:], feed_in[tick:] = float(new_retail), float(new_feed_in)
    return retail, feed_in
