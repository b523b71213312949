"""Tables of a run by windows of whole ticks, so that a long run needs no more memory than a day."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from p2p_cosim.record import Results

PART_TICKS = 48
"""Of a window: half a day of quarters of an hour, which a browser has at once."""


def edges_of(ticks: int) -> list[tuple[int, int]]:
    """First tick and end of each window of a run."""
    return [(first, min(first + PART_TICKS, ticks)) for first in range(0, ticks, PART_TICKS)]


def windows(
    run: Results, table: str, edges: Sequence[tuple[int, int]]
) -> Iterator[dict[int, pd.DataFrame]]:
    """For each window, in order, the rows of each of its ticks that has any.

    What was there before tick 0 is in none. Raises ResultsError as `Results.frames` does.
    """
    import pandas as pd

    from p2p_cosim.record import schema

    columns = [column.name for column in schema.TABLES[table].columns]
    coming = run.frames(table, *columns)
    rest: pd.DataFrame | None = None
    for first, end in edges:
        held = [] if rest is None else [rest]
        while not held or not len(held[-1]) or held[-1]["tick"].iloc[-1] < end:
            frame = next(coming, None)
            if frame is None:
                break
            held.append(frame)
        whole = pd.concat([frame for frame in held if len(frame)]) if any(map(len, held)) else None
        if whole is None:
            rest = None
            yield {}
            continue
        inside = whole[(whole["tick"] >= first) & (whole["tick"] < end)]
        rest = whole[whole["tick"] >= end]
        yield {int(str(tick)): rows for tick, rows in inside.groupby("tick", sort=False)}
