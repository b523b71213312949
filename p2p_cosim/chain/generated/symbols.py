"""What the generator knows of words and of places in the memory."""

from __future__ import annotations

from dataclasses import dataclass, replace

# Kinds of a word's Python text. CONSTANT: a number, known now. VARIABLE: a local variable,
# which is assigned once. EXPRESSION: an int that is yet to be computed. TRUTH: the same, as
# a condition; the word is 1 where it holds.
CONSTANT, VARIABLE, EXPRESSION, TRUTH = range(4)


@dataclass(slots=True)
class Symbol:
    """A word on the stack.

    bits: it is below 2**bits. value: of a constant. place: its depth on the stack as the function
    found it, where it still is the same word (0: it is not).
    base, offset: it is a variable that memory reaches to, and so much more.
    sum: of a variable and a number, which may not be a place.
    signed_bits: SIGNEXTEND from so many bits on leaves it as it is (0: not known).
    zeros: its lowest bits that are zero.
    part_of: it is the lower bits of that word.
    narrows: a variable that has no more than so many bits if this word is zero (False), or if it is
    not (True).
    unequal: text of a condition that holds where the word is not zero.
    """

    text: str
    kind: int
    bits: int = 256
    value: int | None = None
    place: int = 0
    base: str = ""
    offset: int = 0
    sum: tuple[str, int] = ("", 0)
    signed_bits: int = 0
    zeros: int = 0
    part_of: str = ""
    narrows: tuple[str, int, bool] = ("", 0, False)
    unequal: str = ""

    @property
    def condition(self) -> str:
        """Text that is true if the word is not zero."""
        return self.unequal or self.text

    @property
    def opposite(self) -> str:
        """Text that is true if the word is zero."""
        inner = self.condition.removeprefix("(not ")
        return f"(not {self.condition})" if inner == self.condition else inner[:-1]

    @property
    def origin(self) -> str:
        """The variable that it is, or that it is so much more than; "" if there is none. A truth
        value can have the text of a variable, and is another word."""
        return self.base or (self.text if self.kind == VARIABLE else "")

    @property
    def number(self) -> str:
        """The word as an int expression, to stand once."""
        return f"(1 if {self.text} else 0)" if self.kind == TRUTH else self.text

    def moved(self) -> Symbol:
        """The same word at another place of the stack."""
        return replace(self, place=0)


def constant(word: int) -> Symbol:
    """A word that is known from the code."""
    text = str(word) if word < 1 << 32 else hex(word)
    return Symbol(text, CONSTANT, word.bit_length(), word, zeros=(word & -word).bit_length() - 1)


@dataclass(frozen=True, slots=True)
class Place:
    """Of a byte of the memory: a variable and so much more, or a number without a variable.

    is_guarded: the variable is known to be a multiple of 32.
    """

    base: str
    offset: int
    is_guarded: bool = False

    @property
    def key(self) -> Key:
        """Base and offset."""
        return self.base, self.offset

    @property
    def is_aligned(self) -> bool:
        """Whether it is known to be a multiple of 32."""
        return self.offset % 32 == 0 and (self.is_guarded or not self.base)

    @property
    def aligned(self) -> str:
        """Text of a condition, whether it is a multiple of 32; "True" or "False" if known."""
        if self.is_guarded or not self.base:
            return str(self.offset % 32 == 0)
        return f"not {self.base if self.offset % 32 == 0 else self.plus(0)} & 31"

    def plus(self, more: int) -> str:
        """Text of a place so many bytes on."""
        offset = self.offset + more
        return f"{self.base} + {offset}" if self.base and offset else self.base or str(offset)


RESERVED = 128
"""Bytes of the memory that Solidity keeps for itself; a guarded place lies behind them."""

Key = tuple[str, int]
"""Base and offset of a place."""

COPY = "copy"
"""In place of the base of a place that is not known."""
