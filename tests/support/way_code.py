"""Code that takes ways, and all that can be seen of running it."""

from collections.abc import Callable

from p2p_cosim.chain.generated import opcodes as op
from p2p_cosim.chain.generated.calls import Result, call
from p2p_cosim.chain.generated.program import Entry
from p2p_cosim.chain.generated.state import Account, Block, Substate, World

CALLER, CALLEE = 0xA11CE, 0xC0DE
BLOCK = Block(1, 1, 2**30, 1)
LOG_TOP = bytes([op.PUSH0, op.PUSH0, op.LOG0 + 1])


def push(word: int) -> bytes:
    data = word.to_bytes((word.bit_length() + 7) // 8, "big")
    return bytes([op.PUSH0 + len(data)]) + data


def word_of_calldata(place: int) -> bytes:
    return push(place) + bytes([op.CALLDATALOAD])


def calldata(*words: int) -> bytes:
    return b"".join(word.to_bytes(32, "big") for word in words)


Seen = tuple[Result, list[tuple[int, tuple[int, ...], bytes]], World]


def seen(code: bytes, entry: Callable[[bytes], Entry], data: bytes, gas: int) -> Seen:
    """All that can be seen of a call."""
    world = {CALLER: Account(nonce=1), CALLEE: Account(nonce=1, code=code, storage={1: 5})}
    tx = Substate(world, BLOCK, CALLER, entry)
    return call(tx, CALLER, CALLEE, CALLEE, 0, data, gas), tx.logs, world


def top_of(*instructions: int) -> bytes:
    """Logs what instructions leave, which find the word on top of the stack once more."""
    return bytes([op.DUP1, *instructions]) + LOG_TOP


def branch(code: bytes, below: bytes, there: bytes) -> bytes:
    """Goes there if code leaves a word that is not zero, and else on below."""
    there = bytes([op.JUMPDEST]) + there
    target = (len(code) + 4 + len(below)).to_bytes(2, "big")
    return code + bytes([op.PUSH0 + 2, *target, op.JUMPI]) + below + there


LOG_SLOT = push(1) + bytes([op.SLOAD]) + LOG_TOP
