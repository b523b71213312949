"""What code depends on: its instructions, and the names that it takes from outside."""

from __future__ import annotations

import dis
import sys
import sysconfig
from collections.abc import Iterator
from functools import cache
from types import CodeType, FunctionType
from typing import Any

_OWN_PACKAGE = "p2p_cosim"  # its code has a digest of its own in a run's identity
_LIBRARIES = tuple({sysconfig.get_paths()[name] for name in ("purelib", "platlib", "stdlib")})
_SKIPPED = frozenset({"__weakref__", "__dict__", "_abc_impl"})


@cache
def is_library(module: str) -> bool:
    """Whether a module is of Python, of an installed package or of this one, and no user's own."""
    root = module.partition(".")[0]
    if root == "__main__":  # a script or a notebook, whoever started it
        return False
    if root == _OWN_PACKAGE or root in sys.stdlib_module_names:
        return True
    file = getattr(sys.modules.get(root), "__file__", None)
    return file is not None and file.startswith(_LIBRARIES)


def library_version(module: str) -> str:
    """The version that an installed package gives itself, or nothing."""
    root = module.partition(".")[0]
    given = getattr(sys.modules.get(root), "__version__", "")
    return "" if root == _OWN_PACKAGE else str(given)


def instructions(code: CodeType) -> tuple[object, ...]:
    """What a code object does, without where it stands: equal for equal code in any file."""
    return (
        code.co_code,
        code.co_names,
        code.co_varnames,
        code.co_freevars,
        code.co_cellvars,
        code.co_consts,
        code.co_argcount,
        code.co_posonlyargcount,
        code.co_kwonlyargcount,
        code.co_flags,
        code.co_exceptiontable,
    )


def used_globals(function: FunctionType) -> dict[str, Any]:
    """The module's names that a function and the functions inside it load, with their values."""
    names = sorted(set(_loaded(function.__code__)))
    return {name: function.__globals__[name] for name in names if name in function.__globals__}


def _loaded(code: CodeType) -> Iterator[str]:
    for instruction in dis.get_instructions(code):
        if instruction.opname in ("LOAD_GLOBAL", "LOAD_NAME"):
            yield str(instruction.argval)
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _loaded(constant)


def closure(function: FunctionType) -> dict[str, Any]:
    """What a function has captured, by name; without what is not set yet."""
    captured = {}
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
        try:
            captured[name] = cell.cell_contents
        except ValueError:  # defined later than the function
            continue
    return captured


def members(cls: type) -> dict[str, Any]:
    """A class's methods, and attributes that are no bookkeeping of Python's."""
    return {
        name: value
        for name, value in sorted(vars(cls).items())
        if name not in _SKIPPED
        and not hasattr(value, "__objclass__")  # a slot, whose value the object has
        and (callable(value) or not (name.startswith("__") and name.endswith("__")))
    }
