"""The process's environment as the engine's library remembers it.

The library is written in Pascal. When it is loaded it keeps the address of the C library's array
of environment variables, and it reads that array again whenever a thread enters it for the first
time. The C library frees the array when a variable that is set later needs a larger one (`numpy`
and notebooks set some), and then the thread ends the process with a segmentation fault.
"""

from __future__ import annotations

import ctypes
import sys

_PINNED: list[ctypes.Array[ctypes.c_void_p]] = []


def pin_environment() -> None:
    """Give the process an array of environment variables that is never freed.

    To be called right before the engine is loaded, so that this array is the one that it keeps.
    Variables can be set and read as before; the engine sees those of now. Where the engine was
    loaded already, or the C library is not glibc, it does nothing.
    """
    if not sys.platform.startswith("linux") or "dss_python_backend" in sys.modules:
        return
    try:
        # As the whole process finds it: an executable may have a copy of the library's pointer.
        current = ctypes.c_void_p.in_dll(ctypes.CDLL(None), "environ")
    except (OSError, ValueError):
        return
    if not current.value:
        return
    variables = ctypes.cast(current.value, ctypes.POINTER(ctypes.c_void_p))
    count = 0
    while variables[count]:
        count += 1
    pinned = (ctypes.c_void_p * (count + 1))(*variables[:count], None)
    _PINNED.append(pinned)
    current.value = ctypes.addressof(pinned)
