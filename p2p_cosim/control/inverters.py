"""Inverters that answer the voltage at their own terminals: volt-var and volt-watt."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from p2p_cosim.control.band import VoltageBand
from p2p_cosim.core.brief import Brief
from p2p_cosim.core.errors import GridError
from p2p_cosim.core.protocols import InverterRule
from p2p_cosim.core.types import FloatArray, GridState

# IEEE 1547-2018, table 8, defaults of category B: voltage in pu of nominal, and reactive power
# drawn in pu of the rating (the standard counts injection as positive).
VOLT_VAR_V_PU = (0.92, 0.98, 1.02, 1.08)
VOLT_VAR_Q_PU = (-0.44, 0.0, 0.0, 0.44)

# IEEE 1547-2018, table 10, defaults of category B: voltage in pu of nominal, and most active power
# in pu of the rating, for units that only generate and can go down to a fifth.
STANDARD_VOLT_WATT_V_PU = (1.06, 1.10)
STANDARD_VOLT_WATT_P_PU = (1.0, 0.2)

# From full output to none. The standard's ramp begins above Range A; this one ends at the limit
# instead, so that PV alone cannot carry its own terminal beyond it.
VOLT_WATT_RAMP_PU = 0.01

TOLERANCE_KW = 1e-3
_MAX_SOLVES = 200
_FIRST_GAIN, _LEAST_GAIN = 0.5, 0.02
_CALMING = 0.98  # the longest step shrinks from round to round, so that none bounces for ever


class VoltVar(Brief):
    """Draws or gives reactive power by voltage: IEEE 1547-2018, category B defaults.

    Reactive power has priority: where rating leaves no room for both, active power gives way.
    """

    name = "volt_var"

    def respond(
        self, v_pu: FloatArray, available_kw: FloatArray, rating_kva: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        """Output in kW and reactive power drawn in kvar, shape (houses,) each."""
        q_kvar = np.interp(v_pu, VOLT_VAR_V_PU, VOLT_VAR_Q_PU) * rating_kva
        # An inverter that the sun does not feed stands still.
        q_kvar = np.where(available_kw > 0, q_kvar, 0.0)
        return np.minimum(available_kw, np.sqrt(rating_kva**2 - q_kvar**2)), q_kvar


class VoltWatt(Brief):
    """Curtails PV by voltage: full output up to 0.01 pu below the inner limit, none at it."""

    name = "curtail"

    def __init__(self, band: VoltageBand | None = None) -> None:
        self.band = band or VoltageBand()

    def respond(
        self, v_pu: FloatArray, available_kw: FloatArray, rating_kva: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        """Output in kW, and no reactive power. The ramp counts from the rated power."""
        limit = self.band.v_max_pu - self.band.margin_pu
        share = np.clip((limit - v_pu) / VOLT_WATT_RAMP_PU, 0.0, 1.0)
        return np.minimum(available_kw, share * rating_kva), np.zeros_like(v_pu)


class StandardVoltWatt(Brief):
    """Curtails PV by voltage as IEEE 1547-2018 has it, category B defaults: from 1.06 pu on, down
    to a fifth of the rating at 1.10 pu."""

    name = "volt_watt"

    def respond(
        self, v_pu: FloatArray, available_kw: FloatArray, rating_kva: FloatArray
    ) -> tuple[FloatArray, FloatArray]:
        """Output in kW, and no reactive power. The limit counts from the rated power."""
        share = np.interp(v_pu, STANDARD_VOLT_WATT_V_PU, STANDARD_VOLT_WATT_P_PU)
        return np.minimum(available_kw, share * rating_kva), np.zeros_like(v_pu)


def settle_inverters(
    rule: InverterRule,
    state: GridState,
    available_kw: FloatArray,
    rating_kva: FloatArray,
    solve: Callable[[FloatArray, FloatArray], GridState],
) -> GridState:
    """The operating point where every inverter does what the rule says at its own voltage.

    state: solved with all PV available and no reactive power. solve: a power flow with
    this output in kW and this reactive power drawn in kvar. Inverters answer within seconds,
    so within an interval they come to rest.

    A fixed-point iteration that goes a part of the way in each round. How large a part follows
    from the last two distances (Irons and Tuck, 1969, doi:10.1002/nme.1620010306). Raises
    GridError if the inverters find no rest.
    """
    output = np.array([available_kw, np.zeros_like(available_kw)])
    gain, most, distance = _FIRST_GAIN, 1.0, np.inf
    last_towards = np.zeros_like(output)
    for _ in range(_MAX_SOLVES):
        towards = np.array(rule.respond(state.house_v_pu, available_kw, rating_kva)) - output
        distance = float(np.abs(towards).max(initial=0.0))
        if distance < TOLERANCE_KW:
            return state
        change = towards - last_towards
        if last_towards.any() and change.any():
            part = -float((last_towards * change).sum() / (change**2).sum())
            # The rule has corners: where the last step tells nothing, go on with half of it.
            gain = min(max(gain * (part if part > 0 else 0.5), _LEAST_GAIN), most)
            most = max(most * _CALMING, _LEAST_GAIN)
        last_towards = towards
        output = output + gain * towards
        state = solve(*output)
    raise GridError(
        f"inverters under {rule.name!r} find no rest after {_MAX_SOLVES} solves, still "
        f"{distance:.3g} kW apart: lower pv_kw, or choose another controller"
    )
