"""One instruction as text, for both ways of running code: all but PUSH, PC and jumps."""

from __future__ import annotations

from p2p_cosim.chain.generated import arithmetic, calls, frame, memory, storage
from p2p_cosim.chain.generated import opcodes as op
from p2p_cosim.chain.generated.effects import EFFECTS
from p2p_cosim.chain.generated.expressions import (
    TEMPLATES,
    write_binary,
    write_is_zero,
    write_modular,
    write_not,
    write_power,
)
from p2p_cosim.chain.generated.path import Path
from p2p_cosim.chain.generated.writer import Writer

NAMES: dict[str, object] = {
    **vars(arithmetic),
    **vars(memory),
    **vars(frame),
    **vars(storage),
    **vars(calls),
    "from_bytes": int.from_bytes,
    "NUL": b"\0",
}
"""What generated functions may call."""


def write_instruction(w: Writer, path: Path, opcode: int) -> bool:
    """Write an instruction; whether the code goes on after it."""
    if opcode not in op.STATIC_GAS or opcode in _ENDS:
        _write_end(w, path, opcode)
        return False
    path.gas += op.STATIC_GAS[opcode]
    if opcode in TEMPLATES:
        write_binary(w, path, opcode)
    elif opcode in EFFECTS:
        EFFECTS[opcode](w, path)
    else:
        _write_on_stack(w, path, opcode)
    return True


def _write_on_stack(w: Writer, path: Path, opcode: int) -> None:
    if op.DUP1 <= opcode <= op.DUP16:
        w.push(path, w.fix(path, opcode - op.DUP1 + 1).moved())
    elif op.SWAP1 <= opcode <= op.SWAP16:
        depth = opcode - op.SWAP1 + 2
        while len(path.stack) < depth:
            w.pull(path)
        stack = path.stack
        stack[-1], stack[-depth] = stack[-depth], stack[-1]
    elif opcode == op.POP:
        w.pop(path)
    elif opcode == op.ISZERO:
        write_is_zero(w, path)
    elif opcode == op.NOT:
        write_not(w, path)
    elif opcode == op.EXP:
        write_power(w, path)
    elif opcode in (op.ADDMOD, op.MULMOD):
        write_modular(w, path, "+" if opcode == op.ADDMOD else "*")
    elif opcode != op.JUMPDEST:
        raise NotImplementedError(f"instruction {opcode:#x} has gas and no template")


_ENDS = (op.STOP, op.RETURN, op.REVERT, op.SELFDESTRUCT)


def _write_end(w: Writer, path: Path, opcode: int) -> None:
    """What ends the frame: STOP, RETURN, REVERT, SELFDESTRUCT or no instruction."""
    if opcode == op.SELFDESTRUCT:
        heir = w.atom(w.pop(path))
        w.charge(path)
        w.emit("f.gas = gas", f"self_destruct(f, {heir})", "return None")
        return
    if opcode in (op.RETURN, op.REVERT):
        start, size = w.pop(path), w.pop(path)
        at, length = w.reach(path, start, size)
        w.require_gas(path)
        w.emit(f"f.gas = gas; f.output = {w.read(path, at, size, length)}")
        if opcode == op.REVERT:
            w.emit("f.success = False")
        w.emit("return None")
        return
    if opcode != op.STOP:
        w.emit("raise Halt")
        return
    w.require_gas(path)
    w.emit("f.gas = gas", "return None")
