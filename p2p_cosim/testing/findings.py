"""What a check found, told at once."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from p2p_cosim.core.errors import InputError
from p2p_cosim.seams import class_name

_MOST = 12  # lines of one error; the rest is counted


class ConformanceError(AssertionError):
    """Something does not follow its protocol. `problems` lists everything found."""

    def __init__(self, subject: str, protocol: str, problems: list[str]) -> None:
        self.problems = tuple(problems)
        shown = [f"  {problem}" for problem in problems[:_MOST]]
        if len(problems) > _MOST:
            shown.append(f"  and {len(problems) - _MOST} more")
        count = f"{len(problems)} problem{'s'[: len(problems) != 1]}"
        super().__init__("\n".join([f"{subject} does not follow {protocol}: {count}", *shown]))


class Findings:
    """Collects what is wrong with one implementation of a protocol."""

    def __init__(self, subject: object, protocol: str) -> None:
        self.subject = subject if isinstance(subject, str) else class_name(subject)
        self.protocol = protocol
        self.problems: dict[str, None] = {}

    def expect(self, holds: object, problem: str) -> None:
        """Note a problem unless something holds."""
        if not holds:
            self.problems[problem] = None

    @contextmanager
    def case(self, name: str) -> Iterator[None]:
        """Whatever is raised inside is a problem of this case; the others are still tried."""
        try:
            yield
        except Exception as error:  # any error is a finding
            kind = "" if isinstance(error, InputError) else f"raised {type(error).__name__}: "
            self.problems[f"{name}: {kind}{error}"] = None

    def close(self) -> None:
        """Raises ConformanceError if anything was found."""
        if self.problems:
            raise ConformanceError(self.subject, self.protocol, list(self.problems))


def maker(plugin: Any, method: str) -> Callable[[], Any]:
    """How to make a fresh instance: of a class, from a factory, or as a copy of an object."""
    if isinstance(plugin, type) or not hasattr(plugin, method):
        if callable(plugin):
            return plugin  # type: ignore[no-any-return]
        raise InputError(
            f"{class_name(plugin)} has no method {method!r} and is no class or factory: "
            "give one of these"
        )
    return lambda: _copied(plugin)


def _copied(plugin: Any) -> Any:
    """A copy, as a run makes one for each trader; an object that all share may be itself."""
    try:
        return copy.deepcopy(plugin)
    except Exception as error:
        if getattr(plugin, "shared", False) is True:
            return plugin
        raise InputError(
            f"it cannot be copied: {error}; pass its class or a function that makes one, or set "
            "shared = True"
        ) from error
