"""Where a simulation stands: after an interrupt, its end, `close`, and in two threads."""

import gc
import re
import threading
import weakref

import pandas as pd
import pytest

import p2p_cosim as p2p
from p2p_cosim.core.errors import ResultsError, SimulationError, StorageError
from p2p_cosim.core.types import Order, Side
from p2p_cosim.record import schema


@pytest.fixture(scope="module")
def base():
    return p2p.load("scenarios/trading_day.yaml").replace(
        {"houses.count": 3, "clock.ticks": 3, "clock.start": "2024-06-21 11:00"}
    )


class StopsOnce:
    """Quotes at random; stops house_2 in tick 1 until it is mended."""

    def __init__(self, stop):
        self.stop = stop

    def fingerprint(self):
        return "stops once"

    def quote(self, view, rng):
        if self.stop and view.tick == 1 and view.trader == "house_2":
            raise self.stop
        price = 60_000_000_000 + int(rng.integers(10**9))
        return [Order(view.trader, Side.BID, 100, price)]


def stopped(base, out, stop):
    strategy = StopsOnce(stop)
    simulation = p2p.Simulation(base, out=out, strategy=strategy)
    simulation.step()
    with pytest.raises(type(stop)):
        simulation.step()
    strategy.stop = None
    return simulation


@pytest.mark.parametrize(
    ("stop", "status"),
    [(KeyError("oops"), "failed: KeyError('oops')"), (KeyboardInterrupt(), "interrupted")],
)
def test_a_tick_that_does_not_finish_ends_the_simulation(base, tmp_path, stop, status):
    simulation = stopped(base, tmp_path, stop)
    sentence = re.escape(f"ended in tick 1 with {stop!r}: results() gives the 1 ticks recorded")
    for call in (simulation.step, lambda: simulation.ledger, lambda: simulation.voltages):
        with pytest.raises(SimulationError, match=sentence):
            call()
    assert (simulation.tick, simulation.done, simulation.last.tick) == (1, False, 0)
    run = simulation.results()
    assert (run.status, run.ticks) == (status, 1)
    assert run.path.name.endswith(".partial")
    for name in schema.TABLES:
        pd.testing.assert_frame_equal(simulation.so_far.table(name), run.table(name))


def test_an_error_between_ticks_ends_a_run_with_all_whole_ticks(base, tmp_path):
    def fail(record):
        if record.tick == 2:
            raise RuntimeError("after the last tick")

    with pytest.raises(RuntimeError) as caught:
        p2p.run(base, out=tmp_path, on_tick=fail)
    (note,) = caught.value.__notes__
    assert note.startswith("the 3 ticks recorded so far are kept in ")
    run = p2p.Results.load(note.split(" kept in ")[1])
    assert (run.status, run.ticks) == ("failed: RuntimeError('after the last tick')", 3)


def test_after_its_end(base):
    simulation = p2p.Simulation(base.replace(ticks=1), out=None)
    simulation.step()
    with pytest.raises(IndexError, match=r"has 1 ticks and all are run: raise clock.ticks"):
        simulation.step()


def test_closed_by_its_context(base, tmp_path):
    with p2p.Simulation(base, out=tmp_path) as simulation:
        simulation.step()
    with pytest.raises(SimulationError, match="is closed after 1 ticks: results"):
        simulation.step()
    simulation.close()
    assert simulation.results().status == "interrupted"
    assert len(simulation.book) > 0


def test_two_threads_get_one_sentence_and_the_run_is_the_same(base, tmp_path):
    inside, go_on, refused = threading.Event(), threading.Event(), []

    class Waits(StopsOnce):
        def quote(self, view, rng):
            inside.set()
            assert go_on.wait(20)
            return super().quote(view, rng)

    simulation = p2p.Simulation(base, out=tmp_path, strategy=Waits(None))
    other = threading.Thread(target=simulation.step)
    other.start()
    assert inside.wait(20)
    for call in (simulation.step, simulation.results):
        with pytest.raises(SimulationError, match="another thread runs tick 0 of trading_day") as e:
            call()
        refused.append(e)
    go_on.set()
    other.join()
    while not simulation.done:
        simulation.step()
    alone = p2p.run(base, out=tmp_path / "alone", strategy=Waits(None))
    assert simulation.results().manifest["sha256"] == alone.manifest["sha256"]


def test_a_step_inside_a_step_is_refused(base):
    class Impatient(StopsOnce):
        def quote(self, view, rng):
            simulation.step()

    simulation = p2p.Simulation(base, out=None, strategy=Impatient(None))
    with pytest.raises(SimulationError, match="ended in tick 0"):
        simulation.step()


def test_a_closed_simulation_is_let_go(base, tmp_path):
    """A thousand runs in a process must not keep a thousand models."""
    with p2p.Simulation(base, out=tmp_path) as simulation:
        simulation.step()
        simulation.results().summary()
    model = weakref.ref(simulation.model)
    del simulation
    gc.collect()
    assert model() is None


def test_the_same_run_in_two_threads(base, tmp_path):
    failed = []

    def run():
        try:
            p2p.run(base, seed=1, out=tmp_path, again=True).verify()
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    (scenario,) = tmp_path.iterdir()
    assert len(list(scenario.iterdir())) == 1


def test_every_table_can_be_looked_at_while_it_runs(base, tmp_path):
    simulation = p2p.Simulation(base, out=tmp_path)
    simulation.step()
    early = simulation.so_far
    simulation.step()
    assert early.households["tick"].max() == 0  # a moment of the run, not a window on it
    assert simulation.so_far.households["tick"].max() == 1
    assert list(tmp_path.iterdir()) == []
    assert (early.status, early.ticks) == ("running", 1)
    assert early.summary().orders == len(early.orders) > 0
    with pytest.raises(ResultsError, match="not written yet"):
        _ = early.path


@pytest.mark.parametrize("out", ["file", "file/below"])
def test_a_place_that_cannot_be_written_is_found_before_the_first_tick(base, tmp_path, out):
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match=r"cannot write results to .*: (not a dir|file exists)"):
        p2p.Simulation(base, out=tmp_path / out)


def test_the_look_for_a_writable_place_leaves_nothing(base, tmp_path):
    p2p.Simulation(base, out=tmp_path / "new" / "deep")
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_kept_without_a_folder(base):
    simulation = p2p.Simulation(base, out=None)
    simulation.step()
    assert simulation.so_far.ticks == 1
    with pytest.raises(StorageError, match="keeps nothing"):
        simulation.results()


def test_an_exception_that_leaves_its_context_is_how_it_ended(base):
    simulation = p2p.Simulation(base, out=None)

    def use_it():
        with simulation:
            simulation.step()
            raise KeyError("house_1")

    with pytest.raises(KeyError):
        use_it()
    with pytest.raises(SimulationError, match=r"after 1 ticks with KeyError\('house_1'\)"):
        simulation.step()


class AsksForTheCollector:
    """Quotes nothing; tells whether the garbage collector is at work, and fails in tick 1."""

    def __init__(self, tell):
        self.tell = tell

    def fingerprint(self):
        return "asks for the collector"

    def quote(self, view, _rng):
        self.tell(gc.isenabled())
        if view.tick == 1:
            raise KeyError("oops")
        return []


@pytest.mark.parametrize("is_on", [True, False])
def test_garbage_is_looked_for_between_ticks_unless_nobody_wants_it(base, is_on):
    during = []
    with p2p.Simulation(
        base, out=None, strategy=lambda: AsksForTheCollector(during.append)
    ) as simulation:
        (gc.enable if is_on else gc.disable)()
        try:
            simulation.step()
            assert gc.isenabled() is is_on
            with pytest.raises(KeyError):
                simulation.step()
            assert gc.isenabled() is is_on
        finally:
            gc.enable()
    assert set(during) == {False}
