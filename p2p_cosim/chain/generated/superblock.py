"""A piece of code as one Python function, from one entry along all ways that matter.

It follows static jumps and the returns of internal functions, whose targets are constants on
the stack, and leaves for another function where a target is computed, where it would pass a
place twice, where a branch is about to revert, or when it has grown long enough.
"""

from __future__ import annotations

from p2p_cosim.chain.generated import opcodes as op
from p2p_cosim.chain.generated.bytecode import Bytecode
from p2p_cosim.chain.generated.instructions import write_instruction
from p2p_cosim.chain.generated.symbols import Path, Symbol, constant
from p2p_cosim.chain.generated.writer import Writer

MOST_INSTRUCTIONS = 260  # longer functions were not faster, and take longer to compile
MOST_INDENTS = 12


class Superblock(Writer):
    """The function that begins at a position of a code; `instructions` of it, on all ways."""

    def __init__(self, code: Bytecode, start: int) -> None:
        super().__init__()
        self._code = code
        self._start = start
        self.instructions = 0
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
            path.seen.add(position)
        self.instructions += 1
        if op.PUSH0 <= opcode <= op.PUSH32:
            path.gas += op.STATIC_GAS[opcode]
            self.push(path, constant(self._code.word(position)))
            return position + 1 + op.push_bytes(opcode)
        if opcode == op.PC:
            path.gas += op.STATIC_GAS[opcode]
            self.push(path, constant(position))
            return position + 1
        if opcode == op.JUMP:
            return self._jump(path)
        if opcode == op.JUMPI:
            return self._branch(position + 1, path)
        return position + 1 if write_instruction(self, path, opcode) else None

    def _is_passed(self, position: int, path: Path) -> bool:
        """Whether this way does not go on through a jump destination."""
        return position in path.seen or self.instructions > MOST_INSTRUCTIONS

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
        to = target.value
        if to is None:
            place = self.atom(path, target)
            self.emit(path, f"if {condition}:")
            self._leave(path.branch(), place)
        elif to not in self._code.destinations:
            self.emit(path, f"if {condition}: raise BadJump")
        elif reverts(following) and not reverts(to):
            self.emit(path, f"if not ({condition}):")
            self._walk(following, path.branch())
            if self._is_passed(to, path):
                self._leave(path, to)
                return None
            following = to
        else:
            self.emit(path, f"if {condition}:")
            self._take(to, path)
        self.open(path)
        return following

    def _take(self, target: int, path: Path) -> None:
        is_long = self.instructions > MOST_INSTRUCTIONS * 2 // 3 or path.indent > MOST_INDENTS
        if is_long or self._code.soon_reverts(target) or self._is_passed(target, path):
            self._leave(path.branch(), target)
        else:
            self._walk(target, path.branch())

    def _leave(self, path: Path, target: int | str) -> None:
        """Write the stack back and go to the function at a position."""
        self.require_gas(path)
        if isinstance(target, str):
            self.emit(path, f"target = {target}")  # before the stack changes
            target = "target"
        self.flush(path)
        if target == self._start:
            self.emit(path, "continue")
        else:
            self.emit(path, "f.gas = gas", f"return blocks[{target}]")
