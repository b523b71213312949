"""Situations that a plug-in must cope with, made without a run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import numpy as np

from p2p_cosim.core.brief import Brief
from p2p_cosim.core.types import (
    ControlView,
    FloatArray,
    ForecastView,
    HouseSite,
    MeterView,
    Order,
    Outcome,
    OwnState,
    Placement,
    QuoteView,
    Sensitivities,
    Side,
    Tariff,
    Trade,
)

SITES = (
    HouseSite("house_1", "675", "B", "service_1"),
    HouseSite("house_2", "675", "B", "service_1"),
    HouseSite("house_3", "652", "A", "service_2"),
    HouseSite("house_4", "611", "C", "service_3"),
)
"""Where the houses of these situations stand."""

REGULATORS = {"reg_a": "A", "reg_b": "B", "reg_c": "C"}
"""Phase by regulator."""

TARIFF = Tariff(retail_wei_per_wh=120_000_000_000, feed_in_wei_per_wh=32_000_000_000)
"""0.30 and 0.08 EUR/kWh at 2500 EUR an ether."""

_MONEY_WEI = 4 * 10**16


class LinearFeeder(Brief):
    """A `GridModel` whose voltages are linear in powers and taps: v = 1 + dv_dp p + dv_dtap taps.

    For the houses of `SITES` and the regulators of `REGULATORS`.
    """

    dv_dp: FloatArray = np.array(
        [
            [-2e-3, -5e-4, 0.0, 0.0],
            [-5e-4, -2e-3, 0.0, 0.0],
            [0.0, 0.0, -1e-3, 0.0],
            [0.0, 0.0, 0.0, -1e-3],
        ]
    )
    dv_dtap: FloatArray = 0.0066 * np.array(
        [[site.phase == phase for phase in REGULATORS.values()] for site in SITES], dtype=float
    )

    def sensitivities(self) -> Sensitivities:
        """Exact, and the same everywhere."""
        return Sensitivities(self.dv_dp.copy(), self.dv_dtap.copy())

    def trial(
        self,
        house_p_kw: FloatArray,
        house_q_kvar: FloatArray,  # noqa: ARG002  # this feeder has no reactance
        taps: Mapping[str, int],
    ) -> FloatArray:
        """House voltages in pu, shape (houses,)."""
        steps = [taps[name] for name in REGULATORS]
        v_pu: FloatArray = 1.0 + self.dv_dp @ np.asarray(house_p_kw) + self.dv_dtap @ steps
        return v_pu


def quotes() -> dict[str, QuoteView]:
    """By name, what a trader may know when it is asked for orders."""
    price = 70_000_000_000
    needs = {
        "a need, before the first trade": (1, 500, None, _MONEY_WEI, 0),
        "a need, after a price": (2, 500, price, _MONEY_WEI, 0),
        "a surplus, before the first trade": (1, -800, None, _MONEY_WEI, 0),
        "a surplus, after a price": (2, -800, price, _MONEY_WEI, 0),
        "neither need nor surplus": (3, 0, price, _MONEY_WEI, 0),
        "a clearing price of 0": (4, 500, 0, _MONEY_WEI, 0),
        "no money left": (5, 500, price, 0, 0),
        "a debt": (6, 500, price, 0, 10**12),
        "a need of 1 Wh": (7, 1, price, _MONEY_WEI, 0),
        "a surplus of 10 MWh": (8, -10_000_000, price, _MONEY_WEI, 0),
    }
    return {
        f"{name} ({trader})": quote_view(trader, *fields)
        for name, fields in needs.items()
        for trader in ("house_1", "house_2")
    }


def quote_view(
    trader: str,
    tick: int,
    forecast_wh: int,
    last_price_wei_per_wh: int | None,
    balance_wei: int,
    debt_wei: int,
) -> QuoteView:
    """One view of a trader, at the tariff of these situations."""
    return QuoteView(
        trader,
        tick,
        forecast_wh,
        TARIFF,
        last_price_wei_per_wh,
        OwnState(balance_wei, debt_wei),
        None if tick < 2 else outcome(trader, tick - 1, last_price_wei_per_wh),
    )


def outcome(trader: str, tick: int, price_wei_per_wh: int | None) -> Outcome:
    """A round in which a trader wanted 100 Wh and got 60 of them, if there was a price."""
    price = price_wei_per_wh or 0
    filled_wh = 0 if price_wei_per_wh is None else 60
    order = Order(trader, Side.BID, 100, price)
    return Outcome(
        tick,
        (Placement(order, 0, "", filled_wh),),
        price_wei_per_wh,
        contracted_wh=filled_wh,
        market_wei=filled_wh * price,
        metered_wh=90,
        imbalance_wh=90 - filled_wh,
        imbalance_wei=(90 - filled_wh) * TARIFF.retail_wei_per_wh,
    )


def forecast_views() -> dict[str, ForecastView]:
    """By name, what a trader may know when it forecasts: a day in June, hour by hour."""
    rng = np.random.default_rng(5)
    hours = np.arange(24)
    load_kw = 0.5 + rng.random(24)
    pv_kw = 5.0 * np.clip(np.sin((hours - 6) / 12 * np.pi), 0.0, None)
    start = datetime(2024, 6, 21)

    def view(tick: int, horizon: int) -> ForecastView:
        past_load_kw, past_pv_kw = load_kw[:tick].copy(), pv_kw[:tick].copy()
        past_load_kw.flags.writeable = past_pv_kw.flags.writeable = False
        time = start + timedelta(hours=tick)
        return ForecastView("house_1", tick, time, 3600, past_load_kw, past_pv_kw, horizon)

    cases = {f"tick {tick}": view(tick, 1) for tick in (0, 1, 2, 7, 12, 20)}
    return cases | {"three intervals ahead": view(12, 3), "a day ahead, from nothing": view(0, 4)}


def meters(
    tick: int,
    v_pu: Sequence[float] = (1.01, 1.01, 0.99, 1.0),
    p_kw: Sequence[float] = (1.0, -2.0, 0.5, 0.8),
    on_tie: frozenset[str] = frozenset(),
    newly_dark: Sequence[int] = (),
) -> MeterView:
    """Readings of the houses of `SITES`; NaN where none arrived, 0 V without supply."""
    v, p = np.array(v_pu, dtype=float), np.array(p_kw, dtype=float)
    p[v == 0] = 0.0
    p[np.isnan(v)] = np.nan
    gasp = np.isin(np.arange(len(v)), newly_dark)
    head_kw = np.array([100.0, 120.0, 110.0])
    return MeterView(
        tick,
        SITES,
        v,
        p,
        p * 0.25,
        last_gasp=gasp,
        head_p_kw=head_kw,
        head_q_kvar=head_kw * 0.3,
        head_v_pu=np.ones(3),
        taps=dict.fromkeys(REGULATORS, 0),
        on_tie=on_tie,
    )


def meter_series() -> list[MeterView]:
    """Fourteen ticks: quiet, house_1 dark and back, house_3 fed through its tie, lost readings,
    and the whole transformer of house_1 and house_2 dark."""
    quiet, nan = (1.01, 1.01, 0.99, 1.0), float("nan")
    dark = (0.0, 1.01, 0.99, 1.0)
    on_tie = frozenset({"house_3"})
    return [
        *(meters(tick, quiet) for tick in range(3)),
        meters(3, dark, newly_dark=(0,)),
        *(meters(tick, dark) for tick in (4, 5)),
        meters(6, quiet),
        meters(7, (1.01, 1.01, 0.0, 1.0), newly_dark=(2,)),
        *(meters(tick, (1.01, 1.01, 0.98, 1.0), on_tie=on_tie) for tick in (8, 9)),
        meters(10, (nan, 1.01, 0.99, nan)),
        meters(11, (nan, nan, nan, nan)),
        meters(12, (0.0, 0.0, 0.99, 1.0), newly_dark=(0, 1)),
        meters(13, quiet),
    ]


def control_series() -> dict[str, ControlView]:
    """By name, what a controller may know before delivery, tick after tick."""
    nan = float("nan")
    sold = (Trade("house_3", "house_1", 2000, 60_000_000_000),)
    cases: dict[str, tuple[MeterView, tuple[Trade, ...], tuple[int, int, int]]] = {
        "before the first trade": (meters(-1), (), (0, 0, 0)),
        "all inside the band": (meters(0), sold, (0, 0, 0)),
        "house_1 too high": (meters(1, (1.062, 1.05, 0.99, 1.0)), sold, (0, 0, 0)),
        "house_3 too low": (meters(2, (1.0, 1.0, 0.93, 1.0)), sold, (0, 0, 0)),
        "too high at the last tap": (meters(3, (1.09, 1.08, 0.99, 1.0)), sold, (0, -16, 0)),
        "too high and too low on one phase": (meters(4, (1.08, 0.94, 1.0, 1.0)), (), (0, 2, 0)),
        "house_1 without supply": (meters(5, (0.0, 1.02, 1.0, 1.0)), sold, (0, 0, 0)),
        "nobody has supply": (meters(6, (0.0, 0.0, 0.0, 0.0)), (), (0, 0, 0)),
        "a reading lost": (meters(7, (nan, 1.06, 1.0, 1.0)), sold, (0, 0, 0)),
        "no reading at all": (meters(8, (nan, nan, nan, nan)), (), (16, 16, 16)),
    }
    return {
        name: ControlView(
            tick=view.tick + 1,
            meters=view,
            trades=trades,
            taps=dict(zip(REGULATORS, taps, strict=True)),
            regulator_phases=dict(REGULATORS),
            network=LinearFeeder(),
            interval_s=900,
            day=0,
        )
        for name, (view, trades, taps) in cases.items()
    }
