"""Training of the classifier, and its file."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from p2p_cosim.core.errors import DivergenceError, InputError
from p2p_cosim.core.fault_kinds import LATERAL_OPEN, SWITCH_OPEN
from p2p_cosim.core.types import Fault, FloatArray
from p2p_cosim.detection.learned import FEATURES, FORMAT, NONE, Features, Forest, Origin
from p2p_cosim.detection.matched import MatchedFilter
from p2p_cosim.grid.opendss import OpenDSSGrid
from p2p_cosim.studies.detection.cases import DAY_SEEDS, Episode, episodes
from p2p_cosim.studies.detection.world import INTERVAL_S, Feeder, World, draw_day

LABEL_TICKS = 6
"""Ticks of a fault that are labelled with its kind; what is not seen by then is not learned."""
CLASS_OF = {SWITCH_OPEN: LATERAL_OPEN}  # a switch is a place, not another event
_ALLOWED_DAYS = 60
"""One calibration day in so many may raise an alarm."""


@dataclass(frozen=True, slots=True)
class Training:
    """How much to train on, and how: all that the result depends on besides code and world."""

    seed: int = 1
    every: int = 1
    per_place: int = 2
    normal_days: int = 40
    calibration_days: int = 60
    trees: int = 60
    leaves: int = 64


def with_seed(training: Training, seed: int) -> Training:
    """The same training with other random splits."""
    return replace(training, seed=seed)


QUICK = Training(every=30, per_place=1, normal_days=1, calibration_days=1, trees=5)


class Rows:
    """Feature rows of simulated days. The filters are designed once for all of them."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.feeder = Feeder(world)
        self._filter: MatchedFilter | None = None

    def of_episode(self, episode: Episode) -> tuple[FloatArray, list[str]]:
        """Rows and labels of an episode; normal ticks after a repair count as normal."""
        rows, first = self._rows(episode.day_seed, (episode.fault,), episode.first, episode.last)
        opened = self.feeder.opened
        # What protection clears is an open to the meters.
        fault = replace(episode.fault, kind=opened[0].kind) if opened else episode.fault
        labels = [NONE] * len(rows)
        for tick in range(fault.start_tick, fault.start_tick + LABEL_TICKS):
            labels[tick - first] = CLASS_OF.get(fault.kind, fault.kind)
        keep = [i for i in range(len(rows)) if not _between(first + i, fault)]
        return rows[keep], [labels[i] for i in keep]

    def of_normal_day(self, day_seed: int) -> FloatArray:
        """Rows of a day without a fault."""
        return self._rows(day_seed, (), 0, 96)[0]

    def _rows(
        self, day_seed: int, faults: tuple[Fault, ...], first: int, last: int
    ) -> tuple[FloatArray, int]:
        feeder = self.feeder
        day = draw_day(self.world, day_seed, len(feeder.grid.spot_loads))
        features = Features(feeder.twin(day), feeder.probes)
        if self._filter is not None:
            features.filter.share_designs(self._filter)
        self._filter = features.filter
        views = feeder.views(day, faults, first, last)
        rows = []
        for view in views:
            features.dark.update(view)
            rows.append(features.row(view))
        return np.array(rows), first


def _between(tick: int, fault: Fault) -> bool:
    """Ticks that are neither labelled nor normal: late in a fault, and just after it."""
    return fault.start_tick + LABEL_TICKS <= tick


def train(
    training: Training, world: World, say: Callable[[str], None] = lambda _: None
) -> dict[str, Any]:
    """The document of a trained model, ready to be written with `write_model`.

    Raises InputError without scikit-learn.
    """
    sklearn = _sklearn()
    source = Rows(world)
    rows, labels, used = _training_set(source, training, say)
    names = [NONE, *sorted(set(labels) - {NONE})]
    target = np.array([names.index(label) for label in labels])
    say(f"{len(rows)} ticks of {used} episodes, {len(names)} classes")
    forest = sklearn.ensemble.RandomForestClassifier(
        n_estimators=training.trees,
        max_leaf_nodes=training.leaves,
        min_samples_leaf=3,
        random_state=training.seed,
        n_jobs=1,
    ).fit(rows, target)
    manifest = {
        "training": asdict(training),
        "world": asdict(world),
        "trained_on": asdict(origin_of(source.feeder.grid)),
        "episodes": used,
        "rows": len(rows),
        "training_set_sha256": _digest(rows, labels),
        "day_seeds": [DAY_SEEDS["train"], DAY_SEEDS["calibrate"]],
        "versions": {"scikit-learn": sklearn.__version__, "numpy": np.__version__},
    }
    document = {
        "format": FORMAT,
        "features": list(FEATURES),
        "classes": names,
        "trees": [_tree(tree.tree_) for tree in forest.estimators_],
        "alarm_below": 0.5,
        "manifest": manifest,
    }
    document["alarm_below"] = _calibrated(document, source, training)
    return document


def origin_of(grid: OpenDSSGrid) -> Origin:
    """What a model of days on this feeder knows, and nothing beyond it."""
    return Origin(grid.circuit.name, len(grid.houses), INTERVAL_S // 60)


def _sklearn() -> Any:
    try:
        import sklearn.ensemble
    except ImportError:
        raise InputError(
            "training needs scikit-learn: pip install 'p2p-cosim[detect]'; a trained model runs "
            "without it"
        ) from None
    return sklearn


def _training_set(
    source: Rows, training: Training, say: Callable[[str], None]
) -> tuple[FloatArray, list[str], int]:
    blocks: list[FloatArray] = []
    labels: list[str] = []
    used = 0
    for episode in episodes(source.feeder.grid, False, training.per_place, training.every):
        try:
            rows, own = source.of_episode(episode)
        except DivergenceError as error:
            say(f"left out: {episode.fault}: {error}")
            continue
        used += 1
        blocks.append(rows)
        labels += own
    for day in range(training.normal_days):
        rows = source.of_normal_day(DAY_SEEDS["train"] + 50_000 + day)
        blocks.append(rows)
        labels += [NONE] * len(rows)
    return np.concatenate(blocks), labels, used


def _calibrated(document: dict[str, Any], source: Rows, training: Training) -> float:
    """P(none) below which to raise an alarm, from normal days of their own: the least value
    of a day, leaving out one day in `_ALLOWED_DAYS`."""
    model = Forest(
        tuple(document["classes"]),
        tuple(document["trees"]),
        0.0,
        {},
    )
    least = sorted(
        min(
            float(model.probabilities(row)[0])
            for row in source.of_normal_day(DAY_SEEDS["calibrate"] + day)
        )
        for day in range(training.calibration_days)
    )
    return float(f"{min(0.5, least[training.calibration_days // _ALLOWED_DAYS]):.4g}")


def write_model(document: dict[str, Any], path: Path) -> Path:
    """Write a model as JSON, complete or not at all. Equal models give equal bytes."""
    text = json.dumps(document, separators=(",", ":"), sort_keys=True, allow_nan=False) + "\n"
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        new.write_text(text, encoding="utf-8")
        os.replace(new, path)
    finally:
        new.unlink(missing_ok=True)
    return path


def _tree(tree: Any) -> dict[str, Any]:
    """The public arrays of a scikit-learn tree, as lists."""
    leaf = tree.children_left < 0
    counts = tree.value[:, 0, :]
    shares = counts / counts.sum(axis=1, keepdims=True)
    # Features are rounded to 1e-4 and thresholds lie midway, so 1e-5 moves no row across one.
    return {
        "feature": np.where(leaf, -1, tree.feature).tolist(),
        "threshold": np.round(np.where(leaf, 0.0, tree.threshold), 5).tolist(),
        "left": np.where(leaf, 0, tree.children_left).tolist(),
        "right": np.where(leaf, 0, tree.children_right).tolist(),
        "shares": [
            np.round(s, 4).tolist() if end else [] for s, end in zip(shares, leaf, strict=True)
        ],
    }


def _digest(rows: FloatArray, labels: list[str]) -> str:
    text = rows.astype("<f8").tobytes() + "\n".join(labels).encode()
    return hashlib.sha256(text).hexdigest()
