"""What the generator knows of the words on the stack, and of the way it has come."""

from __future__ import annotations

from dataclasses import dataclass, field

# Kinds of a word's Python text. CONSTANT: a number, known now. VARIABLE: a local variable,
# which is assigned once. EXPRESSION: an int that is yet to be computed. TRUTH: the same, as
# a condition; the word is 1 where it holds.
CONSTANT, VARIABLE, EXPRESSION, TRUTH = range(4)


@dataclass(slots=True)
class Symbol:
    """A word on the stack.

    bits: it is below 2**bits. value: of a constant. place: its depth on the stack as the block
    found it, where it still is the same word (0: it is not).
    """

    text: str
    kind: int
    bits: int = 256
    value: int | None = None
    place: int = 0

    @property
    def number(self) -> str:
        """The word as an int expression, to stand once."""
        return f"(1 if {self.text} else 0)" if self.kind == TRUTH else self.text

    def moved(self) -> Symbol:
        """The same word at another place of the stack."""
        return Symbol(self.text, self.kind, self.bits, self.value)


def constant(word: int) -> Symbol:
    """A word that is known from the code."""
    return Symbol(str(word) if word < 1 << 32 else hex(word), CONSTANT, word.bit_length(), word)


@dataclass(slots=True)
class Path:
    """A way through the code, on which every instruction has been executed once.

    stack: words on top of the stack as the block found it, less `taken` words. needs: words
    that the block must find, for what has been checked of it. grows: most words above the
    height it finds. reaches: bytes that the memory has at least. seen: jump destinations
    passed. gas: static gas not yet charged. opened, checked: the segment, see `Writer.open`.
    """

    indent: int = 2
    stack: list[Symbol] = field(default_factory=list)
    taken: int = 0
    needs: int = 0
    grows: int = 0
    reaches: int = 0
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
            self.reaches,
            set(self.seen),
        )
