"""How many feeders below each folder load, and whether they agree with the engine's own reading.

A master is a DSS file that begins a circuit. Each is read twice: by the engine itself without the
file's own solves, and by this package with the folder as limit. Both are solved with taps in
neutral and controls off; and, where the package takes controls from the file, once more until these
have come to rest. Agreement is 1e-5 pu at every node that has supply.

    python benchmarks/masters.py FOLDER... [--write] [--journal FILE] [--most N]

Every outcome is kept at once in a journal, where one can read it, and what is in it is not run
again: a run may be stopped, or made in parts of at most N masters a folder. --write puts the counts
into docs/feeder.md.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
import threading
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from definitions import definitions

if TYPE_CHECKING:
    from p2p_cosim.grid.circuit import Circuit

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "feeder.md"
sys.path.insert(0, str(ROOT / "tests/support"))
BEGIN, END = "<!-- begin masters -->", "<!-- end masters -->"
TOLERANCE_PU = 1e-5
ENGINE_REFUSES = "the engine refuses it"
ENGINE_LOST = "the engine finds no solution"
AS_WELL = " (so does the engine)"
SECONDS = 150
_CIRCUIT = re.compile(r"^\s*new\s+(object\s*=\s*)?[\"']?circuit\.", re.IGNORECASE | re.MULTILINE)


def masters(folder: Path) -> list[Path]:
    """Files that begin a circuit, in order of name."""
    files = (path for path in sorted(folder.rglob("*")) if path.suffix.lower() == ".dss")
    return [file for file in files if _CIRCUIT.search(file.read_text("latin-1"))]


def outcome(master: Path, folder: Path, stock: Path) -> str:
    """`agrees`, or in a few words why not. stock: the same folder without solves."""
    from opendssdirect import DSSException
    from stock_engine import node_voltages

    from p2p_cosim.core.errors import CosimError
    from p2p_cosim.grid.dss import read_circuit

    reference = stock / master.relative_to(folder)
    try:
        circuit = read_circuit(master, folder)
        told = _difference(circuit, reference, controls=False)
        if told or not circuit.controls:
            return told or "agrees"
        told = _with_controls(circuit, reference)
        return f"agrees; with its own controls {told}" if told else "agrees, also with controls"
    except CosimError as error:
        refusal = f"refused: {error}"
    except DSSException as error:
        return f"{ENGINE_REFUSES}: {error}"
    try:
        return refusal if node_voltages(reference, []) else refusal + AS_WELL
    except DSSException:
        return refusal + AS_WELL


def _with_controls(circuit: Circuit, reference: Path) -> str:
    from opendssdirect import DSSException

    try:
        told = _difference(circuit, reference, controls=True)
    except DSSException:
        told = ENGINE_LOST
    return "the engine does not come to rest" if told == ENGINE_LOST else told


def _difference(circuit: Circuit, reference: Path, *, controls: bool) -> str:
    from stock_engine import node_voltages

    from p2p_cosim.feeders.elements import PHASE_NODE
    from p2p_cosim.grid.commands import FeederOptions
    from p2p_cosim.grid.conductors import Conductors
    from p2p_cosim.grid.opendss import OpenDSSGrid

    taps = (0,) * len(circuit.regulators)
    neutral = [(regulator.name, regulator.winding) for regulator in circuit.regulators]
    stock_v = node_voltages(reference, neutral, controls=controls)
    if stock_v is None:
        return ENGINE_LOST
    grid = OpenDSSGrid.build(circuit, FeederOptions(taps=taps, regcontrol=controls))
    state = grid.solve()
    fed = Conductors(circuit).fed()  # what is dark has the voltage that coupling gives it
    worst = 0.0
    for name, v_pu in zip(grid.node_names, state.node_v_pu, strict=True):
        bus, _, phase = name.rpartition(".")
        if (bus, PHASE_NODE[phase]) in fed:
            base_v = circuit.buses[bus].base_kv * 1e3 / 3**0.5
            worst = max(worst, abs(v_pu - stock_v[f"{bus}.{PHASE_NODE[phase]}"] / base_v))
    return "" if worst <= TOLERANCE_PU else f"differs by {worst:.0e} pu"


def _kind(told: str) -> str:
    """An outcome without what is only of its feeder: places, names and numbers."""
    word, _, message = told.partition(": ")
    if word in (ENGINE_REFUSES, ENGINE_LOST) or told.endswith(AS_WELL):
        return "the engine itself refuses it, or finds no solution"
    if not message:
        return told
    problem = message.strip().splitlines()[-1].strip()
    problem = re.sub(r"^\S.*?:\d+: ", "", problem)
    problem = re.sub(r"(?<!\w)'[^']*'", "'...'", problem)
    problem = re.sub(r"(is not modelled): .*", r"\1", problem)
    return f"{word}: " + re.sub(r"\d[\d.e+-]*", "#", problem)[:160]


def _work(folder: Path, stock: Path) -> None:
    """One outcome a line for each master that comes in."""
    for line in sys.stdin:
        try:
            text = outcome(Path(line.strip()), folder, stock)
        except Exception as error:
            text = f"broke: {type(error).__name__}: {error}"
        sys.stdout.write(f"OUTCOME {json.dumps(text)}\n")
        sys.stdout.flush()


def _outcomes(files: list[Path], folder: Path, stock: Path) -> Iterator[tuple[Path, str]]:
    """From a process that is begun anew whenever a file hangs its engine or ends it."""
    worker = None
    for file in files:
        if worker is None or worker.poll() is not None:
            worker = _worker(folder, stock)
        assert worker.stdin is not None
        assert worker.stdout is not None
        limit = threading.Timer(SECONDS, worker.kill)
        limit.start()
        worker.stdin.write(f"{file}\n")
        worker.stdin.flush()
        told = ""
        for told in worker.stdout:  # the engine may print lines of its own
            if told.startswith("OUTCOME "):
                break
        limit.cancel()
        if told.startswith("OUTCOME "):
            yield file, json.loads(told[8:])
        else:
            worker.wait()
            yield file, f"ends the engine, or takes more than {SECONDS} s"
    if worker is not None and worker.stdin is not None:
        worker.stdin.close()
        worker.wait()


def _worker(folder: Path, stock: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, __file__, "--work", str(folder), str(stock)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        cwd=tempfile.gettempdir(),
    )


def main() -> None:
    """Print the counts."""
    if sys.argv[1] == "--work":
        _work(Path(sys.argv[2]), Path(sys.argv[3]))
        return
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("--journal", type=Path, default=Path("masters.jsonl"))
    parser.add_argument("--most", type=int, default=sys.maxsize)
    parser.add_argument("--write", action="store_true")
    asked = parser.parse_args()
    folders = [folder.resolve() for folder in asked.folders]
    for folder in folders:
        _run(folder, asked.journal, asked.most)
    found = _known(asked.journal)
    names = [folder.name for folder in folders]
    table = _table({n: Counter(_kind(text) for text in found[n].values()) for n in names})
    print("\n".join(table))
    if asked.write:
        page = PAGE.read_text(encoding="utf-8")
        before, _, rest = page.partition(BEGIN)
        after = rest.partition(END)[2]
        text = "\n".join([BEGIN, "", f"{date.today()}:", "", *table, "", END])
        PAGE.write_text(before + text + after, encoding="utf-8")


def _known(journal: Path) -> dict[str, dict[str, str]]:
    """By folder and master, the outcomes that a journal has."""
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for line in journal.read_text().splitlines() if journal.exists() else []:
        folder, master, text = json.loads(line)
        found[folder][master] = text
    return found


def _run(folder: Path, journal: Path, most: int) -> None:
    """Masters that the journal does not have yet, each written there at once."""
    known = _known(journal)[folder.name]
    files = [file for file in masters(folder) if str(file.relative_to(folder)) not in known][:most]
    if not files:
        return
    with (
        tempfile.TemporaryDirectory(prefix="masters.") as temporary,
        journal.open("a") as kept,
    ):
        stock = definitions(folder, Path(temporary) / "stock")
        for file, text in _outcomes(files, folder, stock):
            line = json.dumps([folder.name, str(file.relative_to(folder)), text])
            kept.write(f"{line}\n")
            kept.flush()


def _table(counts: dict[str, Counter[str]]) -> list[str]:
    """Outcomes by row, folders by column, the most frequent first."""
    rows = [("masters", [found.total() for found in counts.values()])]
    for text, _ in sum(counts.values(), Counter[str]()).most_common():
        rows.append((text.replace("|", "/"), [found[text] for found in counts.values()]))
    return [
        f"| outcome | {' | '.join(f'`{name}`' for name in counts)} |",
        f"|---|{'---|' * len(counts)}",
        *(f"| {text} | {' | '.join(map(str, cells))} |" for text, cells in rows),
    ]


if __name__ == "__main__":
    main()
