"""Measuring detectors on faults, days and places that none of them was trained on."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from p2p_cosim.core import roles
from p2p_cosim.core.errors import DivergenceError
from p2p_cosim.core.fault_kinds import HOUSE_RESTORED, OPENS
from p2p_cosim.core.protocols import Detector
from p2p_cosim.core.types import Alarm, Fault
from p2p_cosim.detection.balance import EnergyBalance
from p2p_cosim.detection.learned import Forest, Learned
from p2p_cosim.detection.matched import MatchedFilter
from p2p_cosim.detection.outage_threshold import OutageThreshold
from p2p_cosim.detection.places import place_of
from p2p_cosim.detection.statistical import Statistical
from p2p_cosim.studies.detection.cases import DAY_SEEDS, Episode, band, episodes
from p2p_cosim.studies.detection.world import TICKS, Day, Feeder, World, draw_day

DETECTORS = tuple(roles.DETECTORS)
MISSED = "none"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one detector made of one episode.

    episode: its number; worlds of one feeder have the same ones. cleared: protection opened
    something in the tick of the strike, and what opened is then what an alarm should name.
    delay: ticks from the strike to the first alarm, None if there was none during the fault.
    named: kind of that alarm. placed: it, or with several dark houses any of that tick, names
    the right place. kind_right: and the right kind. further: alarms of other ticks, before,
    during or after the fault.
    """

    detector: str
    episode: int
    kind: str
    band: str
    impedance_ohm: float
    delay: int | None
    named: str
    placed: bool
    kind_right: bool
    further: int
    cleared: bool = False


@dataclass(frozen=True, slots=True)
class Quiet:
    """Alarms of one detector on days without a fault; `outages` of them tell of an open."""

    detector: str
    days: int
    alarms: int
    outages: int


@dataclass(frozen=True, slots=True)
class Evaluation:
    """All that was measured."""

    world: World
    verdicts: tuple[Verdict, ...]
    quiet: tuple[Quiet, ...]
    left_out: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Extent:
    """How much to measure: episodes of each place, every how many places, fault-free days."""

    per_place: int = 1
    every: int = 1
    days: int = 30


QUICK = Extent(per_place=1, every=20, days=1)
LONG = Extent(per_place=10, every=1, days=400)


class Bench:
    """Detectors over one feeder; filters are designed once."""

    def __init__(self, world: World, model: Forest | None = None) -> None:
        self.world = world
        self.feeder = Feeder(world)
        self._model = model
        self._designed: MatchedFilter | None = None

    def day(self, seed: int) -> Day:
        """The day of a seed."""
        return draw_day(self.world, seed, len(self.feeder.grid.spot_loads))

    def detectors(self, day: Day) -> list[Detector]:
        """One of each kind, fresh, in the order of `DETECTORS`."""
        feeder = self.feeder
        known = (feeder.hypotheses, feeder.probes)
        balance = EnergyBalance(feeder.twin(day), *known)
        learned = Learned(feeder.twin(day), *known, self._model)
        for own in (balance.filter, learned.features.filter):
            if self._designed is not None:
                own.share_designs(self._designed)
            self._designed = own
        return [OutageThreshold(), Statistical(), balance, learned]


def evaluate(
    world: World,
    extent: Extent,
    model: Forest | None = None,
    say: Callable[[str], None] = lambda _: None,
) -> Evaluation:
    """Run every detector over held-out episodes and fault-free days."""
    bench = Bench(world, model)
    verdicts: list[Verdict] = []
    left_out: list[str] = []
    held_out = list(episodes(bench.feeder.grid, True, extent.per_place, extent.every))
    for number, episode in enumerate(held_out):
        if number % 100 == 0:
            say(f"episode {number} of {len(held_out)}")
        try:
            verdicts += _episode(bench, number, episode)
        except DivergenceError as error:
            left_out.append(f"{episode.fault}: {error}")
    alarms: Counter[str] = Counter()
    outages: Counter[str] = Counter()
    for number in range(extent.days):
        if number % 20 == 0:
            say(f"fault-free day {number} of {extent.days}")
        day = bench.day(DAY_SEEDS["fault free"] + number)
        views = bench.feeder.views(day)
        for detector in bench.detectors(day):
            raised = [alarm for view in views for alarm in detector.inspect(view)]
            alarms[detector.name] += len(raised)
            outages[detector.name] += sum(alarm.kind in OPENS for alarm in raised)
    quiet = tuple(Quiet(name, extent.days, alarms[name], outages[name]) for name in DETECTORS)
    return Evaluation(world, tuple(verdicts), quiet, tuple(left_out))


def _episode(bench: Bench, number: int, episode: Episode) -> list[Verdict]:
    day = bench.day(episode.day_seed)
    views = bench.feeder.views(day, (episode.fault,), episode.first, min(episode.last, TICKS))
    opened = [
        fault for fault in bench.feeder.opened if fault.start_tick == episode.fault.start_tick
    ]
    verdicts = []
    for detector in bench.detectors(day):
        raised = [alarm for view in views for alarm in detector.inspect(view)]
        verdicts.append(_verdict(detector.name, number, episode.fault, opened, raised))
    return verdicts


def _verdict(
    detector: str, number: int, fault: Fault, opened: Sequence[Fault], raised: Sequence[Alarm]
) -> Verdict:
    told = [alarm for alarm in raised if alarm.kind != HOUSE_RESTORED]
    during = [alarm for alarm in told if fault.start_tick <= alarm.tick < fault.end_tick]
    first = [alarm for alarm in during if alarm.tick == during[0].tick]
    # Of several links that blow, each phase is an open of its own and any of them is right.
    wanted = opened or [fault]
    places, kinds = {place_of(one) for one in wanted}, {one.kind for one in wanted}
    placed = [alarm for alarm in first if alarm.place in places]
    return Verdict(
        detector,
        number,
        fault.kind,
        band(fault),
        fault.impedance_ohm,
        during[0].tick - fault.start_tick if during else None,
        during[0].kind if during else MISSED,
        # A place among many alarms at once is not a place.
        placed=len(placed) == 1 and len(first) == 1,
        kind_right=any(alarm.kind in kinds for alarm in placed) and len(first) == 1,
        further=len(told) - len(first),
        cleared=bool(opened),
    )


def wilson(successes: int, trials: int, z: float = 1.96) -> tuple[float, float]:
    """Interval of a proportion, 95 % by default (E. B. Wilson, JASA 22 (1927) 209,
    doi:10.1080/01621459.1927.10502953). (0, 1) without trials."""
    if trials == 0:
        return 0.0, 1.0
    share = successes / trials
    middle = share + z * z / (2 * trials)
    half = z * math.sqrt(share * (1 - share) / trials + z * z / (4 * trials**2))
    scale = 1 + z * z / trials
    return max(0.0, (middle - half) / scale), min(1.0, (middle + half) / scale)
