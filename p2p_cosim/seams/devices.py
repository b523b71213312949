"""What a device answers, asked many times a tick: right answers pass in a few comparisons."""

from __future__ import annotations

from math import isfinite

from p2p_cosim.core.types import NO_POWER, Power, Step
from p2p_cosim.seams.report import Report, Source

_MOST_KW = 1e6


def checked_power(house: str, device: object, step: Step, power: object) -> Power:
    """The power that a device of a house draws in a step.

    Raises PluginError for what is no `Power` or holds what is no finite number.
    """
    if type(power) is Power:
        p_kw, q_kvar = power.p_kw, power.q_kvar
        if isinstance(p_kw, float) and isinstance(q_kvar, float) and isfinite(p_kw + q_kvar):
            return power
    report = Report(Source("device", device, step.tick, house))
    drawn = NO_POWER
    if isinstance(power, Power):
        drawn = Power(
            report.real("draw.p_kw", power.p_kw, "kW", -_MOST_KW, _MOST_KW),
            report.real("draw.q_kvar", power.q_kvar, "kvar", -_MOST_KW, _MOST_KW),
        )
    else:
        report.add("draw", power, "a p2p_cosim.Power")
    report.close()
    return drawn


def checked_kw(house: str, device: object, step: Step, method: str, p_kw: object) -> float:
    """The power in kW that a device gives as its answer to a method.

    Raises PluginError for what is no finite number.
    """
    if isinstance(p_kw, float) and isfinite(p_kw):
        return p_kw
    report = Report(Source("device", device, step.tick, house))
    answer = report.real(method, p_kw, "kW", -_MOST_KW, _MOST_KW)
    report.close()
    return answer


def checked_range(
    house: str, device: object, step: Step, bounds: object
) -> tuple[float, float] | None:
    """The range in kW that a device gives for its set-point, or None.

    Raises PluginError for what is neither None nor two finite numbers in order.
    """
    if bounds is None:
        return None
    report = Report(Source("device", device, step.tick, house))
    least = most = 0.0
    if isinstance(bounds, tuple) and len(bounds) == 2:
        least = report.real("range_kw[0]", bounds[0], "kW", -_MOST_KW, _MOST_KW)
        most = report.real("range_kw[1]", bounds[1], "kW", -_MOST_KW, _MOST_KW)
        if least > most:
            report.add("range_kw", bounds, "the lower bound first")
    else:
        report.add("range_kw", bounds, "(least, most) in kW, or None")
    report.close()
    return least, most
