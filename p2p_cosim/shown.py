"""What a running simulation shows: its newest round, everybody's account, how far it is."""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING

from p2p_cosim.core.types import Ledger, TickRecord
from p2p_cosim.core.units import eur_of, eur_per_kwh_of
from p2p_cosim.record import Results

if TYPE_CHECKING:
    import pandas as pd

_OWN = ("name", "seed", "path", "load", "table", "frames", "of_recorder")
IN_RESULTS = {
    name: f"it is in the results: sim.so_far.{name}"
    for name in dir(Results)
    if not name.startswith("_") and name not in _OWN
} | {
    "run": "while not sim.done: sim.step(), or p2p_cosim.run(scenario)",
    "steps": "for _ in range(10): sim.step()",
    "price": "sim.last.gate.clearing has it, and sim.so_far.market those of all ticks",
    "time": "sim.model.clock.time(sim.tick)",
}
"""Where a simulation has what it is asked for and does not have itself."""

_COLUMNS = (
    "tick",
    "trader",
    "side",
    "energy_wh",
    "price_eur_per_kwh",
    "filled_wh",
    "round_price_eur_per_kwh",
    "rejection",
)


def book_of(record: TickRecord | None, eur_per_ether: float) -> pd.DataFrame:
    """Orders of a round as they arrived, with what became of them; empty before the first.

    filled_wh: how much was traded. round_price_eur_per_kwh: what buyers paid on average; NaN
    if nothing was traded. rejection: why the market refused the order, or "".
    """
    import pandas as pd

    if record is None:
        return pd.DataFrame(columns=list(_COLUMNS))
    price = record.gate.clearing.price_wei_per_wh
    cleared = float("nan") if price is None else eur_per_kwh_of(price, eur_per_ether)
    rows = [
        (
            record.tick,
            placed.order.trader,
            str(placed.order.side),
            placed.order.energy_wh,
            eur_per_kwh_of(placed.order.price_wei_per_wh, eur_per_ether),
            placed.filled_wh,
            cleared,
            placed.rejection,
        )
        for placed in record.gate.placements
    ]
    return pd.DataFrame(rows, columns=list(_COLUMNS))


def ledger_of(ledger: Ledger, eur_per_ether: float) -> pd.DataFrame:
    """Everybody's account in the contract, one row a trader."""
    import pandas as pd

    accounts = ledger.accounts
    return pd.DataFrame(
        {
            "balance_eur": [eur_of(a.balance_wei, eur_per_ether) for a in accounts.values()],
            "open_eur": [eur_of(a.open_wei, eur_per_ether) for a in accounts.values()],
            "energy_kwh": [a.energy_wh / 1000 for a in accounts.values()],
        },
        index=pd.Index(accounts, name="trader"),
    )


def html_of(record: TickRecord | None, eur_per_ether: float) -> str:
    """The newest tick and its book, bids from the highest down, then asks from the lowest up."""
    if record is None:
        return ""
    book = book_of(record, eur_per_ether)
    bids = book[book["side"] == "bid"].sort_values(
        "price_eur_per_kwh", ascending=False, kind="stable"
    )
    asks = book[book["side"] == "ask"].sort_values("price_eur_per_kwh", kind="stable")
    shown = ("trader", "energy_wh", "price_eur_per_kwh", "filled_wh", "rejection")
    tables = (
        f"<b>{title}</b>{side[list(shown)].to_html(index=False, float_format='{:.4f}'.format)}"
        for title, side in (("Bids", bids), ("Asks", asks))
        if len(side)
    )
    return record._repr_html_() + "".join(tables)


def notebook_progress(name: str, ticks: int) -> Callable[[int], None] | None:
    """In a notebook, a function that is told how many ticks are done and shows it on one line,
    at most fifty times a run; None where there is no notebook."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    if not hasattr(shell, "kernel"):
        return None
    display = import_module("IPython.display").display

    def line(done: int) -> dict[str, str]:
        return {"text/plain": f"{name}: {done} of {ticks} ticks"}

    handle = display(line(0), raw=True, display_id=True)
    every = max(1, ticks // 50)

    def show(done: int) -> None:
        if done % every == 0 or done == ticks:
            handle.update(line(done), raw=True)

    return show
