"""Whoever uses an old name is told the new one, and every new one is there."""

from __future__ import annotations

from importlib import import_module

import pytest

import p2p_cosim as p2p
from p2p_cosim.compose.plugins import make_plugin
from p2p_cosim.core.renamed import FIELDS, MODULES
from p2p_cosim.scenario.schema.problems import leaf_paths


@pytest.mark.parametrize(("old", "new"), MODULES.items())
def test_an_old_import_names_the_new_one(old: str, new: str) -> None:
    package, _, name = old.rpartition(".")
    with pytest.raises(ImportError, match=f"{old} is {new} now"):
        exec(f"from {package} import {name}")  # noqa: S102
    home, _, last = new.rpartition(".")
    assert hasattr(import_module(home), last) or import_module(new)


@pytest.mark.parametrize(("old", "new"), FIELDS.items())
def test_an_old_field_names_the_new_one(old: str, new: str) -> None:
    assert new in leaf_paths(p2p.Scenario)
    assert old not in leaf_paths(p2p.Scenario)
    data: dict[str, object] = {}
    section = data
    *path, leaf = old.split(".")
    for name in path:
        section = section.setdefault(name, {})  # type: ignore[assignment]
    section[leaf] = 0.1
    with pytest.raises(p2p.ScenarioError, match=rf"{old}: is {new} now: write that"):
        p2p.Scenario.model_validate({"name": "x", **data})
    with pytest.raises(p2p.ScenarioError, match=rf"{old}: is {new} now: write that"):
        p2p.Scenario(name="x").replace({old: 0.1})
    with pytest.raises(p2p.ScenarioError, match=rf"is {new} now: write that"):
        p2p.Scenario(name="x").replace({leaf: 0.1})


def test_an_old_name_of_a_plug_in_names_the_new_one() -> None:
    with pytest.raises(p2p.InputError, match=r"is p2p_cosim\.detection\.statistical now"):
        make_plugin("detector", "p2p_cosim.faults.statistical:Statistical")
