"""Text of a generated function: lines, variables, the stack, gas and memory.

A generated function is `def block(f, s)`: f is the `Frame`, s the stack, top last. Its words
are local variables and expressions as far as the function knows them. Its locals: `gas` left,
`height` of the stack when it began, and what it uses of `memory`, `data`, `storage` and `warm`.

Gas and the height of the stack are checked once for a segment, a run of instructions without
a branch, at its beginning. That is exact: out of gas, underflow and overflow all burn the
frame's gas and undo it, and so it does not matter at which instruction they are found, as
long as nobody sees the frame's gas, and nobody outside its effects, before.
"""

from __future__ import annotations

from dataclasses import replace

from p2p_cosim.chain.generated.frame import MEMORY_LIMIT, STACK_LIMIT
from p2p_cosim.chain.generated.memory import SHORT
from p2p_cosim.chain.generated.symbols import (
    CONSTANT,
    EXPRESSION,
    TRUTH,
    VARIABLE,
    Path,
    Place,
    Symbol,
)

LONG = 400  # characters of an expression that gets a variable of its own
FRAME_LOCALS = ("memory", "data", "storage", "warm")


class Writer:
    """The text of one function."""

    def __init__(self) -> None:
        self._lines: list[tuple[int, str]] = []
        self._variables = 0
        self._uses: set[str] = set()

    def text(self, name: str = "block") -> str:
        """The whole function."""
        head = [f"def {name}(f, s):", "    gas = f.gas"]
        head += [f"    {name} = f.{name}" for name in FRAME_LOCALS if name in self._uses]
        head.append("    while True:")
        if "height" in self._uses:
            head.append("        height = len(s)")
        body = [f"{'    ' * indent}{text}" for indent, text in self._lines if text]
        return "\n".join([*head, *body]) + "\n"

    def emit(self, path: Path, *lines: str) -> None:
        """Add lines."""
        self._lines += [(path.indent, line) for line in lines]

    def use(self, *names: str) -> None:
        """Have these of the frame as locals."""
        self._uses.update(names)

    # Segments

    def open(self, path: Path) -> None:
        """Begin a segment: its gas and checks will stand here."""
        path.opened = len(self._lines)
        path.checked = (path.needs, path.grows)
        self._lines += [(path.indent, ""), (path.indent, "")]

    def close(self, path: Path) -> None:
        """End the segment: what it takes is known now."""
        if path.gas:
            self._lines[path.opened] = (path.indent, f"gas -= {path.gas}")
            path.gas = 0
        needs, grows = path.checked
        checks = [f"height < {path.needs}"] if path.needs > needs else []
        if path.grows > grows:
            checks.append(f"height > {STACK_LIMIT - path.grows}")
        if checks:
            self.use("height")
            check = f"if {' or '.join(checks)}: raise StackError"
            self._lines[path.opened + 1] = (path.indent, check)

    def require_gas(self, path: Path) -> None:
        """Check the gas: what follows can be seen from outside."""
        self.pay_memory(path)
        self.emit(path, "if gas < 0: raise OutOfGas")

    # The stack

    def pull(self, path: Path) -> None:
        """Bring one more word of the stack that the block found into sight."""
        path.taken += 1
        path.needs = max(path.needs, path.taken)
        name = f"e{path.taken}"
        self.emit(path, f"{name} = s[-{path.taken}]")
        path.stack.insert(0, Symbol(name, VARIABLE, place=path.taken))

    def pop(self, path: Path) -> Symbol:
        """Take the top word."""
        if not path.stack:
            self.pull(path)
        return path.stack.pop()

    def push(self, path: Path, symbol: Symbol) -> None:
        """Put a word on top."""
        path.stack.append(symbol)
        path.grows = max(path.grows, len(path.stack) - path.taken)

    def push_text(self, path: Path, text: str, bits: int = 256, kind: int = EXPRESSION) -> None:
        """Put a word on top that is computed where it is used."""
        self.push_symbol(path, Symbol(text, kind, bits))

    def push_symbol(self, path: Path, symbol: Symbol) -> None:
        """Put a word on top, and into a variable of its own if its text is long."""
        if len(symbol.text) > LONG:
            symbol = Symbol(self.atom(path, symbol), VARIABLE, symbol.bits)
        self.push(path, symbol)

    def push_now(self, path: Path, text: str, bits: int = 256) -> None:
        """Put a word on top that is computed here."""
        self.push(path, Symbol(self.variable(path, text), VARIABLE, bits))

    def variable(self, path: Path, text: str) -> str:
        """A new variable with this value."""
        self._variables += 1
        name = f"v{self._variables}"
        self.emit(path, f"{name} = {text}")
        return name

    def atom(self, path: Path, symbol: Symbol) -> str:
        """The word as text that may stand twice."""
        if symbol.kind in (CONSTANT, VARIABLE):
            return symbol.text
        return self.variable(path, symbol.number)

    def fix(self, path: Path, depth: int) -> Symbol:
        """The word at a depth (1: the top), computed once if it is still to be computed."""
        while len(path.stack) < depth:
            self.pull(path)
        symbol = path.stack[-depth]
        if symbol.kind == EXPRESSION:
            symbol = replace(symbol, text=self.atom(path, symbol), kind=VARIABLE)
        elif symbol.kind == TRUTH and not symbol.text.isidentifier():
            symbol = replace(symbol, text=self.variable(path, symbol.text))
        path.stack[-depth] = symbol
        return symbol

    def _changed(self, path: Path) -> tuple[int, list[str]]:
        """How many words are not what the block found any more, and what stands there now."""
        stack, taken = path.stack, path.taken
        same = 0
        while same < min(taken, len(stack)) and stack[same].place == taken - same:
            same += 1
        return taken - same, [symbol.number for symbol in stack[same:]]

    def flush(self, path: Path) -> None:
        """Write the stack back as it is now."""
        drop, words = self._changed(path)
        if words and drop:
            self.emit(path, f"s[-{drop}:] = ({', '.join(words)},)")
        elif len(words) == 1:
            self.emit(path, f"s.append({words[0]})")
        elif words:
            self.emit(path, f"s += ({', '.join(words)})")
        elif drop:
            self.emit(path, f"del s[-{drop}:]")

    def cold_exit(self, path: Path, target: str) -> str:
        """Text that goes to another function, for ways that are seldom gone: short, not fast."""
        drop, words = self._changed(path)
        ends = _tuple(self._unpaid(path))
        return f"return leave(f, s, gas, {ends}, {drop}, {_tuple(words)}, {target})"

    # Memory

    def place(self, path: Path, start: Symbol) -> Place:
        """A place in the memory, to stand as often as wanted."""
        if start.value is not None:
            return Place("", start.value)
        base = start.base or self.atom(path, start)
        return Place(base, start.offset, base in path.guarded)

    def reach(self, path: Path, start: Symbol, size: Symbol) -> tuple[Place, str]:
        """Make the memory reach; the place, and text of the size that may stand twice."""
        self.use("memory")
        at, length = self.place(path, start), self.atom(path, size)
        if size.value == 0:
            return at, length
        if size.value is None or size.value > SHORT:
            self.emit(path, f"gas = reach(f, {at.plus(0)}, {length}, gas)")
            return at, length
        if at.base and at.base not in path.low:
            self.emit(path, f"if {at.base} > {MEMORY_LIMIT}: raise OutOfGas")
            path.low.add(at.base)
        end = at.offset + size.value
        if end > path.reaches.get(at.base, 0):
            path.reaches[at.base] = end
            path.unpaid.add(at.base)
        return at, length

    def pay_memory(self, path: Path) -> None:
        """Pay for what has been reached since the last time: what follows looks at the gas.

        That the gas is charged later than the memory is used makes no difference, as with all
        gas of a segment.
        """
        for end in self._unpaid(path):
            self.emit(path, f"if f.size < {end}: gas = grow(f, {end}, gas)")
        path.unpaid.clear()

    def _unpaid(self, path: Path) -> list[str]:
        """Ends up to which the memory is to be paid for; what was reached last, which is mostly the
        highest, comes first and leaves little for the others."""
        ends = reversed(path.reaches.items())
        return [Place(base, end).plus(0) for base, end in ends if base in path.unpaid]


def _tuple(texts: list[str]) -> str:
    return f"({''.join(f'{text}, ' for text in texts)})"
