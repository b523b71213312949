"""One execution of one code: its memory, and what generated code calls to work on it.

Functions that charge gas take what is left and give what is then left, because generated
code keeps it in a local variable. They may leave it negative, except where they say that
they raise: generated code looks at it before it leaves a block.
"""

from __future__ import annotations

from functools import lru_cache

from eth_hash.auto import keccak

from p2p_cosim.chain.generated.state import Substate

STACK_LIMIT = 1024
MEMORY_LIMIT = 1 << 36  # bytes that no gas limit pays for
ADDRESS_MASK = (1 << 160) - 1
_ONE_WORD = bytes(32)


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

    data: the calldata. storage: the account's slots. warm: those of them that are warm.
    originals: values before the transaction, of those written. returned: output of the last
    call. output and success: the frame's own, when it has ended.
    """

    __slots__ = (
        *("tx", "address", "caller", "value", "data", "code", "gas", "static", "depth"),
        *("memory", "storage", "warm", "originals", "returned", "output", "success"),
    )

    def __init__(
        self,
        tx: Substate,
        address: int,
        caller: int,
        value: int,
        data: bytes,
        code: bytes,
        gas: int,
        static: bool,
        depth: int,
    ) -> None:
        self.tx, self.address, self.caller, self.value = tx, address, caller, value
        self.data, self.code, self.gas = data, code, gas
        self.static, self.depth = static, depth
        self.memory = bytearray()
        self.storage = tx.account(address).storage
        self.warm = tx.warm_slots.setdefault(address, set())
        self.originals = tx.originals.setdefault(address, {})
        self.returned = self.output = b""
        self.success = True


def grow(memory: bytearray, end: int, gas: int) -> int:
    """Extend the memory to hold `end` bytes. Raises OutOfGas."""
    if end > MEMORY_LIMIT:
        raise OutOfGas
    before, after = len(memory) >> 5, (end + 31) >> 5
    added = after - before
    gas -= 3 * added + (after * after >> 9) - (before * before >> 9)
    if gas < 0:
        raise OutOfGas
    memory += _ONE_WORD if added == 1 else bytes(added << 5)
    return gas


def reach(memory: bytearray, start: int, size: int, gas: int) -> int:
    """Extend the memory, if it does not reach so far. Raises OutOfGas."""
    return grow(memory, start + size, gas) if size and start + size > len(memory) else gas


def copy(memory: bytearray, to: int, data: bytes, start: int, size: int, gas: int) -> int:
    """Copy data into the memory, zeros beyond its end. Raises OutOfGas."""
    if size == 0:
        return gas
    gas = reach(memory, to, size, gas - 3 * ((size + 31) >> 5))
    if gas < 0:
        raise OutOfGas
    memory[to : to + size] = data[start : start + size].ljust(size, b"\0")
    return gas


def copy_calldata(f: Frame, to: int, start: int, size: int, gas: int) -> int:
    """CALLDATACOPY. Raises OutOfGas."""
    return copy(f.memory, to, f.data, start, size, gas)


def copy_code(f: Frame, to: int, start: int, size: int, gas: int) -> int:
    """CODECOPY. Raises OutOfGas."""
    return copy(f.memory, to, f.code, start, size, gas)


def copy_returned(f: Frame, to: int, start: int, size: int, gas: int) -> int:
    """RETURNDATACOPY. Raises Halt beyond the end of the data, OutOfGas."""
    if start + size > len(f.returned):
        raise Halt
    return copy(f.memory, to, f.returned, start, size, gas)


def copy_account_code(f: Frame, address: int, to: int, start: int, size: int, gas: int) -> int:
    """EXTCODECOPY. Raises OutOfGas."""
    address &= ADDRESS_MASK
    gas -= f.tx.touch(address)
    account = f.tx.world.get(address)
    return copy(f.memory, to, account.code if account else b"", start, size, gas)


def copy_memory(f: Frame, to: int, start: int, size: int, gas: int) -> int:
    """MCOPY (EIP-5656). Raises OutOfGas."""
    if size == 0:
        return gas
    memory = f.memory
    gas = reach(memory, max(to, start), size, gas - 3 * ((size + 31) >> 5))
    if gas < 0:
        raise OutOfGas
    memory[to : to + size] = memory[start : start + size]
    return gas


@lru_cache(maxsize=65536)
def hash_word(data: bytes) -> int:
    """KECCAK256 of a few words: keys of mappings, which recur in every round."""
    return int.from_bytes(keccak(data), "big")


def hash_of(data: bytes) -> int:
    """KECCAK256."""
    return hash_word(data) if len(data) <= 96 else int.from_bytes(keccak(data), "big")
