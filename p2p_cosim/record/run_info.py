"""What the recorder is told about a run before it begins."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from p2p_cosim.core.brief import Brief
from p2p_cosim.core.clock import Clock
from p2p_cosim.core.types import RatedElement, Receipt, Tariff


@dataclass(frozen=True, slots=True, repr=False)
class RunInfo(Brief):
    """A run's identity, and the names behind the arrays of its tick records.

    scenario_name: first folder of `<scenario name>/<run id>`.
    run_id: of the run's identity, the second folder.
    scenario_yaml: the resolved scenario, every default visible; stored byte for byte.
    houses, nodes: names in the grid's order of houses and nodes.
    initial_taps: tap by regulator before tick 0, in the grid's order of regulators.
    feeder_map: the one-line diagram: `{"buses": {name: [x, y]}, "lines": [[bus, bus], ...],
        "houses": {name: {"bus": ..., "phase": ...}}}` with coordinates of any scale.
    engines: versions of engines that no installed package tells, such as the DSS engine.
    setup: labelled receipts of transactions before tick 0 (deployment, deposits).
    gas_price_gwei: what a unit of gas costs, for the summary alone.
    identity: what the run id stands for, as `RunIdentity.as_dict` tells it.
    rated_elements: lines and transformers in the grid's order.
    values: by house that has its own, what a Wh from a neighbour is worth to it and what one for a
    neighbour costs it, in wei; None for the tariff.
    conversions: what was done to make the measured series, a sentence each.
    tariffs: of every interval; none if `tariff` is that of all.
    """

    scenario_name: str
    run_id: str
    seed: int
    scenario_yaml: str
    clock: Clock
    tariff: Tariff
    eur_per_ether: float
    houses: tuple[str, ...]
    nodes: tuple[str, ...]
    initial_taps: Mapping[str, int]
    feeder_map: Mapping[str, object]
    engines: Mapping[str, str] = field(default_factory=dict)
    setup: tuple[tuple[str, Receipt], ...] = ()
    identity: Mapping[str, object] = field(default_factory=dict)
    gas_price_gwei: float = 1.0
    rated_elements: tuple[RatedElement, ...] = ()
    values: Mapping[str, tuple[int | None, int | None]] = field(default_factory=dict)
    conversions: tuple[str, ...] = ()
    tariffs: tuple[Tariff, ...] = ()
