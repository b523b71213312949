"""Check of meters: what they count and what they bring of a solved feeder."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from p2p_cosim.core.fault_kinds import METER_KINDS
from p2p_cosim.core.protocols import Metering
from p2p_cosim.core.types import Fault, GridState, MeterView, Reading, Step
from p2p_cosim.core.units import energy_wh
from p2p_cosim.testing.findings import Findings

_TICK_S = 900.0


def check_metering(make: Callable[[], Metering], state: GridState) -> None:
    """Measure a solved feeder over ticks whole and in halves, and with each fault of a meter.

    make: builds the meters of the feeder's houses, in its order, without noise; those of
    published loads may follow. state: of the feeder, solved with every house drawing or giving.

    Raises ConformanceError unless registers count the energy that was drawn, once and to the Wh
    over many ticks, shapes fit, nothing arrives before it is measured, and a repair makes a
    broken meter count right again.
    """
    found = Findings("the metering", "Metering")
    with found.case("as it is"):
        found = Findings(make(), "Metering")
        for parts in (1, 2):
            with found.case(f"ticks in {parts} steps"):
                _counts(found, make(), state, parts)
        for kind in METER_KINDS:
            with found.case(kind):
                _repaired(found, make(), state, kind)
    found.close()


def _counts(found: Findings, meters: Metering, state: GridState, parts: int) -> None:
    houses, ticks = len(state.house_p_kw), 10
    where = f"ticks in {parts} steps"
    meters.measure(Step(-1, 0.0), state)
    found.expect(not any(_wh(meters.readings())), f"{where}: a step of 0 seconds is counted")
    total = [0] * houses
    for tick in range(ticks):
        for part in range(parts):
            seconds = _TICK_S / parts
            meters.measure(Step(tick, seconds, part * seconds), state)
        _view(found, f"{where}, tick {tick}", meters.arrived(tick), tick, houses)
        readings = meters.readings()
        names = [reading.trader for reading in readings]
        found.expect(len(set(names)) == len(names), f"{where}: two readings have one name")
        found.expect(len(names) >= houses, f"{where}: {len(names)} readings of {houses} houses")
        total = [so_far + wh for so_far, wh in zip(total, _wh(readings), strict=False)]
    found.expect(not any(_wh(meters.readings())), f"{where}: read twice, energy is counted twice")
    right = energy_wh(state.house_p_kw, ticks * _TICK_S)
    off = max(abs(wh - due) for wh, due in zip(total, right, strict=True))
    found.expect(off <= 1.0, f"{where}: registers are {off:.1f} Wh off after {ticks} ticks")


def _repaired(found: Findings, meters: Metering, state: GridState, kind: str) -> None:
    """The first house's meter breaks, and a good one takes its place."""
    right = energy_wh(state.house_p_kw, _TICK_S)
    meters.measure(Step(0, _TICK_S), state)
    house = meters.readings()[0].trader
    fault = Fault(kind, house, 1, 2)
    meters.apply(fault)
    meters.measure(Step(1, _TICK_S), state)
    wrong = _wh(meters.readings())
    found.expect(abs(wrong[0] - right[0]) > 1, f"{kind}: a broken meter counts right")
    others = (abs(wh - due) <= 1 for wh, due in zip(wrong[1:], right[1:], strict=False))
    found.expect(all(others), f"{kind}: other meters than that of {house} count wrong")
    meters.clear(fault)
    meters.measure(Step(2, _TICK_S), state)
    after = _wh(meters.readings())
    found.expect(abs(after[0] - right[0]) <= 1, f"{kind}: counts wrong after the repair")


def _view(found: Findings, where: str, view: MeterView, tick: int, houses: int) -> None:
    found.expect(view.tick == tick, f"{where}: the view is of tick {view.tick}")
    for field in ("v_pu", "p_kw", "q_kvar"):
        shape = getattr(view, field).shape
        found.expect(shape == (houses,), f"{where}: {field} has shape {shape}, not ({houses},)")
    measured = view.measured_tick
    found.expect(measured is None or measured <= tick, f"{where}: tick {measured} is to come")


def _wh(readings: Sequence[Reading]) -> list[int]:
    return [reading.metered_wh for reading in readings]
