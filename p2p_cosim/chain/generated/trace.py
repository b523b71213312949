"""A way that execution has gone through a code, as one Python function.

The function does the same as long as execution goes the same way. Before each branch that goes
elsewhere, and each computed jump, it looks, and leaves for the function of that place. So calls of
internal functions, their returns and all that is known of the stack and of memory go on in one
text, and what nobody ever does is never written.

A loop may go round in several ways. Those that branch off its first one and come back to where it
begins stand in its function, each where it branches off, with all that is known there. From round
to round the words of the stack stay in variables.

Compilers put words at multiples of 32. So a function takes it for granted of every variable that
memory is reached from, if it was so when the way was gone, after a look at it; where it is not so,
it leaves for a careful function from the same place, which grants it to nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import zip_longest
from typing import NamedTuple

from p2p_cosim.chain.generated import opcodes as op
from p2p_cosim.chain.generated.bytecode import Bytecode
from p2p_cosim.chain.generated.effects import FIRST_WORD
from p2p_cosim.chain.generated.expressions import NARROW_BITS
from p2p_cosim.chain.generated.frame import ODD
from p2p_cosim.chain.generated.instructions import write_instruction
from p2p_cosim.chain.generated.path import Path
from p2p_cosim.chain.generated.symbols import (
    EXPRESSION,
    RESERVED,
    VARIABLE,
    Symbol,
    constant,
)
from p2p_cosim.chain.generated.writer import PLACE_BITS, Writer

FREE_MEMORY = 0x40  # where Solidity keeps the place of what is free
MOST_TURNS = 3  # that a way takes off the first one of its loop
MOST_IN_LOOP = 4000  # instructions, those on several ways counted for each
_REACHING = {
    *(op.MLOAD, op.MSTORE, op.MSTORE8, op.KECCAK256, op.RETURN, op.REVERT),
    *range(op.LOG0, op.LOG4 + 1),
}


class Step(NamedTuple):
    """An instruction that was executed: where, and the two upper words of the stack before it."""

    position: int
    top: int = 0
    second: int = 0


@dataclass(frozen=True, slots=True)
class Way:
    """Instructions that were executed one after the other. following: where execution
    went on, at a JUMPDEST; None if the frame ended.
    """

    steps: list[Step]
    following: int | None


class _Misfit(Exception):  # noqa: N818 (it is no error)
    """A way goes where it cannot go after what is known here."""


class Trace(Writer):
    """The function of a way.

    name: tells what it is. root, with the selector if it is known: the frame begins with it.
    careful: it grants nothing of what its first instruction takes.
    sides: other ways round, if it is a loop, by the names of their own functions. draft: the same
    loop, written without knowing which words change.
    written: instructions in it. changed: depths of words that are others in the next round.
    """

    def __init__(
        self,
        code: Bytecode,
        way: Way,
        name: str,
        sides: Mapping[str, Way] | None = None,
        draft: Trace | None = None,
    ) -> None:
        super().__init__()
        self.changed: set[int] = set()
        self._code, self._way, self._name = code, way, name
        self._sides, self._turns = sides or {}, 0
        self._start, self.written = way.steps[0].position, 0
        kind, _, key = name.partition("_")
        self._is_root, self._is_careful = kind == "root", kind == "careful"
        self._path = Path(size=0 if self._is_root else None, is_blank=self._is_root)
        if self._is_root and key:
            first = self.once(self._path, FIRST_WORD)
            self._path.call, self._path.selector = first.text, int(key, 16)
        if draft:
            self._held, self._carried = draft._path.needs, draft.changed
            while self._path.taken < max(draft.changed, default=0):
                self.pull(self._path)
        self._write()

    def text(self) -> str:
        """The whole function."""
        if self._is_root:  # on an empty stack, and the same way
            self._path.needs = self._path.grows = 0
        return self.assemble(self._name, self._path, f"return pass_block({self._start}, f, s)")

    def _write(self) -> None:
        way = self._way
        self.written += len(way.steps)
        for step, after in zip_longest(way.steps, way.steps[1:]):
            self._step(step, after)
        if way.following is not None:
            self._go_on(way.following)

    def _step(self, step: Step, after: Step | None) -> None:
        position, path = step.position, self._path
        opcode = self._code.opcode(position)
        following = after.position if after else self._way.following
        if op.PUSH0 <= opcode <= op.PUSH32:
            path.gas += op.STATIC_GAS[opcode]
            is_immutable = position in self._code.immutables
            word = constant(self._code.word(position))
            self.push(path, Symbol(f"immutable_{position}", VARIABLE) if is_immutable else word)
        elif opcode == op.PC:
            path.gas += op.STATIC_GAS[opcode]
            self.push(path, constant(position))
        elif opcode == op.JUMP:
            path.gas += op.STATIC_GAS[opcode]
            self._check_target(self.pop(path), following)
        elif opcode == op.JUMPI:
            self._branch(position + 1, following, goes=step.second != 0)
        else:
            if opcode in _REACHING:
                self._guard(position, step.top)
            if opcode in (op.SHL, op.ADD):
                self._narrow(step)
            takes_free = opcode == op.MLOAD and path.stack and path.stack[-1].value == FREE_MEMORY
            write_instruction(self, path, opcode)
            if takes_free and after:
                self._guard(after.position, after.top)

    def _guard(self, position: int, top: int) -> None:
        """Leave before a position unless the top of the stack is a multiple of 32, below the
        limit of memory and not within RESERVED; grant nothing where it was not so."""
        path = self._path
        word = self.fix(path, 1)
        if word.value is not None or word.base or word.text in path.low:
            return
        if self._is_careful and position == self._start:
            return
        base, more = word.sum
        start = top - more if base else top
        if start & ODD or start < RESERVED:
            return
        if not base:
            base = self.atom(word)
        self.leave_if(f"{base} & ODD or {base} < {RESERVED}", path, f"careful[{position}]")
        path.low[base] = PLACE_BITS - 1
        path.guarded.add(base)
        path.narrow(base, PLACE_BITS - 1)
        if more:
            path.stack[-1] = Symbol(
                f"({base} + {more})", EXPRESSION, PLACE_BITS, base=base, offset=more
            )
        elif word.kind != VARIABLE:
            path.stack[-1] = Symbol(base, VARIABLE)

    def _narrow(self, step: Step) -> None:
        """Leave before an instruction unless an operand of it is as narrow as it was: an index, or
        what it is added to."""
        path = self._path
        if self._is_careful and step.position == self._start:
            return
        while len(path.stack) < 2:
            self.pull(path)
        lower, upper = path.stack[-2:]
        is_index = self._code.opcode(step.position) == op.SHL and upper.value == 5
        for word, value, other in ((lower, step.second, upper), (upper, step.top, lower)):
            is_added = not is_index and 0 < other.bits <= 64 and other.value is None
            is_wide = word.kind == VARIABLE and word.bits > 64 and word.text[0] in "ev"
            if is_wide and not value >> NARROW_BITS and (is_index or is_added):
                self.leave_if(f"{word.text} >> {NARROW_BITS}", path, f"careful[{step.position}]")
                path.narrow(word.text, NARROW_BITS)

    def _branch(self, below: int, following: int | None, *, goes: bool) -> None:
        """Leave where it goes elsewhere than it went: it may also jump to what is below."""
        path = self._path
        target, condition = self.pop(path), self.pop(path)
        path.gas += op.STATIC_GAS[op.JUMPI]
        supposed = path.is_supposed(condition)
        if supposed is None:
            if goes:
                self._turn(condition, f"careful_{below}", f"careful[{below}]", holds=False)
            else:
                self._turn(
                    condition, f"block_{target.value}", f"blocks[{target.number}]", holds=True
                )
            path.suppose(condition, holds=goes)
        elif supposed != goes:
            raise _Misfit
        if goes:
            self._check_target(target, following)

    def _check_target(self, target: Symbol, following: int | None) -> None:
        """Leave where a jump goes elsewhere than it went."""
        if target.value is None:
            text = target.number
            self.leave_if(f"{text} != {following}", self._path, f"blocks[{text}]")
        elif target.value != following:
            raise _Misfit

    def _turn(self, condition: Symbol, name: str, target: str, *, holds: bool) -> None:
        """Leave if a condition holds, or if it does not; go on here where another way round, whose
        own function has this name, fits."""
        text = condition.condition if holds else condition.opposite
        way, before = self._sides.get(name), (self._path, self._way, self._lines)
        if way and self._turns < MOST_TURNS and self.written + len(way.steps) < MOST_IN_LOOP:
            self._path, self._way, self._lines = self._path.fork(), way, []
            self._turns += 1
            try:
                self._path.suppose(condition, holds=holds)
                self._write()
                lines, side = self._lines, self._path
            except _Misfit:
                lines = []
            self._path, self._way, self._lines = before
            self._turns -= 1
            if lines:
                self._path.needs = max(self._path.needs, side.needs)
                self._path.grows = max(self._path.grows, side.grows)
                self.emit(f"if {text}:", *(f"    {line}" for line in lines))
                return
        self.leave_if(text, self._path, target)

    def _go_on(self, following: int) -> None:
        """Write the stack back and go to the function at a position."""
        path = self._path
        self.require_gas(path)
        if not self._sides or following != self._start or len(path.stack) != path.taken:
            self.flush(path)
            self.emit("f.gas = gas", f"return blocks[{following}]")
            return
        depths = range(path.taken, 0, -1)
        changed = {
            depth: symbol.number
            for depth, symbol in zip(depths, path.stack, strict=True)
            if symbol.number != f"e{depth}"
        }
        self.changed |= changed.keys()
        self.flush_memory(path)
        if changed:
            names = ", ".join(f"e{depth}" for depth in changed)
            self.emit(f"{names} = {', '.join(changed.values())}")
        self.emit("continue")
