"""A learned classifier of ticks: a random forest on residuals of the twin.

The model is plain data (JSON): feature splits and leaf values. Reading it executes nothing
and needs no scikit-learn, which only `p2p-cosim train-detector` uses.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np

from p2p_cosim.core.brief import Brief
from p2p_cosim.core.errors import InputError
from p2p_cosim.core.fault_kinds import (
    HOUSE_OUTAGE,
    HOUSE_RESTORED,
    LATERAL_OPEN,
    LV_SHORT,
    SWITCH_OPEN,
)
from p2p_cosim.core.limits import INTERRUPTION_PU
from p2p_cosim.core.types import Alarm, Fault, FloatArray, GridState, MeterView
from p2p_cosim.detection.balance import HEAD_SD_KW, SERVICE_SHORT_OHM
from p2p_cosim.detection.dark import DarkHouses, house_alarms
from p2p_cosim.detection.matched import WINDOW, MatchedFilter
from p2p_cosim.detection.places import alarm_of
from p2p_cosim.detection.twin import PHASES, SIZE, Twin, best_explanation

FORMAT = "p2p-cosim forest 1"
NONE = "none"
FEATURES = (
    *(f"dark_share_{p}" for p in PHASES),
    "dark_one",
    "dark_transformer",
    "dark_transformers",
    *(f"head_p_{p}" for p in PHASES),
    *(f"head_q_{p}" for p in PHASES),
    *(f"v_{p}" for p in PHASES),
    "v_lowest_beside_group",
    "head_p_share",
    "log_change",
    "log_drift",
    "filter_best",
    "filter_second",
    "filter_phases",
)
_FILTER_FROM = 4.0  # sigma; below, which probe fits best is chance


@dataclass(frozen=True, slots=True)
class Origin:
    """What a model was trained on: a feeder by name, its houses, and how often meters are read."""

    feeder: str
    houses: int
    interval_min: int

    def differs_in(self, here: Origin) -> str:
        """In which words `here` is another; empty if it is not."""
        pairs = (
            (self.feeder, here.feeder, "feeder {}"),
            (self.houses, here.houses, "{} houses"),
            (self.interval_min, here.interval_min, "readings every {} minutes"),
        )
        return ", ".join(
            f"{words.format(there)} (here {at_hand})"
            for there, at_hand, words in pairs
            if there != at_hand
        )


@dataclass(frozen=True, slots=True, eq=False)
class Forest:
    """A random forest (L. Breiman, Machine Learning 45 (2001) 5, doi:10.1023/A:1010933404324).

    trees: each has arrays `feature` (-1 in a leaf), `threshold`, `left`, `right`, and `shares`,
    the shares of the classes in a leaf; a value at most the threshold goes left. alarm_below:
    probability of `none` below which to raise an alarm.
    """

    classes: tuple[str, ...]
    trees: tuple[Mapping[str, Any], ...]
    alarm_below: float
    manifest: Mapping[str, Any]

    @property
    def trained_on(self) -> Origin | None:
        """What the model was trained on; None for one that does not say it."""
        origin = self.manifest.get("trained_on")
        return None if origin is None else Origin(**origin)

    def strangeness(self, here: Origin) -> str:
        """A sentence about what the model was not trained on; empty where it is at home."""
        if self.trained_on is None:
            return "the learned detector's model does not say what it was trained on: train it anew"
        difference = self.trained_on.differs_in(here)
        if not difference:
            return ""
        return (
            f"the learned detector was trained on {difference}: nothing is known of how well it "
            "does here; take energy_balance, or train it for this feeder"
        )

    def probabilities(self, features: FloatArray) -> FloatArray:
        """Of each class, for one row of features; shape (classes,)."""
        shares = np.array([_leaf(tree, features) for tree in self.trees])
        return np.asarray(shares.mean(axis=0))


def _leaf(tree: Mapping[str, Any], features: FloatArray) -> list[float]:
    node = 0
    while tree["feature"][node] >= 0:
        goes_left = features[tree["feature"][node]] <= tree["threshold"][node]
        node = tree["left"][node] if goes_left else tree["right"][node]
    shares: list[float] = tree["shares"][node]
    return shares


def load_model(path: Path | None = None) -> Forest:
    """A trained model, by default the one that ships with the package.

    Raises InputError for a file that is not one, or was trained on other features.
    """
    source = path or resources.files("p2p_cosim.detection") / "data" / "detector.json"
    try:
        document = json.loads(source.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(f"{source} is no detector: {error}; train one") from None
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise InputError(f"{source} is no detector of format {FORMAT!r}: train it anew")
    if tuple(document["features"]) != FEATURES:
        raise InputError(f"{source} was trained on other features: train it anew")
    return Forest(
        tuple(document["classes"]),
        tuple(document["trees"]),
        float(document["alarm_below"]),
        document["manifest"],
    )


class Features:
    """Residuals of the twin and meter states as a row of numbers, tick by tick."""

    def __init__(self, twin: Twin, probes: Sequence[Fault]) -> None:
        self.twin = twin
        self.filter = MatchedFilter(twin, probes)
        transformers = [house.transformer for house in twin.grid.houses]
        self._groups = [
            np.array([t == name for t in transformers]) for name in dict.fromkeys(transformers)
        ]
        self.dark = DarkHouses(twin.grid.houses)
        self.origin = np.zeros(SIZE)

    def row(self, meters: MeterView) -> FloatArray:
        """Shape (len(FEATURES),), rounded to four digits.

        The head must have been read, and `dark` updated with the same readings.
        """
        scale = self.twin.scale(meters)
        expected = self.twin.expected(meters)
        residual = self.twin.residual(meters, expected)
        if self.filter.window:
            # Before what happened in the last ticks, if anything did.
            self.origin = np.median(np.array(self.filter.window), axis=0)
        change = residual - self.origin if self.filter.window else np.zeros(SIZE)
        self.filter.push(residual)
        statistics = self.filter.statistics(scale).max(axis=1)
        order = np.argsort(-statistics)
        best = float(statistics[order[0]])
        row: FloatArray = np.array(
            [
                *(self._share_dark(p) for p in range(len(PHASES))),
                float(self.dark.now.sum() == 1),
                max(float(self.dark.now[group].mean()) for group in self._groups),
                sum(float(self.dark.now[group].all()) for group in self._groups),
                *np.arcsinh(change[0:6] / 10.0),
                *np.arcsinh(change[6:9] / 0.003),
                np.arcsinh(self._lowest_group_pu(meters, expected) / 0.003),
                float(meters.head_p_kw.sum() / max(expected.head_p_kw.sum(), 1.0)),
                math.log1p(self.filter.change_chi2(scale)),
                math.log1p(self.filter.drift_chi2(change, np.zeros(SIZE), scale)),
                best,
                float(statistics[order[1]]),
                len(self.filter.probes[order[0]].phases) if best > _FILTER_FROM else 0,
            ]
        )
        # Coarser than what differs between platforms, so that trees split alike on all.
        rounded: FloatArray = np.round(np.nan_to_num(row), 4).astype(np.float64)
        return rounded

    def _lowest_group_pu(self, meters: MeterView, expected: GridState) -> float:
        """How far the lowest transformer's houses are below the highest ones of their phase."""
        v_change = np.where(self.twin.seen(meters), meters.v_pu - expected.house_v_pu, 0.0)
        means = [v_change[group].mean() for group in self._groups]
        lowest = int(np.argmin(means))
        phase = self.twin.house_phase[self._groups[lowest]][0]
        peers = [
            mean
            for mean, group in zip(means, self._groups, strict=True)
            if self.twin.house_phase[group][0] == phase
        ]
        return float(means[lowest] - max(peers))

    def _share_dark(self, phase: int) -> float:
        here = self.twin.house_phase == phase
        return float(self.dark.now[here].mean()) if here.any() else 0.0


class Learned(Brief):
    """Asks a trained model what kind of tick this is, and the twin where.

    One alarm an event: it is over when the model has called as many ticks normal as the
    filter looks back on, and no house is dark. Repairs within it are no news.
    """

    name = "learned"

    def __init__(
        self,
        twin: Twin,
        hypotheses: Sequence[Fault],
        probes: Sequence[Fault],
        model: Forest | None = None,
    ) -> None:
        self.features = Features(twin, probes)
        self.hypotheses = tuple(hypotheses)
        self.model = model or load_model()
        self._quiet_ticks = WINDOW  # since the last that was not normal
        self._none = self.model.classes.index(NONE)

    def inspect(self, meters: MeterView) -> Sequence[Alarm]:
        """An alarm when an event begins, one for each house that is back."""
        new, back = self.features.dark.update(meters)
        if not np.isfinite(meters.head_p_kw).all():  # nothing but last gasps has arrived yet
            return house_alarms(HOUSE_OUTAGE, new, meters, self.name)
        meters = self.features.dark.told(meters)
        restored = house_alarms(HOUSE_RESTORED, back, meters, self.name)
        probability = self.model.probabilities(self.features.row(meters))
        normal = float(probability[self._none])
        over = self._quiet_ticks >= WINDOW
        if normal >= self.model.alarm_below:
            self._quiet_ticks += not self.features.dark.now.any()
            return restored
        self._quiet_ticks = 0
        if not over:
            return restored
        probability[self._none] = 0.0
        kind = self.model.classes[int(probability.argmax())]
        fault = self._placed(meters, kind)
        return (alarm_of(fault, meters, self.name, 1 - normal), *restored)

    def _placed(self, meters: MeterView, kind: str) -> Fault:
        """The fault of this kind that fits the readings best."""
        twin, window = self.features.twin, self.features.filter
        dark = [
            s.name for s, v in zip(meters.sites, meters.v_pu, strict=True) if v < INTERRUPTION_PU
        ]
        if kind == HOUSE_OUTAGE:
            return Fault(kind, dark[0] if dark else meters.sites[0].name, 0, 1)
        if kind == LV_SHORT:
            lowest = int(np.where(twin.seen(meters), meters.v_pu, np.inf).argmin())
            return Fault(kind, meters.sites[lowest].name, 0, 1, "", SERVICE_SHORT_OHM[2])
        kinds = (LATERAL_OPEN, SWITCH_OPEN) if kind == LATERAL_OPEN else (kind,)
        candidates = [fault for fault in self.hypotheses if fault.kind in kinds]
        fault, _ = best_explanation(
            twin, meters, candidates, self.features.origin, HEAD_SD_KW, must=True
        )
        statistics = window.statistics(twin.scale(meters)).max(axis=1)
        of_kind = [i for i, probe in enumerate(window.probes) if probe.kind == kind]
        small = fault is None or fault.impedance_ohm >= max(f.impedance_ohm for f in candidates)
        if of_kind and small and statistics.any():
            return window.probes[max(of_kind, key=lambda i: float(statistics[i]))]
        assert fault is not None  # noqa: S101 (must=True, and there are candidates)
        return fault
