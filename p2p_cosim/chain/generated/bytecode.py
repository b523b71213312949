"""Code as the Yellow Paper reads it: instructions, their data, and where jumps may go."""

from __future__ import annotations

from functools import cached_property

from p2p_cosim.chain.generated import opcodes as op


class Bytecode:
    """The code of an account, or init code."""

    def __init__(self, code: bytes) -> None:
        self.code = code

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

    @cached_property
    def selectors(self) -> frozenset[bytes]:
        """The data of PUSH4, among which are the selectors of a contract's functions."""
        places = self._where(op.PUSH0 + 4)
        return frozenset(self.word(at).to_bytes(4, "big") for at in places)

    def _where(self, wanted: int) -> list[int]:
        found, position, code = [], 0, self.code
        while position < len(code):
            opcode = code[position]
            if opcode == wanted:
                found.append(position)
            position += 1 + op.push_bytes(opcode)
        return found
