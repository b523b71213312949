"""What trade was worth at the houses' true values, with the energy that was really delivered."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from p2p_cosim.core.types import FloatArray
from p2p_cosim.core.units import eur_of
from p2p_cosim.record.prices import prices_of

if TYPE_CHECKING:
    import pandas as pd

    from p2p_cosim.record.results import Results


class Surplus(NamedTuple):
    """Of all houses together, in EUR. realised: what they gained. best: the most that the same
    metered energy could have gained them."""

    realised_eur: float
    best_eur: float

    @property
    def efficiency(self) -> float | None:
        """Realised over best; None if nothing could be gained."""
        return self.realised_eur / self.best_eur if self.best_eur > 0 else None


def surplus_of(run: Results) -> Surplus:
    """The surplus of a run, a piece of its tables at a time.

    For a house that metered m Wh, contracted n, with value v and cost c of a Wh:

        T(m) - paid + (v - retail) min(n, m) if it bought, + (feed-in - c) min(-n, -m) if it sold,

    where T is what the tariff alone would have charged and `paid` all that it paid and was
    charged; the minima are at least 0. At the tariff's values this is the house's saving. What
    buyers pay and sellers do not get (`budget_surplus_wei`) counts as well; what bulk consumers
    and the utility gain does not.

    The best of a tick lets the houses that metered a need and those that metered a surplus share
    every Wh whose value exceeds its cost. It takes what devices did as given, and only houses:
    where bulk consumers buy, the realised surplus can exceed it.
    """
    realised = best = 0.0
    columns = ("tick", "house", "contracted_wh", "metered_wh", "market_wei", "imbalance_wei")
    values = _values(run)
    retail_of, feed_in_of = prices_of(run)
    for piece in run.frames("households", *columns):
        house, tick = piece["house"].to_numpy(), piece["tick"].to_numpy()
        retail, feed_in = retail_of[tick], feed_in_of[tick]
        value = retail + np.array([values[name][0] for name in house], dtype=float)
        cost = feed_in + np.array([values[name][1] for name in house], dtype=float)
        contracted = piece["contracted_wh"].to_numpy(dtype=float)
        metered = piece["metered_wh"].fillna(piece["contracted_wh"]).to_numpy(dtype=float)
        paid = piece["market_wei"].astype(float) + piece["imbalance_wei"].astype(float)
        alone = metered * np.where(metered > 0, retail, feed_in)
        used = np.clip(np.minimum(contracted, metered), 0, None)
        given = np.clip(np.minimum(-contracted, -metered), 0, None)
        gained = alone - paid.to_numpy() + (value - retail) * used + (feed_in - cost) * given
        realised += float(gained.sum())
        best += _best(piece.assign(net=metered, value=value, cost=cost))
    kept = sum(
        float(piece["budget_surplus_wei"].astype(float).sum())
        for piece in run.frames("rounds", "budget_surplus_wei")
    )
    rate = run.eur_per_ether
    return Surplus(eur_of(realised + kept, rate), eur_of(best, rate))


def _values(run: Results) -> dict[str, tuple[float, float]]:
    """By house, how far value and cost of a Wh are from the retail and feed-in price, in wei."""
    tariff = run.tariff
    default = (float(tariff.retail_wei_per_wh), float(tariff.feed_in_wei_per_wh))
    values = dict.fromkeys(run.feeder_map["houses"], (0.0, 0.0))
    for house, (value, cost) in run.manifest.get("values", {}).items():
        values[house] = (
            0.0 if value is None else float(value) - default[0],
            0.0 if cost is None else float(cost) - default[1],
        )
    return values


def _best(piece: pd.DataFrame) -> float:
    """The most that any matching can gain, summed over the ticks of a piece."""
    total = 0.0
    for _, tick in piece.groupby("tick", sort=False):
        net = tick["net"].to_numpy()
        needs, over = net > 0, net < 0
        if needs.any() and over.any():
            total += best_of(
                net[needs],
                tick["value"].to_numpy()[needs],
                -net[over],
                tick["cost"].to_numpy()[over],
            )
    return total


def best_of(
    need_wh: FloatArray, value: FloatArray, surplus_wh: FloatArray, cost: FloatArray
) -> float:
    """The most that needs and surpluses can gain by sharing, shape (needs,) and (surpluses,): the
    area between demand, dearest first, and supply, cheapest first, while value exceeds cost."""
    by_value, by_cost = np.argsort(-value, kind="stable"), np.argsort(cost, kind="stable")
    demand, supply = np.cumsum(need_wh[by_value]), np.cumsum(surplus_wh[by_cost])
    edges = np.unique(np.concatenate([[0.0], demand, supply]))
    edges = edges[edges <= min(demand[-1], supply[-1])]
    middle = (edges[1:] + edges[:-1]) / 2
    gain = value[by_value][np.searchsorted(demand, middle)]
    gain = gain - cost[by_cost][np.searchsorted(supply, middle)]
    return float((np.diff(edges) * np.maximum(gain, 0.0)).sum())
