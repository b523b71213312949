"""How long it takes from a clone to the first figure in a notebook, by the README alone.

    python tests/notebooks/first_figure.py [--limit-s 300]

Clones this repository into an empty folder, with an empty home, so that no cache helps: what is
committed counts. Then `make run` and the first notebook, cell by cell, until one shows a picture.
Exit code 1 if it takes longer than the limit. Needs a package index.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]
BOOK = "notebooks/01_first_run.ipynb"
READ = """
import sys, nbformat
from nbclient import NotebookClient
book = nbformat.read(sys.argv[1], 4)
client = NotebookClient(book, timeout=300, kernel_name="python3")
with client.setup_kernel():
    for number, cell in enumerate(book.cells):
        if cell.cell_type != "code":
            continue
        done = client.execute_cell(cell, number)
        if any("image/png" in output.get("data", {}) for output in done.outputs):
            print(f"the first figure is that of cell {number + 1}")
            sys.exit()
sys.exit("no cell shows a figure")
"""


def timed(what: str, command: list[str], cwd: Path, home: Path) -> float:
    """Seconds that a step takes, which is told as it is done."""
    environment = {"HOME": str(home), "PATH": f"/usr/local/bin:{os.defpath}"}
    environment |= {name: os.environ[name] for name in KEPT if name in os.environ}
    begun = time.perf_counter()
    done = subprocess.run(
        command, cwd=cwd, env=environment, check=False, capture_output=True, text=True
    )
    took_s = time.perf_counter() - begun
    if done.returncode:
        sys.exit(f"{what} failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    print(f"{took_s:6.1f} s  {what}", flush=True)
    return took_s


KEPT = ("PIP_INDEX_URL", "UV_INDEX_URL", "UV_DEFAULT_INDEX", "SSL_CERT_FILE", "HTTPS_PROXY")
"""Where packages come from on this machine."""


def main() -> None:
    """Do as the README says, and tell how long it took."""
    arguments = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    arguments.add_argument("--limit-s", type=float, default=300.0)
    limit_s = arguments.parse_args().limit_s
    with tempfile.TemporaryDirectory() as name:
        home, clone = Path(name, "home"), Path(name, "p2p_cosim")
        home.mkdir()
        python = f"PYTHON={Path(sys.executable).resolve()}"
        took_s = timed("git clone", ["git", "clone", "-q", str(ROOT), str(clone)], home, home)
        took_s += timed("make run, with everything set up", ["make", "run", python], clone, home)
        inside = [str(clone / ".venv" / "bin" / "python"), "-c", READ, str(clone / BOOK)]
        took_s += timed("notebook 1 to its first figure", inside, clone / "notebooks", home)
    print(f"{took_s:6.1f} s  in all, of {limit_s:g}")
    sys.exit(took_s > limit_s)


if __name__ == "__main__":
    main()
