"""Controllers that know nothing of the coming interval: hold, and reactive."""

from __future__ import annotations

import numpy as np

from p2p_cosim.control.band import VoltageBand, excursion_pu
from p2p_cosim.control.choice import fewest_steps
from p2p_cosim.control.forecast import BoolArray, at_present_taps
from p2p_cosim.core.brief import Brief
from p2p_cosim.core.defaults import TRIGGER_MARGIN_PU
from p2p_cosim.core.types import ControlView, Decision, FloatArray, RegulatorSite, TapMove


class Hold(Brief):
    """Leaves the taps where they are."""

    name = "hold"

    def decide(self, view: ControlView) -> Decision:  # noqa: ARG002
        """No moves."""
        return Decision()


class Reactive(Brief):
    """Moves regulators by the fewest steps that bring the houses they serve inside the band.

    Reactive: it judges the meters of the tick before, and acts only when a house is outside
    the band. Voltages after a move are predicted by the ratio of the regulator's turns.
    Constant-power loads make the real change a little larger. Regulators that serve no house
    in common are judged apart; those in series are chosen together. If no taps bring every
    house inside, those with the smallest remaining excursion are taken.

    What it predicts for the interval is the last meters, changed by its moves. Where meters are
    late, they are first brought to the taps as they stand now.

    trigger_margin_pu: how far inside the band a house is when it acts. A move then aims the
    band's margin further inside.
    """

    name = "reactive"

    def __init__(
        self, band: VoltageBand | None = None, *, trigger_margin_pu: float = TRIGGER_MARGIN_PU
    ) -> None:
        self.band = band or VoltageBand()
        self._low = self.band.v_min_pu + trigger_margin_pu
        self._high = self.band.v_max_pu - trigger_margin_pu

    def decide(self, view: ControlView) -> Decision:
        """At most one move a regulator."""
        moves: list[TapMove] = []
        view = at_present_taps(view)
        predicted_v_pu = view.meters.v_pu.copy()
        for group in _groups([view.regulator(name) for name in view.taps]):
            taps = self._taps(view, group)
            changed = [site for site in group if taps[site.name] != view.taps[site.name]]
            for site in changed:
                ratio = site.ratio(taps[site.name]) / site.ratio(view.taps[site.name])
                predicted_v_pu[site.serves] *= ratio
            serves = np.logical_or.reduce([site.serves for site in group])
            moves += [
                self._move(view, site, taps[site.name], predicted_v_pu, serves) for site in changed
            ]
        return Decision(
            moves=tuple(moves),
            expected_p_kw=view.meters.p_kw,
            predicted_v_pu=predicted_v_pu,
        )

    def _taps(self, view: ControlView, group: list[RegulatorSite]) -> dict[str, int]:
        """Where the regulators of a group should stand; where they are if all is well."""
        v_pu = view.meters.v_pu
        taps = {site.name: view.taps[site.name] for site in group}
        served = np.logical_or.reduce([site.serves for site in group]) & (v_pu > 0)
        if not served.any():
            return taps
        if excursion_pu(v_pu[served], self._low, self._high).max() <= 0:
            return taps
        if len(group) == 1:
            (site,) = group
            return {site.name: self._choose_tap(site, v_pu[served], taps[site.name])}
        return self._choose_together(group, served, v_pu, taps)

    def _choose_tap(self, site: RegulatorSite, v_pu: FloatArray, tap: int) -> int:
        """The tap with the least excursion from the inner band; fewest steps break ties."""
        low, high = self._inner()

        def cost(candidate: int) -> tuple[float, int, int]:
            after = v_pu * (site.ratio(candidate) / site.ratio(tap))
            left = max(0.0, float(excursion_pu(after, low, high).max()))
            return round(left, 9), abs(candidate - tap), candidate

        least, most = self._range(site)
        return min(range(least, most + 1), key=cost)

    def _choose_together(
        self,
        group: list[RegulatorSite],
        served: BoolArray,
        v_pu: FloatArray,
        taps: dict[str, int],
    ) -> dict[str, int]:
        """The fewest steps of regulators in series, by what each does to the logarithm."""
        now = np.array([taps[site.name] for site in group], dtype=np.int64)
        per_tap = np.array(
            [
                site.serves[served] * np.log(site.ratio(int(tap) + 1) / site.ratio(int(tap)))
                for site, tap in zip(group, now, strict=True)
            ]
        ).T
        low, high = (np.full(int(served.sum()), np.log(v)) for v in self._inner())
        least, most = (np.array(side) for side in zip(*map(self._range, group), strict=True))
        steps, _ = fewest_steps(
            np.log(v_pu[served])[None, :], per_tap, low, high, least - now, most - now
        )
        return {s.name: int(tap + n) for s, tap, n in zip(group, now, steps, strict=True)}

    def _move(
        self,
        view: ControlView,
        site: RegulatorSite,
        new_tap: int,
        predicted_v_pu: FloatArray,
        group_serves: BoolArray,
    ) -> TapMove:
        meters = view.meters
        excursion = excursion_pu(meters.v_pu, self._low, self._high)
        own, cause = (
            int(np.where(served & (meters.v_pu > 0), excursion, -np.inf).argmax())
            for served in (site.serves, group_serves)
        )
        if excursion[own] > 0:
            cause = own
        v_pu, house = meters.v_pu[cause], meters.sites[cause].name
        side, limit = ("above", self._high) if v_pu > self._high else ("below", self._low)
        why = f"{house} at {v_pu:.4f} pu {side} {limit:g} at tick {meters.of_tick}"
        steps = (
            f"tap {view.taps[site.name]:+d} to {new_tap:+d} predicts {predicted_v_pu[own]:.4f} pu"
        )
        if own != cause:
            # Of regulators in series, one may take back for its houses what another does.
            why, steps = f"evens out a move for {why}", f"{steps} at {meters.sites[own].name}"
        return TapMove(site.name, new_tap, f"{why}: {steps}", house)

    def _inner(self) -> tuple[float, float]:
        """Where a move aims: the margin inside what it acts on."""
        return self._low + self.band.margin_pu, self._high - self.band.margin_pu

    def _range(self, site: RegulatorSite) -> tuple[int, int]:
        """Lowest and highest tap that both the operator and the regulator allow."""
        return max(self.band.min_tap, site.min_tap), min(self.band.max_tap, site.max_tap)


def _groups(sites: list[RegulatorSite]) -> list[list[RegulatorSite]]:
    """Regulators that serve houses in common, directly or through others; those that serve none
    are left out."""
    groups: list[list[RegulatorSite]] = []
    for site in sites:
        if not site.serves.any():
            continue
        joined = [g for g in groups if any((other.serves & site.serves).any() for other in g)]
        groups = [g for g in groups if g not in joined]
        groups.append([*(other for g in joined for other in g), site])
    return groups
