"""What a run is, told from its scenario and plug-ins before a grid or a chain is built.

identity = run_identity(scenario)
done = finished_run(identity, "results")   # None, or the run, with its checksums compared
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from p2p_cosim.core.errors import InputError
from p2p_cosim.fingerprint import fingerprint
from p2p_cosim.grid.dss.files import files_of
from p2p_cosim.market.deployment import bytecode_hash
from p2p_cosim.record import RunIdentity, code_version, finished_run, other_versions
from p2p_cosim.record.manifest import file_digest
from p2p_cosim.scenario import Scenario
from p2p_cosim.scenario.schema.plugin_names import plugin_names

# What computes in every run. pyarrow and the like write and draw, and change no number.
_ENGINES = ("numpy", "scipy", "mesa", "py-evm", "opendssdirect.py", "dss-python-backend")
_OF_A_BACKEND = {"ethtester": "eth-tester"}
_OF_A_MODEL = {"weather": "pvlib"}


def run_identity(scenario: Scenario, plugins: Mapping[str, object] | None = None) -> RunIdentity:
    """Everything that a run's tables depend on. After the first of a process some milliseconds.

    plugins: by role (`strategy`, `controller`, `detector`), objects or classes that take the
        place of what the scenario names.

    Raises ScenarioError or GridError for a file that is not there, InputError for a class that
    cannot be imported, and NoContentError for a plug-in that cannot be told from others.
    """
    objects = {role: plugin for role, plugin in (plugins or {}).items() if plugin is not None}
    named = {field: class_of(name, field) for field, name in plugin_names(scenario).items()}
    given = {**named, **objects}
    return RunIdentity(
        scenario_name=scenario.name,
        seed=scenario.seed,
        scenario_sha256=scenario.content_digest(),
        files={_name(file, scenario): file_digest(file) for file in _files(scenario)},
        plugins={role: _described(role, plugin) for role, plugin in sorted(given.items())},
        code_version=code_version(),
        bytecode_hash=_bytecode(
            scenario.market.mechanism, sealed=scenario.market.submission == "sealed"
        ),
        engines=_engines(scenario),
    )


def class_of(name: str, role: str = "plug-in") -> Any:
    """What `package.module:Name` names. InputError, with the role, if it cannot be imported."""
    module, _, attribute = name.partition(":")
    try:
        return getattr(importlib.import_module(module), attribute)
    except (ImportError, AttributeError) as error:
        raise InputError(
            f"{role} {name!r} cannot be imported: {error}; give package.module:Name of a class "
            "that is importable from here"
        ) from error


def _described(role: str, plugin: object) -> str:
    made = plugin if isinstance(plugin, type) or callable(plugin) else type(plugin)
    name = f"{made.__module__}.{getattr(made, '__qualname__', type(made).__qualname__)}"
    return f"{name} sha256:{fingerprint(plugin, f'{role} {name}')}"


def _files(scenario: Scenario) -> tuple[Path, ...]:
    master = scenario.master_file()
    return (*scenario.series_files(), *(files_of(master, scenario.folder) if master else ()))


def _name(file: Path, scenario: Scenario) -> str:
    return file.relative_to(scenario.folder.resolve()).as_posix()


_bytecode = cache(bytecode_hash)


def _engines(scenario: Scenario) -> dict[str, str]:
    own = (
        _OF_A_BACKEND.get(scenario.chain.backend),
        _OF_A_MODEL.get(getattr(scenario.profiles, "model", "")),
    )
    return {name: _version(name) for name in (*_ENGINES, *own) if name is not None}


@cache
def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"


__all__ = ["RunIdentity", "class_of", "finished_run", "other_versions", "run_identity"]
