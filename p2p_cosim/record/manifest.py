"""What a run was made of: `manifest.json`, the run id and the code's version.

The manifest holds no wall-clock time, no path and no name of a person, so repeating a run
with the same versions repeats its manifest too.
"""

from __future__ import annotations

import hashlib
import platform
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import asdict
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from p2p_cosim.record import schema
from p2p_cosim.record.run_info import RunInfo
from p2p_cosim.record.tariffs import changes_of

RUN_ID_LENGTH = 12  # 48 bits: a collision among a million runs has a chance of 0.2 %
COMPLETE = "complete"
INTERRUPTED = "interrupted"
FAILED = "failed: "
RUNNING = "running"  # of results that are not written yet

_PACKAGE = Path(__file__).resolve().parents[1]
_SOURCES = frozenset({".py", ".json", ".yaml", ".csv", ".dss"})
_CHANGES_NO_TABLE = (
    *("__init__.py", "__main__.py", "arguments.py", "shown.py", "running.py", "simulation.py"),
    *("cli/", "plots/", "studies/", "testing/", "dapp/", "notebook/", "sweeps/", "statistics.py"),
    "mosaik.py",
    *("fingerprint/", "run_identity.py", "record/identity.py"),
    *("record/quality.py", "record/results.py", "record/summary.py", "record/tables.py"),
    *("record/bills.py", "record/capital.py", "record/grid_figures.py", "record/surplus.py"),
    *("record/compare.py", "record/find.py", "record/prices.py", "record/run_tables.py"),
    "record/utility.py",
    *("market/oracle/", "scenario/examples", "scenario/reference.py"),
    *("notify/courier.py", "notify/install.py", "notify/listener.py"),
    *("notify/notifiers.py", "notify/outbox.py", "notify/settings.py", "notify/webhook.py"),
    "notify/n8n/",
)
"""What only starts, reads, draws, compares or tells people. tests/unit/record/test_code_version.py
holds that nothing else imports it, apart from the rooms that wire things up."""
_VERSIONED = (
    "p2p-cosim",
    "numpy",
    "pyarrow",
    "mesa",
    "py-evm",
    "eth-tester",
    "web3",
    "opendssdirect.py",
    "dss-python",
    "dss-python-backend",
)


def digest(data: bytes | str) -> str:
    """SHA-256 in hexadecimal; text counts as UTF-8."""
    return hashlib.sha256(data.encode() if isinstance(data, str) else data).hexdigest()


def file_digest(path: Path) -> str:
    """SHA-256 of a file in hexadecimal, read piece by piece."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@cache
def code_version() -> str:
    """SHA-256 over those of the package's own sources and data that can change a table.

    By name and content: it names the code in a wheel as well as in a checkout with uncommitted
    changes. Line endings count as \\n, because version control may change them. What only
    starts, reads, draws or tells does not count, so that a new option of the command line
    leaves every finished run in its place.
    """
    total = hashlib.sha256()
    for name in sorted(table_sources(_PACKAGE)):
        content = (_PACKAGE / name).read_bytes().replace(b"\r\n", b"\n")
        total.update(f"{name}\n{digest(content)}\n".encode())
    return total.hexdigest()


def table_sources(package: Path) -> list[str]:
    """Names, below the package, of the sources and data that can change a table."""
    names = (
        path.relative_to(package).as_posix()
        for path in package.rglob("*")
        if path.suffix in _SOURCES
    )
    return [name for name in names if not name.startswith(_CHANGES_NO_TABLE)]


def touched_run_id(run_id: str, outside_digest: str) -> str:
    """The id of a run that took something from outside; `run_id` itself if it did not."""
    return digest(f"{run_id}\n{outside_digest}")[:RUN_ID_LENGTH] if outside_digest else run_id


def check_status(status: str) -> str:
    """`status`, or ValueError if it is none of those that a manifest may hold."""
    if status in (COMPLETE, INTERRUPTED) or status.startswith(FAILED):
        return status
    raise ValueError(
        f"status {status!r} is unknown: give {COMPLETE!r}, {INTERRUPTED!r} or '{FAILED}<why>'"
    )


def status_of(end: BaseException | None, *, whole: bool) -> str:
    """The status of a run that stopped so; `whole` if every tick of it is there.

    end: what stopped it; None if nothing did, and it may go on.
    """
    if end is None:
        return COMPLETE if whole else INTERRUPTED
    stopped = isinstance(end, KeyboardInterrupt | SystemExit | GeneratorExit)
    return INTERRUPTED if stopped else f"{FAILED}{end!r}"


def manifest(
    info: RunInfo,
    status: str,
    ticks: int,
    rows: Mapping[str, int],
    files: Mapping[str, str],
    outside_inputs: int,
) -> dict[str, object]:
    """The manifest as plain data.

    rows: number of rows by table. files: SHA-256 by file name. outside_inputs: how much came
    in that is not of the run's own agents.
    """
    changes = changes_of(info.tariff, info.tariffs)
    return {
        "format_version": schema.FORMAT_VERSION,
        "scenario": info.scenario_name,
        "seed": info.seed,
        "run_id": info.run_id,
        "status": status,
        "ticks": ticks,
        "clock": {**asdict(info.clock), "start": info.clock.start.isoformat()},
        "tariff": asdict(info.tariff),
        **({"tariff_changes": changes} if changes else {}),
        "values": {house: list(worth) for house, worth in info.values.items()},
        "eur_per_ether": info.eur_per_ether,
        "gas_price_gwei": info.gas_price_gwei,
        "identity": dict(info.identity),
        "plugins": info.identity.get("plugins", {}),
        "conversions": list(info.conversions),
        "outside_inputs": outside_inputs,
        "git": _git(),
        "versions": {**_versions(), **info.engines},
        "platform": {"system": platform.system(), "machine": platform.machine()},
        "rows": dict(rows),
        "sha256": dict(files),
    }


def _versions() -> dict[str, str | None]:
    return {
        "python": platform.python_version(),
        **{name: _version(name) for name in _VERSIONED},
    }


@cache
def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


@cache
def _git() -> dict[str, object] | None:
    """Commit of the checkout the package runs from, and whether its sources differ from it.

    None for an installed package, even if its environment lies inside some checkout.
    """
    if _git_output("ls-files", "--error-unmatch", "__init__.py") is None:
        return None
    commit = _git_output("rev-parse", "HEAD")
    if commit is None:
        return None
    changes = _git_output("--no-optional-locks", "status", "--porcelain", "--", ".")
    return {"commit": commit, "dirty": bool(changes)}


def _git_output(*arguments: str) -> str | None:
    git = shutil.which("git")
    if git is None:
        return None
    done = subprocess.run(  # noqa: S603 (fixed arguments, no shell)
        [git, "-C", str(_PACKAGE), *arguments], capture_output=True, text=True, check=False
    )
    return done.stdout.strip() if done.returncode == 0 else None
