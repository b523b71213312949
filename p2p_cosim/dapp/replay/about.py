"""What of a run does not change with time, and what each house's account did, as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

from p2p_cosim.dapp.drawn import carried_by
from p2p_cosim.dapp.replay.parts import Json, cell
from p2p_cosim.dapp.replay.windows import PART_TICKS, edges_of
from p2p_cosim.record.tariffs import told_changes

if TYPE_CHECKING:
    import pandas as pd

    from p2p_cosim.record import Results

_LEDGER = (
    *("contracted_wh", "metered_wh", "imbalance_wh", "market_wei", "imbalance_wei", "paid_in_wei"),
    *("balance_wei", "open_wei"),
)


def about(run: Results) -> Json:
    """As `/api/run` of a served run, as far as a folder tells it.

    A trader's name stands for its address.
    """
    low, high = run.v_limits_pu
    found = run.feeder_map
    elements = _first_tick(run, "loadings", "element", "kind", "rated_a")
    names = [str(row["element"]) for row in elements]
    return {
        "scenario": run.name,
        "description": str(run.scenario.get("description", "")),
        "seed": run.seed,
        "run": str(run.manifest["run_id"]),
        "interval_s": run.clock.interval_s,
        "ticks": run.ticks,
        "start": run.clock.start.isoformat(),
        "tariff": {
            "retail_wei_per_wh": str(run.tariff.retail_wei_per_wh),
            "feed_in_wei_per_wh": str(run.tariff.feed_in_wei_per_wh),
            "eur_per_ether": run.eur_per_ether,
            "changes": told_changes(run.manifest.get("tariff_changes", ())),
        },
        "limits": {"v_min_pu": low, "v_max_pu": high},
        "houses": [{"name": n, "address": n, **site} for n, site in found["houses"].items()],
        "map": {k: found[k] for k in ("buses", "lines")} if found.get("buses") else None,
        "carried_by": carried_by(found, names),
        "elements": [
            {"name": row["element"], "kind": row["kind"], "rated_a": row["rated_a"]}
            for row in elements
        ],
        "nodes": [row["node"] for row in _first_tick(run, "node_voltages", "node")],
        "regulators": dict.fromkeys(first_taps(run)),
        "roles": {},
        "part_ticks": PART_TICKS,
        "parts": len(edges_of(run.ticks)),
    }


def first_taps(run: Results) -> dict[str, int]:
    """By regulator, before the first interval."""
    first = run.taps[run.taps["tick"] < 0]
    return dict(zip(map(str, first["regulator"]), map(int, first["tap"]), strict=True))


def ledgers(run: Results) -> dict[str, Json]:
    """By house what its account did: a list a column, one value a tick, and its trades.

    A trade is `[tick, Wh bought (negative: sold), wei paid (negative: got)]`. Money as text.
    """
    rows = run.households
    trades = run.trades
    paid = trades["energy_wh"].astype(object) * trades["price_wei_per_wh"].astype(object)
    got = [int(p) - int(s) for p, s in zip(paid, trades["budget_surplus_wei"], strict=True)]
    found: dict[str, Json] = {}
    for house, of_house in rows.groupby("house", sort=False):
        columns: Json = {name: [cell(name, value) for value in of_house[name]] for name in _LEDGER}
        found[str(house)] = {**columns, "trades": []}
    sides = (("buyer", 1, paid), ("seller", -1, got))
    for side, sign, money in sides:
        for tick, name, wh, wei in zip(
            trades["tick"], trades[side], trades["energy_wh"], money, strict=True
        ):
            if name in found:
                own = found[name]["trades"]
                assert isinstance(own, list)  # noqa: S101 (made above)
                own.append([int(tick), sign * int(wh), str(sign * int(wei))])
    return found


def _first_tick(run: Results, table: str, *columns: str) -> list[dict[str, object]]:
    """Rows of tick 0, of which every tick has the same places."""
    frame: pd.DataFrame | None = next(run.frames(table, "tick", *columns), None)
    if frame is None:
        return []
    first = frame[frame["tick"] == 0]
    return [{n: cell(n, row[n]) for n in columns} for row in first.to_dict("records")]
