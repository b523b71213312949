"""A published study as its folder tells it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from p2p_cosim.core.errors import InputError
from p2p_cosim.core.naming import did_you_mean
from p2p_cosim.record.manifest import file_digest
from p2p_cosim.scenario.yaml_text import parse
from p2p_cosim.sweeps import SweepFile, load_sweep

if TYPE_CHECKING:
    import pandas as pd

STUDY, HASHES, TABLE, FIGURE = "study.yaml", "sha256.json", "table.csv", "figure.png"


@dataclass(frozen=True)
class Study:
    """One published study.

    columns: what the table holds of a run, figures of its summary or of `derived`. sample: how
    many runs a check repeats, drawn by `sample_seed`, not by their result. tolerance: relative, of
    floats; whole numbers and text are equal or not. figure: name in `plots` and its arguments;
    `institutions` puts columns with this ending below each other, as a figure by `institution`;
    `saved_against` draws what each pays less than one of them with the same seed; `sweeps` draws
    these sweeps alone.
    """

    folder: Path
    question: str
    columns: tuple[str, ...]
    sample: int
    sample_seed: int
    tolerance: float
    figure: dict[str, Any]
    sweeps: tuple[SweepFile, ...]

    @property
    def name(self) -> str:
        """The folder's name."""
        return self.folder.name

    @property
    def runs(self) -> int:
        """How many runs the table has."""
        return sum(len(file.plan.runs) for file in self.sweeps)

    @property
    def axes(self) -> tuple[str, ...]:
        """What is varied, over all sweeps, in the order of the table's columns."""
        return tuple(dict.fromkeys(axis for file in self.sweeps for axis in file.plan.axes))

    @property
    def files(self) -> dict[str, Path]:
        """Every file of the study by its name in the folder, apart from the checksums."""
        return {
            file.relative_to(self.folder).as_posix(): file
            for file in sorted(self.folder.rglob("*"))
            if file.is_file() and file.name != HASHES
        }

    def digests(self) -> dict[str, str]:
        """SHA-256 of every file."""
        return {name: file_digest(file) for name, file in self.files.items()}


def studies(published: Path, name: str = "all") -> list[Study]:
    """The studies in a folder. InputError for a name that is none of them."""
    known = sorted(file.parent.name for file in published.glob(f"*/{STUDY}"))
    if not known:
        raise InputError(
            f"there is no study in {published}: published studies are part of the repository, not "
            "of the installed package; run this in a clone of it, or name its results/published "
            "by --published"
        )
    if name != "all" and name not in known:
        near = did_you_mean(name, known) or f": there are {', '.join(known)}"
        raise InputError(f"no study {name!r} in {published}{near}")
    return [_load(published / each) for each in known if name in ("all", each)]


def read_table(study: Study) -> pd.DataFrame:
    """The stored table, index `row`."""
    import pandas as pd

    return pd.read_csv(study.folder / TABLE, index_col="row")


def _load(folder: Path) -> Study:
    file = folder / STUDY
    data, problems = parse(file.read_text(encoding="utf-8"))
    if problems or not isinstance(data, dict):
        told = "; ".join(map(str, problems)) or "it holds no fields"
        raise InputError(f"{file} cannot be read: {told}")
    sweeps = tuple(load_sweep(each) for each in sorted(folder.glob("sweeps/*.yaml")))
    try:
        study = Study(
            folder=folder,
            question=data["question"],
            columns=tuple(data["columns"]),
            sample=int(data["sample"]),
            sample_seed=int(data["sample_seed"]),
            tolerance=float(data["tolerance"]),
            figure=dict(data["figure"]),
            sweeps=sweeps,
        )
    except KeyError as error:
        raise InputError(f"{file} lacks {error}") from None
    except (TypeError, ValueError) as error:
        raise InputError(f"{file} has a value that does not fit: {error}") from None
    if not 1 <= study.sample <= study.runs:
        raise InputError(f"{file}: sample {study.sample} is not from 1 to its {study.runs} runs")
    return study
