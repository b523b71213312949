"""YAML as scenarios use it: plain data, no key twice, no anchors, no deep nesting."""

from __future__ import annotations

import re
from typing import Any

import yaml

from p2p_cosim.core.errors import Problem

_MAX_DEPTH = 20


class _Loader(yaml.SafeLoader):
    """SafeLoader that collects repeated keys and refuses what could grow beyond its text."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.problems: list[Problem] = []
        self._depth = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            raise self._refusal("aliases (*name) are not taken: write the value out")
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise self._refusal(f"nested deeper than {_MAX_DEPTH} levels: a scenario needs 4")
        node = super().compose_node(parent, index)
        self._depth -= 1
        return node

    def _refusal(self, message: str) -> yaml.MarkedYAMLError:
        mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
        return yaml.MarkedYAMLError(problem=message, problem_mark=mark)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        first: dict[Any, int] = {}
        for key_node, _ in node.value:
            line = key_node.start_mark.line + 1
            name = str(key_node.value)
            if name in first:
                message = f"{name!r} stands on line {first[name]} already: remove one of them"
                self.problems.append(Problem(f"line {line}", message))
            first.setdefault(name, line)
        return super().construct_mapping(node, deep)


# YAML 1.1 takes 1e-3 for text, because it has no dot; nobody means that.
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(r"[-+]?[0-9]+(?:\.[0-9]*)?[eE][-+]?[0-9]+$"),
    "-+0123456789",
)


def parse(text: str) -> tuple[Any, list[Problem]]:
    """The data in a YAML text, and what is wrong with the text itself."""
    try:
        loader = _Loader(text)
        try:
            return loader.get_single_data(), loader.problems
        finally:
            loader.dispose()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        reason = ": ".join(part for part in (error.context, error.problem) if part)
        return None, [Problem(where, f"is not YAML: {reason}")]
    except (yaml.YAMLError, ValueError) as error:
        return None, [Problem("", f"is not YAML: {str(error).splitlines()[0]}")]
