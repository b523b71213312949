"""The tariff of every interval of a run, as its manifest keeps it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from p2p_cosim.core.types import FloatArray, Tariff

if TYPE_CHECKING:
    from p2p_cosim.record.results import Results


def changes_of(tariff: Tariff, tariffs: Sequence[Tariff]) -> list[list[int]]:
    """For the manifest: tick, retail and feed-in price in wei per Wh from which each tariff holds;
    none if `tariff` holds throughout. tariffs: of every interval."""
    found: list[list[int]] = []
    now = tariff
    for tick, each in enumerate(tariffs):
        if each != now:
            found.append([tick, each.retail_wei_per_wh, each.feed_in_wei_per_wh])
            now = each
    return found


def told_changes(changes: Iterable[Sequence[int]]) -> list[list[int | str]]:
    """`changes_of` as JSON that any reader takes: amounts of wei as decimal strings."""
    return [[tick, str(retail), str(feed_in)] for tick, retail, feed_in in changes]


def prices_of(run: Results) -> tuple[FloatArray, FloatArray]:
    """Retail and feed-in price of a run in wei per Wh, shape (ticks,) each."""
    ticks = run.clock.ticks
    retail = np.full(ticks, float(run.tariff.retail_wei_per_wh))
    feed_in = np.full(ticks, float(run.tariff.feed_in_wei_per_wh))
    for tick, new_retail, new_feed_in in run.manifest.get("tariff_changes", ()):
        retail[tick:], feed_in[tick:] = float(new_retail), float(new_feed_in)
    return retail, feed_in
