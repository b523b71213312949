"""What the generator knows of the words on the stack, and of the way it has come."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

# Kinds of a word's Python text. CONSTANT: a number, known now. VARIABLE: a local variable,
# which is assigned once. EXPRESSION: an int that is yet to be computed. TRUTH: the same, as
# a condition; the word is 1 where it holds.
CONSTANT, VARIABLE, EXPRESSION, TRUTH = range(4)


@dataclass(slots=True)
class Symbol:
    """A word on the stack.

    bits: it is below 2**bits. value: of a constant. place: its depth on the stack as the block
    found it, where it still is the same word (0: it is not). base, offset: it is a variable
    that memory reaches to, and so much more.
    """

    text: str
    kind: int
    bits: int = 256
    value: int | None = None
    place: int = 0
    base: str = ""
    offset: int = 0

    @property
    def number(self) -> str:
        """The word as an int expression, to stand once."""
        return f"(1 if {self.text} else 0)" if self.kind == TRUTH else self.text

    def moved(self) -> Symbol:
        """The same word at another place of the stack."""
        return replace(self, place=0)


def constant(word: int) -> Symbol:
    """A word that is known from the code."""
    return Symbol(str(word) if word < 1 << 32 else hex(word), CONSTANT, word.bit_length(), word)


@dataclass(frozen=True, slots=True)
class Place:
    """Of a byte of the memory: a variable and so much more, or a number without a variable."""

    base: str
    offset: int

    @property
    def aligned(self) -> str:
        """Text of a condition, whether it is a multiple of 32; "True" or "False" if known."""
        if not self.base:
            return str(self.offset % 32 == 0)
        return f"not {self.base if self.offset % 32 == 0 else self.plus(0)} & 31"

    def plus(self, more: int) -> str:
        """Text of a place so many bytes on."""
        offset = self.offset + more
        return f"{self.base} + {offset}" if self.base and offset else self.base or str(offset)


@dataclass(slots=True)
class Path:
    """A way through the code, on which every instruction has been executed once.

    stack: words on top of the stack as the block found it, less `taken` words. needs: words
    that the block must find, for what has been checked of it. grows: most words above the
    height it finds. low: variables that are
    places of the memory. reaches: offset from each of them, or from 0 for "", up to which there
    is memory; unpaid: those for which it may not be paid yet. seen: jump destinations
    passed. gas: static gas not yet charged. opened, checked: the segment, see `Writer.open`.
    """

    indent: int = 2
    stack: list[Symbol] = field(default_factory=list)
    taken: int = 0
    needs: int = 0
    grows: int = 0
    low: set[str] = field(default_factory=set)
    reaches: dict[str, int] = field(default_factory=dict)
    unpaid: set[str] = field(default_factory=set)
    seen: set[int] = field(default_factory=set)
    gas: int = 0
    opened: int = 0
    checked: tuple[int, int] = (0, 0)

    def branch(self) -> Path:
        """A way that goes on from here, one level deeper in the text."""
        return Path(
            self.indent + 1,
            list(self.stack),
            self.taken,
            self.needs,
            self.grows,
            set(self.low),
            dict(self.reaches),
            set(self.unpaid),
            set(self.seen),
        )
