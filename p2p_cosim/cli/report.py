"""The closing summary, for people as a table or for machines as JSON."""

from __future__ import annotations

import json

import typer
from rich.console import Console
from rich.table import Table

from p2p_cosim.record import Results, Summary


def print_summary(results: Results, *, as_json: bool) -> None:
    """Print what a run came to."""
    summary = results.summary()
    if as_json:
        identity = {"folder": str(results.path), "run_id": results.manifest["run_id"]}
        typer.echo(json.dumps({**identity, **summary.as_dict()}))
        return
    table = Table(show_header=False, box=None, padding=(0, 2, 0, 0))
    table.add_column(style="bold")
    table.add_column()
    for label, value in _rows(summary, results.v_limits_pu) + _debts(results):
        table.add_row(label, value)
    typer.echo(repr(results))
    Console(highlight=False).print(table)


def _rows(summary: Summary, v_limits_pu: tuple[float, float]) -> list[tuple[str, str]]:
    low, high = v_limits_pu
    worst = "no house had supply"
    if summary.worst_v_pu is not None:
        worst = (
            f"{summary.worst_v_pu:.4f} pu at {summary.worst_v_house}, tick {summary.worst_v_tick}"
        )
    return [
        ("energy traded", f"{summary.energy_traded_kwh:.1f} kWh in {summary.trades} trades"),
        ("welfare as declared", f"{summary.welfare_eur:.2f} EUR"),
        ("welfare as realised", _surplus(summary)),
        ("utility's margin", _utility(summary)),
        ("average MCP", _with_unit(summary.mean_price_eur_per_kwh, ".4f", "EUR/kWh")),
        ("margin at a gate", _margin(summary)),
        ("self-sufficiency", _with_unit(summary.self_sufficiency, ".1%")),
        ("self-consumption", _with_unit(summary.self_consumption, ".1%")),
        ("worst voltage", worst),
        (f"outside {low:g}-{high:g} pu", f"{summary.house_ticks_outside} house-ticks"),
        ("tap changes", f"{summary.tap_moves} moves, {summary.tap_steps} steps"),
        ("fullest element", _loading(summary)),
        ("losses", _with_unit(summary.losses_kwh, ",.1f", "kWh")),
        ("short circuit", _short_circuit(summary)),
        ("alarms", str(summary.alarms)),
        ("orders", f"{summary.orders}, {summary.rejected_orders} refused"),
        ("gas", _with_unit(summary.total_gas, ",d")),
        ("gas per order", _with_unit(summary.gas_per_order, ",.0f")),
        ("gas per traded kWh", _with_unit(summary.gas_per_traded_kwh, ",.0f")),
        ("gas per settlement", _with_unit(summary.gas_per_settlement, ",.0f")),
        ("gas cost", _with_unit(summary.gas_cost_eur, ",.2f", "EUR, which nobody in the run pays")),
    ]


def _debts(results: Results) -> list[tuple[str, str]]:
    """A line if a house had a debt at the end of a tick, and so could not bid in the next."""
    ticks, houses = 0, set[str]()
    for piece in results.frames("households", "house", "open_wei"):
        owing = piece.loc[piece["open_wei"].astype("float64") < 0, "house"]
        ticks += len(owing)
        houses.update(owing)
    if not ticks:
        return []
    count = f"{len(houses)} houses, {ticks} house-ticks"
    return [("in debt, no bids", f"{count}: market.deposit_eur was too little")]


def _utility(summary: Summary) -> str:
    change = summary.utility_margin_change_eur
    return f"{summary.utility_margin_eur:.2f} EUR, {change:+.2f} EUR by the market"


def _surplus(summary: Summary) -> str:
    best = f" of {summary.best_surplus_eur:.2f} EUR that could be shared"
    return f"{summary.surplus_eur:.2f} EUR{best}"


def _margin(summary: Summary) -> str:
    if summary.mean_margin_eur is None:
        return "-"
    return f"{summary.mean_margin_eur:.2f} EUR on average, {summary.most_margin_eur:.2f} at most"


def _short_circuit(summary: Summary) -> str:
    if summary.fault_current_a is None:
        return "-"
    return f"{summary.fault_current_a:,.0f} A, {summary.fault_head_current_a:,.0f} A at the head"


def _loading(summary: Summary) -> str:
    if summary.worst_loading is None:
        return "-"
    over = f", {summary.element_ticks_overloaded} element-ticks above rating"
    return f"{summary.worst_loading:.0%} of its rating, {summary.worst_loading_element}{over}"


def _with_unit(value: float | None, spec: str, unit: str = "") -> str:
    return "-" if value is None else f"{value:{spec}} {unit}".rstrip()
