"""Tables of a run as the JSON that its replay reads, part by part. Wei are decimal strings."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

from p2p_cosim.core.errors import ResultsError
from p2p_cosim.dapp.replay.windows import edges_of, windows

if TYPE_CHECKING:
    import pandas as pd

    from p2p_cosim.record import Results

Json = dict[str, object]
Rows = list[list[object]]
Window = dict[int, "pd.DataFrame"]

HOUSE_FIELDS = (
    *("load_kw", "pv_kw", "p_kw", "battery_kw", "stored_wh", "supplied", "feed", "forecast_wh"),
    *("contracted_wh", "metered_wh", "imbalance_wh", "balance_wei", "open_wei"),
)
_TABLES = (
    *("rounds", "orders", "trades", "households", "voltages", "others", "node_voltages"),
    *("loadings", "feeder", "taps", "alarms", "offers"),
)
_OTHERS = ("trader", "contracted_wh", "imbalance_wh", "balance_wei", "open_wei")
_ORDERS = (
    *("order_id", "trader", "side", "energy_wh", "price_wei_per_wh", "filled_wh", "rejection"),
    "cancelled",
)
_TRADES = ("buyer", "seller", "energy_wh", "price_wei_per_wh", "budget_surplus_wei")
_ROUNDS = ("price_wei_per_wh", "energy_wh", "bids", "asks")
_FEEDER = ("head_p_a_kw", "head_p_b_kw", "head_p_c_kw", "losses_kw")
_MOVES = ("regulator", "tap", "reason")
_ALARMS = ("tick", "kind", "place", "detector")
_OFFERS = ("house", "path", "rank", "seller", "ask_wei_per_wh", "spare_wh")
_WEI = ("_wei", "_wei_per_wh")


def parts(run: Results, taps: dict[str, int]) -> Iterator[Json]:
    """One object for each half day or so, in order.

    taps: by regulator before the first interval; it is the taps after the part when that is
    given. Every list has one entry a tick. Raises ResultsError if a table lacks rows.
    """
    edges = edges_of(run.ticks)
    tables = [windows(run, name, edges) for name in _TABLES]
    for (first, end), *found in zip(edges, *tables, strict=True):
        of = dict(zip(_TABLES, found, strict=True))
        ticks = range(first, end)
        yield {
            "first": first,
            "rounds": [rows[0] for rows in _every(of["rounds"], ticks, _ROUNDS)],
            "orders": _some(of["orders"], ticks, _ORDERS),
            "trades": _some(of["trades"], ticks, _TRADES),
            "houses": _houses(of, ticks),
            "others": _some(of["others"], ticks, _OTHERS),
            "nodes": _column(of["node_voltages"], ticks, "v_pu"),
            "currents": _column(of["loadings"], ticks, "current_a"),
            "feeder": [rows[0] for rows in _every(of["feeder"], ticks, _FEEDER)],
            "moves": _some(of["taps"], ticks, _MOVES),
            "taps": _taps(of["taps"], ticks, taps),
            "alarms": _some(of["alarms"], ticks, _ALARMS),
            "offers": _some(of["offers"], ticks, _OFFERS),
        }


def log_of(run: Results) -> Json:
    """Alarms and tap moves of the whole run. A move is tick, regulator, tap, reason, the tap
    before, and the lowest voltage of a house with supply in the interval before and in its own."""
    low = {row[0]: row[1] for row in _rows(run.feeder, ("tick", "v_min_pu"))}
    taps: dict[object, object] = {}
    moves: Rows = []
    for tick, regulator, tap, reason in _rows(run.taps, ("tick", *_MOVES)):
        assert isinstance(tick, int)  # noqa: S101 (the table's type)
        if tick >= 0:
            before, after = low.get(tick - 1), low.get(tick)
            moves.append([tick, regulator, tap, reason, taps.get(regulator), before, after])
        taps[regulator] = tap
    return {"alarms": _rows(run.alarms, _ALARMS), "moves": moves}


def cell(name: str, value: object) -> object:
    """One value as JSON has it: wei as text, numbers to six decimals, nothing for what is not."""
    import pandas as pd

    if value is None or value is pd.NA or (isinstance(value, float) and not math.isfinite(value)):
        return None
    if name.endswith(_WEI):
        return str(int(value))  # type: ignore[call-overload]
    if isinstance(value, bool | str):
        return value
    number = value.item() if hasattr(value, "item") else value
    return round(number, 6) if isinstance(number, float) else number


def _rows(frame: pd.DataFrame, columns: tuple[str, ...]) -> Rows:
    cells = [[cell(name, value) for value in frame[name]] for name in columns]
    return [list(row) for row in zip(*cells, strict=True)]


def _some(window: Window, ticks: range, columns: tuple[str, ...]) -> list[Rows]:
    """Rows of each tick, which may have none."""
    return [_rows(window[tick], columns) if tick in window else [] for tick in ticks]


def _every(window: Window, ticks: range, columns: tuple[str, ...]) -> list[Rows]:
    """Rows of each tick, which has some."""
    if lacking := [tick for tick in ticks if tick not in window]:
        raise ResultsError(f"the tables lack tick {lacking[0]}: run the scenario again")
    return _some(window, ticks, columns)


def _column(window: Window, ticks: range, name: str) -> Rows:
    """One column of each tick, in the order of its rows."""
    return [[row[0] for row in rows] for rows in _some(window, ticks, (name,))]


def _houses(of: dict[str, Window], ticks: range) -> Json:
    """By field, for each tick, the values of all houses in the grid's order."""
    _every(of["households"], ticks, ("house",))
    found: Json = {name: _column(of["households"], ticks, name) for name in HOUSE_FIELDS}
    return {**found, "v_pu": _column(of["voltages"], ticks, "v_pu")}


def _taps(window: Window, ticks: range, taps: dict[str, int]) -> Rows:
    """Of each tick the taps of all regulators."""
    found: Rows = []
    for tick in ticks:
        if tick in window:
            moved = _rows(window[tick], ("regulator", "tap"))
            taps.update({str(name): int(str(tap)) for name, tap in moved})
        found.append(list(taps.values()))
    return found
