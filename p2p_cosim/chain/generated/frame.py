"""One execution of one code: its memory, and what generated code calls to work on it.

Functions that charge gas take what is left and give what is then left, because generated
code keeps it in a local variable. They may leave it negative, except where they say that
they raise: generated code looks at it before it leaves a block.
"""

from __future__ import annotations

from functools import lru_cache

from eth_hash.auto import keccak

from p2p_cosim.chain.generated.memory import Data, Memory, move, write
from p2p_cosim.chain.generated.state import Substate

STACK_LIMIT = 1024
MEMORY_LIMIT = 1 << 36  # bytes that no gas limit pays for
ODD = (1 << 256) - MEMORY_LIMIT | 31
"""What a place has no bit in common with that is a multiple of 32 and below the limit."""
ADDRESS_MASK = (1 << 160) - 1


class Halt(Exception):  # noqa: N818 - the Yellow Paper's name
    """An exceptional halt: the frame loses its gas and all that it did."""


class OutOfGas(Halt):
    """Less gas than an instruction costs."""


class StackError(Halt):
    """Fewer words on the stack than an instruction takes, or more than 1024."""


class BadJump(Halt):
    """A jump to what is no JUMPDEST."""


class Frame:
    """A message call or creation while it runs (Yellow Paper, 9.3 and 9.4).

    data: the calldata. size: bytes of the memory that are paid for. storage: the account's
    slots. warm: those of them that are warm. originals: values before the transaction, of those
    written. returned: output of the last call. output and success: the frame's own, when it has
    ended.
    """

    __slots__ = (
        *("tx", "address", "caller", "value", "data", "code", "gas", "static", "depth"),
        *("memory", "size", "storage", "warm", "originals", "returned", "output", "success"),
    )

    def __init__(
        self,
        tx: Substate,
        address: int,
        caller: int,
        value: int,
        data: Data,
        code: bytes,
        gas: int,
        static: bool,
        depth: int,
    ) -> None:
        self.tx, self.address, self.caller, self.value = tx, address, caller, value
        self.data, self.code, self.gas = data, code, gas
        self.static, self.depth = static, depth
        self.memory: Memory = {}
        self.size = 0
        self.storage = tx.account(address).storage
        self.warm = tx.warm_slots.setdefault(address, set())
        self.originals = tx.originals.setdefault(address, {})
        self.returned = self.output = b""
        self.success = True


def memory_gas(size: int) -> int:
    """Gas of so many bytes of memory, a multiple of 32 (Yellow Paper, appendix H.1)."""
    words = size >> 5
    return 3 * words + (words * words >> 9)


def grow(f: Frame, end: int, gas: int) -> int:
    """Pay for the memory up to `end`, which is beyond what is paid for. Raises OutOfGas."""
    if end > MEMORY_LIMIT:
        raise OutOfGas
    words, paid = (end + 31) >> 5, f.size >> 5
    gas -= 3 * (words - paid) + (words * words >> 9) - (paid * paid >> 9)  # as `memory_gas`
    if gas < 0:
        raise OutOfGas
    f.size = words << 5
    return gas


def reach(f: Frame, start: int, size: int, gas: int) -> int:
    """Extend the memory, if it does not reach so far. Raises OutOfGas."""
    return grow(f, start + size, gas) if size and start + size > f.size else gas


def leave(
    f: Frame,
    stack: list[int],
    gas: int,
    ends: tuple[int, ...],
    drop: int,
    words: tuple[int, ...],
    following: object,
) -> object:
    """Pay for the memory up to these ends, change the top of the stack, and go on elsewhere.
    Raises OutOfGas."""
    for end in ends:
        if f.size < end:
            gas = grow(f, end, gas)
    if gas < 0:
        raise OutOfGas
    if drop:
        del stack[-drop:]
    stack += words
    f.gas = gas
    return following


def copy(f: Frame, to: int, data: Data, start: int, size: int, gas: int) -> int:
    """Copy data into the memory, zeros beyond its end. Raises OutOfGas."""
    if size == 0:
        return gas
    gas = reach(f, to, size, gas - 3 * ((size + 31) >> 5))
    if gas < 0:
        raise OutOfGas
    write(f.memory, to, data[start : start + size].ljust(size, b"\0"))
    return gas


def copy_code(f: Frame, to: int, start: int, size: int, gas: int) -> int:
    """CODECOPY. Raises OutOfGas."""
    return copy(f, to, f.code, start, size, gas)


def copy_account_code(f: Frame, address: int, to: int, start: int, size: int, gas: int) -> int:
    """EXTCODECOPY. Raises OutOfGas."""
    address &= ADDRESS_MASK
    gas -= f.tx.touch(address)
    account = f.tx.world.get(address)
    return copy(f, to, account.code if account else b"", start, size, gas)


def copy_memory(f: Frame, to: int, start: int, size: int, gas: int) -> int:
    """MCOPY (EIP-5656). Raises OutOfGas."""
    if size == 0:
        return gas
    gas = reach(f, max(to, start), size, gas - 3 * ((size + 31) >> 5))
    if gas < 0:
        raise OutOfGas
    move(f.memory, to, start, size)
    return gas


@lru_cache(maxsize=65536)
def hash_words(*words: int) -> int:
    """KECCAK256 of a few words: keys of mappings, which recur in every round."""
    return hash_of(b"".join([word.to_bytes(32, "big") for word in words]))


def hash_of(data: bytes) -> int:
    """KECCAK256."""
    return int.from_bytes(keccak(data), "big")
