"""Rows of the tables `households` and `others`."""

from __future__ import annotations

from functools import lru_cache

from p2p_cosim.core.types import TickRecord
from p2p_cosim.record.columns import Row
from p2p_cosim.record.run_info import RunInfo

UTILITY, SURPLUS = "utility", "surplus"  # as the ledger names them


def households(record: TickRecord, info: RunInfo) -> list[Row]:
    """One row a house. ValueError if the meters are not in the grid's order of houses."""
    p_kw, q_kvar = record.grid.house_p_kw.tolist(), record.grid.house_q_kvar.tolist()
    money = _money(record)
    rows: list[Row] = []
    for index, (house, meter) in enumerate(zip(info.houses, record.meters, strict=True)):
        if meter.trader != house:
            raise ValueError(
                f"meter {index} is of trader {meter.trader!r}, the grid's house {index} is "
                f"{house!r}: give the meters in the grid's order of houses"
            )
        rows.append(
            {
                "tick": record.tick,
                "house": house,
                "load_kw": meter.load_kw,
                "pv_kw": meter.pv_kw,
                "p_kw": p_kw[index],
                "q_kvar": q_kvar[index],
                "supplied": meter.supplied,
                "forecast_wh": meter.forecast_wh,
                **money[house],
                "feed": str(meter.feed),
                "battery_kw": meter.battery_kw,
                "stored_wh": meter.stored_wh,
                "curtailed_kw": meter.curtailed_kw,
                "paid_in_wei": record.paid_in_wei.get(house, 0),
            }
        )
    return rows


def others(record: TickRecord, info: RunInfo) -> list[Row]:
    """One row an account that is no house."""
    houses = frozenset(info.houses)
    return [
        {
            "tick": record.tick,
            "trader": trader,
            **money,
            "paid_in_wei": record.paid_in_wei.get(trader, 0),
        }
        for trader, money in _money(record).items()
        if trader not in houses
    ]


@lru_cache(maxsize=1)  # both tables of a tick
def _money(record: TickRecord) -> dict[str, Row]:
    """By account, the columns that each has, from `contracted_wh` to `open_wei`."""
    bought_wh: dict[str, int] = {}
    paid_wei: dict[str, int] = {}
    for trade in record.trades:
        bought_wh[trade.buyer] = bought_wh.get(trade.buyer, 0) + trade.energy_wh
        bought_wh[trade.seller] = bought_wh.get(trade.seller, 0) - trade.energy_wh
        paid_wei[trade.buyer] = paid_wei.get(trade.buyer, 0) + trade.payment_wei
        paid_wei[trade.seller] = paid_wei.get(trade.seller, 0) - trade.proceeds_wei
        paid_wei[SURPLUS] = paid_wei.get(SURPLUS, 0) - trade.budget_surplus_wei
    settled = {settlement.trader: settlement for settlement in record.settlements}
    found: dict[str, Row] = {}
    for trader, account in record.ledger.accounts.items():
        settlement = settled.get(trader)
        if trader == UTILITY:  # on the other side of every imbalance
            imbalance_wh = -sum(each.imbalance_wh for each in record.settlements)
            charge_wei = -sum(each.charge_wei for each in record.settlements)
        else:
            imbalance_wh = settlement.imbalance_wh if settlement else 0
            charge_wei = settlement.charge_wei if settlement else 0
        found[trader] = {
            "contracted_wh": settlement.contracted_wh if settlement else bought_wh.get(trader, 0),
            "metered_wh": settlement.metered_wh if settlement else None,
            "imbalance_wh": imbalance_wh,
            "market_wei": paid_wei.get(trader, 0),
            "imbalance_wei": charge_wei,
            "balance_wei": account.balance_wei,
            "open_wei": account.open_wei,
        }
    return found
