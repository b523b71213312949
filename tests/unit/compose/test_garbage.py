"""What the garbage collector still looks at once a model is being built."""

import gc

from p2p_cosim.compose.garbage import keep_libraries


def test_what_was_there_is_left_alone_and_what_comes_is_collected():
    keep_libraries()
    frozen = gc.get_freeze_count()
    assert frozen > 10_000
    cycle = []
    cycle.append(cycle)
    del cycle
    assert gc.collect() >= 1
    keep_libraries()
    assert gc.get_freeze_count() <= frozen  # once a process: nothing newer is frozen
