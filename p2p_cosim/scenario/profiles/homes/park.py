"""What each house owns, and how its people live."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from p2p_cosim.scenario.profiles.homes.table import OWNED_SHARE, TABLE
from p2p_cosim.scenario.profiles.household import SIZE_SPREAD

_AT_WORK_SHARE = 0.55  # of the houses that are empty by day from Monday to Friday
_SPREAD = 0.25  # of thermal properties between houses


@dataclass(frozen=True, slots=True)
class Home:
    """One house.

    size: of its household relative to the mean. owns: by appliance of the table. at_work: empty
    by day on workdays. loss_w_per_k: through its shell. cooled, heated: by electricity.
    cool_c, heat_c: outdoor temperature from which it cools or heats. phase: of its compressor.
    """

    size: float
    owns: tuple[bool, ...]
    at_work: bool
    loss_w_per_k: float
    cooled: bool
    heated: bool
    cool_c: float
    heat_c: float
    phase: float


def draw_home(
    rng: np.random.Generator, cooled_share: float, heated_share: float, loss_w_per_k: float
) -> Home:
    """A house by chance. All draws are made, whatever the shares, so that raising one changes
    only the houses that come in."""
    spread = np.sqrt(np.log1p(SIZE_SPREAD**2))
    size = float(rng.lognormal(-(spread**2) / 2, spread))
    ranks = rng.random(len(TABLE))
    living, cooled, heated, phase = rng.random(4)
    shell, cool_k, heat_k = rng.standard_normal(3)
    return Home(
        size=size,
        owns=tuple(
            bool(rank < OWNED_SHARE.get(a.name, 1.0)) for a, rank in zip(TABLE, ranks, strict=True)
        ),
        at_work=bool(living < _AT_WORK_SHARE),
        loss_w_per_k=loss_w_per_k * float(np.exp(_SPREAD * shell - _SPREAD**2 / 2)),
        cooled=bool(cooled < cooled_share),
        heated=bool(heated < heated_share),
        cool_c=19.0 + 1.5 * float(cool_k),
        heat_c=15.0 + 1.5 * float(heat_k),
        phase=float(phase),
    )
