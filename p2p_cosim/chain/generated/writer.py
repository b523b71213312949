"""Text of a generated function: lines, variables, the stack, gas and memory.

A generated function is `def block(f, s)`: f is the `Frame`, s the stack, top last. Its words
are local variables and expressions as far as the function knows them. Its locals: `gas` left,
and what it uses of `memory`, `storage` and `warm`.

Gas is charged where somebody looks at it, and the height of the stack is checked once, at the
beginning. That is exact: out of gas, underflow and overflow all burn the frame's gas and undo it,
and so it does not matter at which instruction they are found, as long as nobody sees the frame's
gas, and nobody outside its effects, before.
"""

from __future__ import annotations

from collections.abc import Set
from dataclasses import replace

from p2p_cosim.chain.generated.frame import MEMORY_LIMIT, STACK_LIMIT, memory_gas
from p2p_cosim.chain.generated.memory import SHORT
from p2p_cosim.chain.generated.path import Path
from p2p_cosim.chain.generated.symbols import (
    CONSTANT,
    EXPRESSION,
    RESERVED,
    TRUTH,
    VARIABLE,
    Place,
    Symbol,
)

PLACE_BITS = MEMORY_LIMIT.bit_length()
MOST_PENDING = 24  # statements that stand in each exit
LONG = 400  # characters of an expression that gets a variable of its own
FRAME_LOCALS = ("memory", "storage", "warm")


class Writer:
    """The text of one function."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._variables = 0
        self._uses: set[str] = set()
        self._held = 0  # words of the stack that are variables from the beginning
        self._carried: Set[int] = frozenset()  # depths of those that are assigned more than once

    def assemble(self, name: str, path: Path, otherwise: str) -> str:
        """The whole function. otherwise: what it does if the stack is too low or too high."""
        head = [f"def {name}(f, s):"]
        most = STACK_LIMIT - path.grows
        if path.needs or path.grows:
            head.append(f"    if not {path.needs} <= len(s) <= {most}: {otherwise}")
        head.append("    gas = f.gas")
        head += [f"    {local} = f.{local}" for local in FRAME_LOCALS if local in self._uses]
        if self._held:
            names = ", ".join(f"e{depth}" for depth in range(self._held, 0, -1))
            head.append(f"    {names}, = s[-{self._held}:]")
        head.append("    while True:")
        return "\n".join([*head, *(f"        {line}" for line in self._lines)]) + "\n"

    def emit(self, *lines: str) -> None:
        """Add lines."""
        self._lines += lines

    def use(self, *names: str) -> None:
        """Have these of the frame as locals."""
        self._uses.update(names)

    # Gas

    def charge(self, path: Path) -> None:
        """Charge all gas up to here: what follows looks at it."""
        self.pay_memory(path)
        if path.gas:
            self.emit(f"gas -= {path.gas}")
            path.gas = 0

    def require_gas(self, path: Path) -> None:
        """Charge the gas and check it: what follows can be seen from outside."""
        self.charge(path)
        self.emit("if gas < 0: raise OutOfGas")

    # The stack

    def pull(self, path: Path) -> None:
        """Bring one more word of the stack that the function found into sight."""
        path.taken += 1
        path.needs = max(path.needs, path.taken)
        name = f"e{path.taken}"
        if path.taken > self._held:
            self.emit(f"{name} = s[-{path.taken}]")
        place = 0 if path.taken in self._carried else path.taken
        path.stack.insert(0, Symbol(name, VARIABLE, place=place))

    def pop(self, path: Path) -> Symbol:
        """Take the top word."""
        if not path.stack:
            self.pull(path)
        return path.stack.pop()

    def push(self, path: Path, symbol: Symbol) -> None:
        """Put a word on top."""
        path.stack.append(symbol.moved() if symbol.place else symbol)
        path.grows = max(path.grows, len(path.stack) - path.taken)

    def push_text(self, path: Path, text: str, bits: int = 256, kind: int = EXPRESSION) -> None:
        """Put a word on top that is computed where it is used."""
        self.push_symbol(path, Symbol(text, kind, bits))

    def push_symbol(self, path: Path, symbol: Symbol) -> None:
        """Put a word on top, and into a variable of its own if its text is long."""
        if len(symbol.text) > LONG:
            symbol = Symbol(self.atom(symbol), VARIABLE, symbol.bits)
        self.push(path, symbol)

    def push_now(self, path: Path, text: str, bits: int = 256) -> None:
        """Put a word on top that is computed here."""
        self.push(path, Symbol(self.variable(text), VARIABLE, bits))

    def push_once(self, path: Path, text: str) -> None:
        """Put a word on top that never changes, computed at the first time."""
        self.push(path, self.once(path, text))

    def once(self, path: Path, text: str, bits: int = 256) -> Symbol:
        """A variable with what stays the same, computed at the first time."""
        if text not in path.results:
            path.results[text] = Symbol(self.variable(text), VARIABLE, bits)
        return path.results[text]

    def variable(self, text: str) -> str:
        """A new variable with this value."""
        self._variables += 1
        name = f"v{self._variables}"
        self.emit(f"{name} = {text}")
        return name

    def atom(self, symbol: Symbol) -> str:
        """The word as text that may stand twice."""
        if symbol.kind in (CONSTANT, VARIABLE):
            return symbol.text
        return self.variable(symbol.number)

    def settled(self, symbol: Symbol) -> Symbol:
        """The word as a constant or a variable."""
        if symbol.kind in (CONSTANT, VARIABLE) or symbol.base:
            return symbol.moved()
        return replace(symbol, text=self.atom(symbol), kind=VARIABLE)

    def fix(self, path: Path, depth: int) -> Symbol:
        """The word at a depth (1: the top), computed once if it is still to be computed."""
        while len(path.stack) < depth:
            self.pull(path)
        symbol = path.stack[-depth]
        if symbol.kind == EXPRESSION and not symbol.base:
            symbol = replace(symbol, text=self.atom(symbol), kind=VARIABLE)
        elif symbol.kind == TRUTH and not symbol.text.isidentifier():
            symbol = replace(symbol, text=self.variable(symbol.text))
        path.stack[-depth] = symbol
        return symbol

    def _changed(self, path: Path) -> tuple[int, list[str]]:
        """How many words are not what the function found any more, and what stands there now."""
        stack, taken = path.stack, path.taken
        same = 0
        while same < min(taken, len(stack)) and stack[same].place == taken - same:
            same += 1
        return taken - same, [symbol.number for symbol in stack[same:]]

    def flush(self, path: Path) -> None:
        """Write memory and the stack back as they are now."""
        self.flush_memory(path)
        drop, words = self._changed(path)
        if words and drop:
            self.emit(f"s[-{drop}:] = ({', '.join(words)},)")
        elif len(words) == 1:
            self.emit(f"s.append({words[0]})")
        elif words:
            self.emit(f"s += ({', '.join(words)})")
        elif drop:
            self.emit(f"del s[-{drop}:]")

    def leave_if(self, condition: str, path: Path, target: str) -> None:
        """Go to another function on a condition that seldom holds: short, not fast."""
        drop, words = self._changed(path)
        ends = _tuple(self._unpaid(path))
        gas = f"gas - {path.gas}" if path.gas else "gas"
        leave = f"leave(f, s, {gas}, {ends}, {drop}, {_tuple(words)}, {target})"
        self.emit(f"if {condition}: {'; '.join([*path.pending.values(), f'return {leave}'])}")

    # Memory

    def place(self, path: Path, start: Symbol) -> Place:
        """A place in the memory, to stand as often as wanted."""
        if start.value is not None:
            return Place("", start.value)
        base = start.base or self.atom(start)
        return Place(base, start.offset, base in path.guarded)

    def reach(self, path: Path, start: Symbol, size: Symbol) -> tuple[Place, str]:
        """Make the memory reach; the place, and text of the size that may stand twice."""
        self.use("memory")
        at, length = self.place(path, start), self.atom(size)
        if size.value == 0:
            return at, length
        if size.value is None or size.value > SHORT:
            path.size = None
            self.emit(f"gas = reach(f, {at.plus(0)}, {length}, gas)")
            return at, length
        if at.base and at.base not in path.low:
            self.emit(f"if {at.base} > {MEMORY_LIMIT}: raise OutOfGas")
            path.low[at.base] = PLACE_BITS
        end = at.offset + size.value
        if end > path.reaches.get(at.base, 0):
            path.reaches[at.base] = end
            path.unpaid.add(at.base)
        return at, length

    def store(self, path: Path, at: Place, word: Symbol) -> None:
        """Put a word into the memory, as late as may be: until then others may take its place."""
        to, text = at.plus(0), word.text
        is_blank = path.is_blank and not at.base  # a variable may be a place that was written
        if word.value == 0 and is_blank and at.is_aligned and at.key not in path.words:
            pass  # there are zeros
        elif at.is_aligned:
            path.pending.pop((at.base, at.offset), None)
            path.pending[at.base, at.offset] = f"memory[{to}] = {text}"
            if len(path.pending) > MOST_PENDING:
                self.emit(path.pending.pop(next(iter(path.pending))))
        else:
            self.flush_memory(path)
            if at.aligned != "False":
                self.emit(
                    f"if {at.aligned}: memory[{to}] = {text}", f"else: put(memory, {to}, {text})"
                )
            else:
                self.emit(f"put(memory, {to}, {text})")
        path.remember(at, word)

    def flush_memory(self, path: Path) -> None:
        """Put into the memory what is yet to be put there."""
        self.emit(*path.pending.values())
        path.pending.clear()

    def read(self, path: Path, at: Place, size: Symbol, length: str) -> str:
        """Text of the bytes at a place of the memory."""
        if size.value == 0:
            return 'b""'
        if path.copied[:2] == (at.plus(0), length):
            return path.copied[2]
        if size.value is not None and size.value % 32 == 0 and 0 < size.value <= SHORT:
            places = [(at.base, at.offset + more) for more in range(0, size.value, 32)]
            if all(place in path.words for place in places):
                return f"bytes_of({', '.join(path.words[place].text for place in places)})"
        self.flush_memory(path)
        return f"read(memory, {at.plus(0)}, {length})"

    def pay_memory(self, path: Path) -> None:
        """Pay for what has been reached since the last time: what follows looks at the gas.

        That the gas is charged later than the memory is used makes no difference, as with all
        other gas.
        """
        if path.size is not None and path.unpaid <= {""}:
            end = (path.reaches.get("", 0) + 31) // 32 * 32
            if end > path.size:
                path.gas += memory_gas(end) - memory_gas(path.size)
                path.size = end
                self.emit(f"f.size = {end}")
        else:
            path.size = None
            for text in self._unpaid(path):
                self.emit(f"if f.size < {text}: gas = grow(f, {text}, gas)")
        path.unpaid.clear()

    def _unpaid(self, path: Path) -> list[str]:
        """Ends up to which the memory is to be paid for; what was reached last, which is mostly the
        highest, comes first and leaves little for the others. Ends below others are left out."""
        ends = {base: end for base, end in path.reaches.items() if base in path.unpaid}
        covered = {path.below.get(base): end for base, end in ends.items()}
        if ends.keys() & path.guarded:
            covered[""] = RESERVED
        return [
            Place(base, end).plus(0)
            for base, end in reversed(ends.items())
            if covered.get(base, 0) < end
        ]


def _tuple(texts: list[str]) -> str:
    return f"({''.join(f'{text}, ' for text in texts)})"
