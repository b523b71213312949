"""What the composition root hands to the model."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from p2p_cosim.agents import HouseholdPlan, TraderPlan
from p2p_cosim.chain.explorer import OpenChain
from p2p_cosim.core.clock import Clock
from p2p_cosim.core.protocols import (
    Controller,
    Detector,
    Grid,
    GridModel,
    InverterRule,
    Market,
    Metering,
    Notifier,
    Recorder,
)
from p2p_cosim.core.types import FloatArray, Tariff
from p2p_cosim.faults import Protection, Schedule
from p2p_cosim.market import Billing
from p2p_cosim.notify import AlertDesk, NullNotifier


@dataclass(frozen=True, slots=True, eq=False)
class Parts:
    """All that a model runs on, as the composition root puts it together.

    tariffs: of every interval. households: in the grid's order of houses. bulk: the spot loads that
    trade, by name. network: what the controller may compute about the grid. inverters: how PV
    answers its voltage; None lets it produce what it can.
    power_flows: of an interval. spot_scale: shape (ticks x power flows,), multiplies the published
    spot loads. source_v_pu: likewise, voltage at the head; None if it is always the same.
    arrival_rng: draws the order in which the traders' orders reach the market, and nothing
    else. model_rng: for what users add to the Mesa model.
    chain: the one below the market, open to others; None if it has none. billing: how traders
    fill their accounts in a long run.
    protection: who clears short circuits; None lets them burn until they are repaired.
    """

    clock: Clock
    tariffs: tuple[Tariff, ...]
    market: Market
    grid: Grid
    network: GridModel
    controller: Controller
    detector: Detector
    schedule: Schedule
    recorder: Recorder
    households: tuple[HouseholdPlan, ...]
    bulk: tuple[TraderPlan, ...]
    spot_scale: FloatArray
    arrival_rng: np.random.Generator
    model_rng: np.random.Generator
    metering: Metering
    alert_desk: AlertDesk = field(default_factory=AlertDesk)
    notifier: Notifier = field(default_factory=NullNotifier)
    inverters: InverterRule | None = None
    chain: OpenChain | None = None
    billing: Billing = field(default_factory=Billing)
    protection: Protection | None = None
    power_flows: int = 1
    source_v_pu: FloatArray | None = None

    def __repr__(self) -> str:
        return f"Parts({len(self.households)} households, {len(self.bulk)} bulk consumers)"
