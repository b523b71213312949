"""Bytecode with labels, and how high the stack is."""

from __future__ import annotations

from eth.vm import opcode_values as op
from random_programs import push


class Assembler:
    """Code that is written from the beginning on."""

    def __init__(self) -> None:
        self._code = bytearray()
        self._height = 0  # of the stack
        self._marks: dict[int, int] = {}  # where labels are put
        self._uses: list[tuple[int, int]] = []  # positions of jump targets, and their labels
        self._labels = 0

    def _emit(self, opcode: int, more: int = 0) -> None:
        """An instruction, and how many more words are on the stack after it."""
        self._code.append(opcode)
        self._height += more

    def _constant(self, word: int) -> None:
        self._code += push(word)
        self._height += 1

    def _label(self) -> int:
        self._labels += 1
        return self._labels

    def _use(self, label: int) -> None:
        self._code += bytes([op.PUSH2, 0, 0])
        self._uses.append((len(self._code) - 2, label))
        self._height += 1

    def _mark(self, label: int) -> None:
        self._marks[label] = len(self._code)
        self._emit(op.JUMPDEST)

    def _linked(self) -> bytes:
        """All of it, with the places of labels."""
        for position, label in self._uses:
            self._code[position : position + 2] = self._marks[label].to_bytes(2, "big")
        return bytes(self._code)
