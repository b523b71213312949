"""A run as a simulator of mosaik 3 (https://mosaik.offis.de), which couples it with others.

    world = mosaik.World({"P2P": {"python": "p2p_cosim.mosaik:Simulator"}})
    p2p = world.start("P2P", scenario="trading_day", seed=7)
    houses, market = p2p.House.create(30), p2p.Market()
    world.connect(battery, houses[0], ("p_kw", "p_set_kw"))
    world.run(until=86_400)

or `python -m p2p_cosim.mosaik ADDRESS` in a process of its own. Nothing of mosaik is imported
before that: it asks for methods, and not for a base class. docs/mosaik.md.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from p2p_cosim.core.errors import InputError
from p2p_cosim.core.types import Power, Step, contracted_wh
from p2p_cosim.core.units import eur_per_kwh_of
from p2p_cosim.houses import Device
from p2p_cosim.scenario import load
from p2p_cosim.simulation import Simulation

HOUSE, MARKET = "House", "Market"
_META: dict[str, Any] = {
    "api_version": "3.0",
    "type": "time-based",
    "models": {
        HOUSE: {
            "public": True,
            "params": [],
            "attrs": ["p_set_kw", "p_kw", "v_pu", "position_wh"],
        },
        MARKET: {"public": True, "params": [], "attrs": ["price_eur_per_kwh", "energy_wh"]},
    },
}


@dataclass(frozen=True, slots=True)
class _Outside(Device):
    """What others say that a house draws beside its own devices, until they say otherwise."""

    said_kw: dict[str, float]
    house: str
    name: str = "mosaik"
    kind: str = "mosaik"

    def expected_kw(self, step: Step) -> float:  # noqa: ARG002
        return self.said_kw[self.house]

    def draw(self, step: Step, v_pu: float, told: Power | None = None) -> Power:  # noqa: ARG002
        return Power(self.said_kw[self.house])


class Simulator:
    """What mosaik calls; its arguments and answers are those of mosaik's API 3.

    A house's `p_set_kw` is what it draws beside its own devices in the coming interval, negative
    is given; several sources are summed, and what was set stays. `p_kw` (drawn, mean) and `v_pu`
    of its meter and `position_wh` (bought less sold) are of the last interval, and so are the
    market's `price_eur_per_kwh` (None without a trade) and `energy_wh`. Nothing is written to
    disk: a run that others steer is not the run of its scenario.
    """

    mosaik: Any = None  # mosaik puts a way to call it here

    def __init__(self) -> None:
        self.meta = _META
        self._said_kw: dict[str, float] = {}
        self._created: list[str] = []

    def init(
        self, sid: str, time_resolution: float = 1.0, *, scenario: str, seed: int | None = None
    ) -> dict[str, Any]:
        """Build the run. InputError if an interval is no whole number of mosaik's steps."""
        run = load(scenario) if seed is None else load(scenario).replace(seed=seed)
        interval_s = run.clock.interval_min * 60
        self._every = round(interval_s / time_resolution)
        if self._every < 1 or self._every * time_resolution != interval_s:
            raise InputError(
                f"{sid}: an interval of {interval_s} s is no whole number of steps of "
                f"{time_resolution:g} s: give the world a time_resolution that divides it"
            )
        names = [f"house_{number + 1}" for number in range(run.houses.count)]
        self._said_kw = dict.fromkeys(names, 0.0)
        devices = {name: [_Outside(self._said_kw, name)] for name in names}
        self._simulation = Simulation(run, out=None, devices=devices)
        return self.meta

    def create(self, num: int, model: str) -> list[dict[str, str]]:
        """The next `num` houses of the scenario, or its market. InputError if there are less."""
        names = [*self._said_kw] if model == HOUSE else ["market"]
        free = [name for name in names if name not in self._created]
        if num > len(free):
            raise InputError(
                f"{num} more of {model} were asked for and {len(free)} of {len(names)} are left: "
                "raise houses.count of the scenario, or create fewer"
            )
        self._created += free[:num]
        return [{"eid": name, "type": model} for name in free[:num]]

    def setup_done(self) -> None:
        """Nothing is left to do."""

    def step(self, time: int, inputs: Mapping[str, Any], max_advance: int) -> int:  # noqa: ARG002
        """Run the interval that begins now; when the next one does.

        Raises IndexError after the last: run no longer than the scenario's clock.
        """
        for house, given in inputs.items():
            self._said_kw[house] = float(sum(given["p_set_kw"].values()))
        self._simulation.step()
        return time + self._every

    def get_data(self, outputs: Mapping[str, list[str]]) -> dict[str, dict[str, float | None]]:
        """What was asked for, of the last interval."""
        return {
            entity: {name: self._answers(entity)[name] for name in names}
            for entity, names in outputs.items()
        }

    def _answers(self, entity: str) -> dict[str, float | None]:
        last = self._simulation.last
        assert last is not None  # noqa: S101 (mosaik asks after the first step)
        clearing, rate = last.gate.clearing, self._simulation.scenario.tariff.eur_per_ether
        if entity not in self._said_kw:
            price = clearing.price_wei_per_wh
            eur = None if price is None else eur_per_kwh_of(price, rate)
            return {"price_eur_per_kwh": eur, "energy_wh": clearing.energy_wh}
        place = [*self._said_kw].index(entity)
        flows = last.meters[place]
        return {
            "p_set_kw": self._said_kw[entity],
            "p_kw": flows.load_kw - flows.pv_kw + flows.battery_kw,
            "v_pu": float(last.grid.house_v_pu[place]),
            "position_wh": contracted_wh(clearing.trades).get(entity, 0),
        }

    def finalize(self) -> None:
        """Let go of the run."""
        self._simulation.close()


if __name__ == "__main__":
    sys.exit(import_module("mosaik_api_v3").start_simulation(Simulator(), "p2p_cosim"))
