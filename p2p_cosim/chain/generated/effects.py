"""Statements of the instructions that reach beyond the stack: memory, storage, logs, calls.

Those in PLAIN charge their gas where they stand. Those in EXACT must find the gas charged up
to them, because they look at it or hand it on: they begin a new segment.
"""

from __future__ import annotations

from collections.abc import Callable

from p2p_cosim.chain.generated import opcodes as op
from p2p_cosim.chain.generated.symbols import CONSTANT, VARIABLE, Path, Place, Symbol, constant
from p2p_cosim.chain.generated.writer import Writer

Statement = Callable[[Writer, Path], None]


def _end(start: str) -> str:
    return str(int(start, 0) + 32) if start[0].isdigit() else f"{start} + 32"


def _mload(w: Writer, path: Path) -> None:
    at, _ = w.reach(path, w.pop(path), constant(32))
    if known := path.words.get((at.base, at.offset)):
        w.push(path, known)
        return
    w.push_now(path, _either(at, f"memory.get({at.plus(0)}, 0)", f"load(memory, {at.plus(0)})"))


def _either(at: Place, aligned: str, other: str) -> str:
    known = {"True": aligned, "False": other}
    return known.get(at.aligned) or f"{aligned} if {at.aligned} else {other}"


def _mstore(w: Writer, path: Path) -> None:
    start, word = w.pop(path), w.pop(path)
    at, _ = w.reach(path, start, constant(32))
    if not word.base:
        word = Symbol(w.atom(path, word), word.kind, word.bits, word.value)
        word.kind = CONSTANT if word.value is not None else VARIABLE
    path.remember(at, word)
    text = word.text
    aligned, other = f"memory[{at.plus(0)}] = {text}", f"put(memory, {at.plus(0)}, {text})"
    if at.base and not at.is_guarded:
        w.emit(path, f"if {at.aligned}: {aligned}", f"else: {other}")
    else:
        w.emit(path, _either(at, aligned, other))


def _mstore8(w: Writer, path: Path) -> None:
    start, word = w.pop(path), w.pop(path)
    at, _ = w.reach(path, start, constant(1))
    path.forget(at.base)
    w.emit(path, f"put_byte(memory, {at.plus(0)}, {word.number} & 255)")


def _calldataload(w: Writer, path: Path) -> None:
    w.use("data")
    at = w.atom(path, w.pop(path))
    w.push_now(path, f"from_bytes(data[{at}:{_end(at)}].ljust(32, NUL))")


def _keccak(w: Writer, path: Path) -> None:
    start, size = w.pop(path), w.pop(path)
    at, length = w.reach(path, start, size)
    if size.value is not None:
        path.gas += 6 * ((size.value + 31) // 32)
    else:
        w.emit(path, f"gas -= 6 * (({length} + 31) // 32)")
    text = f"hash_of(read(memory, {at.plus(0)}, {length}))"
    if size.value in (32, 64, 96):
        words = [_word_at(path, at, more) for more in range(0, size.value, 32)]
        text = _either(at, f"hash_words({', '.join(words)})", text)
    w.push_now(path, text)


def _word_at(path: Path, at: Place, more: int) -> str:
    known = path.words.get((at.base, at.offset + more))
    return known.text if known else f"memory.get({at.plus(more)}, 0)"


def _sload(w: Writer, path: Path) -> None:
    w.use("storage", "warm")
    slot = w.atom(path, w.pop(path))
    w.emit(path, f"gas -= 100 if {slot} in warm else warm_slot(f, {slot})")
    w.push_now(path, f"storage.get({slot}, 0)")


def _tload(w: Writer, path: Path) -> None:
    w.push_now(path, f"f.tx.transient.get((f.address, {w.pop(path).number}), 0)")


def _of_account(function: str) -> Statement:
    def statement(w: Writer, path: Path) -> None:
        address = w.atom(path, w.pop(path))
        w.emit(path, f"gas -= f.tx.touch({address} & ADDRESS_MASK)")
        w.push_now(path, f"{function}(f, {address})")

    return statement


def _copy(function: str, operands: int = 3) -> Statement:
    def statement(w: Writer, path: Path) -> None:
        words = [w.pop(path) for _ in range(operands)]
        path.forget(words[operands - 3].base)
        texts = [word.number for word in words]
        w.emit(path, f"gas = {function}(f, {', '.join(texts)}, gas)")

    return statement


def _log(topics: int) -> Statement:
    def statement(w: Writer, path: Path) -> None:
        start, size = w.pop(path), w.pop(path)
        words = "".join(f"{w.pop(path).number}, " for _ in range(topics))
        at, length = w.reach(path, start, size)
        if size.value is not None:
            path.gas += 8 * size.value
        else:
            w.emit(path, f"gas -= 8 * {length}")
        w.emit(path, f"log(f, ({words}), read(memory, {at.plus(0)}, {length}))")

    return statement


def _context(text: str, bits: int, uses: str = "") -> Statement:
    """A word that stays the same while the function runs."""

    def statement(w: Writer, path: Path) -> None:
        w.use(*([uses] if uses else []))
        w.push_text(path, text, bits)

    return statement


def _now(text: str, bits: int, uses: str = "") -> Statement:
    """A word that is what it is now."""

    def statement(w: Writer, path: Path) -> None:
        w.use(*([uses] if uses else []))
        w.push_now(path, text, bits)

    return statement


def _msize(w: Writer, path: Path) -> None:
    w.pay_memory(path)
    w.push_now(path, "f.size", 64)


def _lookup(function: str) -> Statement:
    def statement(w: Writer, path: Path) -> None:
        w.push_now(path, f"{function}(f, {w.pop(path).number})")

    return statement


PLAIN: dict[int, Statement] = {
    op.MLOAD: _mload,
    op.MSTORE: _mstore,
    op.MSTORE8: _mstore8,
    op.CALLDATALOAD: _calldataload,
    op.KECCAK256: _keccak,
    op.SLOAD: _sload,
    op.TLOAD: _tload,
    op.BALANCE: _of_account("balance"),
    op.EXTCODESIZE: _of_account("code_size"),
    op.EXTCODEHASH: _of_account("code_hash"),
    op.SELFBALANCE: _now("balance(f, f.address)", 256),
    op.CALLDATACOPY: _copy("copy_calldata"),
    op.CODECOPY: _copy("copy_code"),
    op.RETURNDATACOPY: _copy("copy_returned"),
    op.MCOPY: _copy("copy_memory"),
    op.EXTCODECOPY: _copy("copy_account_code", 4),
    **{op.LOG0 + topics: _log(topics) for topics in range(5)},
    op.ADDRESS: _context("f.address", 160),
    op.CALLER: _context("f.caller", 160),
    op.CALLVALUE: _context("f.value", 256),
    op.CALLDATASIZE: _context("len(data)", 64, "data"),
    op.CODESIZE: _context("len(f.code)", 64),
    op.ORIGIN: _context("f.tx.origin", 160),
    op.GASPRICE: _context("f.tx.gas_price", 256),
    op.COINBASE: _context("f.tx.block.coinbase", 160),
    op.TIMESTAMP: _context("f.tx.block.timestamp", 64),
    op.NUMBER: _context("f.tx.block.number", 64),
    op.PREVRANDAO: _context("f.tx.block.prevrandao", 256),
    op.GASLIMIT: _context("f.tx.block.gas_limit", 64),
    op.CHAINID: _context("f.tx.block.chain_id", 256),
    op.BASEFEE: _context("f.tx.block.base_fee", 256),
    op.BLOBBASEFEE: _context("f.tx.block.blob_base_fee", 256),
    op.BLOCKHASH: _lookup("block_hash"),
    op.BLOBHASH: _lookup("blob_hash"),
    op.RETURNDATASIZE: _now("len(f.returned)", 64),
    op.MSIZE: _msize,
}


def _sstore(w: Writer, path: Path) -> None:
    slot, word = w.atom(path, w.pop(path)), w.atom(path, w.pop(path))
    w.close(path)
    w.pay_memory(path)
    w.emit(path, f"gas = store(f, {slot}, {word}, gas)")


def _tstore(w: Writer, path: Path) -> None:
    slot, word = w.atom(path, w.pop(path)), w.atom(path, w.pop(path))
    w.close(path)
    w.emit(path, f"store_transient(f, {slot}, {word})")


def _gas(w: Writer, path: Path) -> None:
    w.close(path)
    w.require_gas(path)
    w.push_now(path, "gas", 64)


def _call(function: str, operands: int, bits: int) -> Statement:
    def statement(w: Writer, path: Path) -> None:
        words = [w.pop(path) for _ in range(operands)]
        if operands > 4 and words[-1].value != 0:  # a call, which may write what it is returned
            path.forget(words[-2].base)
        texts = [w.atom(path, word) for word in words]
        w.close(path)
        w.pay_memory(path)
        w.emit(path, "f.gas = gas")
        result = w.variable(path, f"{function}(f, {', '.join(texts)})")
        w.emit(path, "gas = f.gas")
        w.push(path, Symbol(result, VARIABLE, bits))

    return statement


EXACT: dict[int, Statement] = {
    op.SSTORE: _sstore,
    op.TSTORE: _tstore,
    op.GAS: _gas,
    op.CALL: _call("op_call", 7, 1),
    op.CALLCODE: _call("op_callcode", 7, 1),
    op.DELEGATECALL: _call("op_delegatecall", 6, 1),
    op.STATICCALL: _call("op_staticcall", 6, 1),
    op.CREATE: _call("op_create", 3, 160),
    op.CREATE2: _call("op_create2", 4, 160),
}
