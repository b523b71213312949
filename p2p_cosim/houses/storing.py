"""Energy into a store and out of it, with what is lost on both ways."""

from __future__ import annotations

from p2p_cosim.core.units import energy_wh, p_kw_of


def stored_after(stored_wh: float, p_kw: float, seconds: float, into: float, out: float) -> float:
    """What a store holds after a power at its terminals; positive is drawn.

    into: stored over drawn. out: given over taken out of the store.
    """
    drawn_wh = energy_wh(p_kw, seconds)
    return stored_wh + (drawn_wh * into if drawn_wh > 0 else drawn_wh / out)


def power_for(change_wh: float, seconds: float, into: float, out: float) -> float:
    """The power in kW at its terminals that changes what a store holds by so much."""
    return p_kw_of(change_wh / into if change_wh > 0 else change_wh * out, seconds)


def within(value: float, least: float, most: float) -> float:
    """The value, or the bound that it passes; the upper one where they cross."""
    return min(max(value, least), most)
