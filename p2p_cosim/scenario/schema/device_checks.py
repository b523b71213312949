"""What must hold of the devices in houses."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from p2p_cosim.scenario.schema.devices import DeviceEntry
from p2p_cosim.scenario.schema.problems import Finding
from p2p_cosim.scenario.schema.traders import EVERY_HOUSE

if TYPE_CHECKING:
    from p2p_cosim.scenario.schema.scenario import Scenario

_TAKEN = ("load", "pv")


def devices(scenario: Scenario) -> Iterator[Finding]:
    """Names are of their own in a house, and fields are of the device's kind."""
    for house, trader in scenario.traders.items():
        at = f"traders.{house}.devices"
        backup = any(
            backup.kind == "battery" and house in (name, EVERY_HOUSE)
            for name, backup in scenario.backup.items()
        )
        taken = Counter((*_TAKEN, *["battery"] * backup))
        for i, entry in enumerate(trader.devices):
            taken[entry.named] += 1
            if taken[entry.named] > 1:
                yield Finding(
                    (f"{at}[{i}].name", at, "backup"),
                    f"{entry.named} is another device of the house: give it a name of its own",
                )
            if house != EVERY_HOUSE and entry.share != 1:
                yield Finding(
                    (f"{at}[{i}].share", at),
                    f"{entry.share:g} is for {EVERY_HOUSE}: a house has the device or not",
                )
            yield from _of(entry, f"{at}[{i}]", at)


def _of(entry: DeviceEntry, path: str, at: str) -> Iterator[Finding]:
    for field in entry.unread():
        yield Finding(
            (f"{path}.{field}", at),
            f"would not be read, because kind is {entry.kind}: remove it, or change kind",
        )
    if entry.comfort_low_c >= entry.comfort_high_c:
        yield Finding(
            (f"{path}.comfort_low_c", at),
            f"{entry.comfort_low_c:g} is not below comfort_high_c {entry.comfort_high_c:g}: "
            "lower it",
        )
    if entry.kind == "ev" and entry.arrival_h == entry.departure_h:
        yield Finding(
            (f"{path}.arrival_h", at), f"{entry.arrival_h:g} is departure_h too: change one of them"
        )
    run_h = entry.energy_wh / (1000 * entry.power_kw)
    window_h = (entry.deadline_h - entry.ready_h) % 24 or 24.0
    if entry.kind == "appliance" and run_h > window_h:
        yield Finding(
            (f"{path}.energy_wh", at),
            f"takes {run_h:.3g} h at power_kw {entry.power_kw:g}, and from ready_h to deadline_h "
            f"are {window_h:.3g} h: lower it",
        )
