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
    """Of a byte of the memory: a variable and so much more, or a number without a variable.

    is_guarded: the variable is known to be a multiple of 32.
    """

    base: str
    offset: int
    is_guarded: bool = False

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


@dataclass(slots=True)
class Path:
    """A way through the code, on which every instruction has been executed once.

    stack: words on top of the stack as the block found it, less `taken` words. needs: words
    that the block must find, for what has been checked of it. grows: most words above the
    height it finds. low: variables that are places of the memory; guarded: those of them that are
    known to be multiples of 32 and not within RESERVED. words: what is known to stand at places of
    the memory. reaches: offset from each of `low`, or from 0 for "", up to which there is memory;
    unpaid: those for which it may not be paid yet. seen: jump destinations passed, each with the
    targets that were on the stack. gas: static gas not yet charged. opened, checked: the segment,
    see `Writer.open`.
    """

    indent: int = 2
    stack: list[Symbol] = field(default_factory=list)
    taken: int = 0
    needs: int = 0
    grows: int = 0
    low: set[str] = field(default_factory=set)
    guarded: set[str] = field(default_factory=set)
    words: dict[tuple[str, int], Symbol] = field(default_factory=dict)
    reaches: dict[str, int] = field(default_factory=dict)
    unpaid: set[str] = field(default_factory=set)
    seen: set[tuple[int, ...]] = field(default_factory=set)
    gas: int = 0
    opened: int = 0
    checked: tuple[int, int] = (0, 0)

    def forget(self, base: str | None) -> None:
        """Know no words any more that a write could have changed from a variable on ("": from a
        number; None: anywhere)."""
        is_behind = base in self.guarded
        self.words = {
            place: word
            for place, word in self.words.items()
            if is_behind and not place[0] and place[1] < RESERVED
        }

    def remember(self, place: Place, word: Symbol) -> None:
        """Know that this word has been put at a place."""
        base, offset = place.base, place.offset
        if offset % 32 or (base and not place.is_guarded) or not (base or offset < RESERVED):
            self.forget(base)
            return
        kept = {base, ""} if base else {"", *self.guarded}
        self.words = {place: known for place, known in self.words.items() if place[0] in kept}
        self.words[base, offset] = word

    def suppose(self, condition: str, *, holds: bool) -> None:
        """Know on this way whether a condition holds, where it is a variable or none."""
        if condition.startswith("(not "):
            condition, holds = condition[5:-1], not holds
        for i, word in enumerate(self.stack):
            if word.text == condition and (word.kind == TRUTH or word.bits == 1 or not holds):
                self.stack[i] = constant(int(holds))

    def branch(self) -> Path:
        """A way that goes on from here, one level deeper in the text."""
        return Path(
            self.indent + 1,
            list(self.stack),
            self.taken,
            self.needs,
            self.grows,
            set(self.low),
            set(self.guarded),
            dict(self.words),
            dict(self.reaches),
            set(self.unpaid),
            set(self.seen),
        )
