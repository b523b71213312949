"""What a run took from outside: not from its scenario, its seed or its agents."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from p2p_cosim.core.errors import InputError


@dataclass(frozen=True, slots=True)
class OutsideInput:
    """One thing that came in: a transaction of a stranger, a live reading, a changed field.

    tick: the tick that was to run next when it came in. kind: who can replay it, such as
    "transaction". payload: all that its replay needs, in JSON types alone and without the time
    of day, the sender's machine or a key.
    """

    tick: int
    kind: str
    payload: Mapping[str, object]

    def line(self) -> str:
        """The same text for the same input: a line of `outside.jsonl`, without its end.

        Raises TypeError or ValueError for a payload that is no JSON.
        """
        fields = {"tick": self.tick, "kind": self.kind, "payload": dict(self.payload)}
        return json.dumps(fields, sort_keys=True, separators=(",", ":"), allow_nan=False)


def outside_text(inputs: Iterable[OutsideInput]) -> str:
    """The content of `outside.jsonl`: one input a line, in the order in which they came."""
    return "".join(f"{each.line()}\n" for each in inputs)


def outside_digest(inputs: Iterable[OutsideInput]) -> str:
    """SHA-256 in hex over `outside_text`; empty if nothing came in."""
    text = outside_text(inputs)
    return hashlib.sha256(text.encode()).hexdigest() if text else ""


def read_outside(text: str, source: str) -> tuple[OutsideInput, ...]:
    """The inputs in the text of an `outside.jsonl`; `source` names it in errors.

    Raises InputError, with the line, for what is no input, and for ticks that go back.
    """
    found: list[OutsideInput] = []
    for number, line in enumerate(text.splitlines(), start=1):
        found.append(_of_line(line, f"{source}, line {number}"))
        if len(found) > 1 and found[-1].tick < found[-2].tick:
            raise InputError(
                f"{source}, line {number}: tick {found[-1].tick} follows {found[-2].tick}: "
                "inputs stand in the order in which they came"
            )
    return tuple(found)


def _of_line(line: str, where: str) -> OutsideInput:
    try:
        fields = json.loads(line)
    except ValueError as error:
        raise InputError(f"{where}: no JSON ({error})") from None
    given = set(fields) if isinstance(fields, dict) else set()
    if given != {"tick", "kind", "payload"}:
        raise InputError(f"{where}: an input has the fields tick, kind and payload, no others")
    tick, kind, payload = fields["tick"], fields["kind"], fields["payload"]
    if type(tick) is not int or tick < 0 or not isinstance(kind, str) or type(payload) is not dict:
        raise InputError(
            f"{where}: tick is a whole number from 0, kind a text and payload an object"
        )
    return OutsideInput(tick, kind, payload)
