"""A simulation as the stepper's page gets it: plain numbers and words, ready for JSON."""

from __future__ import annotations

from typing import Any

from p2p_cosim.core.types import TickRecord
from p2p_cosim.core.units import eur_of, eur_per_kwh_of
from p2p_cosim.notebook.changes import CHANGEABLE
from p2p_cosim.notebook.driver import Driver
from p2p_cosim.simulation import Simulation


def world_of(sim: Simulation) -> dict[str, Any]:
    """What does not change while a run goes on: names, limits, and the feeder's map."""
    scenario = sim.scenario
    control = scenario.control
    return {
        "name": scenario.name,
        "seed": scenario.seed,
        "ticks": scenario.clock.ticks,
        "v_min_pu": control.v_min_pu,
        "v_max_pu": control.v_max_pu,
        "retail": scenario.tariff.retail_eur_per_kwh,
        "feed_in": scenario.tariff.feed_in_eur_per_kwh,
        "changeable": [{"field": field, **offered} for field, offered in CHANGEABLE.items()],
        "map": sim.so_far.feeder_map,
        "houses": [
            {"name": site.name, "bus": site.bus, "phase": site.phase}
            for site in sim.model.grid.houses
        ],
    }


def state_of(driver: Driver) -> dict[str, Any]:
    """Where the run stands: everything that the page draws."""
    sim = driver.sim
    record, rate = sim.last, sim.scenario.tariff.eur_per_ether
    state: dict[str, Any] = {
        "tick": sim.tick,
        "time": sim.model.clock.time(sim.tick).strftime("%d %b %H:%M"),
        "done": sim.done,
        "calls": driver.calls[-4:],
        "events": [[tick, text] for tick, text in driver.events[-50:]],
        "ledger": [
            [trader, row.balance_eur, row.open_eur, row.energy_kwh]
            for trader, row in zip(sim.ledger.index, sim.ledger.itertuples(), strict=True)
        ],
    }
    state["now"] = _changeable_now(driver)
    state["touched"] = len(sim.outside)
    state["branch"] = _branch(driver)
    return state if record is None else state | _tick(sim, record, rate)


def _changeable_now(driver: Driver) -> dict[str, Any]:
    """Present values of the fields that may change."""
    scenario = driver.scenario
    found = {}
    for field in CHANGEABLE:
        section, _, name = field.partition(".")
        found[field] = getattr(getattr(scenario, section), name)
    return found


def _branch(driver: Driver) -> dict[str, Any] | None:
    """Both ways since they parted: what they came to, and the voltages tick by tick."""
    branch = driver.branch
    if branch is None:
        return None
    first = branch.change.tick
    ways = [_way(sim, first) for sim in (driver.sim, branch.sim)]
    return {
        "tick": first,
        "fields": dict(branch.change.fields),
        "figures": [[name, *(way["figures"][name] for way in ways)] for name in ways[0]["figures"]],
        "v_max_pu": [way["v_max_pu"] for way in ways],
    }


def _way(sim: Simulation, first: int) -> dict[str, Any]:
    """Of one simulation, from a tick on."""
    run, control = sim.so_far, sim.scenario.control
    rate = sim.scenario.tariff.eur_per_ether
    rounds = run.market[run.market["tick"] >= first]
    v_pu = run.voltages[(run.voltages["tick"] >= first) & (run.voltages["v_pu"] > 0)]
    outside = (v_pu["v_pu"] < control.v_min_pu) | (v_pu["v_pu"] > control.v_max_pu)
    return {
        "figures": {
            "traded (kWh)": float(rounds["energy_wh"].sum()) / 1000,
            "welfare (EUR)": eur_of(int(rounds["welfare_wei"].sum()), rate),
            "highest voltage (pu)": float(v_pu["v_pu"].max()) if len(v_pu) else None,
            "lowest voltage (pu)": float(v_pu["v_pu"].min()) if len(v_pu) else None,
            "house-ticks outside": int(outside.sum()),
            "tap moves": int((run.taps["tick"] >= first).sum()),
        },
        "v_max_pu": [float(v) for v in v_pu.groupby("tick")["v_pu"].max()],
    }


def _tick(sim: Simulation, record: TickRecord, rate: float) -> dict[str, Any]:
    clearing = record.gate.clearing
    price = clearing.price_wei_per_wh
    return {
        "price": None if price is None else eur_per_kwh_of(price, rate),
        "traded_kwh": clearing.energy_wh / 1000,
        "welfare_eur": eur_of(clearing.welfare_wei, rate),
        "book": [
            [
                placed.order.trader,
                str(placed.order.side),
                placed.order.energy_wh,
                eur_per_kwh_of(placed.order.price_wei_per_wh, rate),
                placed.filled_wh,
                placed.rejection,
            ]
            for placed in record.gate.placements
        ],
        "v_pu": [float(v_pu) for v_pu in record.grid.house_v_pu],
        "buses": _bus_voltages(sim, record),
        "taps": dict(zip(sim.model.grid.regulators, record.grid.taps, strict=True)),
        "losses_kw": float(record.grid.losses_kw),
        "devices": [
            [flows.trader, flow.device, flow.kind, flow.p_kw, flow.stored_wh]
            for flows in record.meters
            for flow in flows.devices
        ],
    }


def _bus_voltages(sim: Simulation, record: TickRecord) -> dict[str, float]:
    """Of every bus, the phase that is farthest from 1 pu."""
    worst: dict[str, float] = {}
    nodes = zip(sim.model.grid.node_names, record.grid.node_v_pu, strict=True)
    for node, v_pu in nodes:
        bus = node.rpartition(".")[0]
        if bus not in worst or abs(v_pu - 1) > abs(worst[bus] - 1):
            worst[bus] = float(v_pu)
    return worst
