"""Generated functions of one code, for all contracts that differ in their immutables alone.

They are kept for the process, and their text for the next one: in a folder of the user's cache, as
one Python module a code, which Python compiles and keeps as it does with every module. The name of
a module tells the code and the generator that it comes from, so that nothing in it can be out of
date; its first line tells whether it is whole. P2P_COSIM_CACHE names another folder, or none if it
is empty. A folder that cannot be written, or that others can write to, is not used.
"""

from __future__ import annotations

import os
import re
import sys
from contextlib import suppress
from functools import cache, lru_cache
from hashlib import sha256
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any

from p2p_cosim.chain.generated.bytecode import Bytecode
from p2p_cosim.chain.generated.trace import Trace, Way

MOST_WRITTEN = 150_000
"""Instructions that are written as Python from one code, those on several ways counted for
each; what lies beyond is interpreted, and the next process begins anew. A trading day writes
30,000 of Settlement, whose loops are written again whenever another way round them is found."""

FOLDER_VARIABLE = "P2P_COSIM_CACHE"
_MOST_MODULES = 24  # in the folder: half a dozen generators with the contracts of a run
_COMPILED = "__pycache__"  # where Python keeps modules that it has compiled
_FUNCTION = re.compile(r"^# (\d+)\ndef (\w+)\(.*\n(?:    .*\n)*", re.MULTILINE)


class Library:
    """The functions of a code; where its immutables are zero, functions look them up by name.

    written: instructions in all of them. loops: positions of those that go round.
    """

    def __init__(self, template: bytes) -> None:
        self.bytecode = Bytecode(template)
        self.written = 0
        self.loops: set[int] = set()
        self._texts: dict[str, str] = {}
        self._codes: dict[str, CodeType] = {}
        self._ways: dict[str, Way] = {}  # that this process has gone
        self._stale: set[str] = set()  # to be written again, with more ways round a loop
        self._is_kept = True
        folder = cache_folder()
        self._path = folder / f"evm_{_digest(template)}.py" if folder else None
        if self._path:
            self._load(self._path)

    def function(self, name: str) -> CodeType | None:
        """The function of a name, if it has been written and its way need not be gone again."""
        if name in self._stale:
            if name in self._ways:
                self._stale.remove(name)
                self._write(name)
            elif not self.is_full:
                return None
        if name not in self._codes:
            if name not in self._texts:
                return None
            space: dict[str, Any] = {}
            # The text holds numbers of the code and nothing else of it.
            exec(compile(self._texts[name], f"<EVM {name}>", "exec"), space)  # noqa: S102
            self._codes[name] = space[name].__code__
        return self._codes[name]

    @property
    def is_full(self) -> bool:
        """Whether no more is written."""
        return self.written > MOST_WRITTEN

    def write(self, name: str, way: Way) -> bool:
        """Write the function of a way; whether functions change that are in use."""
        self._ways[name] = way
        self._stale.discard(name)
        self._write(name)
        loop = f"block_{way.following}"
        if way.following not in self.loops or name == loop:
            return False
        self._stale.add(loop)
        if loop not in self._ways:  # an earlier process wrote it, and others that come back to it
            back = f"return blocks[{way.following}]\n"
            found = {each for each, text in self._texts.items() if text.endswith(back)}
            self._stale |= found - self._ways.keys()
        return True

    def _write(self, name: str) -> None:
        way = self._ways[name]
        start = way.steps[0].position
        sides: dict[str, Way] = {}
        if name == f"block_{start}" and way.following == start:
            sides = {other: each for other, each in self._ways.items() if each.following == start}
            sides[name] = Way([], start)
        trace = Trace(self.bytecode, way, name, sides)
        if sides:
            trace = Trace(self.bytecode, way, name, sides, trace)
        self._codes.pop(name, None)
        self._add(name, trace.written, trace.text())

    def text(self) -> str:
        """All functions, to read."""
        return "\n".join(self._texts[name] for name in sorted(self._texts))

    def keep(self) -> None:
        """Leave the text for the next process. Of several that end, the last one's stays."""
        if self._is_kept or not self._path:
            return
        for name in self._stale & self._ways.keys():
            self._write(name)
        self._stale -= self._ways.keys()
        self._is_kept = True
        with suppress(OSError):
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            if not _is_own(self._path.parent):
                return
            (self._path.parent / _COMPILED).mkdir(mode=0o700, exist_ok=True)
            text = "".join(self._texts[name] for name in sorted(self._texts))
            new = self._path.with_suffix(f".{os.getpid()}.new")
            new.write_text(f"# {_digest(text.encode())}\n{text}", encoding="utf-8")
            new.replace(self._path)
            modules = sorted(self._path.parent.glob("evm_*.py"), key=os.path.getmtime)
            for old in modules[:-_MOST_MODULES]:
                for file in (old, *old.parent.glob(f"{_COMPILED}/{old.stem}.*")):
                    file.unlink()

    def _add(self, name: str, instructions: int, text: str) -> None:
        self._texts[name] = f"# {instructions}\n{text}"
        self.written += instructions
        self._note_loop(name)
        self._is_kept = False

    def _note_loop(self, name: str) -> None:
        if name.startswith("block_") and self._texts[name].endswith("continue\n"):
            self.loops.add(int(name.removeprefix("block_")))

    def _load(self, path: Path) -> None:
        """Take what an earlier process has left, if it is whole and leaves room for other ways."""
        try:
            if not _is_own(path.parent):
                return
            head, _, text = path.read_text(encoding="utf-8").partition("\n")
        except (OSError, UnicodeDecodeError):
            return
        if head == f"# {_digest(text.encode())}":
            for found in _FUNCTION.finditer(text):
                self._texts[found[2]] = found[0]
                self.written += int(found[1])
                self._note_loop(found[2])
            if self.is_full:  # of ways that others went, and for ever: this process begins anew
                self._texts, self.loops, self.written = {}, set(), 0
            elif not sys.dont_write_bytecode:  # otherwise what is entered is compiled, and no more
                self._codes = _compiled(path)


def _compiled(path: Path) -> dict[str, CodeType]:
    """The functions of a module, by name, as Python compiles it once and keeps it; none if what it
    has kept is damaged, which goes, or if others can write there."""
    spec = spec_from_file_location(path.stem, path)
    assert spec is not None  # noqa: S101 (the name ends in .py)
    assert spec.loader is not None  # noqa: S101
    module = module_from_spec(spec)
    try:
        if not _is_own(path.parent / _COMPILED):
            return {}
        spec.loader.exec_module(module)
    except (OSError, EOFError, ImportError, TypeError, ValueError):
        with suppress(OSError):
            Path(spec.cached or "").unlink()
        return {}
    made = vars(module).items()
    return {name: each.__code__ for name, each in made if isinstance(each, FunctionType)}


@lru_cache(maxsize=8)
def library_of(template: bytes) -> Library:
    """The functions of a code; kept for the process, those of the newest few codes."""
    return Library(template)


def template_in(init_code: bytes, code: bytes) -> bytes:
    """The code as the init code that made it holds it, with zeros for immutables; the code itself
    if it is not there."""
    words = [at + 1 for at in Bytecode(code).whole_words]
    start = init_code.find(code[: words[0] if words else len(code)])
    while words and start >= 0:
        template = init_code[start : start + len(code)]
        filled = bytearray(template)
        for at in words:
            if not any(template[at : at + 32]):
                filled[at : at + 32] = code[at : at + 32]
        if filled == code:
            return template
        start = init_code.find(code[: words[0]], start + 1)
    return code


def cache_folder() -> Path | None:
    """Where text is left for the next process."""
    named = os.environ.get(FOLDER_VARIABLE)
    if named is not None:
        return Path(named) if named else None
    try:
        return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "p2p_cosim"
    except RuntimeError:  # nobody's home
        return None


def _is_own(folder: Path) -> bool:
    """Whether nobody else can have put something there."""
    if not hasattr(os, "getuid"):
        return True
    found = folder.stat()
    return found.st_uid == os.getuid() and not found.st_mode & 0o022


def _digest(content: bytes) -> str:
    return sha256(_generator() + content).hexdigest()


@cache
def _generator() -> bytes:
    """Digest of all that makes and runs generated functions."""
    sources = sorted(Path(__file__).parent.glob("*.py"))
    return sha256(b"".join(source.read_bytes() for source in sources)).digest()
