"""The tariff of every interval of a run, as its manifest keeps it; `prices` reads it again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from p2p_cosim.core.types import Tariff


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
