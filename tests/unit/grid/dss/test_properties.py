"""Which property a word sets, and what of it the engine may not see."""

from __future__ import annotations

from pathlib import Path

import pytest

from p2p_cosim.core.errors import GridError
from p2p_cosim.grid.circuit import Circuit
from p2p_cosim.grid.dss import read_circuit
from p2p_cosim.grid.dss.properties import properties_of
from p2p_cosim.grid.dss.words import words


def _circuit(folder: Path, element: str) -> Circuit:
    (folder / "f.dss").write_text(
        f"New Circuit.c bus1=s basekv=12.47\nNew Load.l bus1=s kv=12.47 kw=3\n{element}\n"
    )
    return read_circuit(folder / "f.dss", folder)


@pytest.mark.parametrize(
    ("kind", "text", "expected"),
    [
        ("load", "3 m 12.47 100", ["phases", "bus1", "kv", "kw"]),
        ("load", "bus1=m 12.47 kw=3 0.9 da=x", ["bus1", "kv", "kw", "pf", "daily"]),
        ("generator", "d=1 own.so", ["d", "usermodel"]),
        ("storage", "u=own.so", ["usermodel"]),
        ("capcontrol", "nonsense=3", ["nonsense"]),
        ("circuit", "basekv=12.47 1.02", ["basekv", "pu"]),
    ],
)
def test_a_word_sets_what_the_engine_takes_it_for(
    kind: str, text: str, expected: list[str]
) -> None:
    assert properties_of(kind, words(text)) == expected


@pytest.mark.parametrize(
    "element",
    [
        "New Generator.g bus1=s kv=12.47 kw=9 usermodel=own.so userdata=[a]",
        "New Generator.g bus1=s kv=12.47 kw=9 u=own.so",
        "New Generator.g bus1=s kv=12.47 kw=9 d=1 own.so",
        "New Generator.g bus1=s kv=12.47 kw=9\n~ shaftmodel=own.so",
        "New Generator.g bus1=s kv=12.47 kw=9\nGenerator.g.shaftm=own.so",
        "New PVSystem.g bus1=s kv=12.47 kva=9 pmpp=9 userm=own.so",
        "New Storage.g bus1=s kv=12.47 kwrated=9 dy=own.so",
    ],
)
def test_no_program_of_a_file_is_loaded(tmp_path: Path, element: str) -> None:
    # The engine would say "Not Loaded" of one that is not there.
    assert "so" not in " ".join(_circuit(tmp_path, element).commands).replace("source", "")


@pytest.mark.parametrize(
    ("element", "why"),
    [
        ("Generator.g bus1=s kv=12.47 kw=9 model=6", "generator.g has model=6, which is a program"),
        ("Generator.g 3 s 12.47 9 1 0 6", "generator.g has model=6"),
        ("PVSystem.g bus1=s kv=12.47 kva=9 pmpp=9 mod=3", "pvsystem.g has model=3"),
        ("Storage.g bus1=s kv=12.47 kwrated=9 controlmode=GFM", "makes it a source of voltage"),
        (
            "XYCurve.e npts=2 csv=e.csv\nNew PVSystem.g bus1=s kv=12.47 pmpp=9 effc=e",
            "uses xycurve.e, whose values come from a file",
        ),
    ],
)
def test_what_is_not_modelled_is_told(tmp_path: Path, element: str, why: str) -> None:
    with pytest.raises(GridError, match=why):
        _circuit(tmp_path, f"New {element}")


def test_what_stands_behind_a_skipped_value_keeps_its_property(tmp_path: Path) -> None:
    shapes = "New LoadShape.d npts=1 mult=[1]\nNew LoadShape.y npts=1 mult=[1]\n"
    circuit = _circuit(tmp_path, f"{shapes}New Load.p 3 s 12.47 100 0.9 1 y d none none delta")
    plain = _circuit(tmp_path, "New Load.p 3 s 12.47 100 0.9 1 conn=delta")
    assert circuit.loads == plain.loads
    assert any("conn=delta" in command for command in circuit.commands)
