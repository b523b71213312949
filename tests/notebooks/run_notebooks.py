"""Execute notebooks/ as a reader would, with the solutions in the place of the exercises.

    python tests/notebooks/run_notebooks.py [01 04 ...]

Every exercise is run as it stands first, and its check must refuse it; then its solution, which
the check must pass. Prints the CPU seconds of every notebook and fails on one over 30; one that is
over is run once more, and the lower counts, since a processor that others use too is slower.
"""

from __future__ import annotations

import re
import resource
import sys
import tempfile
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

ROOT = Path(__file__).parents[2]
SOLUTIONS = Path(__file__).parent / "solutions"
MOST_CPU_S = 30.0
_RAISES = "raises-exception"  # nbclient lets such a cell fail


def notebooks() -> list[Path]:
    """All notebooks, in the order of the book."""
    return sorted((ROOT / "notebooks").glob("*.ipynb"))


def solutions_of(notebook: Path) -> list[str]:
    """The code of each exercise, in order."""
    text = (SOLUTIONS / f"{notebook.stem}.py").read_text(encoding="utf-8")
    return [part.strip() for part in re.split(r"^# %% exercise \d+$", text, flags=re.M)[1:]]


def solved(notebook: Path) -> nbformat.NotebookNode:
    """The notebook with every exercise as it stands, its check, the solution, and the check."""
    book = nbformat.read(notebook, as_version=4)
    left = solutions_of(notebook)
    cells = []
    for cell in book.cells:
        tags = cell.metadata.get("tags", [])
        if "check" not in tags:
            cells.append(cell)
            continue
        refused = nbformat.v4.new_code_cell(cell.source, metadata={"tags": [_RAISES]})
        cells += [refused, nbformat.v4.new_code_cell(left.pop(0)), cell]
    if left:
        raise SystemExit(f"{notebook.name}: {len(left)} solutions more than exercises")
    book.cells = cells
    return book


def execute(notebook: Path) -> float:
    """Run a notebook in a kernel of its own and return its CPU seconds."""
    book = solved(notebook)
    before = _children_cpu_s()
    with tempfile.TemporaryDirectory() as folder:
        NotebookClient(
            book,
            timeout=600,
            kernel_name="python3",
            resources={"metadata": {"path": folder}},
            startup_timeout=300,
            extra_arguments=["--log-level=ERROR"],
        ).execute()
    for cell in book.cells:
        if _RAISES in cell.metadata.get("tags", []):
            refused = any(output.output_type == "error" for output in cell.outputs)
            if not refused:
                raise SystemExit(
                    f"{notebook.name}: this check passes without an answer:\n{cell.source}"
                )
    return _children_cpu_s() - before


def measured(notebook: Path) -> float:
    """CPU seconds: of two runs the lower ones, if the first took too many."""
    cpu_s = execute(notebook)
    return cpu_s if cpu_s <= MOST_CPU_S else min(cpu_s, execute(notebook))


def _children_cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main(wanted: list[str]) -> None:
    """Run the notebooks whose names begin with one of these, or all."""
    failed = []
    for notebook in notebooks():
        if wanted and not any(notebook.name.startswith(name) for name in wanted):
            continue
        try:
            cpu_s = measured(notebook)
        except CellExecutionError as error:
            print(error)
            failed.append(notebook.name)
            continue
        print(f"{notebook.name:<45} {cpu_s:5.1f} CPU s", flush=True)
        if cpu_s > MOST_CPU_S:
            failed.append(f"{notebook.name} (over {MOST_CPU_S:g} CPU s)")
    if failed:
        raise SystemExit(f"failed: {', '.join(failed)}")


if __name__ == "__main__":
    main(sys.argv[1:])
