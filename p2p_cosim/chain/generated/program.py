"""A code as Python functions, generated where execution comes by, and no more than a bound."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property, lru_cache, partial
from typing import Any

from p2p_cosim.chain.generated.bytecode import Bytecode
from p2p_cosim.chain.generated.frame import BadJump, Frame
from p2p_cosim.chain.generated.instructions import NAMES
from p2p_cosim.chain.generated.interpreter import interpret
from p2p_cosim.chain.generated.superblock import Superblock

MOST_WRITTEN = 60_000
"""Instructions that are written as Python from one code, those on several ways counted for
each; what lies beyond is interpreted. A trading day needs 18,000 of OpenMarket."""

Entry = Callable[[Frame, list[int]], Any]
"""Runs a piece of code; gives the next to run, or None at the end."""


class Program:
    """The functions of a code by position of their first instruction."""

    def __init__(self, code: bytes) -> None:
        self.code = Bytecode(code)
        self.written = 0
        self._blocks = _Blocks(self.jump)
        self._careful = _Blocks(self._write_careful)

    def __len__(self) -> int:
        """How many functions there are now."""
        return len(self._blocks) + len(self._careful)

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
        if self.written > MOST_WRITTEN:
            return partial(interpret, self.code, position)
        superblock = Superblock(self.code, position, careful=careful)
        self.written += superblock.instructions
        space: dict[str, Any] = {**NAMES, "blocks": self._blocks, "careful": self._careful}
        # The text holds numbers of the code and nothing else of it.
        exec(compile(superblock.text(), f"<EVM at {position}>", "exec"), space)  # noqa: S102
        entry: Entry = space["block"]
        return entry


class _Blocks(dict[int, Entry]):
    """Functions by position, made when they are asked for."""

    def __init__(self, make: Callable[[int], Entry]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, position: int) -> Entry:
        return self._make(position)


@lru_cache(maxsize=8)
def program_of(code: bytes) -> Program:
    """The program of a code; kept for the chains of the process, the newest few of them."""
    return Program(code)


def interpreted(code: bytes) -> Entry:
    """Runs a code without generating anything from it."""
    return partial(interpret, Bytecode(code), 0)
