"""What the feeder's map needs beside the map: which element a drawn line is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

_KINDS = ("line", "switch")


def carried_by(
    feeder_map: Mapping[str, object] | None, elements: Sequence[str]
) -> list[int | None]:
    """For each line of a map the place of its element among those with a rating, by its name
    (docs/feeder.md: `line_632_670`). None where a line of the map has none, as regulators do."""
    lines = (feeder_map or {}).get("lines", [])
    places = {name.lower(): place for place, name in enumerate(elements)}
    assert isinstance(lines, Sequence)  # noqa: S101 (RunInfo says so)
    return [_place(places, str(one), str(other)) for one, other in lines]


def _place(places: Mapping[str, int], one: str, other: str) -> int | None:
    names = (f"{kind}_{a}_{b}" for kind in _KINDS for a, b in ((one, other), (other, one)))
    return next((places[name.lower()] for name in names if name.lower() in places), None)
