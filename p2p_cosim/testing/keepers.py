"""Checks of what takes things from a run and keeps them: notifiers, recorders, explorers."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Protocol

from p2p_cosim.core.protocols import Chain, Explorer, Notifier, Recorder
from p2p_cosim.core.types import Alert, AlertKind, TickRecord, Transaction, event_id
from p2p_cosim.testing.findings import Findings

_AT_ONCE_S = 1.0  # a tick must not wait; far above what writing a line to a disk takes


class ChainAndExplorer(Chain, Explorer, Protocol):
    """A chain that shows what it has done."""


def check_notifier(make: Callable[[], Notifier]) -> None:
    """Hand three ticks of alerts to a notifier, one of them without any, and close it twice.

    Raises ConformanceError unless it returns at once every time and closing twice is harmless.
    """
    found = Findings("the notifier", "Notifier")
    with found.case("as it is"):
        notifier = make()
        found = Findings(notifier, "Notifier")
        for tick, houses in enumerate((["house_1", "house_2"], [], ["house_1"])):
            with found.case(f"tick {tick}"):
                began = time.perf_counter()
                notifier.notify([_alert(tick, house) for house in houses])
                took_s = time.perf_counter() - began
                found.expect(
                    took_s < _AT_ONCE_S, f"tick {tick}: notify took {took_s:.1f} s: no tick waits"
                )
        for _ in range(2):
            with found.case("closing"):
                notifier.close()
    found.close()


def _alert(tick: int, house: str) -> Alert:
    kind = AlertKind.RESTORED if tick else AlertKind.OUTAGE
    return Alert(event_id("check", house, tick, kind), kind, house, tick, tick)


def check_recorder(make: Callable[[], Recorder], records: Sequence[TickRecord]) -> None:
    """Record ticks and write them, first half of them, then all.

    make: builds a recorder for the run of these records. records: ticks from 0 on, two or more.

    Raises ConformanceError unless it counts whole ticks, writes into one folder that is there
    afterwards, and writes the same bytes when it is asked again.
    """
    found = Findings("the recorder", "Recorder")
    with found.case("as it is"):
        recorder = make()
        found = Findings(recorder, "Recorder")
        half = len(records) // 2
        for record in records[:half]:
            recorder.record(record)
        found.expect(recorder.ticks == half, f"ticks is {recorder.ticks} after {half} records")
        part = recorder.write("interrupted")
        found.expect(part.is_dir(), f"write returns {part}, which is no folder")
        for record in records[half:]:
            recorder.record(record)
        found.expect(
            recorder.ticks == len(records),
            f"ticks is {recorder.ticks} after {len(records)} records",
        )
        whole = recorder.write("complete")
        found.expect(whole.is_dir(), f"write returns {whole}, which is no folder")
        first = {file.name: file.read_bytes() for file in whole.iterdir() if file.is_file()}
        found.expect(first, f"nothing stands in {whole}")
        recorder.write("complete")
        again = {file.name: file.read_bytes() for file in whole.iterdir() if file.is_file()}
        differing = sorted(name for name in first if again.get(name) != first[name])
        found.expect(not differing, f"written again, other bytes stand in {', '.join(differing)}")
    found.close()


def check_explorer(make: Callable[[], ChainAndExplorer]) -> None:
    """Send value in three blocks and look for it by position, block, hash, and nonce.

    make: starts a fresh chain that shows what it has done; it is closed afterwards.

    Raises ConformanceError unless every transaction is found where it is, blocks point to their
    parents and have the times that they were given, and going back to a snapshot is told.
    """
    found = Findings("the explorer", "Explorer")
    with found.case("as it starts"):
        chain = make()
        found = Findings(chain, "Explorer")
        try:
            with found.case("sending"):
                _explored(found, chain)
            with found.case("going back"):
                turns, token = chain.turns, chain.snapshot()
                chain.revert(token)
                found.expect(chain.turns == turns + 1, "turns does not count a way back")
        finally:
            chain.close()
    found.close()


def _explored(found: Findings, chain: ChainAndExplorer) -> None:
    alice, bob = chain.account("alice"), chain.account("bob")
    start, nonce, head, now = chain.position, chain.nonce(alice), chain.head, chain.timestamp
    for number in range(3):
        chain.transact_many([Transaction(alice, bob, b"", number + 1)])
        chain.advance_to(now + 60 * (number + 1))
    values = [included.transaction.value_wei for included in chain.included(start)]
    found.expect(values == [1, 2, 3], f"included gives transfers of {values} wei, sent 1, 2, 3")
    found.expect(chain.position == start + 3, "position does not count the transactions")
    found.expect(chain.nonce(alice) == nonce + 3, "nonce does not count them by sender")
    found.expect(chain.head == head + 3, "head is not the block that is being built")
    found.expect(chain.code(alice) == b"", "an account without code has some")
    parent = None
    for number in range(head, head + 3):
        block = chain.block(number)
        if block is None:
            found.expect(False, f"block {number} is not there")
            continue
        found.expect(chain.number_of(block.hash) == number, f"block {number} has another's hash")
        found.expect(
            parent in (None, block.parent_hash), f"block {number} does not point to its parent"
        )
        found.expect(
            number == head or block.timestamp == now + 60 * (number - head),
            f"block {number} has another time than it was given",
        )
        parent = block.hash
        for mined in block.transactions:
            found.expect(
                chain.transaction(mined.hash) == mined and mined.block_number == number,
                f"a transaction of block {number} is not found by its hash",
            )
    found.expect(chain.block(head + 99) is None, "a block that is to come is there")
