"""What the generator knows of the way that it has come."""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass, field, fields, replace

from p2p_cosim.chain.generated.symbols import (
    COPY,
    RESERVED,
    TRUTH,
    Key,
    Place,
    Symbol,
    constant,
)


@dataclass(slots=True)
class Path:
    """A way through the code, on which every instruction has been executed once.

    The stack. stack: words on top of it as the function found it, less `taken` words. needs: words
    that it must find. grows: most words above the height it finds.

    Places. low: bits of variables that are places of the memory; guarded: those of them that are
    known to be multiples of 32 and not within RESERVED.

    What stands in memory. words: what is known of it, by place. is_blank: elsewhere there are
    zeros. pending: statements that are yet to be executed, by place, in their order. copies: how
    many of them copied bytes. copied: the bytes that were copied last, as place, size and text,
    while nothing else was written.

    Paying for memory. reaches: offset from each of `low`, or from 0 for "", up to which there is
    memory; unpaid: those for which it may not be paid yet. below: for some of `low`, another that
    is not above it. size: bytes that are paid for, where it is known.

    The rest. call, selector: text of the first word of the calldata, and its upper four bytes, if
    they are known. slots: what is known to stand in the storage, by text of the slot; warm: slots
    that are warm. results: variables by text of what they hold. truths: whether a condition holds,
    by its text. gas: static gas not yet charged.
    """

    stack: list[Symbol] = field(default_factory=list)
    taken: int = 0
    needs: int = 0
    grows: int = 0
    low: dict[str, int] = field(default_factory=dict)
    guarded: set[str] = field(default_factory=set)
    words: dict[Key, Symbol] = field(default_factory=dict)
    is_blank: bool = False
    pending: dict[Key, str] = field(default_factory=dict)
    copies: int = 0
    copied: tuple[str, str, str] = ("", "", "")
    reaches: dict[str, int] = field(default_factory=dict)
    unpaid: set[str] = field(default_factory=set)
    below: dict[str, str] = field(default_factory=dict)
    size: int | None = None
    call: str = ""
    selector: int = 0
    slots: dict[str, Symbol] = field(default_factory=dict)
    warm: set[str] = field(default_factory=set)
    results: dict[str, Symbol] = field(default_factory=dict)
    truths: dict[str, bool] = field(default_factory=dict)
    gas: int = 0

    def fork(self) -> Path:
        """The same up to here, to go on elsewhere."""
        return Path(**{each.name: copy(getattr(self, each.name)) for each in fields(self)})

    def place(self, start: Symbol) -> Place:
        """Where memory begins that is written from this word on."""
        if start.value is not None:
            return Place("", start.value)
        base = start.base or start.text
        return Place(base, start.offset, start.origin in self.guarded)

    def forget(self, start: Place) -> None:
        """Know no words any more that a write of any length could have changed."""
        self.copied, self.is_blank = ("", "", ""), False
        before = 0
        if not start.base or start.is_guarded:
            before = RESERVED if start.base else start.offset
        self.words = {
            (base, offset): word
            for (base, offset), word in self.words.items()
            if not base and offset + 32 <= before
        }

    def remember(self, place: Place, word: Symbol) -> None:
        """Know that this word has been put at a place."""
        base, offset = place.base, place.offset
        if not place.is_aligned:
            self.forget(place)
            return
        self.copied = ("", "", "")
        is_reserved = not base and offset < RESERVED
        self.is_blank = self.is_blank and not base
        self.words = {
            (other, more): known
            for (other, more), known in self.words.items()
            if other == base or is_reserved or (not other and more < RESERVED)
        }
        self.words[base, offset] = word

    def is_awaited(self, place: Place) -> bool:
        """Whether a pending statement may change the word at a place."""
        if not place.is_aligned:
            return bool(self.pending)
        return any(
            each == place.key or (each[0] != place.base and not _apart(each, place.key))
            for each in self.pending
        )

    def keep(self, slot: Symbol, word: Symbol) -> None:
        """Know that this word has been put into a slot of the storage; other slots may be the same,
        unless both are constants."""
        is_known = slot.value is not None
        self.slots = {
            text: known for text, known in self.slots.items() if is_known and text[0].isdigit()
        }
        self.slots[slot.text] = word
        self.warm.add(slot.text)

    def narrow(self, text: str, bits: int) -> None:
        """Know from now on that a variable is below 2**bits."""
        self.stack = [_narrowed(each, text, bits) for each in self.stack]
        self.words = {key: _narrowed(each, text, bits) for key, each in self.words.items()}
        self.slots = {key: _narrowed(each, text, bits) for key, each in self.slots.items()}
        self.results = {key: _narrowed(each, text, bits) for key, each in self.results.items()}

    def is_supposed(self, word: Symbol) -> bool | None:
        """Whether a word is known to be zero, or not to be; None if neither is."""
        if word.value is not None:
            return bool(word.value)
        text, holds = word.text, True
        if text.startswith("(not "):
            text, holds = text[5:-1], False
        known = self.truths.get(text)
        return None if known is None else known == holds

    def suppose(self, word: Symbol, *, holds: bool) -> None:
        """Know from now on whether a word is not zero, and what follows for others."""
        text, bits, if_holds = word.narrows
        if bits and holds == if_holds:
            self.narrow(text, bits)
        condition = word.text
        if condition.startswith("(not "):
            condition, holds = condition[5:-1], not holds
        self.truths[condition] = holds
        for i, each in enumerate(self.stack):
            if each.text == condition and (each.kind == TRUTH or each.bits == 1 or not holds):
                self.stack[i] = constant(int(holds))


def _narrowed(word: Symbol, text: str, bits: int) -> Symbol:
    return replace(word, bits=bits) if word.text == text and word.bits > bits else word


def _apart(one: Key, other: Key) -> bool:
    """Whether words at places that are known to be multiples of 32 are known not to be the same, if
    they count from different variables."""
    (base, offset), (other_base, other_offset) = one, other
    if COPY in (base, other_base):
        return False
    return (not base and offset < RESERVED) or (not other_base and other_offset < RESERVED)
