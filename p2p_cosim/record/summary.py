"""A run in a dozen numbers."""

from __future__ import annotations

import html
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, TypedDict

from p2p_cosim.core.units import WEI_PER_GWEI, WH_PER_KWH, eur_of, eur_per_kwh_of
from p2p_cosim.record.capital import margins
from p2p_cosim.record.grid_figures import (
    loading,
    losses_and_faults,
    readings_outside,
    tap_steps,
    worst_voltage,
)
from p2p_cosim.record.schema import SETTLE_LABEL
from p2p_cosim.record.surplus import surplus_of
from p2p_cosim.record.utility import utility_figures

if TYPE_CHECKING:
    from p2p_cosim.record.results import Results


class GasFigures(TypedDict):
    """The part of a summary that is about gas."""

    total_gas: int | None
    gas_per_order: float | None
    gas_per_traded_kwh: float | None
    gas_per_settlement: float | None
    gas_cost_eur: float | None


@dataclass(frozen=True, slots=True)
class Summary:
    """Key figures of a run. What has no value (a price without a trade) is None.

    energy_traded_kwh: in the auction. welfare_eur: sum over trades of energy times
    (bid limit minus ask limit), so declared. surplus_eur: what the houses gained at their true
    values, with the energy that was metered, imbalances included; best_surplus_eur: the most that
    the same energy could have gained them; surplus_efficiency: the one over the other
    (`surplus.surplus_of`). mean_price_eur_per_kwh: clearing prices weighted with the
    energy traded at them.

    utility_margin_eur: what the utility earns at the houses before it buys energy upstream;
    utility_margin_change_eur: by how much that is more than without the market
    (`utility.utility_of`, which has the rest of its account).

    mean_margin_eur, most_margin_eur: what all orders in the book set aside at a gate beside what
    they pay, over rounds: an ask what it would cost to deliver nothing, at a negative feed-in price
    a bid what it would cost to take nothing. Unlike a price, a margin comes back.

    self_sufficiency, self_consumption: of all houses together, behind one notional meter.
    With load L and PV production P per tick, summed over houses,
    sum(min(L, P)) / sum(L) and sum(min(L, P)) / sum(P): Luthander et al. (2015), Applied
    Energy 142, 80-94, doi:10.1016/j.apenergy.2014.12.028. Loads and PV of houses
    that are cut off do not count.

    worst_v_pu: voltage of a house meter farthest from 1 pu, with its house and tick; houses
    without supply do not count. house_ticks_outside: meter readings outside the
    scenario's own limits (`Results.v_limits_pu`). tap_moves: moves that changed a tap;
    tap_steps: steps they went.

    total_gas: of all transactions, setup included. gas_per_order: of the transactions in
    rounds (orders, clearing, settlement) by orders sent; gas_per_traded_kwh: of the same by
    energy traded; gas_per_settlement: mean of the settlement of a round. gas_cost_eur: what
    total_gas costs at the scenario's prices of gas and ether, which nobody in the run pays.
    All are None if the run recorded no gas. rejected_orders: refused by the contract.

    worst_loading: largest current over rated current of a line or transformer, with its name;
    element_ticks_overloaded: how often one carried more than its rating.

    losses_kwh: of the whole feeder, services of houses among it. fault_current_a,
    fault_head_current_a: largest current through a short circuit, and into the feeder while one
    stood; None if none did.
    """

    energy_traded_kwh: float
    welfare_eur: float
    surplus_eur: float
    best_surplus_eur: float
    surplus_efficiency: float | None
    mean_price_eur_per_kwh: float | None
    utility_margin_eur: float
    utility_margin_change_eur: float
    mean_margin_eur: float | None
    most_margin_eur: float | None
    self_sufficiency: float | None
    self_consumption: float | None
    worst_v_pu: float | None
    worst_v_house: str | None
    worst_v_tick: int | None
    house_ticks_outside: int
    tap_moves: int
    tap_steps: int
    total_gas: int | None
    gas_per_order: float | None
    gas_per_traded_kwh: float | None
    gas_per_settlement: float | None
    gas_cost_eur: float | None
    orders: int
    rejected_orders: int
    trades: int
    alarms: int
    worst_loading: float | None
    worst_loading_element: str | None
    element_ticks_overloaded: int
    losses_kwh: float
    fault_current_a: float | None
    fault_head_current_a: float | None

    def as_dict(self) -> dict[str, float | int | str | None]:
        """Name to value, for JSON or a row of a table."""
        return asdict(self)

    def __str__(self) -> str:
        width = max(len(field.name) for field in fields(self))
        return "\n".join(f"{name:<{width}}  {_text(v)}" for name, v in self.as_dict().items())

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><th style='text-align:left'>{name}</th><td>{html.escape(_text(value))}</td>"
            f"<td style='text-align:left'>{_unit(name)}</td></tr>"
            for name, value in self.as_dict().items()
        )
        return f"<table>{rows}</table>"


def _unit(name: str) -> str:
    """What a figure is in, by the end of its name; and who pays for gas."""
    if name == "gas_cost_eur":
        return "EUR, which nobody in the run pays"
    ends = {"_eur_per_kwh": "EUR/kWh", "_eur": "EUR", "_v_pu": "pu", "_current_a": "A"}
    ends |= {"energy_traded_kwh": "kWh", "losses_kwh": "kWh"}
    return next((unit for end, unit in ends.items() if name.endswith(end)), "")


def summarize(run: Results) -> Summary:
    """The summary of a run, a piece of its tables at a time. ResultsError if one cannot be read."""
    rate, rows = run.eur_per_ether, run.manifest["rows"]
    rounds = run.market
    traded = rounds[rounds["energy_wh"] > 0]
    energy_wh = int(traded["energy_wh"].sum())
    turnover_wei = float((traded["price_wei_per_wh"].astype("float64") * traded["energy_wh"]).sum())
    sufficiency, consumption = _self_supply(run)
    worst_v_pu, worst_house, worst_tick = worst_voltage(run)
    steps, surplus = tap_steps(run), surplus_of(run)
    return Summary(
        energy_traded_kwh=energy_wh / WH_PER_KWH,
        welfare_eur=eur_of(float(rounds["welfare_wei"].astype("float64").sum()), rate),
        surplus_eur=surplus.realised_eur,
        best_surplus_eur=surplus.best_eur,
        surplus_efficiency=surplus.efficiency,
        mean_price_eur_per_kwh=(
            eur_per_kwh_of(turnover_wei / energy_wh, rate) if energy_wh else None
        ),
        **utility_figures(run),
        **margins(run),
        self_sufficiency=sufficiency,
        self_consumption=consumption,
        worst_v_pu=worst_v_pu,
        worst_v_house=worst_house,
        worst_v_tick=worst_tick,
        house_ticks_outside=readings_outside(run),
        tap_moves=int((steps > 0).sum()),
        tap_steps=int(steps.sum()),
        **_gas(run, energy_wh),
        orders=rows["orders"],
        rejected_orders=sum(
            int((piece["rejection"] != "").sum()) for piece in run.frames("orders", "rejection")
        ),
        trades=rows["trades"],
        alarms=rows["alarms"],
        **loading(run),
        **losses_and_faults(run),
    )


def _gas(run: Results, energy_wh: int) -> GasFigures:
    total = of_rounds = of_settlements = settlements = 0
    for piece in run.frames("transactions", "tick", "label", "gas_used"):
        if piece["gas_used"].isna().any():
            return {
                "total_gas": None,
                "gas_per_order": None,
                "gas_per_traded_kwh": None,
                "gas_per_settlement": None,
                "gas_cost_eur": None,
            }
        rounds = piece[piece["tick"] >= 0]
        settled = rounds.loc[rounds["label"] == SETTLE_LABEL, "gas_used"]
        total += int(piece["gas_used"].sum())
        of_rounds += int(rounds["gas_used"].sum())
        of_settlements += int(settled.sum())
        settlements += len(settled)
    orders = run.manifest["rows"]["orders"]
    cost_wei = total * run.gas_price_gwei * WEI_PER_GWEI
    return {
        "total_gas": total,
        "gas_per_order": of_rounds / orders if orders else None,
        "gas_per_traded_kwh": of_rounds / energy_wh * WH_PER_KWH if energy_wh else None,
        "gas_per_settlement": of_settlements / settlements if settlements else None,
        "gas_cost_eur": eur_of(cost_wei, run.eur_per_ether),
    }


def _self_supply(run: Results) -> tuple[float | None, float | None]:
    own_kw = load_kw = pv_kw = 0.0
    for piece in run.frames("households", "tick", "load_kw", "pv_kw"):
        power = piece.groupby("tick")[["load_kw", "pv_kw"]].sum()
        own_kw += float(power.min(axis=1).sum())
        load_kw += float(power["load_kw"].sum())
        pv_kw += float(power["pv_kw"].sum())
    return (own_kw / load_kw if load_kw else None, own_kw / pv_kw if pv_kw else None)


def _text(value: float | int | str | None) -> str:
    if value is None:
        return "-"
    return f"{value:.6g}" if isinstance(value, float) else str(value)
