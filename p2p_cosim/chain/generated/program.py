"""A code as Python functions, each written when execution first goes its way, and no more than a
bound."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, partial
from types import FunctionType
from typing import Any

from p2p_cosim.chain.generated.bytecode import Bytecode
from p2p_cosim.chain.generated.frame import BadJump, Frame
from p2p_cosim.chain.generated.instructions import NAMES
from p2p_cosim.chain.generated.interpreter import follow, interpret, pass_block
from p2p_cosim.chain.generated.library import library_of

Entry = Callable[[Frame, list[int]], Any]
"""Runs a piece of code; gives the next to run, or None at the end."""


class Program:
    """The functions of a code: from its beginning by the selector in the calldata, and by position
    from the JUMPDESTs and from wherever else a function leaves to.

    template: the code with its immutables zero, as `library.template_in` gives it; the code itself
    by default.
    """

    def __init__(self, code: bytes, template: bytes | None = None) -> None:
        self.code = Bytecode(code)
        self.library = library_of(code if template is None else template)
        self._roots: dict[bytes, Entry] = {}
        self._blocks = _Functions(self.jump)
        self._careful = _Functions(partial(self._function, "careful"))
        self._space = {
            **NAMES,
            **{f"immutable_{at}": self.code.word(at) for at in self.library.bytecode.immutables},
            "blocks": self._blocks,
            "careful": self._careful,
            "pass_block": self._pass_block,
        }

    def __len__(self) -> int:
        """How many functions there are now."""
        return len(self._roots) + len(self._blocks) + len(self._careful)

    @property
    def written(self) -> int:
        """Instructions in all functions of the code."""
        return self.library.written

    def entry(self, f: Frame, stack: list[int]) -> object:
        """Runs the code from its first instruction on."""
        selector = f.data[:4]
        root = self._roots.get(selector)
        if root is None:
            if selector not in self.library.bytecode.selectors:  # anybody may call with anything
                selector = b""
            root = self._find(self._roots, selector, f"root_{selector.hex()}", 0)
        return root(f, stack)

    def jump(self, position: int) -> Entry:
        """The function at a JUMPDEST. Raises BadJump if there is none."""
        if position not in self.code.destinations:
            raise BadJump
        return self._function("block", position)

    def _function(self, kind: str, position: int) -> Entry:
        table = self._blocks if kind == "block" else self._careful
        return self._find(table, position, f"{kind}_{position}", position)

    def _find(self, table: dict[Any, Entry], key: object, name: str, position: int) -> Entry:
        """A function from its table; one that goes its way for the first time if there is none."""
        if key in table:
            return table[key]
        function = self.library.function(name)
        if function is not None:
            table[key] = entry = FunctionType(function, self._space)
            return entry
        if self.library.is_full:
            return partial(self._pass_block, position)
        return partial(self._explore, table, key, name, position)

    def _pass_block(self, position: int, f: Frame, stack: list[int]) -> Entry | None:
        """Execute to the next JUMPDEST by the instruction: no more is written, or a function's way
        took more of the stack than there is here, where the same place is reached from elsewhere.
        """
        following = pass_block(self.code, position, f, stack)
        return None if following is None else self._blocks[following]

    def _explore(
        self,
        table: dict[Any, Entry],
        key: object,
        name: str,
        position: int,
        f: Frame,
        stack: list[int],
    ) -> Entry | None:
        """Execute from a position on, and write a function of the way."""
        way = follow(self.code, position, self.library.loops, f, stack)
        if key not in table:  # a call on the way may have written it
            if self.library.write(name, way):
                self._blocks.clear()
                self._careful.clear()
            self._find(table, key, name, position)
        return None if way.following is None else self._blocks[way.following]


class _Functions(dict[int, Entry]):
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


@lru_cache(maxsize=16)
def interpreted(code: bytes) -> Entry:
    """Runs a code without generating anything from it."""
    return partial(interpret, Bytecode(code), 0)
