"""The linear program of a house that stores: what to do in every interval of a horizon.

For intervals t and stores i, with energies in Wh:

    minimise    sum_t buy_t b_t - sell_t g_t + sum_it wear_i d_it - sum_i value_i s_iT
    subject to  b_t - g_t - sum_i (c_it - d_it) = net_t
                s_it - s_i,t-1 - eta_i c_it + d_it / epsilon_i = -taken_it

with b bought, g sold, c drawn and d given at the store's terminals, s stored. Solved by HiGHS
(Huangfu and Hall, Mathematical Programming Computation 10 (2018) 119) through SciPy.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from p2p_cosim.core.types import Flexibility, FloatArray
from p2p_cosim.core.units import energy_wh


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """What is best to do. Arrays have shape (horizon,) or (stores, horizon).

    bought_wh, sold_wh: with the grid. drawn_wh, given_wh: by every store. stored_wh: at the end
    of every interval. value: shape (stores,), of a Wh in every store after the first
    interval, in the unit of the prices. cost: of the whole plan, in that unit times Wh.
    """

    bought_wh: FloatArray
    sold_wh: FloatArray
    drawn_wh: FloatArray
    given_wh: FloatArray
    stored_wh: FloatArray
    value: FloatArray
    cost: float


def best_plan(
    net_wh: FloatArray,
    stores: Sequence[Flexibility],
    interval_s: int,
    buy: FloatArray,
    sell: FloatArray,
    end_value: float,
) -> Plan | None:
    """The cheapest plan; None if there is none. SciPy is imported here, because only this needs it.

    net_wh: shape (horizon,), what is drawn whatever is decided. buy, sell: shape (horizon,),
    price of a Wh; where selling pays more than buying costs, both are taken at their mean.
    end_value: of a Wh that can be given after the horizon.
    """
    from scipy.optimize import linprog

    horizon = len(net_wh)
    buy, sell = _uncrossed(buy, sell)
    scale = max(1.0, float(np.abs(buy).max()))  # HiGHS works best with numbers near 1
    costs, bounds, right = [buy / scale, -sell / scale], [], [net_wh]
    for store in stores:
        held = np.zeros(horizon)
        held[-1] = -end_value * store.discharge_efficiency / scale
        wear = np.full(horizon, float(store.wear_wei_per_wh) / scale)
        costs += [np.zeros(horizon), wear, held]
        bounds += _limits(store, interval_s)
        start = -store.taken_wh
        start[0] += store.stored_wh
        right.append(start)
    efficiencies = tuple((s.charge_efficiency, s.discharge_efficiency) for s in stores)
    solved = linprog(
        np.concatenate(costs),
        A_eq=_balances(horizon, efficiencies),
        b_eq=np.concatenate(right),
        bounds=np.concatenate([[[0.0, np.inf]] * (2 * horizon), *bounds]),
        method="highs",
    )
    if not solved.success:
        return None
    return _plan(solved, horizon, len(stores), scale)


def _uncrossed(buy: FloatArray, sell: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Both at their mean where selling pays more than buying costs."""
    crossed, mean = sell > buy, (buy + sell) / 2
    return np.where(crossed, mean, buy), np.where(crossed, mean, sell)


def _limits(store: Flexibility, interval_s: int) -> list[FloatArray]:
    """Least and most of what a store draws, gives and holds; each of shape (horizon, 2)."""
    zeros = np.zeros(len(store.least_wh))
    drawn = np.maximum(energy_wh(store.most_kw, interval_s), 0.0)
    given = np.maximum(-energy_wh(store.least_kw, interval_s), 0.0)
    pairs = ((zeros, drawn), (zeros, given), (store.least_wh, store.most_wh))
    return [np.column_stack(pair) for pair in pairs]


def _plan(solved: Any, horizon: int, stores: int, scale: float) -> Plan:
    parts = solved.x.reshape(2 + 3 * stores, horizon)
    duals = solved.eqlin.marginals.reshape(1 + stores, horizon)
    return Plan(
        bought_wh=parts[0],
        sold_wh=parts[1],
        drawn_wh=parts[2::3],
        given_wh=parts[3::3],
        stored_wh=parts[4::3],
        value=-scale * duals[1:, 0],
        cost=float(scale * solved.fun),
    )


@lru_cache(maxsize=256)
def _balances(horizon: int, efficiencies: tuple[tuple[float, float], ...]) -> Any:
    """The left sides: of the house, then of every store."""
    from scipy.sparse import bmat, csr_array, diags_array, eye_array

    one, none = eye_array(horizon), None
    change = diags_array([np.ones(horizon), -np.ones(horizon - 1)], offsets=[0, -1])
    stores = len(efficiencies)
    house = [one, -one]
    rows: list[list[object]] = []
    for i, (into, out) in enumerate(efficiencies):
        house += [-one, one, none]
        row: list[object] = [none] * (2 + 3 * stores)
        row[2 + 3 * i : 5 + 3 * i] = [-into * one, one / out, change]
        rows.append(row)
    return csr_array(bmat([house, *rows], format="csr"))
