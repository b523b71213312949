"""Message calls and creations, from a transaction or from code.

Raising the limit of recursion is safe: a call from Python to Python takes no C stack.
"""

from __future__ import annotations

import sys

import rlp
from eth_hash.auto import keccak

from p2p_cosim.chain.generated.frame import ADDRESS_MASK, Frame, Halt, OutOfGas, reach
from p2p_cosim.chain.generated.memory import Data, read, view, write
from p2p_cosim.chain.generated.precompiles import is_precompiled, run_precompiled
from p2p_cosim.chain.generated.state import Substate
from p2p_cosim.chain.generated.storage import NEW_ACCOUNT_GAS, STIPEND

DEPTH_LIMIT = 1024
VALUE_GAS = 9_000
CREATE_GAS = 32_000
CODE_BYTE_GAS = 200
INITCODE_WORD_GAS, HASH_WORD_GAS = 2, 6
MAX_CODE_BYTES = 24_576  # EIP-170
MAX_INITCODE_BYTES = 49_152  # EIP-3860

_PYTHON_FRAMES_A_CALL = 8
sys.setrecursionlimit(
    max(sys.getrecursionlimit(), (DEPTH_LIMIT + 1) * _PYTHON_FRAMES_A_CALL + 2_000)
)

Result = tuple[bool, int, bytes]
"""Success, gas left, and output or revert data."""


def run(frame: Frame) -> Result:
    """Execute a frame's code to its end."""
    stack: list[int] = []
    try:
        block = frame.tx.entry(frame.code)
        while block is not None:
            block = block(frame, stack)
    except Halt:
        return False, 0, b""
    return frame.success, frame.gas, frame.output


def call(
    tx: Substate,
    caller: int,
    address: int,
    code_address: int,
    value: int,
    data: Data,
    gas: int,
    *,
    moves: bool = True,
    static: bool = False,
    depth: int = 0,
) -> Result:
    """A message call. moves: whether the value goes to the address (not in CALLCODE and
    DELEGATECALL, which run other code on the caller's account)."""
    mark = tx.mark()
    if moves:
        tx.transfer(caller, address, value)
    if is_precompiled(code_address):
        result = run_precompiled(code_address, data, gas)
    else:
        target = tx.world.get(code_address)
        if target is None or not target.code:
            return True, gas, b""
        code = target.code
        result = run(Frame(tx, address, caller, value, data, code, gas, static, depth))
    if not result[0]:
        tx.undo(mark)
    return result


def create(
    tx: Substate, creator: int, address: int, value: int, init: bytes, gas: int, depth: int = 0
) -> Result:
    """Run init code at a new address, and leave there what it returns."""
    tx.touch(address)  # which stays warm even if the creation fails (EIP-2929)
    account = tx.account(address)
    if account.nonce or account.code or account.storage:  # EIP-7610
        return False, 0, b""
    mark = tx.mark()
    tx.change(account, "nonce", 1)
    if address not in tx.created:
        tx.add(tx.created, address)
    tx.transfer(creator, address, value)
    success, left, output = True, gas, b""
    if init:
        success, left, output = run(
            Frame(tx, address, creator, value, b"", init, gas, False, depth)
        )
    if success:
        left -= CODE_BYTE_GAS * len(output)
        if len(output) > MAX_CODE_BYTES or output[:1] == b"\xef" or left < 0:  # EIP-3541
            success, left, output = False, 0, b""
        else:
            tx.change(account, "code", output)
    if not success:
        tx.undo(mark)
    return success, left, output


def created_address(creator: int, nonce: int) -> int:
    """Where CREATE, or a transaction, puts a contract."""
    encoded = rlp.encode([creator.to_bytes(20, "big"), nonce])
    return int.from_bytes(keccak(encoded)[12:], "big")


def salted_address(creator: int, salt: int, init: bytes) -> int:
    """Where CREATE2 puts a contract (EIP-1014)."""
    seed = b"\xff" + creator.to_bytes(20, "big") + salt.to_bytes(32, "big") + keccak(init)
    return int.from_bytes(keccak(seed)[12:], "big")


def op_call(
    f: Frame,
    gas: int,
    to: int,
    value: int,
    at: int,
    size: int,
    out: int,
    out_size: int,
    given: bytes | None = None,
) -> int:
    """CALL."""
    if value and f.static:
        raise Halt
    to &= ADDRESS_MASK
    target = f.tx.world.get(to)
    is_new = bool(value) and (target is None or target.is_empty)
    sent, data = _charge(f, gas, to, value, is_new, (at, size, out, out_size), given)
    if _refused(f, value, sent):
        return 0
    result = call(f.tx, f.address, to, to, value, data, sent, static=f.static, depth=f.depth + 1)
    return _return(f, result, out, out_size)


def op_callcode(
    f: Frame,
    gas: int,
    to: int,
    value: int,
    at: int,
    size: int,
    out: int,
    out_size: int,
    given: bytes | None = None,
) -> int:
    """CALLCODE."""
    to &= ADDRESS_MASK
    sent, data = _charge(f, gas, to, value, False, (at, size, out, out_size), given)
    if _refused(f, value, sent):
        return 0
    here, below = f.address, f.depth + 1
    result = call(
        f.tx, here, here, to, value, data, sent, moves=False, static=f.static, depth=below
    )
    return _return(f, result, out, out_size)


def op_delegatecall(
    f: Frame,
    gas: int,
    to: int,
    at: int,
    size: int,
    out: int,
    out_size: int,
    given: bytes | None = None,
) -> int:
    """DELEGATECALL."""
    to &= ADDRESS_MASK
    sent, data = _charge(f, gas, to, 0, False, (at, size, out, out_size), given)
    if _refused(f, 0, sent):
        return 0
    here, below = f.address, f.depth + 1
    result = call(
        f.tx, f.caller, here, to, f.value, data, sent, moves=False, static=f.static, depth=below
    )
    return _return(f, result, out, out_size)


def op_staticcall(
    f: Frame,
    gas: int,
    to: int,
    at: int,
    size: int,
    out: int,
    out_size: int,
    given: bytes | None = None,
) -> int:
    """STATICCALL."""
    to &= ADDRESS_MASK
    sent, data = _charge(f, gas, to, 0, False, (at, size, out, out_size), given)
    if _refused(f, 0, sent):
        return 0
    result = call(f.tx, f.address, to, to, 0, data, sent, static=True, depth=f.depth + 1)
    return _return(f, result, out, out_size)


def _charge(
    f: Frame,
    gas: int,
    to: int,
    value: int,
    is_new: bool,
    places: tuple[int, int, int, int],
    given: bytes | None,
) -> tuple[int, Data]:
    """Pay for a call and give it gas, at most 63/64 of what is left (EIP-150), and its data, which
    memory holds if it is not given."""
    at, size, out, out_size = places
    left = reach(f, out, out_size, reach(f, at, size, f.gas))
    left -= f.tx.touch(to)
    if value:
        left -= VALUE_GAS + (NEW_ACCOUNT_GAS if is_new else 0)
    if left < 0:
        raise OutOfGas
    sent = min(gas, left - left // 64)
    f.gas = left - sent
    data = view(f.memory, at, size) if given is None else given
    return sent + (STIPEND if value else 0), data


def _refused(f: Frame, value: int, sent: int) -> bool:
    """Whether a call cannot be made; then its gas is back."""
    f.returned = b""
    if f.depth < DEPTH_LIMIT and value <= f.tx.world[f.address].balance:
        return False
    f.gas += sent
    return True


def _return(f: Frame, result: Result, out: int, out_size: int) -> int:
    success, left, output = result
    f.returned = output
    write(f.memory, out, output[:out_size])
    f.gas += left
    return int(success)


def op_create(f: Frame, value: int, at: int, size: int) -> int:
    """CREATE."""
    init = _init_code(f, at, size, INITCODE_WORD_GAS)
    nonce = f.tx.world[f.address].nonce
    return _create(f, value, init, created_address(f.address, nonce))


def op_create2(f: Frame, value: int, at: int, size: int, salt: int) -> int:
    """CREATE2."""
    init = _init_code(f, at, size, INITCODE_WORD_GAS + HASH_WORD_GAS)
    return _create(f, value, init, salted_address(f.address, salt, init))


def _init_code(f: Frame, at: int, size: int, word_gas: int) -> bytes:
    if f.static:
        raise Halt
    if size > MAX_INITCODE_BYTES:
        raise OutOfGas
    f.gas = reach(f, at, size, f.gas) - CREATE_GAS - word_gas * ((size + 31) >> 5)
    if f.gas < 0:
        raise OutOfGas
    return read(f.memory, at, size)


def _create(f: Frame, value: int, init: bytes, address: int) -> int:
    tx, own = f.tx, f.tx.world[f.address]
    f.returned = b""
    if value > own.balance or f.depth >= DEPTH_LIMIT or own.nonce >= 2**64 - 1:
        return 0
    tx.change(own, "nonce", own.nonce + 1)
    sent = f.gas - f.gas // 64
    success, left, output = create(tx, f.address, address, value, init, sent, f.depth + 1)
    f.gas += left - sent
    if not success:
        f.returned = output
        return 0
    return address
