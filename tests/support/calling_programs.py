"""Random contracts that call each other and themselves.

Unlike `random_programs`, of blocks as a compiler's: words that live through branches and loops,
conditions that decide twice, functions, and calls that come back and write a waiting one's storage.
"""

from collections.abc import Callable

import numpy as np
from assembler import Assembler
from eth.vm import opcode_values as op
from random_programs import any_word

LOCALS = 3  # words at the bottom of the stack
FREE_MEMORY = 0x40
MOST_DEPTH = 2  # of blocks and of expressions

BINARY = (op.ADD, op.MUL, op.SUB, op.DIV, op.MOD, op.LT, op.GT, op.SLT, op.EQ, op.AND)
BINARY += (op.OR, op.XOR, op.SHL, op.SHR, op.SAR, op.BYTE, op.SIGNEXTEND, op.EXP)
COPIES = (op.CALLDATACOPY, op.CODECOPY, op.MCOPY, op.RETURNDATACOPY)
NOTHING_TAKEN = (op.CALLDATASIZE, op.RETURNDATASIZE, op.MSIZE, op.GAS, op.ADDRESS, op.CALLER)
NOTHING_TAKEN += (op.CALLVALUE, op.SELFBALANCE, op.ORIGIN)


class Contract(Assembler):
    """The code of one contract of a family, written from the beginning on."""

    def __init__(self, rng: np.random.Generator, addresses: list[int]) -> None:
        super().__init__()
        self._rng, self._addresses = rng, addresses

    def code(self) -> bytes:
        """All of it."""
        self._constant(128)
        self._constant(FREE_MEMORY)
        self._emit(op.MSTORE, -2)
        for place in range(LOCALS):
            self._constant(32 * place + int(self._rng.integers(3)))
            self._emit(op.CALLDATALOAD)
        self._block(0, int(self._rng.integers(4, 14)))
        for slot in range(LOCALS):  # for the root to tell
            self._constant(slot + 4)
            self._emit(op.SSTORE, -2)
        self._emit(op.MSIZE, 1)
        self._constant(0)
        self._emit(op.LOG0, -2)
        self._words(32, 64)
        self._emit(op.RETURN if self._chance(0.8) else op.REVERT, -2)
        return self._linked()

    # Pieces

    def _chance(self, share: float) -> bool:
        return bool(self._rng.random() < share)

    def _any(self, *choices: Callable[[], None]) -> None:
        choices[self._rng.integers(len(choices))]()

    def _words(self, *most: int) -> None:
        """Numbers below these, the last one on top."""
        for each in most:
            self._constant(int(self._rng.integers(each)))

    def _jump(self, label: int, opcode: int = op.JUMP) -> None:
        self._use(label)
        self._emit(opcode, -2 if opcode == op.JUMPI else -1)

    # Words

    def _word(self, depth: int = 0) -> None:
        kind = self._rng.random()
        if depth >= MOST_DEPTH or kind < 0.25:
            self._simple()
        elif kind < 0.6:
            self._word(depth + 1)
            self._word(depth + 1)
            self._emit(int(self._rng.choice(BINARY)), -1)
        elif kind < 0.7:
            self._word(depth + 1)
            self._emit(op.ISZERO if self._chance(0.8) else op.NOT)
        elif kind < 0.8:
            self._place()
            self._emit(op.MLOAD)
        elif kind < 0.9:
            self._slot()
            self._emit(op.SLOAD)
        elif kind < 0.95:
            self._constant(int(self._rng.choice([0, 5, 32, 64, 96])))
            self._place()
            self._emit(op.SHA3, -1)
        else:
            self._slot()
            self._emit(op.TLOAD)

    def _simple(self) -> None:
        kind = self._rng.random()
        if kind < 0.45:
            self._local()
        elif kind < 0.65:
            self._constant(any_word(self._rng))
        elif kind < 0.8:
            self._words(100)
            self._emit(op.CALLDATALOAD)
        else:
            self._emit(int(self._rng.choice(NOTHING_TAKEN)), 1)

    def _local(self) -> None:
        """One of the words at the bottom, or another below: in a loop, what is left of it."""
        words = LOCALS if self._chance(0.7) else self._height
        depth = min(16, self._height - int(self._rng.integers(words)))
        self._emit(op.DUP1 - 1 + depth, 1)

    def _narrow(self, mask: int) -> None:
        """Some bits of a word."""
        self._word(MOST_DEPTH)
        self._constant(mask)
        self._emit(op.AND, -1)

    def _place(self) -> None:
        """In memory: mostly a multiple of 32."""
        kind = self._rng.random()
        if kind < 0.3:
            self._constant(32 * int(self._rng.integers(3 if self._chance(0.9) else 0, 12)))
        elif kind < 0.4:
            self._words(300)
        elif kind < 0.8:
            self._constant(FREE_MEMORY)
            self._emit(op.MLOAD)
        else:
            self._narrow(0x1E0 if self._chance(0.7) else 0x1E3)
        if self._chance(0.2):
            self._narrow(7)
            self._constant(5)
            self._emit(op.SHL, -1)
            self._emit(op.ADD, -1)
        if self._chance(0.4):
            self._constant(int(self._rng.choice([32, 64, 96, 4, 36])))
            self._emit(op.ADD, -1)

    def _slot(self) -> None:
        self._words(3) if self._chance(0.6) else self._narrow(3)

    # Statements

    def _block(self, depth: int, most: int) -> None:
        others = [self._copy, self._log, self._take_memory, self._internal, self._create]
        for _ in range(most):
            if depth < MOST_DEPTH and self._chance(0.25):
                self._any(lambda: self._branch(depth), lambda: self._loop(depth))
            elif self._chance(0.2):
                self._call()
            else:
                self._any(*[self._store] * 4, *[self._keep] * 3, *[self._assign] * 2, *others)
        if depth and self._chance(0.08):
            self._words(64, 300)
            self._emit(int(self._rng.choice([op.RETURN, op.REVERT])), -2)

    def _store(self) -> None:
        self._word()
        self._place()
        self._emit(op.MSTORE if self._chance(0.85) else op.MSTORE8, -2)

    def _keep(self) -> None:
        self._word()
        self._slot()
        self._emit(op.SSTORE if self._chance(0.8) else op.TSTORE, -2)

    def _assign(self) -> None:
        self._word()
        depth = self._height - 1 - int(self._rng.integers(LOCALS))
        self._emit(op.SWAP1 - 1 + depth)
        self._emit(op.POP, -1)

    def _copy(self) -> None:
        opcode = int(self._rng.choice(COPIES))
        if opcode == op.RETURNDATACOPY and self._chance(0.9):
            self._emit(op.RETURNDATASIZE, 1)
            self._constant(0)
        else:
            self._constant(int(self._rng.choice([0, 5, 32, 64])))
            self._words(40)
        self._place()
        self._emit(opcode, -3)

    def _log(self) -> None:
        topics = int(self._rng.integers(3))
        for _ in range(topics):
            self._word()
        self._constant(int(self._rng.choice([0, 5, 32, 64])))
        self._place()
        self._emit(op.LOG0 + topics, -2 - topics)

    def _take_memory(self) -> None:
        self._constant(FREE_MEMORY)
        self._emit(op.MLOAD)
        self._constant(32 * int(self._rng.integers(1, 4)))
        self._emit(op.ADD, -1)
        self._constant(FREE_MEMORY)
        self._emit(op.MSTORE, -2)

    def _branch(self, depth: int) -> None:
        """On a condition that may decide once more, and that may be changed in between."""
        again = self._chance(0.4)
        self._word()
        if again:
            self._emit(op.DUP1, 1)
        if self._chance(0.4):
            self._emit(op.ISZERO)
        other, end = self._label(), self._label()
        self._jump(other, op.JUMPI)
        self._block(depth + 1, int(self._rng.integers(3)))
        if self._chance(0.7):
            self._jump(end)
            self._mark(other)
            self._block(depth + 1, int(self._rng.integers(3)))
        else:
            self._mark(other)
        self._mark(end)
        if again:
            after = self._label()
            if self._chance(0.5):
                self._emit(op.ISZERO)
            self._jump(after, op.JUMPI)
            self._block(depth + 1, int(self._rng.integers(3)))
            self._mark(after)

    def _loop(self, depth: int) -> None:
        """So many rounds as some bits of a word tell, often with a branch in them."""
        begin, end = self._label(), self._label()
        self._narrow(int(self._rng.choice([3, 15])))
        self._mark(begin)
        self._emit(op.DUP1, 1)
        self._emit(op.ISZERO)
        self._jump(end, op.JUMPI)
        self._block(depth + 1, int(self._rng.integers(1, 4)))
        if self._chance(0.5):
            self._branch(depth + 1)
        self._constant(1)
        self._emit(op.SWAP1)
        self._emit(op.SUB, -1)
        self._jump(begin)
        self._mark(end)
        self._emit(op.POP, -1)

    def _internal(self) -> None:
        """A function of Solidity's kind, which leaves a word in place of its argument."""
        function, after = self._label(), self._label()
        calls = int(self._rng.integers(1, 3))
        self._word()
        self._use(after)
        self._emit(op.SWAP1)
        self._jump(function)
        self._mark(function)
        self._word(1)
        self._emit(op.XOR, -1)
        self._emit(op.SWAP1)
        self._emit(op.JUMP, -1)
        self._mark(after)
        if calls > 1:  # once more, with another return
            again = self._label()
            self._use(again)
            self._emit(op.SWAP1)
            self._use(function)
            self._emit(op.JUMP, -2)
            self._mark(again)
        self._emit(op.POP, -1)

    def _call(self) -> None:
        opcode = int(self._rng.choice([op.CALL, op.CALL, op.DELEGATECALL, op.STATICCALL]))
        self._constant(int(self._rng.choice([0, 0, 4, 32, 64])))
        self._place()
        if self._chance(0.2):
            self._emit(op.CALLDATASIZE, 1)
        else:
            self._constant(int(self._rng.choice([0, 3, 32, 96])))
        self._place()
        if opcode == op.CALL:
            self._constant(int(self._chance(0.1)))
        if self._chance(0.3):
            self._emit(op.ADDRESS, 1)
        else:
            self._constant(self._addresses[self._rng.integers(len(self._addresses))])
        if self._chance(0.15):
            self._emit(op.GAS, 1)
        else:
            self._constant(int(self._rng.integers(2_000, 40_000)))
        self._emit(opcode, -6 if opcode == op.CALL else -5)
        if self._chance(0.5):
            self._slot()
            self._emit(op.SSTORE, -2)
        else:
            self._emit(op.POP, -1)

    def _create(self) -> None:
        self._constant(int(self._rng.choice([0, 5, 32])))
        self._place()
        self._constant(0)
        self._emit(op.CREATE, -2)
        self._emit(op.POP, -1)
