"""docs/architecture.md says what pyproject.toml enforces."""

from __future__ import annotations

import importlib
import pkgutil
import re
import tomllib
from pathlib import Path
from typing import Any

import p2p_cosim.core

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")


def _contracts() -> list[dict[str, Any]]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    found: list[dict[str, Any]] = project["tool"]["importlinter"]["contracts"]
    return found


def _section(title: str) -> str:
    return PAGE.split(f"\n## {title}\n", 1)[1].split("\n## ", 1)[0]


def test_the_layers_of_the_page_are_those_of_the_import_contract() -> None:
    block = _section("Layers").split("```")[1].strip().splitlines()
    # Two spaces end the names; a line whose names end in a bar goes on in the next.
    names = "\n".join(re.split(r"\s{2,}", line.strip())[0] for line in block)
    shown = [set(layer.split(" | ")) for layer in names.replace(" |\n", " | ").splitlines()]
    (layers,) = [contract["layers"] for contract in _contracts() if contract["type"] == "layers"]
    assert shown == [set(layer.replace("p2p_cosim.", "").split(" | ")) for layer in layers]


def test_every_room_of_the_package_has_a_layer() -> None:
    rooms = {
        module.name
        for module in pkgutil.iter_modules([str(ROOT / "p2p_cosim")])
        if module.name != "__main__"
    }
    (layers,) = [contract["layers"] for contract in _contracts() if contract["type"] == "layers"]
    assert rooms == {name for layer in layers for name in re.findall(r"p2p_cosim\.(\w+)", layer)}


def test_the_seams_of_the_page_are_the_protocols_of_core() -> None:
    protocols = {
        name
        for module in pkgutil.iter_modules(p2p_cosim.core.__path__)
        if module.name.endswith("protocols")
        for name, value in vars(importlib.import_module(f"p2p_cosim.core.{module.name}")).items()
        if getattr(value, "_is_protocol", False) and value.__module__.startswith("p2p_cosim")
    }
    listed = _section("Seams").split("as protocols:", 1)[1].split(".", 1)[0]
    assert set(re.findall(r"`(\w+)`", listed)) == protocols
