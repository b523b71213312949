"""A code as Python functions, generated where execution comes by, and no more than a bound."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property, lru_cache, partial
from types import FunctionType
from typing import Any

from p2p_cosim.chain.generated.bytecode import Bytecode
from p2p_cosim.chain.generated.frame import BadJump, Frame
from p2p_cosim.chain.generated.instructions import NAMES
from p2p_cosim.chain.generated.interpreter import interpret
from p2p_cosim.chain.generated.library import library_of

Entry = Callable[[Frame, list[int]], Any]
"""Runs a piece of code; gives the next to run, or None at the end."""


class Program:
    """The functions of a code by position of their first instruction.

    template: the code with its immutables zero, as `library.template_in` gives it; the code itself
    by default.
    """

    def __init__(self, code: bytes, template: bytes | None = None) -> None:
        self.code = Bytecode(code)
        self.library = library_of(code if template is None else template)
        self._blocks = _Blocks(self.jump)
        self._careful = _Blocks(self._write_careful)
        self._space = {
            **NAMES,
            **{f"immutable_{at}": self.code.word(at) for at in self.library.bytecode.immutables},
            "blocks": self._blocks,
            "careful": self._careful,
        }

    def __len__(self) -> int:
        """How many functions there are now."""
        return len(self._blocks) + len(self._careful)

    @property
    def written(self) -> int:
        """Instructions in all functions of the code."""
        return self.library.written

    @cached_property
    def entry(self) -> Entry:
        """The function of the first instruction, where a jump may not be allowed to go."""
        return self._compile(0)

    def jump(self, position: int) -> Entry:
        """The function at a JUMPDEST. Raises BadJump if there is none."""
        if position not in self.code.destinations:
            raise BadJump
        self._blocks[position] = entry = self._compile(position)
        return entry

    def _write_careful(self, position: int) -> Entry:
        self._careful[position] = entry = self._compile(position, careful=True)
        return entry

    def _compile(self, position: int, *, careful: bool = False) -> Entry:
        function = self.library.function(position, careful=careful)
        if function is None:
            return partial(interpret, self.code, position)
        entry: Entry = FunctionType(function, self._space)
        return entry


class _Blocks(dict[int, Entry]):
    """Functions by position, made when they are asked for."""

    def __init__(self, make: Callable[[int], Entry]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, position: int) -> Entry:
        return self._make(position)


@lru_cache(maxsize=8)
def program_of(code: bytes, template: bytes | None = None) -> Program:
    """The program of a code; kept for the chains of the process, the newest few of them."""
    return Program(code, template)


def interpreted(code: bytes) -> Entry:
    """Runs a code without generating anything from it."""
    return partial(interpret, Bytecode(code), 0)
