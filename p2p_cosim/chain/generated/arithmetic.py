"""Arithmetic of 256-bit words, for folding constants and for generated code to call."""

from __future__ import annotations

from collections.abc import Callable

from p2p_cosim.chain.generated import opcodes as op

CEILING = 1 << 256
MAX = CEILING - 1
SIGN = 1 << 255
WORD_BYTES = 32


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


def shift_signed(bits: int, word: int) -> int:
    """SAR: the sign moves in from the left."""
    return (signed(word) >> min(bits, 255)) & MAX


BINARY: dict[int, Callable[[int, int], int]] = {
    op.ADD: lambda a, b: (a + b) & MAX,
    op.MUL: lambda a, b: (a * b) & MAX,
    op.SUB: lambda a, b: (a - b) & MAX,
    op.DIV: lambda a, b: a // b if b else 0,
    op.SDIV: divide_signed,
    op.MOD: lambda a, b: a % b if b else 0,
    op.SMOD: modulo_signed,
    op.SIGNEXTEND: extend_sign,
    op.LT: lambda a, b: int(a < b),
    op.GT: lambda a, b: int(a > b),
    op.SLT: lambda a, b: int(signed(a) < signed(b)),
    op.SGT: lambda a, b: int(signed(a) > signed(b)),
    op.EQ: lambda a, b: int(a == b),
    op.AND: lambda a, b: a & b,
    op.OR: lambda a, b: a | b,
    op.XOR: lambda a, b: a ^ b,
    op.BYTE: byte_of,
    op.SHL: lambda n, x: (x << n) & MAX if n < 256 else 0,
    op.SHR: lambda n, x: x >> n if n < 256 else 0,
    op.SAR: shift_signed,
}
"""Instructions of two operands, the top of the stack first."""
