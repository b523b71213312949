"""EVM instructions that touch only the stack, memory and calldata, on a stack of ints.

An action takes the stack (top last) and the computation. Static gas and the height of the
stack are settled by the interpreter for a whole block at once; only memory growth and
hashing charge more here. Every other instruction stays with py-evm.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any, NamedTuple

from eth.vm import opcode_values as op
from eth.vm.forks.prague.opcodes import PRAGUE_OPCODES
from eth_hash.auto import keccak

Stack = list[int]
Action = Callable[[Stack, Any], None]

CEILING = 2**256
MAX = CEILING - 1
WORD_BYTES = 32
HASH_WORD_GAS = 6  # Yellow Paper, appendix G
SHORT_BYTES = 96


class Instruction(NamedTuple):
    """An action, and how many words it takes from and leaves on the stack."""

    action: Action
    takes: int
    leaves: int


def signed(word: int) -> int:
    """Value of a word in two's complement."""
    return word - CEILING if word >> 255 else word


def divide_signed(a: int, b: int) -> int:
    """SDIV: truncates towards zero; anything by zero is zero."""
    if b == 0:
        return 0
    x, y = signed(a), signed(b)
    quotient = abs(x) // abs(y)
    return (-quotient if (x < 0) != (y < 0) else quotient) & MAX


def modulo_signed(a: int, b: int) -> int:
    """SMOD: the sign is the dividend's; anything by zero is zero."""
    if b == 0:
        return 0
    x = signed(a)
    remainder = abs(x) % abs(signed(b))
    return (-remainder if x < 0 else remainder) & MAX


def extend_sign(last_byte: int, word: int) -> int:
    """SIGNEXTEND: copies the top bit of a byte (0 is the lowest) upwards."""
    if last_byte >= WORD_BYTES - 1:
        return word
    bits = 8 * last_byte + 8
    low = word & ((1 << bits) - 1)
    return low | (MAX ^ ((1 << bits) - 1)) if low >> (bits - 1) else low


def byte_of(place: int, word: int) -> int:
    """BYTE: counted from the highest; 0 beyond."""
    return (word >> 8 * (WORD_BYTES - 1 - place)) & 0xFF if place < WORD_BYTES else 0


BINARY: dict[int, Callable[[int, int], int]] = {
    op.ADD: lambda a, b: (a + b) & MAX,
    op.MUL: lambda a, b: (a * b) & MAX,
    op.SUB: lambda a, b: (a - b) & MAX,
    op.DIV: lambda a, b: a // b if b else 0,
    op.SDIV: divide_signed,
    op.MOD: lambda a, b: a % b if b else 0,
    op.SMOD: modulo_signed,
    op.SIGNEXTEND: extend_sign,
    op.LT: lambda a, b: 1 if a < b else 0,
    op.GT: lambda a, b: 1 if a > b else 0,
    op.SLT: lambda a, b: 1 if signed(a) < signed(b) else 0,
    op.SGT: lambda a, b: 1 if signed(a) > signed(b) else 0,
    op.EQ: lambda a, b: 1 if a == b else 0,
    op.AND: lambda a, b: a & b,
    op.OR: lambda a, b: a | b,
    op.XOR: lambda a, b: a ^ b,
    op.BYTE: byte_of,
    op.SHL: lambda n, x: (x << n) & MAX if n < 256 else 0,
    op.SHR: lambda n, x: x >> n if n < 256 else 0,
    op.SAR: lambda n, x: (signed(x) >> min(n, 255)) & MAX,
}

UNARY: dict[int, Callable[[int], int]] = {
    op.ISZERO: lambda a: 0 if a else 1,
    op.NOT: lambda a: MAX ^ a,
}

# Words that a frame may push without gas of its own beyond the static cost.
CONTEXT = (
    op.ADDRESS,
    op.ORIGIN,
    op.CALLER,
    op.CALLVALUE,
    op.CALLDATASIZE,
    op.CODESIZE,
    op.GASPRICE,
    op.RETURNDATASIZE,
    op.COINBASE,
    op.TIMESTAMP,
    op.NUMBER,
    op.PREVRANDAO,
    op.GASLIMIT,
    op.CHAINID,
    op.BASEFEE,
)


def pop(s: Stack, _: Any) -> None:
    """POP."""
    s.pop()


def nothing(s: Stack, _: Any) -> None:
    """JUMPDEST."""


def load(s: Stack, computation: Any) -> None:
    """MLOAD."""
    start = s[-1]
    grow(computation, start, WORD_BYTES)
    s[-1] = int.from_bytes(computation._memory._bytes[start : start + WORD_BYTES], "big")


def store(s: Stack, computation: Any) -> None:
    """MSTORE."""
    start = s.pop()
    word = s.pop()
    grow(computation, start, WORD_BYTES)
    computation._memory._bytes[start : start + WORD_BYTES] = word.to_bytes(WORD_BYTES, "big")


def load_calldata(s: Stack, computation: Any) -> None:
    """CALLDATALOAD: zeros beyond the end."""
    start = s[-1]
    found = bytes(computation.msg.data[start : start + WORD_BYTES])
    s[-1] = int.from_bytes(found.ljust(WORD_BYTES, b"\x00"), "big")


def hash_memory(s: Stack, computation: Any) -> None:
    """KECCAK256."""
    start = s.pop()
    size = s[-1]
    grow(computation, start, size)
    words = (size + WORD_BYTES - 1) // WORD_BYTES
    computation.consume_gas(HASH_WORD_GAS * words, "KECCAK256")
    data = bytes(computation._memory._bytes[start : start + size])
    s[-1] = int.from_bytes(_short_hash(data) if size <= SHORT_BYTES else keccak(data), "big")


def grow(computation: Any, start: int, size: int) -> None:
    """Extend the memory and charge for it, as py-evm does, if it does not reach so far."""
    if size and start + size > len(computation._memory._bytes):
        computation.extend_memory(start, size)


# Keys of mappings hash 64 bytes, and recur in every round.
_short_hash = lru_cache(maxsize=65536)(keccak)


def push(word: int) -> Instruction:
    """PUSH of a word known from the code."""
    return Instruction(lambda s, _: s.append(word), 0, 1)


def _binary(function: Callable[[int, int], int]) -> Instruction:
    def action(s: Stack, _: Any) -> None:
        a = s.pop()
        s[-1] = function(a, s[-1])

    return Instruction(action, 2, 1)


def _unary(function: Callable[[int], int]) -> Instruction:
    def action(s: Stack, _: Any) -> None:
        s[-1] = function(s[-1])

    return Instruction(action, 1, 1)


def _context(opcode: int) -> Instruction:
    logic: Any = PRAGUE_OPCODES[opcode].logic_fn  # type: ignore[attr-defined]

    def action(s: Stack, computation: Any) -> None:
        logic(computation)
        word = s[-1]
        if not isinstance(word, int):
            s[-1] = int.from_bytes(word, "big")

    return Instruction(action, 0, 1)


def _dup(n: int) -> Instruction:
    return Instruction(lambda s, _: s.append(s[-n]), n, n + 1)


def _swap(n: int) -> Instruction:
    def action(s: Stack, _: Any) -> None:
        s[-1], s[-n - 1] = s[-n - 1], s[-1]

    return Instruction(action, n + 1, n + 1)


INSTRUCTIONS: dict[int, Instruction] = {
    **{opcode: _binary(function) for opcode, function in BINARY.items()},
    **{opcode: _unary(function) for opcode, function in UNARY.items()},
    **{opcode: _context(opcode) for opcode in CONTEXT},
    **{op.DUP1 + n - 1: _dup(n) for n in range(1, 17)},
    **{op.SWAP1 + n - 1: _swap(n) for n in range(1, 17)},
    op.POP: Instruction(pop, 1, 0),
    op.JUMPDEST: Instruction(nothing, 0, 0),
    op.MLOAD: Instruction(load, 1, 1),
    op.MSTORE: Instruction(store, 2, 0),
    op.CALLDATALOAD: Instruction(load_calldata, 1, 1),
    op.SHA3: Instruction(hash_memory, 2, 1),
}
