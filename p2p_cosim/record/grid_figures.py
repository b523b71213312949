"""What the feeder carried, lost and held in a run: voltages, taps, loadings, short circuits."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

    from p2p_cosim.record.results import Results


class LoadingFigures(TypedDict):
    """The part of a summary that is about what lines and transformers carry."""

    worst_loading: float | None
    worst_loading_element: str | None
    element_ticks_overloaded: int


class FeederFigures(TypedDict):
    """The part of a summary that is about losses and short circuits."""

    losses_kwh: float
    fault_current_a: float | None
    fault_head_current_a: float | None


def power_flow_s(run: Results) -> int:
    """Length of a power flow in seconds: of the interval, unless the scenario says less."""
    minutes = run.scenario.get("clock", {}).get("power_flow_min")
    return int(minutes) * 60 if minutes else run.clock.interval_s


def solved_voltages(run: Results) -> str:
    """The table that has every solved voltage of a house meter."""
    return "voltages" if power_flow_s(run) == run.clock.interval_s else "part_voltages"


def worst_voltage(run: Results) -> tuple[float, str, int] | tuple[None, None, None]:
    """The meter voltage in pu farthest from 1 pu in any power flow, with its house and tick.

    Houses without supply do not count; the first of equals wins. Three times None if no
    house ever had supply.
    """
    found: tuple[float, str, int] | None = None
    for piece in run.frames(solved_voltages(run), "tick", "house", "v_pu"):
        supplied = piece[piece["v_pu"] > 0]
        if supplied.empty:
            continue
        worst = supplied.iloc[int(np.abs(supplied["v_pu"].to_numpy() - 1).argmax())]
        if found is None or abs(worst["v_pu"] - 1) > abs(found[0] - 1):
            found = float(worst["v_pu"]), str(worst["house"]), int(worst["tick"])
    return found or (None, None, None)


def readings_outside(run: Results) -> int:
    """Meter readings with supply outside the scenario's own limits."""
    least_pu, most_pu = run.v_limits_pu
    count = 0
    for piece in run.frames("voltages", "v_pu"):
        v_pu = piece["v_pu"].to_numpy()
        count += int(((v_pu > 0) & ((v_pu < least_pu) | (v_pu > most_pu))).sum())
    return count


def tap_steps(run: Results) -> pd.Series[int]:
    """How many steps each row of `taps` moved its regulator; 0 for the initial rows."""
    moved = run.taps.groupby("regulator", sort=False)["tap"].diff()
    return moved.abs().fillna(0).astype("int64")


def loading(run: Results) -> LoadingFigures:
    """The fullest line or transformer, and how often one was above its rating."""
    worst: float | None = None
    element, over = None, 0
    for piece in run.frames("loadings", "element", "current_a", "rated_a"):
        loading = (piece["current_a"] / piece["rated_a"]).to_numpy()
        over += int((loading > 1).sum())
        if len(loading) and (worst is None or loading.max() > worst):
            worst = float(loading.max())
            element = str(piece["element"].iloc[int(loading.argmax())])
    return {
        "worst_loading": worst,
        "worst_loading_element": element,
        "element_ticks_overloaded": over,
    }


def losses_and_faults(run: Results) -> FeederFigures:
    """Energy lost, and the largest currents of a short circuit."""
    feeder = run.feeder
    losses_kwh = float(feeder["losses_kw"].sum()) * run.clock.interval_s / 3600
    found: FeederFigures = {
        "losses_kwh": losses_kwh,
        "fault_current_a": None,
        "fault_head_current_a": None,
    }
    if "fault_current_a" in feeder:  # runs of earlier versions have no such column
        shorted = feeder[feeder["fault_current_a"].notna()]
        if not shorted.empty:
            found["fault_current_a"] = float(shorted["fault_current_a"].max())
            found["fault_head_current_a"] = float(shorted["head_current_a"].max())
    return found
