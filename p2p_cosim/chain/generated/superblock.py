"""A piece of code as one Python function, from one entry along all ways that matter.

It follows static jumps and the returns of internal functions, whose targets are constants on
the stack, and leaves for another function where a target is computed, where it would pass a
place twice with the same returns before it, where a branch is about to revert, or when it has
grown long enough.

Compilers put words at multiples of 32. So a function takes it for granted of every variable that
memory is reached from, after a look at it; where it is not so, it leaves for a careful function
from the same place, which grants nothing. Ways that are about to revert go on there too.
"""

from __future__ import annotations

from p2p_cosim.chain.generated import opcodes as op
from p2p_cosim.chain.generated.bytecode import Bytecode
from p2p_cosim.chain.generated.instructions import write_instruction
from p2p_cosim.chain.generated.symbols import (
    RESERVED,
    VARIABLE,
    Path,
    Symbol,
    constant,
)
from p2p_cosim.chain.generated.writer import Writer

MOST_INSTRUCTIONS = 260  # longer functions were not faster, and take longer to compile
MOST_INDENTS = 12
FREE_MEMORY = 0x40  # where Solidity keeps the place of what is free
_ENDING_WELL = (op.STOP, op.RETURN, op.SELFDESTRUCT)
_REACHING = {
    *(op.MLOAD, op.MSTORE, op.MSTORE8, op.KECCAK256, op.RETURN, op.REVERT),
    *range(op.LOG0, op.LOG4 + 1),
}


class Superblock(Writer):
    """The function that begins at a position of a code; `instructions` of it, on all ways.

    careful: it grants nothing of the places in memory that it reaches.
    """

    def __init__(self, code: Bytecode, start: int, *, careful: bool = False) -> None:
        super().__init__()
        self._code = code
        self._start = start
        self._careful = careful
        self.instructions = 0
        self._ends = 0  # of ways that do not revert
        self._dropped = 0  # instructions of ways that did
        self._walk(start, Path())

    def _walk(self, start: int, path: Path) -> None:
        self.open(path)
        position: int | None = start
        while position is not None:
            position = self._step(position, path)

    def _step(self, position: int, path: Path) -> int | None:
        """Write one instruction; where the way goes on, or None where it ends."""
        opcode = self._code.opcode(position)
        if opcode == op.JUMPDEST:
            if self._is_passed(position, path):
                self.close(path)
                self._leave(path, position)
                return None
            path.seen.add(self._context(position, path))
        self.instructions += 1
        if op.PUSH0 <= opcode <= op.PUSH32:
            path.gas += op.STATIC_GAS[opcode]
            is_immutable = position in self._code.immutables
            word = constant(self._code.word(position))
            self.push(path, Symbol(f"immutable_{position}", VARIABLE) if is_immutable else word)
            return position + 1 + op.push_bytes(opcode)
        if opcode == op.PC:
            path.gas += op.STATIC_GAS[opcode]
            self.push(path, constant(position))
            return position + 1
        if opcode == op.JUMP:
            return self._jump(path)
        if opcode == op.JUMPI:
            return self._branch(position + 1, path)
        return self._other(position, opcode, path)

    def _other(self, position: int, opcode: int, path: Path) -> int | None:
        """Write what is no jump."""
        self._ends += opcode in _ENDING_WELL
        if self._careful:
            return position + 1 if write_instruction(self, path, opcode) else None
        if opcode in _REACHING:
            self._guard(position, path)
        is_free_memory = opcode == op.MLOAD and path.stack[-1].value == FREE_MEMORY
        if not write_instruction(self, path, opcode):
            return None
        if is_free_memory:
            self._guard(position + 1, path)
        return position + 1

    def _guard(self, position: int, path: Path) -> None:
        """Leave before a position unless the top of the stack is a multiple of 32, below the
        limit of memory and not within RESERVED."""
        if path.stack and (path.stack[-1].value is not None or path.stack[-1].base):
            return
        base = self.fix(path, 1)
        if base.text in path.low:
            return
        if base.kind != VARIABLE:
            path.stack[-1] = base = Symbol(self.atom(path, base), VARIABLE)
        self.close(path)
        odd = f"{base.text} & ODD or {base.text} < {RESERVED}"
        self.emit(path, f"if {odd}: {self.cold_exit(path, f'careful[{position}]')}")
        self.open(path)
        path.low.add(base.text)
        path.guarded.add(base.text)

    def _context(self, position: int, path: Path) -> tuple[int, ...]:
        """A position, and where internal functions on the way to it will return to."""
        targets = self._code.destinations
        return (position, *(s.value for s in path.stack if s.value in targets))

    def _is_passed(self, position: int, path: Path) -> bool:
        """Whether this way does not go on through a jump destination."""
        return self._is_long(1) or self._context(position, path) in path.seen

    def _is_long(self, share: float) -> bool:
        """Whether this share of what may be written has been. What was dropped counts less."""
        return self.instructions - 0.75 * self._dropped > share * MOST_INSTRUCTIONS

    def _jump(self, path: Path) -> int | None:
        target = self.pop(path)
        path.gas += op.STATIC_GAS[op.JUMP]
        if target.value is None:
            self.close(path)
            self._leave(path, target.number)
        elif target.value not in self._code.destinations:
            self.close(path)
            self.emit(path, "raise BadJump")
        elif self._is_passed(target.value, path):
            self.close(path)
            self._leave(path, target.value)
        else:
            return target.value
        return None

    def _branch(self, following: int, path: Path) -> int | None:
        target, condition = self.pop(path), self.pop(path)
        path.gas += op.STATIC_GAS[op.JUMPI]
        if condition.value == 0:
            return following
        if condition.value is not None and target.value is not None:
            if target.value in self._code.destinations:
                return target.value
            self.close(path)
            self.emit(path, "raise BadJump")
            return None
        self.close(path)
        return self._fork(target, condition.text, following, path)

    def _fork(self, target: Symbol, condition: str, following: int, path: Path) -> int | None:
        """Write both ways of a branch; the one that goes on in this text is the likely one."""
        reverts = self._code.soon_reverts
        to, goes = target.value, False
        if to is None:
            place = self.atom(path, target)
            self.emit(path, f"if {condition}:")
            self._leave(path.branch(), place)
        elif to not in self._code.destinations:
            self.emit(path, f"if {condition}: raise BadJump")
        elif reverts(to):
            self._leave_cold(path, condition, f"blocks[{to}]")
        elif reverts(following):
            self._leave_cold(path, f"not {condition}", f"careful[{following}]")
            if self._is_passed(to, path):
                self._leave(path, to)
                return None
            following, goes = to, True
        else:
            self._take(to, condition, path)
        path.suppose(condition, holds=goes)
        self.open(path)
        return following

    def _take(self, target: int, condition: str, path: Path) -> None:
        is_long = self._is_long(2 / 3) or path.indent > MOST_INDENTS
        if is_long or self._is_passed(target, path):
            self._leave_cold(path, condition, f"blocks[{target}]")
            return
        lines, ends = len(self._lines), self._ends
        kept = self.instructions - self._dropped
        self.emit(path, f"if {condition}:")
        way = path.branch()
        way.suppose(condition, holds=True)
        self._walk(target, way)
        if self._ends == ends:  # it has come to nothing but reverts
            del self._lines[lines:]
            self._dropped = self.instructions - kept
            self._leave_cold(path, condition, f"blocks[{target}]")

    def _leave_cold(self, path: Path, condition: str, target: str) -> None:
        self.emit(path, f"if {condition}: {self.cold_exit(path, target)}")

    def _leave(self, path: Path, target: int | str) -> None:
        """Write the stack back and go to the function at a position."""
        self._ends += 1
        self.require_gas(path)
        if isinstance(target, str):
            self.emit(path, f"target = {target}")  # before the stack changes
            target = "target"
        self.flush(path)
        if target == self._start:
            self.emit(path, "continue")
        else:
            self.emit(path, "f.gas = gas", f"return blocks[{target}]")
