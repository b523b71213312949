import itertools
from datetime import datetime

from p2p_cosim.core.clock import Clock

CLOCK = Clock(datetime(2026, 6, 21), interval_s=900, ticks=96)


def test_time_and_hour_of_a_tick():
    assert CLOCK.time(4) == datetime(2026, 6, 21, 1, 0)
    assert CLOCK.hour(0) == 0.125
    assert CLOCK.hour(48) == 12.125


def test_block_timestamps_strictly_increase_over_the_run():
    stamps = [
        stamp
        for tick in range(CLOCK.ticks)
        for stamp in (CLOCK.gate_closure_timestamp(tick), CLOCK.delivery_timestamp(tick))
    ]
    assert all(a < b for a, b in itertools.pairwise(stamps))


def test_gate_closes_before_delivery_and_settlement_follows_it():
    begins = CLOCK.gate_closure_timestamp(8) + 1
    assert CLOCK.delivery_timestamp(7) < begins
    assert CLOCK.delivery_timestamp(8) < begins + 900
    assert CLOCK.delivery_timestamp(8) > begins
