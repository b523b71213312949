"""What a run is, apart from what came of it; and which runs lie in a folder."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from p2p_cosim.core.errors import ResultsError
from p2p_cosim.record.folder import MANIFEST_FILE
from p2p_cosim.record.manifest import COMPLETE, RUN_ID_LENGTH, digest
from p2p_cosim.record.results import Results


@dataclass(frozen=True, slots=True)
class RunIdentity:
    """Everything that the tables of a run depend on, as digests, known before it is built.

    scenario_name: first folder of `<scenario name>/<run id>`.
    scenario_sha256: of the resolved scenario, its seed included, and of its CSV file.
    files: SHA-256 by name of every file read, those that a DSS file redirects to included.
    plugins: by role or scenario field, the class of an object of the user's own, and the
        SHA-256 of its code and state.
    code_version: of those of this package's own modules and data that can change a table.
    bytecode_hash: of the market contracts. engines: versions of what computes, by name.
    """

    scenario_name: str
    seed: int
    scenario_sha256: str
    files: Mapping[str, str]
    plugins: Mapping[str, str]
    code_version: str
    bytecode_hash: str
    engines: Mapping[str, str] = field(default_factory=dict)

    @property
    def content_sha256(self) -> str:
        """Of what the user gave: scenario, files and plug-ins. Versions of code leave it alone."""
        given = (self.scenario_sha256, dict(self.files), dict(self.plugins))
        return digest(json.dumps(given, sort_keys=True))

    @property
    def run_id(self) -> str:
        """The name of the run's folder."""
        return digest(json.dumps(asdict(self), sort_keys=True))[:RUN_ID_LENGTH]

    def as_dict(self) -> dict[str, object]:
        """For the manifest."""
        return {"content_sha256": self.content_sha256, **asdict(self)}


def finished_run(identity: RunIdentity, out: str | Path) -> Results | None:
    """The run of this identity if it lies in `out`, complete and with every checksum right.

    None if it does not, or was touched from outside, stopped early or was damaged.
    """
    folder = Path(out) / identity.scenario_name / identity.run_id
    try:
        found = Results.load(folder, verify=True)
    except ResultsError:
        return None
    same = found.manifest["run_id"] == identity.run_id and not found.manifest["outside_inputs"]
    return found if same and found.status == COMPLETE else None


def other_versions(identity: RunIdentity, out: str | Path) -> tuple[str, ...]:
    """One sentence for each folder in `out` with a run of the same scenario, files and plug-ins
    that another version made. Nobody should mix the one with the other."""
    sentences = []
    for file in sorted((Path(out) / identity.scenario_name).glob(f"[!.]*/{MANIFEST_FILE}")):
        try:
            other = json.loads(file.read_text(encoding="utf-8")).get("identity") or {}
        except (OSError, ValueError, AttributeError):
            continue
        differing = differences(identity, other)
        if other.get("content_sha256") == identity.content_sha256 and differing:
            sentences.append(
                f"{file.parent} holds this run, made with {'; '.join(differing)}: keep to that, or "
                "name another folder"
            )
    return tuple(sentences)


def differences(identity: RunIdentity, other: Mapping[str, object]) -> list[str]:
    """What of the code and its engines another identity, as a dictionary, has instead."""
    own = identity.as_dict()
    found = [
        f"{what} {str(other.get(name))[:RUN_ID_LENGTH]} instead of {str(own[name])[:RUN_ID_LENGTH]}"
        for name, what in (("code_version", "p2p_cosim's code"), ("bytecode_hash", "bytecode"))
        if other.get(name) != own[name]
    ]
    engines = other.get("engines")
    theirs = engines if isinstance(engines, Mapping) else {}
    found += [
        f"{name} {theirs.get(name)} instead of {identity.engines.get(name)}"
        for name in sorted({*identity.engines, *theirs})
        if theirs.get(name) != identity.engines.get(name)
    ]
    return found
