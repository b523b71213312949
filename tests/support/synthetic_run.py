"""A made-up but plausible run, for tests of recording and drawing without any engine.

The auction here keeps the fill of every order while it matches, which is what the recorder
has to find again from the trades alone. As a script: `synthetic_run.py OUT_DIR`.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import numpy as np

from p2p_cosim.core.clock import Clock
from p2p_cosim.core.types import (
    Account,
    Alarm,
    Clearing,
    Feed,
    GateClosure,
    GridState,
    HouseFlows,
    Ledger,
    Order,
    Placement,
    RatedElement,
    Receipt,
    Settlement,
    Side,
    TapMove,
    Tariff,
    TickRecord,
    Trade,
)
from p2p_cosim.record import ParquetRecorder, RunInfo, digest

EUR_PER_ETHER = 2000.0
TARIFF = Tariff(retail_wei_per_wh=150_000_000_000, feed_in_wei_per_wh=40_000_000_000)
UTILITY = "utility"
REGULATORS = ("reg1", "reg2", "reg3")
BUSES = {
    **{"650": (200, 350), "RG60": (200, 300), "632": (200, 250), "633": (350, 250)},
    **{"634": (400, 250), "645": (100, 250), "646": (0, 250), "670": (200, 200)},
    **{"671": (200, 100), "680": (200, 0), "684": (100, 100), "611": (0, 100)},
    **{"652": (100, 0), "692": (250, 100), "675": (400, 100)},
}
LINES = [
    *(("650", "RG60"), ("RG60", "632"), ("632", "633"), ("633", "634"), ("632", "645")),
    *(("645", "646"), ("632", "670"), ("670", "671"), ("671", "692"), ("692", "675")),
    *(("671", "684"), ("684", "611"), ("684", "652"), ("671", "680")),
]
HOUSE_BUSES = ("634", "645", "646", "671", "675", "611", "652", "680", "692")


def run_info(houses: int, ticks: int, seed: int = 7, start_hour: int = 0) -> RunInfo:
    names = tuple(f"h{index:02d}" for index in range(houses))
    scenario_yaml = f"name: trading_day\nhouseholds: {houses}\nticks: {ticks}\n"
    return RunInfo(
        scenario_name="trading_day",
        rated_elements=(RatedElement("line_632_670", "line", 730.0),),
        run_id=digest(f"{scenario_yaml}{seed}")[:12],
        seed=seed,
        scenario_yaml=scenario_yaml,
        clock=Clock(datetime(2025, 6, 21, start_hour), 900, ticks),
        tariff=TARIFF,
        eur_per_ether=EUR_PER_ETHER,
        houses=names,
        nodes=tuple(f"{bus}.{phase}" for bus in BUSES for phase in "ABC"),
        initial_taps={"reg1": 9, "reg2": 6, "reg3": 9},
        feeder_map={
            "buses": {bus: list(xy) for bus, xy in BUSES.items()},
            "lines": [list(line) for line in LINES],
            "houses": {
                name: {"bus": HOUSE_BUSES[i % len(HOUSE_BUSES)], "phase": "ABC"[i % 3]}
                for i, name in enumerate(names)
            },
        },
        engines={"opendss": "made up"},
        setup=(("deploy", Receipt(True, 2_000_000)),),
    )


def auction(placements: Sequence[Placement]) -> tuple[Clearing, list[int]]:
    """Uniform price, (price, arrival) priority; also the fill of every placement in Wh."""
    book = [i for i, p in enumerate(placements) if p.order_id is not None]
    order = [p.order for p in placements]
    bids = sorted(
        (i for i in book if order[i].side is Side.BID), key=lambda i: -order[i].price_wei_per_wh
    )
    asks = sorted(
        (i for i in book if order[i].side is Side.ASK), key=lambda i: order[i].price_wei_per_wh
    )
    filled = [0] * len(placements)
    pairs: list[tuple[int, int, int]] = []
    while bids and asks and order[bids[0]].price_wei_per_wh >= order[asks[0]].price_wei_per_wh:
        bid, ask = bids[0], asks[0]
        energy_wh = min(order[bid].energy_wh - filled[bid], order[ask].energy_wh - filled[ask])
        filled[bid] += energy_wh
        filled[ask] += energy_wh
        pairs.append((bid, ask, energy_wh))
        if filled[bid] == order[bid].energy_wh:
            bids.pop(0)
        if filled[ask] == order[ask].energy_wh:
            asks.pop(0)
    if not pairs:
        return Clearing(None, 0, 0, ()), filled
    bid, ask, _ = pairs[-1]
    price = (order[bid].price_wei_per_wh + order[ask].price_wei_per_wh) // 2
    trades = tuple(Trade(order[b].trader, order[a].trader, e, price) for b, a, e in pairs)
    welfare_wei = sum(
        e * (order[b].price_wei_per_wh - order[a].price_wei_per_wh) for b, a, e in pairs
    )
    return Clearing(price, sum(e for *_, e in pairs), welfare_wei, trades), filled


class SyntheticRun:
    """Tick records of a sunny day; house 0 loses supply for an hour in the evening."""

    def __init__(
        self, houses: int = 30, ticks: int = 96, seed: int = 7, start_hour: int = 0
    ) -> None:
        self.info = run_info(houses, ticks, seed, start_hour)
        self.ticks = ticks
        self._rng = np.random.default_rng(seed)
        self._pv_kwp = np.where(
            self._rng.random(houses) < 0.5, self._rng.uniform(3, 9, houses), 0.0
        )
        self._size = self._rng.uniform(0.5, 1.5, houses)
        self._taps = dict(self.info.initial_taps)

    def records(self) -> list[TickRecord]:
        return [self._record(tick) for tick in range(self.ticks)]

    def write(self, out_dir: Path, status: str = "complete") -> Path:
        recorder = ParquetRecorder(out_dir, self.info)
        for record in self.records():
            recorder.record(record)
        return recorder.write(status)

    def _record(self, tick: int) -> TickRecord:
        info, rng = self.info, self._rng
        houses = len(info.houses)
        hour = info.clock.hour(tick)
        load_kw, pv_kw, supplied = self._flows(tick, hour)
        p_kw = load_kw - pv_kw
        forecast_wh = [int(p * 250 * rng.uniform(0.9, 1.1)) for p in p_kw]
        gate = self._gate(tick, forecast_wh)
        moves = self._moves(hour)
        grid = self._state(tick, load_kw, p_kw, supplied)
        settlements = self._settlements(gate, p_kw)
        deposited_wei = 10**18 * (houses + 1)
        dark = info.houses[:1] if houses > 1 and tick == 72 else ()
        return TickRecord(
            tick=tick,
            gate=gate,
            tap_moves=moves,
            meters=tuple(
                HouseFlows(
                    *(name, float(load_kw[i]), float(pv_kw[i]), forecast_wh[i], s),
                    feed=Feed.DROP if s else Feed.NONE,
                )
                for i, (name, s) in enumerate(zip(info.houses, supplied.tolist(), strict=True))
            ),
            grid=grid,
            settlements=settlements,
            settle_receipts=(Receipt(True, 60_000 + 21_000 * houses),),
            ledger=Ledger(
                {h: Account(10**18, 0, 0) for h in (*info.houses, UTILITY)},
                0,
                deposited_wei,
                {"": deposited_wei},
            ),
            alarms=tuple(Alarm(tick, "outage", house, "voltage_loss") for house in dark),
        )

    @staticmethod
    def _sun(hour: float) -> float:
        return max(0.0, np.sin((hour - 5) / 16 * np.pi)) ** 1.5 if 5 < hour < 21 else 0.0

    def _flows(self, tick: int, hour: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Load and PV (kW), and who is supplied."""
        rng, houses = self._rng, len(self.info.houses)
        peaks = 0.4 + 0.7 * np.exp(-((hour - 8) ** 2) / 3) + 1.4 * np.exp(-((hour - 19) ** 2) / 6)
        load_kw = self._size * peaks * rng.uniform(0.7, 1.3, houses)
        pv_kw = self._pv_kwp * self._sun(hour) * rng.uniform(0.9, 1.0, houses)
        supplied = np.ones(houses, dtype=bool)
        if houses > 1 and 72 <= tick < 76:
            supplied[0] = False
        return load_kw * supplied, pv_kw * supplied, supplied

    def _state(
        self, tick: int, load_kw: np.ndarray, p_kw: np.ndarray, supplied: np.ndarray
    ) -> GridState:
        info, rng, houses = self.info, self._rng, len(self.info.houses)
        v_pu = np.where(supplied, 1.018 - 0.006 * p_kw + rng.normal(0, 0.004, houses), 0.0)
        node_v_pu = (
            1.02 - 0.004 * np.arange(len(info.nodes)) / 3 + rng.normal(0, 0.003, len(info.nodes))
        )
        return GridState(
            house_v_pu=v_pu,
            house_p_kw=p_kw,
            house_q_kvar=0.2 * load_kw,
            spot_p_kw=np.full(9, 385.0),
            node_v_pu=node_v_pu + 0.01 * self._sun(info.clock.hour(tick)),
            head_p_kw=np.array([1250.0, 970.0, 1340.0]) + p_kw.sum() / 3,
            head_q_kvar=np.array([680.0, 380.0, 670.0]),
            losses_kw=110.0,
            taps=tuple(self._taps.values()),
            current_a=np.array([100.0 + tick]),
        )

    def _gate(self, tick: int, forecast_wh: Sequence[int]) -> GateClosure:
        low, high = TARIFF.feed_in_wei_per_wh, TARIFF.retail_wei_per_wh
        placements: list[Placement] = []
        accepted = 0
        for name, energy_wh in zip(self.info.houses, forecast_wh, strict=True):
            if energy_wh == 0:
                continue
            side = Side.BID if energy_wh > 0 else Side.ASK
            parts = (abs(energy_wh) // 2, abs(energy_wh) - abs(energy_wh) // 2)
            for part_wh in parts:
                price = int(self._rng.integers(low, high))
                order = Order(name, side, part_wh, price)
                if part_wh < 10:
                    reason = f"EnergyBelowMinimum(energy={part_wh}, minimum=10)"
                    placements.append(Placement(order, None, reason))
                else:
                    placements.append(Placement(order, accepted))
                    accepted += 1
        clearing, filled = auction(placements)
        placements = [
            replace(placement, filled_wh=wh)
            for placement, wh in zip(placements, filled, strict=True)
        ]
        gas_clear = 90_000 + 4_000 * accepted
        receipts = tuple(
            (f"order {p.order.trader}", Receipt(p.order_id is not None, 70_000)) for p in placements
        )
        return GateClosure(
            tick,
            tuple(placements),
            clearing,
            (*receipts, ("clear", Receipt(True, gas_clear))),
            gas_clear,
        )

    def _moves(self, hour: float) -> tuple[TapMove, ...]:
        moves = []
        for number, name in enumerate(REGULATORS):
            due = {0: (9.1, 16.4), 1: (10.1, 15.6), 2: (9.6, 18.4)}[number]
            step = -2 if abs(hour - due[0]) < 0.125 else 3 if abs(hour - due[1]) < 0.125 else 0
            if step:
                self._taps[name] += step
                moves.append(TapMove(name, self._taps[name], "house h01 above 1.05 pu"))
        return tuple(moves)

    def _settlements(self, gate: GateClosure, p_kw: np.ndarray) -> tuple[Settlement, ...]:
        settlements = []
        for name, p in zip(self.info.houses, p_kw, strict=True):
            contracted = sum(
                (t.buyer == name) * t.energy_wh - (t.seller == name) * t.energy_wh
                for t in gate.clearing.trades
            )
            metered = int(p * 250)
            imbalance = metered - contracted
            price = TARIFF.retail_wei_per_wh if imbalance > 0 else TARIFF.feed_in_wei_per_wh
            settlements.append(
                Settlement(name, contracted, metered, imbalance, imbalance * price, 0)
            )
        return tuple(settlements)


def without_trades(record: TickRecord) -> TickRecord:
    """The same tick with an empty book."""
    gate = replace(record.gate, placements=(), clearing=Clearing(None, 0, 0, ()), receipts=())
    return replace(record, gate=gate, settlements=(), alarms=())


def recorder_and_records(out_dir, houses=5, ticks=3):
    """A recorder, and the records of a small run that it has not taken yet."""
    run = SyntheticRun(houses, ticks, start_hour=12)
    return ParquetRecorder(out_dir, run.info), run.records()


if __name__ == "__main__":
    SyntheticRun(houses=5, ticks=8, start_hour=12).write(Path(sys.argv[1]))
