"""Flexible devices: from a scenario to what stands behind the meters."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from p2p_cosim.compose.seeds import Purpose, rng_of, seed_of
from p2p_cosim.core.clock import Clock
from p2p_cosim.core.types import FloatArray
from p2p_cosim.core.units import p_kw_of
from p2p_cosim.houses import Appliance, Battery, Device, ElectricVehicle, HeatPump
from p2p_cosim.scenario import Scenario
from p2p_cosim.scenario.schema.devices import DeviceEntry
from p2p_cosim.scenario.schema.traders import EVERY_HOUSE

_DAY_H = 24.0
_OWNERS, _USE = 0, 1


@dataclass(frozen=True, slots=True, eq=False)
class Days:
    """The time over which devices know what comes: the run and a day beyond its end.

    outdoor_c: shape (intervals,).
    """

    clock: Clock
    outdoor_c: FloatArray

    @property
    def intervals(self) -> int:
        """How many."""
        return len(self.outdoor_c)

    @property
    def first_h(self) -> float:
        """When the run begins, in hours since its first midnight."""
        return self.clock.hour(0) - self.clock.interval_s / 7200

    def interval(self, hour: float) -> int:
        """The interval that begins at an hour, or next after it."""
        return math.ceil((hour - self.first_h) * 3600 / self.clock.interval_s)

    @property
    def count(self) -> int:
        """Calendar days that it touches."""
        return math.ceil((self.first_h + self.intervals * self.clock.interval_s / 3600) / _DAY_H)


def days_of(scenario: Scenario) -> Days:
    """The time that a run's devices know."""
    clock = scenario.clock.clock()
    beyond = math.ceil(_DAY_H * 3600 / clock.interval_s)
    kinds = {entry.kind for trader in scenario.traders.values() for entry in trader.devices}
    outdoor_c = np.zeros(clock.ticks)
    if "heat_pump" in kinds:
        # Imported here, because only these need SciPy before the run.
        from p2p_cosim.scenario.profiles.outdoor import outdoor_c as air_c

        outdoor_c = air_c(scenario, seed_of(scenario.seed, Purpose.PROFILES))
    return Days(clock, np.pad(outdoor_c, (0, beyond), mode="edge"))


def devices_of(scenario: Scenario, house: str, days: Days) -> list[Device]:
    """The flexible devices of a house, in the order in which the scenario lists them."""
    own = scenario.traders.get(house)
    of_its_own = own is not None and own.devices
    which = house if of_its_own else EVERY_HOUSE
    entries = scenario.trader(house).devices
    return [
        _device(scenario, entry, rng_of(scenario.seed, Purpose.DEVICES, _USE, index, i), days)
        for i, entry in enumerate(entries)
        for index in [scenario.house_names.index(house)]
        if which == house or house in _owners(scenario, i, entry.share)
    ]


def _owners(scenario: Scenario, i: int, share: float) -> set[str]:
    """The `round(share * count)` houses that have the i-th device of all; the lowest ranks, so
    that a greater share adds houses and takes the device from none."""
    names = scenario.house_names
    ranks = [
        rng_of(scenario.seed, Purpose.DEVICES, _OWNERS, house, i).random()
        for house in range(len(names))
    ]
    chosen = np.argsort(ranks, kind="stable")[: round(share * len(names))]
    return {names[house] for house in chosen}


def _device(scenario: Scenario, entry: DeviceEntry, rng: np.random.Generator, days: Days) -> Device:
    wear_wei_per_wh = scenario.tariff.price_wei_per_wh(entry.wear_eur_per_kwh)
    if entry.kind == "battery":
        return Battery(
            energy_wh=entry.energy_wh,
            power_kw=entry.power_kw,
            stored_wh=entry.stored_share * entry.energy_wh,
            charge_efficiency=entry.charge_efficiency,
            discharge_efficiency=entry.discharge_efficiency,
            wear_wei_per_wh=wear_wei_per_wh,
            name=entry.named,
        )
    if entry.kind == "ev":
        return _vehicle(entry, wear_wei_per_wh, rng, days)
    if entry.kind == "heat_pump":
        return HeatPump(
            outdoor_c=days.outdoor_c,
            interval_s=days.clock.interval_s,
            indoor_c=(entry.comfort_low_c + entry.comfort_high_c) / 2,
            power_kw=entry.power_kw,
            mode=entry.mode,
            cop=entry.cop,
            loss_w_per_k=entry.house_loss_w_per_k,
            heat_wh_per_k=entry.house_heat_wh_per_k,
            low_c=entry.comfort_low_c,
            high_c=entry.comfort_high_c,
            name=entry.named,
        )
    return _appliance(entry, days)


def _vehicle(
    entry: DeviceEntry, wear_wei_per_wh: int, rng: np.random.Generator, days: Days
) -> ElectricVehicle:
    """Every day it leaves and comes back about its hours; driving takes the same every day."""
    plugged = np.ones(days.intervals, dtype=bool)
    driving_kw = np.zeros(days.intervals)
    overnight = entry.departure_h < entry.arrival_h
    for day in range(-1, days.count):
        leaves_h, comes_h = entry.spread_h * rng.standard_normal(2)
        leaves_h += day * _DAY_H + entry.departure_h
        comes_h += (day if overnight else day + 1) * _DAY_H + entry.arrival_h
        first, end = days.interval(leaves_h), days.interval(comes_h)
        away = slice(max(first, 0), max(end, 0))
        plugged[away] = False
        driving_kw[away] = p_kw_of(entry.drive_wh, days.clock.interval_s * max(1, end - first))
    return ElectricVehicle(
        plugged=plugged,
        driving_kw=driving_kw,
        interval_s=days.clock.interval_s,
        energy_wh=entry.energy_wh,
        power_kw=entry.power_kw,
        required_wh=entry.required_share * entry.energy_wh,
        stored_wh=entry.stored_share * entry.energy_wh,
        v2g=entry.v2g,
        waits=entry.waits,
        charge_efficiency=entry.charge_efficiency,
        discharge_efficiency=entry.discharge_efficiency,
        wear_wei_per_wh=wear_wei_per_wh,
        name=entry.named,
    )


def _appliance(entry: DeviceEntry, days: Days) -> Appliance:
    """Loaded once a day; a program that was loaded before the run began is done."""
    window_h = (entry.deadline_h - entry.ready_h) % _DAY_H or _DAY_H
    ready_h = np.arange(days.count) * _DAY_H + entry.ready_h - days.first_h
    ready_s = 3600 * ready_h[ready_h >= 0]
    return Appliance(
        power_kw=entry.power_kw,
        run_wh=entry.energy_wh,
        ready_s=tuple(ready_s.tolist()),
        deadline_s=tuple((ready_s + 3600 * window_h).tolist()),
        name=entry.named,
    )
