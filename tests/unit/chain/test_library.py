"""Generated functions that are kept: for other configurations, and for the next process."""

from pathlib import Path

import pytest

from p2p_cosim.chain.artifact import load_artifact
from p2p_cosim.chain.contract import deploy
from p2p_cosim.chain.generated import GeneratedChain, library
from p2p_cosim.chain.generated.__main__ import main
from p2p_cosim.chain.generated.library import Library, cache_folder, library_of, template_in
from p2p_cosim.chain.generated.program import program_of
from p2p_cosim.chain.generated.trace import Step, Way

CODE = load_artifact("KDoubleAuction").deployed_bytecode


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(library.FOLDER_VARIABLE, str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def no_generator(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("something is generated anew")

    monkeypatch.setattr(library, "Trace", refuse)


NAMES = ("root_", "careful_0")
WAY = Way([Step(0), Step(2), Step(4)], following=7)  # puts a number into memory


def written() -> Library:
    """A library in which something has been written."""
    fresh = Library(CODE)
    for name in NAMES:
        fresh.write(name, WAY)
        assert fresh.function(name)
    return fresh


def left_behind(folder: Path) -> Path:
    """The module that a first process leaves."""
    written().keep()
    (module,) = folder.glob("evm_*.py")
    return module


@pytest.mark.parametrize("dont_write_bytecode", [True, False])
def test_the_next_process_finds_what_was_generated(
    folder: Path, request: pytest.FixtureRequest, monkeypatch, dont_write_bytecode: bool
) -> None:
    left_behind(folder)
    request.getfixturevalue("no_generator")
    monkeypatch.setattr("sys.dont_write_bytecode", dont_write_bytecode)
    found = Library(CODE)
    assert found.written == len(NAMES) * len(WAY.steps)
    for name in NAMES:
        code = found.function(name)
        assert code
        assert code.co_name == name
    assert found.function("block_0") is None


@pytest.mark.parametrize("damage", [lambda text: text[:-40], lambda text: text + "x = 1\n"])
def test_a_module_that_is_not_whole_is_not_used(folder: Path, damage) -> None:
    module = left_behind(folder)
    module.write_text(damage(module.read_text()))
    assert Library(CODE).written == 0


@pytest.fixture
def compiled(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What Python has kept of the module that a process left."""
    monkeypatch.setattr("sys.dont_write_bytecode", False)
    left_behind(folder)
    assert Library(CODE)._codes
    (found,) = folder.glob("__pycache__/evm_*.pyc")
    return found


@pytest.mark.parametrize("rest", [b"", b"\xff" * 40, b"N"], ids=["cut off", "noise", "no code"])
def test_what_python_has_kept_may_be_damaged(compiled: Path, rest: bytes) -> None:
    """What is entered is compiled from the text; the next process finds it whole."""
    head = compiled.read_bytes()[:16]
    compiled.write_bytes(head + rest)
    found = Library(CODE)
    assert found.function(NAMES[0])
    assert not found._codes.keys() - {NAMES[0]}
    assert Library(CODE)._codes.keys() == set(NAMES)


def test_a_module_may_vanish_while_it_is_read(folder: Path, compiled: Path, monkeypatch) -> None:
    """Of many, the oldest go."""
    (module,) = folder.glob("evm_*.py")
    load = library._compiled

    def vanished(path: Path) -> object:
        module.unlink()
        return load(path)

    monkeypatch.setattr(library, "_compiled", vanished)
    assert Library(CODE).function(NAMES[0])


def test_what_others_may_have_compiled_is_not_used(compiled: Path) -> None:
    assert not compiled.parent.stat().st_mode & 0o077
    compiled.parent.chmod(0o777)
    assert not Library(CODE)._codes


def test_a_folder_that_others_can_write_to_is_not_used(folder: Path) -> None:
    module = left_behind(folder)
    folder.chmod(0o777)
    assert Library(CODE).written == 0
    module.unlink()
    written().keep()
    assert not module.exists()


def test_nothing_is_left_where_no_folder_is_named(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv(library.FOLDER_VARIABLE, "")
    assert cache_folder() is None
    monkeypatch.delenv(library.FOLDER_VARIABLE)
    assert cache_folder() == tmp_path / "p2p_cosim"


def test_a_module_without_room_for_other_ways_is_not_used(folder: Path, monkeypatch) -> None:
    """Or all processes to come would interpret them."""
    left_behind(folder)
    monkeypatch.setattr(library, "MOST_WRITTEN", 1)
    found = Library(CODE)
    assert not found.is_full
    assert found.function(NAMES[0]) is None


def test_old_modules_go(folder: Path) -> None:
    folder.mkdir(mode=0o700)
    for number in range(library._MOST_MODULES + 3):
        (folder / f"evm_{number}.py").touch()
    written().keep()
    assert len(list(folder.glob("evm_*.py"))) == library._MOST_MODULES


def test_configurations_share_their_functions() -> None:
    """Rules that differ in an immutable; each answers with its own."""
    library_of.cache_clear()
    program_of.cache_clear()
    chain = GeneratedChain()
    owner = chain.account("owner")
    rules = [deploy(chain, load_artifact("Walrasian"), [k], owner) for k in (5_000, 2_500)]
    assert [rule.read.K_BASIS_POINTS() for rule in rules] == [5_000, 2_500]
    assert program_of.cache_info().misses == 2
    assert library_of.cache_info().misses == 1


def test_a_template_has_zeros_for_immutables_alone() -> None:
    push_32, word = b"\x7f", bytes(range(32))
    template = push_32 + bytes(32) + push_32 + word
    code = push_32 + word + push_32 + word
    assert template_in(b"\x00\x7f\x01" + template + b"arguments", code) == template
    other = push_32 + bytes(32) + push_32 + bytes(31) + b"\x01"
    assert template_in(other, code) == code
    assert template_in(b"", code) == code


def test_what_has_been_generated_can_be_read(folder: Path, capsys) -> None:
    assert main(["KDoubleAuction"]) == 2
    assert "nothing of KDoubleAuction" in capsys.readouterr().err
    left_behind(folder)
    library_of.cache_clear()
    assert main(["KDoubleAuction"]) == 0
    assert "def root_(f, s):" in capsys.readouterr().out
    library_of.cache_clear()
    assert main(["NoAuction"]) == 2
