"""Arithmetic and comparisons as Python expressions.

Each template gives the text of an instruction's result, how many bits it has, and whether it
is a truth value. Known widths leave out the masks that keep a result within a word.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from p2p_cosim.chain.generated import opcodes as op
from p2p_cosim.chain.generated.arithmetic import BINARY, MAX, SIGN, WORD_BYTES
from p2p_cosim.chain.generated.path import Path
from p2p_cosim.chain.generated.symbols import EXPRESSION, TRUTH, VARIABLE, Symbol, constant
from p2p_cosim.chain.generated.writer import Writer

MASK, _SIGN = hex(MAX), hex(SIGN)
MOST_OFFSET = 1 << 32  # from a place of the memory; nothing of it is beyond a word
NARROW_BITS = 32  # of words that are taken for numbers of things, such as indices
Template = Callable[[Writer, Path, Symbol, Symbol], Symbol]


def write_binary(w: Writer, path: Path, opcode: int) -> None:
    """An instruction of two operands; computed here and now if both are known."""
    a, b = w.pop(path), w.pop(path)
    if a.value is not None and b.value is not None:
        w.push(path, constant(BINARY[opcode](a.value, b.value)))
        return
    result = TEMPLATES[opcode](w, path, a, b)
    if result.kind in (EXPRESSION, TRUTH):
        w.push_symbol(path, result)
    else:
        w.push(path, result.moved())


def write_is_zero(w: Writer, path: Path) -> None:
    """ISZERO."""
    a = w.pop(path)
    if a.value is not None:
        w.push(path, constant(int(a.value == 0)))
    else:
        narrows = (*a.narrows[:2], not a.narrows[2])
        w.push_symbol(path, Symbol(a.opposite, TRUTH, 1, narrows=narrows))


def write_not(w: Writer, path: Path) -> None:
    """NOT."""
    a = w.pop(path)
    if a.value is not None:
        w.push(path, constant(MAX ^ a.value))
    else:
        w.push_text(path, f"({MASK} ^ {a.number})")


def write_modular(w: Writer, path: Path, sign: str) -> None:
    """ADDMOD and MULMOD."""
    a, b, n = w.pop(path), w.pop(path), w.pop(path)
    divisor = w.atom(n)
    w.push_text(path, f"(({a.number} {sign} {b.number}) % {divisor} if {divisor} else 0)", n.bits)


def write_power(w: Writer, path: Path) -> None:
    """EXP: 50 gas for each byte of the exponent (EIP-160)."""
    a, e = w.pop(path), w.pop(path)
    exponent = w.atom(e)
    if e.value is None:
        w.emit(f"gas -= 50 * (({exponent}.bit_length() + 7) // 8)")
    else:
        path.gas += 50 * ((e.bits + 7) // 8)
    w.push_text(path, f"pow({a.number}, {exponent}, {hex(MAX + 1)})")


def _word(text: str, bits: int) -> Symbol:
    if bits > 256:
        return Symbol(f"(({text}) & {MASK})", EXPRESSION)
    return Symbol(f"({text})", EXPRESSION, bits)


def _add(w: Writer, path: Path, a: Symbol, b: Symbol) -> Symbol:
    if 0 in (a.value, b.value):
        return b if a.value == 0 else a
    result = _word(f"{a.number} + {b.number}", max(a.bits, b.bits) + 1)
    for start, more in ((a, b), (b, a)):
        if start.origin in path.low:
            place = _place(w, path, start, more)
            if place:
                return place
        if start.kind == VARIABLE and more.value is not None and more.value < MOST_OFFSET:
            result = replace(result, sum=(start.text, more.value))
    return result


def _place(w: Writer, path: Path, start: Symbol, more: Symbol) -> Symbol | None:
    """A place and so much more, if that is a place."""
    base, offset = start.origin, start.offset
    if more.value is not None:
        offset += more.value
        if offset >= MOST_OFFSET:
            return None
    elif base in path.guarded and more.zeros >= 5 and more.bits <= NARROW_BITS + 5:
        # An element of an array, say: as good a place as the one it counts from.
        bits = max(path.low[base], more.bits) + 1
        place = w.once(path, f"{base} + {more.number}", bits)
        path.below[place.text] = base
        base = place.text
        path.low[base] = bits
        path.guarded.add(base)
        if not offset:
            return place
    else:
        return None
    bits = path.low[base] + 1  # the offset has fewer
    return Symbol(f"({base} + {offset})", EXPRESSION, bits, base=base, offset=offset)


def _multiply(_w: Writer, _path: Path, a: Symbol, b: Symbol) -> Symbol:
    return _word(f"{a.number} * {b.number}", a.bits + b.bits)


def _subtract(_w: Writer, _path: Path, a: Symbol, b: Symbol) -> Symbol:
    if b.value == 0:
        return a
    if a.base and a.base == b.origin and a.offset >= b.offset:
        return constant(a.offset - b.offset)
    text = f"(({a.number} - {b.number}) & {MASK})"
    return replace(
        _difference(Symbol(text, EXPRESSION), a, b), unequal=f"({a.number} != {b.number})"
    )


def _divide(w: Writer, _path: Path, a: Symbol, b: Symbol) -> Symbol:
    if b.value == 0:
        return constant(0)
    if b.value is not None:
        return _word(f"{a.number} // {b.text}", a.bits)
    divisor = w.atom(b)
    return _word(f"{a.number} // {divisor} if {divisor} else 0", a.bits)


def _modulo(w: Writer, _path: Path, a: Symbol, b: Symbol) -> Symbol:
    divisor = w.atom(b)
    return _word(f"{a.number} % {divisor} if {divisor} else 0", min(a.bits, b.bits))


def _and(_w: Writer, _path: Path, a: Symbol, b: Symbol) -> Symbol:
    for mask, word in ((a, b), (b, a)):
        if mask.value == 0:
            return constant(0)
        if mask.value is not None and mask.value == (1 << mask.bits) - 1 >= (1 << word.bits) - 1:
            return word  # a mask wider than the word
        if mask.value is not None and mask.value == (1 << mask.bits) - 1:
            return replace(_word(f"{word.number} & {mask.text}", mask.bits), part_of=word.text)
    if a.kind == b.kind == TRUTH:
        return Symbol(f"({a.text} and {b.text})", TRUTH, 1)
    return _word(f"{a.number} & {b.number}", min(a.bits, b.bits))


def _or(_w: Writer, _path: Path, a: Symbol, b: Symbol) -> Symbol:
    if a.value == 0:
        return b
    if b.value == 0:
        return a
    if a.kind == b.kind == TRUTH:
        return Symbol(f"({a.text} or {b.text})", TRUTH, 1)
    return _word(f"{a.number} | {b.number}", max(a.bits, b.bits))


def _xor(_w: Writer, _path: Path, a: Symbol, b: Symbol) -> Symbol:
    result = _word(f"{a.number} ^ {b.number}", max(a.bits, b.bits))
    return replace(_difference(result, a, b), unequal=f"({a.number} != {b.number})")


def _difference(result: Symbol, a: Symbol, b: Symbol, *, holds: bool = False) -> Symbol:
    """A word that tells whether two words differ. If one of them is a part of the other, and they
    do not, the other has no more bits."""
    for part, whole in ((a, b), (b, a)):
        if part.part_of and part.part_of == whole.text and whole.kind != TRUTH:
            return replace(result, narrows=(whole.text, part.bits, holds))
    return result


def _shift_left(w: Writer, _path: Path, n: Symbol, x: Symbol) -> Symbol:
    if n.value == 0:
        return x
    if n.value is not None:
        if n.value >= 256:
            return constant(0)
        shifted = _word(f"{x.number} << {n.value}", x.bits + n.value)
        return replace(shifted, zeros=x.zeros + n.value)
    bits = w.atom(n)
    return _word(f"(({x.number} << {bits}) & {MASK}) if {bits} < 256 else 0", 256)


def _shift_right(w: Writer, path: Path, n: Symbol, x: Symbol) -> Symbol:
    if n.value == 0:
        return x
    if n.value is not None:
        if n.value >= x.bits:
            return constant(0)
        if n.value == 224 and x.text == path.call:
            return constant(path.selector)
        return _word(f"{x.number} >> {n.value}", x.bits - n.value)
    bits = w.atom(n)
    return _word(f"({x.number} >> {bits}) if {bits} < 256 else 0", x.bits)


def _less(_w: Writer, path: Path, a: Symbol, b: Symbol) -> Symbol:
    """Known where widths decide, and between places that count from the same one."""
    if b.value is not None and (1 << a.bits) <= b.value:
        return constant(1)
    if b.value == 0 or (a.value is not None and (1 << b.bits) <= a.value + 1):
        return constant(0)
    if a.origin in path.low and a.origin == b.origin:
        return constant(int(a.offset < b.offset))
    narrows = ("", 0, False)
    if b.value is not None and a.kind == VARIABLE:
        narrows = (a.text, (b.value - 1).bit_length(), True)
    elif a.value is not None and b.kind == VARIABLE:
        narrows = (b.text, a.bits, False)
    return Symbol(f"({a.number} < {b.number})", TRUTH, 1, narrows=narrows)


def _equal(_w: Writer, _path: Path, a: Symbol, b: Symbol) -> Symbol:
    for zero, truth in ((a, b), (b, a)):
        if zero.value == 0 and truth.kind == TRUTH:
            return Symbol(truth.opposite, TRUTH, 1)
    result = Symbol(f"({a.number} == {b.number})", TRUTH, 1)
    return _difference(result, a, b, holds=True)


def _less_signed(w: Writer, path: Path, a: Symbol, b: Symbol) -> Symbol:
    """With the sign bit turned over, signed words are in the order of unsigned ones."""
    if b.value == 0:
        return constant(0) if a.bits < 256 else Symbol(f"({a.number} >= {_SIGN})", TRUTH, 1)
    if a.value == 0:
        return Symbol(f"(0 < {b.number} < {_SIGN})", TRUTH, 1)
    if a.bits < 256 and b.bits < 256:
        return Symbol(f"({a.number} < {b.number})", TRUTH, 1)
    return Symbol(f"({_turned(w, path, a)} < {_turned(w, path, b)})", TRUTH, 1)


def _turned(w: Writer, path: Path, a: Symbol) -> str:
    if a.value is not None:
        return hex(a.value ^ SIGN)
    text = f"({a.number} ^ {_SIGN})"
    return w.once(path, text).text if a.kind == VARIABLE else text


def _extend_sign(w: Writer, path: Path, place: Symbol, x: Symbol) -> Symbol:
    """With a known place, what is not negative stays as it is."""
    if place.value is None or place.value >= WORD_BYTES - 1:
        return _function("extend_sign")(w, path, place, x)
    bits = 8 * place.value + 8
    if x.bits < bits or 0 < x.signed_bits <= bits:
        return x
    word, limit = w.atom(x), 1 << bits - 1
    if x.bits == bits:
        negative = f"{word} | {hex(MAX >> bits << bits)}"
    else:  # mostly it is extended already
        negative = f"{word} if {word} > {hex(MAX - limit)} else extend_sign({place.value}, {word})"
    result = _word(f"{word} if {word} < {hex(limit)} else {negative}", 256)
    return replace(result, signed_bits=bits)


def _swapped(template: Template) -> Template:
    return lambda w, path, a, b: template(w, path, b, a)


def _function(name: str) -> Template:
    def template(_w: Writer, _path: Path, a: Symbol, b: Symbol) -> Symbol:
        return Symbol(f"{name}({a.number}, {b.number})", EXPRESSION)

    return template


TEMPLATES: dict[int, Template] = {
    op.ADD: _add,
    op.MUL: _multiply,
    op.SUB: _subtract,
    op.DIV: _divide,
    op.SDIV: _function("divide_signed"),
    op.MOD: _modulo,
    op.SMOD: _function("modulo_signed"),
    op.SIGNEXTEND: _extend_sign,
    op.LT: _less,
    op.GT: _swapped(_less),
    op.SLT: _less_signed,
    op.SGT: _swapped(_less_signed),
    op.EQ: _equal,
    op.AND: _and,
    op.OR: _or,
    op.XOR: _xor,
    op.BYTE: _function("byte_of"),
    op.SHL: _shift_left,
    op.SHR: _shift_right,
    op.SAR: _function("shift_signed"),
}
