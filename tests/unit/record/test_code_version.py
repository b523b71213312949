"""What the digest of the code leaves out can change no table."""

import ast

from p2p_cosim.record import manifest

PACKAGE = manifest._PACKAGE
# Rooms that wire together what computes and what tells or reads.
WIRING = {
    "compose/alerts.py": "p2p_cosim.notify",
    "compose/root.py": "p2p_cosim.run_identity",
    "compose/plugins.py": "p2p_cosim.run_identity",
    "scenario/load.py": "p2p_cosim.scenario.examples",
}


def module_of(name):
    return "p2p_cosim." + name.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def imported(name):
    """Every module of the package, or name in one, that a source imports, anywhere in it."""
    for node in ast.walk(ast.parse((PACKAGE / name).read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("p2p_cosim"):
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_nothing_that_counts_imports_what_does_not():
    counted = set(manifest.table_sources(PACKAGE))
    every = {path.relative_to(PACKAGE).as_posix() for path in PACKAGE.rglob("*.py")}
    left_out = {module_of(name) for name in every - counted if name != "__init__.py"}
    assert {"p2p_cosim.cli.app", "p2p_cosim.plots.grid", "p2p_cosim.record.results"} <= left_out
    found = {
        (name, module)
        for name in counted
        if name.endswith(".py") and not name.endswith("__init__.py")
        for module in imported(name)
        if module in left_out and not module.startswith(WIRING.get(name, "-"))
    }
    assert found == set()


def test_what_computes_counts():
    counted = set(manifest.table_sources(PACKAGE))
    for name in ("model.py", "record/recorder.py", "record/rows/grid.py", "notify/desk.py"):
        assert name in counted
    for suffix in (".dss", ".csv", ".json", ".yaml"):
        assert any(name.endswith(suffix) for name in counted), suffix


def test_it_follows_content_and_names_but_not_line_endings_nor_the_command_line(
    tmp_path, monkeypatch
):
    monkeypatch.setattr(manifest, "_PACKAGE", tmp_path)
    version = manifest.code_version.__wrapped__
    (tmp_path / "a.py").write_bytes(b"x = 1\n")
    first = version()
    (tmp_path / "a.pyc").write_bytes(b"compiled")
    (tmp_path / "a.py").write_bytes(b"x = 1\r\n")
    for name in ("cli/app.py", "plots/grid.py", "simulation.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("# a comment\n")
    assert version() == first
    (tmp_path / "a.py").write_bytes(b"x = 2\n")
    assert version() != first
    (tmp_path / "a.py").rename(tmp_path / "b.py")
    (tmp_path / "b.py").write_bytes(b"x = 1\n")
    assert version() != first
