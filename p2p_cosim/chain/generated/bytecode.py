"""Code as the Yellow Paper reads it: instructions, their data, and where jumps may go."""

from __future__ import annotations

from functools import cached_property

from p2p_cosim.chain.generated import opcodes as op

_SOON = 32  # instructions


class Bytecode:
    """The code of an account, or init code."""

    def __init__(self, code: bytes) -> None:
        self.code = code
        self._reverting: dict[int, bool] = {}

    def opcode(self, position: int) -> int:
        """The instruction at a position; STOP beyond the end."""
        return self.code[position] if position < len(self.code) else op.STOP

    def word(self, position: int) -> int:
        """The word that a PUSH at a position pushes."""
        size = op.push_bytes(self.code[position])
        data = self.code[position + 1 : position + 1 + size]
        return int.from_bytes(data.ljust(size, b"\0"), "big")

    @cached_property
    def destinations(self) -> frozenset[int]:
        """Positions of JUMPDEST, those in the data of a PUSH left out."""
        return frozenset(self._where(op.JUMPDEST))

    @cached_property
    def whole_words(self) -> tuple[int, ...]:
        """Positions of PUSH32."""
        return tuple(self._where(op.PUSH32))

    @cached_property
    def immutables(self) -> frozenset[int]:
        """Positions of PUSH32 with zeros: Solidity writes other zeros shorter."""
        return frozenset(at for at in self.whole_words if not self.word(at))

    def _where(self, wanted: int) -> list[int]:
        found, position, code = [], 0, self.code
        while position < len(code):
            opcode = code[position]
            if opcode == wanted:
                found.append(position)
            position += 1 + op.push_bytes(opcode)
        return found

    def soon_reverts(self, position: int) -> bool:
        """Whether straight code from here ends in a revert or a halt before long."""
        if position not in self._reverting:
            self._reverting[position] = self._look_ahead(position)
        return self._reverting[position]

    def _look_ahead(self, position: int) -> bool:
        at = position
        for _ in range(_SOON):
            opcode = self.opcode(at)
            if opcode == op.REVERT or opcode not in op.STATIC_GAS:
                return True
            if opcode == op.JUMP:
                target = self._pushed_before(at, position)
                if target is None:
                    return False
                at = target + 1
                continue
            ends = opcode in (op.JUMPI, op.STOP, op.RETURN, op.SELFDESTRUCT)
            if ends or (opcode == op.JUMPDEST and at != position):
                return False
            at += 1 + op.push_bytes(opcode)
        return False

    def _pushed_before(self, jump: int, start: int) -> int | None:
        """The target of a forward jump whose PUSH2 stands right before it."""
        push = jump - 3
        if push < start or self.code[push] != op.PUSH0 + 2:
            return None
        target = self.word(push)
        return target if target > jump and target in self.destinations else None
