"""Install the package as a stranger would, and compare a day with the checkout's.

    python tests/wheel/check_wheel.py [--python python3.13] [--lowest] [--ticks 96]

Builds the sdist and the wheel from it, installs that into an empty environment with the newest
versions inside the ranges of pyproject.toml, runs `trading_day` from an empty folder and holds
its tables to those of a run from the checkout. `--lowest` takes the lowest version of every
range instead, and runs the unit tests too. Needs uv and a package index.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Sequence
from pathlib import Path

import pyarrow.parquet as pq

ROOT = Path(__file__).parents[2]
# What the tests need beside the package and its extras; their own lowest versions are of no
# interest.
EXTRAS = ("detect", "dapp", "dask", "data", "notebook")
TOOLS = ("httpx", "hypothesis", "pytest", "pytest-xdist", "setuptools", "trustme")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--python", default=sys.executable, help="interpreter of the environment")
    parser.add_argument("--lowest", action="store_true", help="lowest versions, and unit tests")
    parser.add_argument("--ticks", type=int, default=96, help="length of the run")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        check(Path(name), options.python, lowest=options.lowest, ticks=options.ticks)


def check(scratch: Path, python: str, *, lowest: bool, ticks: int) -> None:
    """Build, install, run, compare; CalledProcessError or SystemExit says what went wrong."""
    wheel = build(scratch / "dist")
    environment = scratch / "environment"
    bin_folder = install(environment, python, wheel, lowest=lowest)
    empty = scratch / "empty"
    empty.mkdir()
    run = ("run", "trading_day", "--set", f"ticks={ticks}", "--out")
    call([bin_folder / "p2p-cosim", *run, scratch / "installed"], cwd=empty)
    # From the checkout's own folder, so that nothing else can be imported.
    call([sys.executable, "-m", "p2p_cosim", *run, scratch / "checkout"], cwd=ROOT)
    compare(run_folder(scratch / "installed"), run_folder(scratch / "checkout"))
    if lowest:
        call([bin_folder / "pytest", "tests/unit", "-q", "-x", "-n", "2"], cwd=ROOT)


def build(dist: Path) -> Path:
    """The wheel, built from the sdist, so that the sdist is known to be whole."""
    source = dist.parent / "source"
    tracked = call(["git", "ls-files", "-z"], cwd=ROOT, quiet=True).split("\0")
    for file in filter(None, tracked):  # a build in the checkout would leave its folders there
        target = source / file
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / file, target)
    call([*uv(), "build", "--quiet", "--out-dir", dist, source], cwd=dist.parent)
    (wheel,) = dist.glob("*.whl")
    return wheel


def install(environment: Path, python: str, wheel: Path, *, lowest: bool) -> Path:
    """An environment with the wheel and what it asks for; the folder of its commands."""
    call([*uv(), "venv", "--quiet", "--python", python, environment], cwd=wheel.parent)
    commands = environment / "bin"
    pip = [*uv(), "pip", "install", "--quiet", "--python", commands / "python"]
    if lowest:
        # Only what is asked for on the command line is direct, not what a wheel asks for.
        project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
        lowest_direct = ("--resolution", "lowest-direct")
        extras = project["optional-dependencies"]
        asked = [name for group in EXTRAS for name in extras[group]]
        call([*pip, *lowest_direct, *project["dependencies"], *asked], cwd=wheel.parent)
        call([*pip, "--no-deps", wheel], cwd=wheel.parent)
        frozen = call([*uv(), "pip", "freeze", "--python", commands / "python"], ROOT, quiet=True)
        kept = wheel.parent / "kept.txt"
        kept.write_text("\n".join(line for line in frozen.splitlines() if " @ " not in line))
        call([*pip, "--constraint", kept, *TOOLS], cwd=wheel.parent)
    else:
        call([*pip, wheel], cwd=wheel.parent)
    listed = call([*uv(), "pip", "freeze", "--python", commands / "python"], ROOT, quiet=True)
    print(listed, flush=True)
    return commands


def compare(installed: Path, checkout: Path) -> None:
    """Exit with the names of tables that differ; say how many are equal."""
    names = sorted(file.name for file in checkout.glob("*.parquet"))
    if sorted(file.name for file in installed.glob("*.parquet")) != names or not names:
        sys.exit(f"{installed} and {checkout} do not hold the same tables")
    differ = [
        name for name in names if not _table(installed / name).equals(_table(checkout / name))
    ]
    if differ:
        sys.exit(f"the installed wheel makes other tables: {', '.join(differ)}")
    print(f"{len(names)} tables are equal", flush=True)


def run_folder(out: Path) -> Path:
    """The folder of the only run below `out`."""
    (folder,) = (out / "trading_day").iterdir()
    return folder


def uv() -> list[str]:
    """The uv of this environment, or the one on PATH."""
    own = Path(sys.executable).with_name("uv")
    return [str(own) if own.is_file() else "uv"]


def call(command: Sequence[str | Path], cwd: Path, *, quiet: bool = False) -> str:
    """Run a command to its end, without the checkout on its import path unless it stands there."""
    print("$", " ".join(str(part) for part in command), file=sys.stderr, flush=True)
    unclean = ("PYTHONPATH", "VIRTUAL_ENV")
    clean = {key: value for key, value in os.environ.items() if key not in unclean}
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env=clean,
        check=True,
        text=True,
        stdout=subprocess.PIPE if quiet else None,
    )
    return done.stdout or ""


def _table(file: Path) -> object:
    return pq.read_table(file)


if __name__ == "__main__":
    main()
