"""Voltage bases of a user's feeder: as its files say, or found, and compared with the engine's
own no-load voltages before anything is believed."""

from __future__ import annotations

import math
from collections.abc import Iterator

from p2p_cosim.core.errors import GridError
from p2p_cosim.grid.dss.script import Script
from p2p_cosim.grid.engine import Engine
from p2p_cosim.grid.inventory import Inventory

_WIDE, _NARROW = 1.3, 0.7
"""A no-load voltage beyond these, in pu of its bus's base, says that the base is wrong."""
_LIVE_KV = 1e-3
_DRIVEN = 100
"""Times the highest base: no transformer does that."""
_LOOSE = "has ppm=0: leave ppm out, which holds windings by a millionth of their rating"


def voltage_bases(engine: Engine, script: Script) -> None:
    """Set the bases and the no-load voltages.

    Raises GridError that lists buses whose no-load voltage does not fit their base.
    """
    inventory = Inventory(engine)
    if any(base.text.lower().startswith("set ") for base in script.bases):
        engine.run_each((b.text, b.where) for b in script.bases if b.text.startswith("set "))
        bases_kv = inventory.voltage_bases_kv()
    else:
        bases_kv = sorted({round(kv, 6) for kv in inventory.rated_kv()})
    by_bus = [base for base in script.bases if not base.text.startswith("set ")]

    def misfits(bases_kv: list[float]) -> list[str]:
        listed = " ".join(repr(kv) for kv in bases_kv)
        engine.run([f"set voltagebases=[{listed}]", "calcvoltagebases"])
        engine.run(list(_behind_dead_conductors(inventory, bases_kv)))
        engine.run_each((base.text, base.where) for base in by_bus)
        return list(_misfits(inventory, bases_kv))

    if problems := misfits(bases_kv):
        # Many files leave out the source's side of their transformer.
        more = sorted({*bases_kv, *(round(kv, 6) for kv in inventory.rated_kv())})
        if misfits(more):
            raise GridError("\n".join(problems))
        script.skipped["bus whose base was left out: it is the rated voltage there"] += len(
            problems
        )


def _behind_dead_conductors(inventory: Inventory, bases_kv: list[float]) -> Iterator[str]:
    """Bases that the engine misses: it goes by the voltage of a bus's first conductor."""
    for bus, base_kv, no_load_kv in inventory.no_load_kv():
        if no_load_kv < _LIVE_KV or _fits(no_load_kv, base_kv):
            continue
        near = [kv for kv in bases_kv if _fits(no_load_kv * math.sqrt(3), kv)]
        if near:
            kv = min(near, key=lambda kv: abs(math.log(no_load_kv * math.sqrt(3) / kv)))
            yield f'setkvbase bus="{bus}" kvll={kv!r}'


def _fits(no_load_kv: float, base_kv: float) -> bool:
    return base_kv > 0 and _NARROW <= no_load_kv / base_kv <= _WIDE


def _misfits(inventory: Inventory, bases_kv: list[float]) -> Iterator[str]:
    given = ", ".join(f"{kv:g}" for kv in bases_kv)
    found = list(inventory.no_load_kv())
    if any(math.isnan(no_load_kv) for _, _, no_load_kv in found):
        yield (
            "the engine finds no voltages without load: a part of the feeder has no way to "
            f"ground, such as a delta winding with nothing behind it that {_LOOSE}"
        )
        return
    # What is dead lies behind an open switch, which is no matter of bases.
    wrong = [(b, base, kv) for b, base, kv in found if kv >= _LIVE_KV and not _fits(kv, base)]
    adrift = inventory.adrift() if wrong else set()
    for bus, base_kv, no_load_kv in wrong:
        told = f"bus {bus!r} has {no_load_kv * math.sqrt(3):.4g} kV line to line without load, "
        if no_load_kv <= _DRIVEN * max(bases_kv):
            yield (
                f"{told}and its base is {base_kv * math.sqrt(3):.4g}: VoltageBases are [{given}], "
                "add what it should have, or correct the transformer that feeds it"
            ) + (f"; or nothing holds its delta winding, which {_LOOSE}" if bus in adrift else "")
        elif bus in adrift:
            yield f"{told}and nothing holds its delta winding, which {_LOOSE}"
        else:
            yield (
                f"{told}as behind a current source alone: write a Vsource, or a Generator beside "
                "one"
            )
