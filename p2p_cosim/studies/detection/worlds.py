"""The worlds in which detectors are measured, and how far each is from what a detector believes.

In the matched one the utility's model is the world: its impedances, how far loads stray, and the
feeder, houses and PV that the learned detector was trained on. No utility has that.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from p2p_cosim.detection.learned import Forest
from p2p_cosim.detection.straying import LoadUncertainty
from p2p_cosim.studies.detection.evaluate import Evaluation, Extent, evaluate
from p2p_cosim.studies.detection.world import World

MATCHED, ELSEWHERE = "matched", "elsewhere"
MAIN = "both"
"""The world of the figures, and of the tables by kind."""

_BELIEVED = World(protected=True)
_FURTHER = LoadUncertainty(
    2 * _BELIEVED.loads.common, 2 * _BELIEVED.loads.own, _BELIEVED.loads.memory
)
LINE_DEVIATION = 0.2
"""Of impedances: rho of the earth, temperature and splices alone make a tenth; phases and lengths
that a map has wrong make more."""
_ELSEWHERE = replace(
    _BELIEVED, feeder="ieee34", houses=40, sites="by_load", pv_share=0.8, pv_kw=12.0
)


@dataclass(frozen=True, slots=True)
class Named:
    """A world and what is wrong in it, in words. paired: it has the matched one's episodes."""

    world: World
    wrong: str
    paired: bool = True


WORLDS: Mapping[str, Named] = MappingProxyType(
    {
        "loads": Named(
            replace(_BELIEVED, strays=_FURTHER), "loads stray twice as far as is believed"
        ),
        "impedances": Named(
            replace(_BELIEVED, line_deviation=LINE_DEVIATION),
            f"impedance of each line off by {LINE_DEVIATION:.0%} (standard deviation)",
        ),
        MAIN: Named(
            replace(_BELIEVED, strays=_FURTHER, line_deviation=LINE_DEVIATION),
            "loads and impedances together",
        ),
        ELSEWHERE: Named(
            _ELSEWHERE, "another feeder: IEEE 34, 40 houses, 80 % with 12 kW of PV", paired=False
        ),
        MATCHED: Named(_BELIEVED, "nothing: the world is the detectors' model of it"),
    }
)


def evaluate_all(
    extent: Extent, model: Forest | None = None, say: Callable[[str], None] = lambda _: None
) -> dict[str, Evaluation]:
    """Every world by name, the matched one last."""
    measured: dict[str, Evaluation] = {}
    for name, named in WORLDS.items():
        say(f"world {name}: {named.wrong}")
        measured[name] = evaluate(named.world, extent, model, say)
    return measured
