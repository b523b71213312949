"""A thread may enter the engine although the environment has grown since it was loaded."""

import subprocess
import sys

import pytest

PROGRAM = """
import ctypes, os, threading
os.environ["FIRST"] = "1"  # from here on the array of variables is one that can be freed
from p2p_cosim.grid.engine import Engine

engine = Engine()
engine.run(["clear", "new circuit.c", "new load.a bus1=sourcebus.1 kv=66 kw=1"])
for number in range(2000):
    os.environ[f"LATER_{number}"] = "x" * 40
os.environ["FIRST"] = "2"
del os.environ["LATER_0"]
malloc = ctypes.CDLL(None).malloc
malloc.restype = ctypes.c_void_p
for size in range(64, 40_000, 16):  # what was freed is used again
    ctypes.memset(malloc(size), 0x41, size)
solved = []
thread = threading.Thread(target=lambda: solved.append(engine.solve()))
thread.start()
thread.join()
shown = os.popen("echo $FIRST $LATER_0 $LATER_1999").read().split()
print(solved, shown)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the array of glibc")
def test_a_thread_enters_the_engine_after_the_environment_grew():
    run = subprocess.run(
        [sys.executable, "-c", PROGRAM], check=False, capture_output=True, text=True
    )
    assert (run.returncode, run.stdout) == (0, f"[True] ['2', '{'x' * 40}']\n"), run.stderr
