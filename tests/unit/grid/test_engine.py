"""An engine context is freed with the engine that had it."""

import gc
import weakref

from p2p_cosim.grid import engine
from p2p_cosim.grid.engine import Engine

CIRCUIT = ["clear", "new circuit.c", "new load.a bus1=sourcebus.1 kv=66 kw=1"]


def solved() -> Engine:
    made = Engine()
    made.run(CIRCUIT)
    assert made.solve()
    return made


def test_a_context_goes_with_its_engine():
    before = [len(registry) for registry in engine._REGISTRIES]
    contexts = []
    for _ in range(5):
        made = solved()
        group = made.loads([0])
        contexts.append(weakref.ref(made._dss._api_util.ctx))
        del made, group
    gc.collect()
    assert [context() for context in contexts] == [None] * 5
    assert [len(registry) for registry in engine._REGISTRIES] == before


def test_the_others_go_on():
    kept = solved()
    solved()
    gc.collect()
    kept.run(CIRCUIT)
    assert kept.solve()
    assert kept.node_names()[0] == "SOURCEBUS.1"
