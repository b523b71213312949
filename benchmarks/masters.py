"""How many feeders below a folder load, and whether they agree with the engine's own reading.

A master is a DSS file that begins a circuit. Each is read twice: by the engine itself, and by this
package with the folder as limit; both are solved with taps in neutral and controls off. Agreement
is 1e-5 pu at every node that has a voltage base.

    python benchmarks/masters.py FOLDER [--list] [--write]

--write puts the counts into docs/feeder.md.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path

PAGE = Path(__file__).parents[1] / "docs" / "feeder.md"
BEGIN, END = "<!-- begin masters -->", "<!-- end masters -->"
TOLERANCE_PU = 1e-5
SECONDS = 300
_ACTING = {"invcontrol", "expcontrol", "capcontrol", "storagecontroller", "swtcontrol", "relay"}
_SNAPSHOT = 0
_CIRCUIT = re.compile(r"^\s*new\s+(object\s*=\s*)?[\"']?circuit\.", re.IGNORECASE | re.MULTILINE)


def masters(folder: Path) -> list[Path]:
    """Files that begin a circuit, in order of name."""
    files = (path for path in sorted(folder.rglob("*")) if path.suffix.lower() == ".dss")
    return [file for file in files if _CIRCUIT.search(file.read_text("latin-1"))]


def outcome(master: Path, folder: Path) -> str:
    """`agrees`, or in a few words why not."""
    from opendssdirect import DSSException

    from p2p_cosim.core.errors import CosimError
    from p2p_cosim.grid.commands import FeederOptions
    from p2p_cosim.grid.dss import read_circuit
    from p2p_cosim.grid.opendss import OpenDSSGrid

    try:
        circuit = read_circuit(master, folder)
        grid = OpenDSSGrid.build(circuit, FeederOptions(taps=(0,) * len(circuit.regulators)))
        state = grid.solve()
    except CosimError as error:
        return f"refused: {_kind(str(error))}"
    try:
        stock_v, acted = _stock_v(master, [(r.name, r.winding) for r in circuit.regulators])
    except DSSException as error:
        return f"the engine refuses it: {_kind(str(error))}"
    if stock_v is None:
        return "the engine finds no solution"
    nodes = {"A": 1, "B": 2, "C": 3}
    worst = 0.0
    for name, v_pu in zip(grid.node_names, state.node_v_pu, strict=True):
        bus, _, phase = name.rpartition(".")
        base_v = circuit.buses[bus].base_kv * 1e3 / 3**0.5
        worst = max(worst, abs(v_pu - stock_v[f"{bus}.{nodes[phase]}"] / base_v))
    if worst <= TOLERANCE_PU:
        return "agrees"
    if acted:
        return "differs where the file has solved by itself, with controls or over time"
    return f"differs by {worst:.0e} pu"


def _stock_v(master: Path, taps: list[tuple[str, int]]) -> tuple[dict[str, float] | None, bool]:
    """Node voltages in V, None without a solution; and whether the file's own solves may have moved
    what stays so: inverters, capacitors, storages, generators in time."""
    from opendssdirect import dss

    engine = dss.NewContext()
    engine.Basic.AllowChangeDir(False)
    engine.Basic.AllowEditor(False)
    engine.Text.Command(f'compile "{master}"')
    classes = {str(name).partition(".")[0].lower() for name in engine.Circuit.AllElementNames()}
    acted = bool(classes & _ACTING) or int(engine.Solution.Mode()) != _SNAPSHOT
    for regulator, winding in taps:
        engine.Text.Command(f"edit transformer.{regulator} wdg={winding} tap=1")
    for option in ("mode=snap", "controlmode=off", "tolerance=1e-9", "maxiterations=300"):
        engine.Text.Command(f"set {option}")
    engine.Solution.Solve()
    if not engine.Solution.Converged():
        return None, acted
    names = [name.lower() for name in engine.Circuit.AllNodeNames()]
    return dict(zip(names, engine.Circuit.AllBusVMag(), strict=True)), acted


def _kind(message: str) -> str:
    """A message without what is only of its feeder: places, names and numbers."""
    line = message.strip().splitlines()[-1].strip()
    line = re.sub(r"^\S.*?:\d+: ", "", line)
    line = re.sub(r"\[file:[^\]]*\]|DSS Directory.*", "", line)
    line = re.sub(r"'[^']*'", "'...'", line)
    return re.sub(r"\d[\d.e+-]*", "#", line)[:110]


def _work(folder: Path) -> None:
    """One outcome a line for each master that comes in."""
    for line in sys.stdin:
        try:
            text = outcome(Path(line.strip()), folder)
        except Exception as error:
            text = f"broke: {type(error).__name__}: {_kind(str(error) or 'no message')}"
        sys.stdout.write(f"OUTCOME {json.dumps(text)}\n")
        sys.stdout.flush()


def _outcomes(files: list[Path], folder: Path) -> Iterator[tuple[Path, str]]:
    """From a process that is begun anew whenever a file hangs its engine or ends it."""
    worker = None
    for file in files:
        if worker is None or worker.poll() is not None:
            worker = _worker(folder)
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


def _worker(folder: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, __file__, "--work", str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        cwd=tempfile.gettempdir(),
    )


def main() -> None:
    """Print the counts."""
    if sys.argv[1] == "--work":
        _work(Path(sys.argv[2]))
        return
    folder = Path(sys.argv[1]).resolve()
    found = {}
    for file, text in _outcomes(masters(folder), folder):
        found[file] = text
        if "--list" in sys.argv:
            print(f"{file.relative_to(folder)}: {text}", flush=True)
    counts = Counter(found.values()).most_common()
    print(f"{len(found)} masters")
    for text, count in counts:
        print(f"{count:5d}  {text}")
    if "--write" in sys.argv:
        _write(folder.name, counts)


def _write(folder: str, counts: list[tuple[str, int]]) -> None:
    total = sum(count for _, count in counts)
    rows = [f"| {text.replace('|', '/')} | {count} |" for text, count in counts]
    head = f"{total} masters of `{folder}`, {date.today()}:"
    told = [head, "", "| outcome | masters |", "|---|---|"]
    page = PAGE.read_text(encoding="utf-8")
    before, _, rest = page.partition(BEGIN)
    after = rest.partition(END)[2]
    text = "\n".join([*told, *rows])
    PAGE.write_text(f"{before}{BEGIN}\n\n{text}\n\n{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
