"""The generated Python of a whole code, to read. A run generates only what it comes by.

Careful functions, which few runs ever enter, are left out: they do the same.
"""

from __future__ import annotations

import re

from p2p_cosim.chain.generated.bytecode import Bytecode
from p2p_cosim.chain.generated.superblock import Superblock

_NUMBER = re.compile(r"\b\d+\b")
_CAREFUL = re.compile(r"careful\[\d+\]")


def source_of(code: bytes) -> str:
    """The functions of a code, by position, that its beginning leads to.

    Where a target is computed, every JUMPDEST whose position stands in the text may be it:
    some of the functions may be there in vain.
    """
    bytecode = Bytecode(code)
    texts: dict[int, str] = {}
    waiting = [0]
    while waiting:
        position = waiting.pop()
        if position in texts:
            continue
        texts[position] = text = Superblock(bytecode, position).text()
        named = {int(number) for number in _NUMBER.findall(_CAREFUL.sub("", text))}
        waiting += named & bytecode.destinations
    return "\n".join(f"# from byte {position}\n{texts[position]}" for position in sorted(texts))
