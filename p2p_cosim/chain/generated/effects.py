"""Statements of the instructions that reach beyond the stack: memory, storage, logs, calls.

Before some of them all gas up to here must be charged, because they look at it or hand it on.
"""

from __future__ import annotations

from collections.abc import Callable

from p2p_cosim.chain.generated import opcodes as op
from p2p_cosim.chain.generated.path import Path
from p2p_cosim.chain.generated.symbols import COPY, VARIABLE, Place, Symbol, constant
from p2p_cosim.chain.generated.writer import Writer

Statement = Callable[[Writer, Path], None]


FIRST_WORD = "from_bytes(f.data[0:32].ljust(32, NUL))"


def _end(start: str) -> str:
    return str(int(start, 0) + 32) if start[0].isdigit() else f"{start} + 32"


def _mload(w: Writer, path: Path) -> None:
    at, _ = w.reach(path, w.pop(path), constant(32))
    if known := path.words.get((at.base, at.offset)):
        w.push(path, known)
        return
    if path.is_awaited(at):
        w.flush_memory(path)
    w.push_now(path, _either(at, f"memory.get({at.plus(0)}, 0)", f"load(memory, {at.plus(0)})"))
    if at.is_aligned:
        path.words[at.base, at.offset] = path.stack[-1]


def _either(at: Place, aligned: str, other: str) -> str:
    known = {"True": aligned, "False": other}
    return known.get(at.aligned) or f"{aligned} if {at.aligned} else {other}"


def _mstore(w: Writer, path: Path) -> None:
    start, word = w.pop(path), w.pop(path)
    at, _ = w.reach(path, start, constant(32))
    w.store(path, at, w.settled(word))


def _mstore8(w: Writer, path: Path) -> None:
    start, word = w.pop(path), w.pop(path)
    at, _ = w.reach(path, start, constant(1))
    path.forget(at)
    w.flush_memory(path)
    w.emit(f"put_byte(memory, {at.plus(0)}, {word.number} & 255)")


def _calldataload(w: Writer, path: Path) -> None:
    at = w.atom(w.pop(path))
    w.push_once(path, f"from_bytes(f.data[{at}:{_end(at)}].ljust(32, NUL))")


def _keccak(w: Writer, path: Path) -> None:
    start, size = w.pop(path), w.pop(path)
    at, length = w.reach(path, start, size)
    if size.value is not None:
        path.gas += 6 * ((size.value + 31) // 32)
    else:
        w.emit(f"gas -= 6 * (({length} + 31) // 32)")
    if size.value in (32, 64, 96):
        places = [(at.base, at.offset + more) for more in range(0, size.value, 32)]
        if all(place in path.words for place in places):
            words = ", ".join(path.words[place].text for place in places)
            w.push_once(path, f"hash_words({words})")
            return
        w.flush_memory(path)
        words = ", ".join(_word_at(path, at, more) for more in range(0, size.value, 32))
        text = f"hash_of(read(memory, {at.plus(0)}, {length}))"
        w.push_now(path, _either(at, f"hash_words({words})", text))
    else:
        w.push_now(path, f"hash_of({w.read(path, at, size, length)})")


def _word_at(path: Path, at: Place, more: int) -> str:
    known = path.words.get((at.base, at.offset + more))
    return known.text if known else f"memory.get({at.plus(more)}, 0)"


def _sload(w: Writer, path: Path) -> None:
    slot = w.atom(w.pop(path))
    if slot in path.warm:
        path.gas += 100
    else:
        w.use("warm")
        w.emit(f"gas -= 100 if {slot} in warm else cold_slot(f, {slot})")
        path.warm.add(slot)
    if slot not in path.slots:
        w.use("storage")
        path.slots[slot] = Symbol(w.variable(f"storage.get({slot}, 0)"), VARIABLE)
    w.push(path, path.slots[slot])


def _tload(w: Writer, path: Path) -> None:
    w.push_now(path, f"f.tx.transient.get((f.address, {w.pop(path).number}), 0)")


def _of_account(function: str) -> Statement:
    def statement(w: Writer, path: Path) -> None:
        address = w.atom(w.pop(path))
        w.emit(f"gas -= f.tx.touch({address} & ADDRESS_MASK)")
        w.push_now(path, f"{function}(f, {address})")

    return statement


def _copy(function: str, operands: int = 3) -> Statement:
    def statement(w: Writer, path: Path) -> None:
        words = [w.pop(path) for _ in range(operands)]
        path.forget(path.place(words[operands - 3]))
        path.size = None
        texts = [word.number for word in words]
        w.flush_memory(path)
        w.emit(f"gas = {function}(f, {', '.join(texts)}, gas)")

    return statement


def _copy_data(source: str) -> Statement:
    """CALLDATACOPY and RETURNDATACOPY: the bytes get into memory when somebody looks for them, who
    may also take them as they are."""

    def statement(w: Writer, path: Path) -> None:
        to, start, size = (w.settled(w.pop(path)) for _ in range(3))
        at, length = w.place(path, to), size.text
        if size.value == 0 and source == "f.data":
            return
        w.use("memory")
        data = w.once(path, source).text
        if source != "f.data":
            w.emit(f"if {start.text} + {length} > len({data}): raise Halt")
        path.size = None
        w.emit(f"gas = reach(f, {at.plus(0)}, {length}, gas - 3 * (({length} + 31) >> 5))")
        end = length if start.value == 0 else f"{start.text} + {length}"
        text = f"{data}[{start.text}:{end}].ljust({length}, NUL)"
        path.forget(at)
        path.copies += 1
        path.pending[COPY, path.copies] = f"write(memory, {at.plus(0)}, {text})"
        path.copied = (at.plus(0), length, text)

    return statement


def _log(topics: int) -> Statement:
    def statement(w: Writer, path: Path) -> None:
        start, size = w.pop(path), w.pop(path)
        words = "".join(f"{w.pop(path).number}, " for _ in range(topics))
        at, length = w.reach(path, start, size)
        if size.value is not None:
            path.gas += 8 * size.value
        else:
            w.emit(f"gas -= 8 * {length}")
        w.emit(f"log(f, ({words}), {w.read(path, at, size, length)})")

    return statement


def _context(text: str, bits: int, uses: str = "") -> Statement:
    """A word that stays the same while the function runs."""

    def statement(w: Writer, path: Path) -> None:
        w.use(*([uses] if uses else []))
        w.push_text(path, text, bits)

    return statement


def _once(text: str, bits: int) -> Statement:
    """A word that stays the same until the next call, and is looked at again."""

    def statement(w: Writer, path: Path) -> None:
        w.push(path, w.once(path, text, bits))

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


def _sstore(w: Writer, path: Path) -> None:
    slot, word = w.settled(w.pop(path)), w.settled(w.pop(path))
    w.charge(path)
    w.emit(f"gas = store(f, {slot.text}, {word.text}, gas)")
    path.keep(slot, word)


def _tstore(w: Writer, path: Path) -> None:
    slot, word = w.atom(w.pop(path)), w.atom(w.pop(path))
    w.emit(f"store_transient(f, {slot}, {word})")


def _gas(w: Writer, path: Path) -> None:
    w.require_gas(path)
    w.push_now(path, "gas", 64)


def _call(function: str, operands: int, bits: int) -> Statement:
    def statement(w: Writer, path: Path) -> None:
        words = [w.pop(path) for _ in range(operands)]
        texts = [w.atom(word) for word in words]
        writes = operands > 4 and words[-1].value != 0  # it may put into memory what it is returned
        if operands > 4 and not writes and path.copied[:2] == (texts[-4], texts[-3]):
            texts.append(path.copied[2])
        else:
            w.flush_memory(path)
        if writes:
            path.forget(path.place(words[-2]))
        w.charge(path)
        w.emit("f.gas = gas")
        result = w.variable(f"{function}(f, {', '.join(texts)})")
        w.emit("gas = f.gas")
        path.size = None
        path.slots.clear()
        for text in ("f.returned", "len(f.returned)"):
            path.results.pop(text, None)
        w.push(path, Symbol(result, VARIABLE, bits))

    return statement


_EXACT: dict[int, Statement] = {
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

EFFECTS: dict[int, Statement] = {
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
    op.CALLDATACOPY: _copy_data("f.data"),
    op.CODECOPY: _copy("copy_code"),
    op.RETURNDATACOPY: _copy_data("f.returned"),
    op.MCOPY: _copy("copy_memory"),
    op.EXTCODECOPY: _copy("copy_account_code", 4),
    **{op.LOG0 + topics: _log(topics) for topics in range(5)},
    op.ADDRESS: _context("f.address", 160),
    op.CALLER: _context("f.caller", 160),
    op.CALLVALUE: _context("f.value", 256),
    op.CALLDATASIZE: _once("len(f.data)", 64),
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
    op.RETURNDATASIZE: _once("len(f.returned)", 64),
    op.MSIZE: _msize,
    **_EXACT,
}
