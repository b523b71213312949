"""Random realistic edits of feeders as distributed, and whether the program still agrees.

Every draw takes a feeder, writes it anew in a way that a user could have (other spelling, other
order, elements beside others or out of service), and compares: what loads is solved like the
engine's own reading of the same files, every node within 1e-5 pu; a fault on a random line leaves
the program and the engine with the same opinion of who has supply; and what is refused names file
and line. Edits are made of statements, so that a failing draw is repeated by its seed.

    python benchmarks/random_edits.py FEEDERS [--draws 200] [--first 0]
"""

from __future__ import annotations

import argparse
import re
import shutil
import sys
import tempfile
import traceback
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
from feeder_edits import EDITS, SPELLINGS
from feeder_script import Rng, Script

MASTERS = (
    "13Bus/IEEE13Nodeckt.dss",
    "34Bus/ieee34Mod1.dss",
    "37Bus/ieee37.dss",
    "123Bus/IEEE123Master.dss",
    "4Bus-DY-Bal/4Bus-DY-Bal.DSS",
    "4Bus-OYOD-UnBal/4bus-OYOD-UnBal.dss",
    "4Bus-YYD/YYD-Master.DSS",
)
TOLERANCE_PU = 1e-5
LIVE_PU = 0.1


def outcome(feeders: Path, seed: int) -> tuple[str, str]:
    """What became of a draw: a word, and its story."""
    from opendssdirect import DSSException

    from p2p_cosim.core.errors import CosimError

    rng = np.random.default_rng(seed)
    name = str(rng.choice(MASTERS))
    script = Script.of(feeders / name)
    chosen = [EDITS[i] for i in rng.choice(len(EDITS), size=int(rng.integers(1, 5)), replace=False)]
    for edit in sorted(chosen, key=lambda e: e in SPELLINGS):
        edit(script, rng)
    story = f"seed {seed}: {name}: {', '.join(edit.__name__ for edit in chosen)}"
    folder = Path(tempfile.mkdtemp(prefix="edits."))
    try:
        master = folder / "m.dss"
        master.write_text("\n".join(script.lines) + "\n", encoding="utf-8")
        try:
            stock: Any = _stock(master)
        except DSSException as error:
            stock = " ".join(str(error).split())[:200]
        try:
            return _agreement(master, stock, rng), story
        except CosimError as error:
            said = str(error)
            if isinstance(stock, str):
                return ("refused, and so does the engine" if ".dss" in said else "NO LINE"), (
                    f"{story}\n   {said}\n   engine: {stock}"
                )
            if stock is None:
                return "refused, and the engine finds no solution", f"{story}\n   {said}"
            return f"REFUSED: {_kind(said)}", f"{story}\n   {said}"
        except Exception:
            return "BROKE", f"{story}\n   {traceback.format_exc()[-900:]}"
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _kind(said: str) -> str:
    return re.sub(r"'[^']*'", "'...'", re.sub(r"\d[\d.e+-]*", "#", said.splitlines()[-1]))[:90]


def _engine(master: Path) -> Any:
    from opendssdirect import dss

    engine = dss.NewContext()
    engine.Basic.AllowChangeDir(False)
    engine.Basic.AllowEditor(False)
    engine.Basic.AllowForms(False)
    engine.Text.Command(f'compile "{master}"')
    engine.Text.Command("calcvoltagebases")
    return engine


def _stock(master: Path) -> dict[str, float] | None:
    """Node voltages in V, regulators where the file has them; None without a solution."""
    engine = _engine(master)
    for option in ("mode=snap", "controlmode=off", "tolerance=1e-9", "maxiterations=300"):
        engine.Text.Command(f"set {option}")
    index = engine.RegControls.First()
    while index:
        name, winding = engine.RegControls.Transformer(), engine.RegControls.TapWinding()
        engine.Text.Command(f'edit "transformer.{name}" wdg={winding} tap=1')
        index = engine.RegControls.Next()
    engine.Solution.Solve()
    if not engine.Solution.Converged() or not np.isfinite(engine.Circuit.AllBusVMag()).all():
        return None
    names = [name.lower() for name in engine.Circuit.AllNodeNames()]
    return dict(zip(names, engine.Circuit.AllBusVMag(), strict=True))


def _agreement(master: Path, stock: Any, rng: Rng) -> str:
    from p2p_cosim import conservation
    from p2p_cosim.core.types import Injections
    from p2p_cosim.feeders.elements import PHASE_NODE
    from p2p_cosim.grid.commands import FeederOptions
    from p2p_cosim.grid.conductors import Conductors
    from p2p_cosim.grid.dss import read_circuit
    from p2p_cosim.grid.houses import HousePlan
    from p2p_cosim.grid.opendss import OpenDSSGrid

    circuit = read_circuit(master, master.parent)
    options = FeederOptions(taps=(0,) * len(circuit.regulators))
    state = OpenDSSGrid.build(circuit, options).solve()
    if isinstance(stock, str):
        return f"LOADS, and the engine does not: {stock[:80]}"
    if stock is None:
        return "the engine finds no solution"
    worst = 0.0
    grid = OpenDSSGrid.build(circuit, options)
    fed = Conductors(circuit).fed()  # what is dark has the voltage that coupling gives it
    for name, v_pu in zip(grid.node_names, state.node_v_pu, strict=True):
        bus, _, phase = name.rpartition(".")
        if (bus, PHASE_NODE[phase]) not in fed:
            continue
        base_v = circuit.buses[bus].base_kv * 1e3 / 3**0.5
        worst = max(worst, abs(v_pu - stock[f"{bus}.{PHASE_NODE[phase]}"] / base_v))
    if worst > TOLERANCE_PU:
        return f"DIFFERS by {worst:.0e} pu"
    conservation.check_power(state, 0)
    sites: Any = "by_load" if any(load.p_kw > 0 for load in circuit.loads) else _some_sites(circuit)
    if not sites:
        return "agrees, and has no place for houses"
    houses = OpenDSSGrid.build(circuit, options, HousePlan(8, sites))
    draw = Injections(np.ones(8), np.zeros(8))
    houses.dispatch(draw)
    conservation.check_power(houses.solve(), 0)
    return _with_an_open(houses, circuit, rng)


def _with_an_open(houses: Any, circuit: Any, rng: Rng) -> str:
    """Whether program and engine agree on who has supply with something open."""
    from p2p_cosim import conservation
    from p2p_cosim.core.errors import CosimError
    from p2p_cosim.core.types import Fault

    place = str(rng.choice(sorted(circuit.breakable())))
    kind = "switch_open" if circuit.breakable()[place][0].kind == "switch" else "lateral_open"
    fault = Fault(kind, place, 0, 1)
    houses.apply(fault)
    try:
        broken = houses.solve()
    except CosimError as error:
        return f"FAULT: {_kind(str(error))}"
    conservation.check_power(broken, 0)
    engine_live = houses._v_pu()[len(houses.node_names) :] > LIVE_PU
    if (engine_live != (broken.house_v_pu > 0)).any():
        return "SUPPLY: program and engine disagree"
    houses.clear(fault)
    houses.solve()
    return "agrees"


def _some_sites(circuit: Any) -> tuple[str, ...]:
    from p2p_cosim.grid.sites import house_nodes

    return tuple(list(house_nodes(circuit))[:2])


def main() -> None:
    """Print every draw that is worth a look, and the counts."""
    parser = argparse.ArgumentParser()
    parser.add_argument("feeders", type=Path)
    parser.add_argument("--draws", type=int, default=200)
    parser.add_argument("--first", type=int, default=0)
    asked = parser.parse_args()
    counts = Counter[str]()
    for seed in range(asked.first, asked.first + asked.draws):
        word, story = outcome(asked.feeders.resolve(), seed)
        counts[word] += 1
        if not word.startswith(("agrees", "the engine finds no solution")):
            sys.stdout.write(f"{word}\n   {story[:900]}\n")
            sys.stdout.flush()
    for word, count in counts.most_common():
        sys.stdout.write(f"{count:5d}  {word}\n")


if __name__ == "__main__":
    main()
