"""The memory of a frame: words by their place, and nothing where none was written.

A dict of ints by aligned place costs a fifth of what bytes cost, because nearly all that code
does with memory is a word at a multiple of 32. Places are any words: gas decides, later, which
of them could be paid for.
"""

from __future__ import annotations

from itertools import repeat

from p2p_cosim.chain.generated.arithmetic import MAX

WORD = 32
SHORT = 4096  # bytes that may be copied at no cost to the code that runs
GOOD_PART = 8  # reading the eighth part of all bytes pays for a copy of them

Memory = dict[int, int]


def read(memory: Memory, start: int, size: int) -> bytes:
    """A copy of these bytes."""
    first = start & -WORD
    words = map(memory.get, range(first, start + size, WORD), repeat(0))
    data = b"".join([word.to_bytes(WORD, "big") for word in words])
    return data if start == first and len(data) == size else data[start - first :][:size]


def write(memory: Memory, start: int, data: bytes) -> None:
    """Put bytes into the memory."""
    if not data:
        return
    first, end = start & -WORD, start + len(data)
    if start != first:
        data = read(memory, first, start - first) + data
    if end % WORD:
        data += read(memory, end, -end % WORD)
    words = [int.from_bytes(data[at : at + WORD], "big") for at in range(0, len(data), WORD)]
    memory.update(zip(range(first, first + len(data), WORD), words, strict=True))


def move(memory: Memory, to: int, start: int, size: int) -> None:
    """Copy bytes of the memory to another place in it."""
    if (to | start | size) & (WORD - 1):
        write(memory, to, read(memory, start, size))
    elif size == WORD:
        memory[to] = memory.get(start, 0)
    else:
        words = [memory.get(at, 0) for at in range(start, start + size, WORD)]
        memory.update(zip(range(to, to + size, WORD), words, strict=True))


def bytes_of(*words: int) -> bytes:
    """Words as bytes."""
    return b"".join([word.to_bytes(WORD, "big") for word in words])


def load(memory: Memory, start: int) -> int:
    """The word at a place that is no multiple of 32."""
    first, bits = start & -WORD, 8 * (start & 31)
    high, low = memory.get(first, 0), memory.get(first + WORD, 0)
    return (high << bits) & MAX | low >> (256 - bits)


def put(memory: Memory, start: int, word: int) -> None:
    """Put a word at a place that is no multiple of 32."""
    first, bits = start & -WORD, 8 * (start & 31)
    rest = 256 - bits
    memory[first] = memory.get(first, 0) >> rest << rest | word >> bits
    memory[first + WORD] = (word << rest) & MAX | memory.get(first + WORD, 0) & ((1 << rest) - 1)


def put_byte(memory: Memory, place: int, byte: int) -> None:
    """Put a byte into the memory."""
    first = place & -WORD
    shift = 8 * (WORD - 1 - (place - first))
    memory[first] = memory.get(first, 0) & ~(0xFF << shift) | byte << shift


class View:
    """Bytes of the memory of a frame that waits, for the frame that it has called.

    A call costs its caller little however much data it names. So nothing is copied but what is
    read, and all of it when that is a good part. A slice is cut off at the end as that of bytes.
    """

    __slots__ = ("_copy", "_memory", "_size", "_start", "_unread")

    def __init__(self, memory: Memory, start: int, size: int) -> None:
        self._memory, self._start, self._size = memory, start, size
        self._unread = size // GOOD_PART
        self._copy: bytes | None = None

    def __len__(self) -> int:
        return self._size

    def __getitem__(self, part: slice) -> bytes:
        if self._copy is not None:
            return self._copy[part]
        start, stop, _ = part.indices(self._size)
        self._unread -= stop - start
        if self._unread < 0:
            self._copy = read(self._memory, self._start, self._size)
        return read(self._memory, self._start + start, stop - start)


Data = bytes | View


def view(memory: Memory, start: int, size: int) -> Data:
    """What is little as a copy, because bytes are read faster."""
    return View(memory, start, size) if size > SHORT else read(memory, start, size)
