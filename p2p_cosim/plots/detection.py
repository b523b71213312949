"""Figures of a measurement of detectors, from its file of verdicts alone."""

from __future__ import annotations

import itertools
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, cast

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, NullLocator, PercentFormatter

from p2p_cosim.core.fault_kinds import FAULT_KINDS, SLG
from p2p_cosim.core.types import FloatArray
from p2p_cosim.plots import style

Verdicts = Sequence[Mapping[str, Any]]

_NAMES = {
    "outage_threshold": "Threshold",
    "statistical": "Statistical (CUSUM)",
    "energy_balance": "Energy balance",
    "learned": "Learned (forest)",
}
_LOOK = {
    "outage_threshold": (style.GREY, "v", style.DASHED),
    "statistical": (style.ORANGE, "s", "-."),
    "energy_balance": (style.BLUE, "o", "-"),
    "learned": (style.VERMILION, "^", (0, (5, 1))),
}
_EDGES_OHM = (0.1, 1.0, 5.0, 20.0, 60.0, 200.0, 450.0, 1000.0)
_Z = 1.96
_DARK_CELL = 0.55


def load_verdicts(path: Path) -> Verdicts:
    """The verdicts of a file written by `p2p-cosim evaluate-detector`."""
    return cast(Verdicts, json.loads(path.read_text(encoding="utf-8"))["verdicts"])


@style.styled
def detection_rate(verdicts: Verdicts, ax: Axes | None = None) -> Axes:
    """Share of phase-to-ground short circuits that are detected, by classes of impedance.

    Only those that protection leaves standing. A marker stands in the middle of its class, whose
    ends are the ticks; bars are 95 % Wilson intervals.
    """
    ax = ax or style.new_axes(2.6)
    shorts = [
        verdict
        for verdict in verdicts
        if verdict["kind"] == SLG and not verdict.get("cleared", False)
    ]
    edges = _edges([verdict["impedance_ohm"] for verdict in shorts])
    for number, (name, label) in enumerate(_NAMES.items()):
        own = [verdict for verdict in shorts if verdict["detector"] == name]
        bins = [b for b in itertools.pairwise(edges) if _within(own, *b)]
        share, low, high = np.array([_rate(_within(own, *b)) for b in bins]).reshape(-1, 3).T
        colour, marker, line = _LOOK[name]
        # A little apart, so that bars of equal rates do not hide each other.
        x = np.sqrt([low_ohm * high_ohm for low_ohm, high_ohm in bins]) * 1.05 ** (number - 1.5)
        errors = np.maximum([share - low, high - share], 0)
        ax.errorbar(
            x,
            share,
            yerr=errors,
            color=colour,
            marker=marker,
            linestyle=cast(Any, line),
            markersize=3.2,
            linewidth=1.1,
            elinewidth=0.7,
            capsize=1.5,
            label=label,
        )
    _impedance_axis(ax, edges)
    ax.set(ylabel="Detected within 3 h", ylim=(-0.03, 1.03))
    ax.yaxis.set_major_formatter(PercentFormatter(1.0))
    style.legend_above(ax, columns=2)
    return ax


def _impedance_axis(ax: Axes, edges: Sequence[float]) -> None:
    ax.set_xscale("log")
    ax.xaxis.set_major_locator(FixedLocator(edges))
    ax.xaxis.set_minor_locator(NullLocator())
    ax.set_xticklabels([f"{ohm:g}" for ohm in edges])
    ax.grid(axis="x", alpha=0.25)
    ax.set_xlabel("Fault impedance (ohm)")


@style.styled
def confusion_matrix(verdicts: Verdicts, detector: str, ax: Axes | None = None) -> Axes:
    """What a detector called each kind of fault: rows are faults, in shares of their episodes.

    Short circuits that protection cleared have rows of their own: to the meters they are opens.
    """
    ax = ax or style.new_axes(3.6)
    own = [verdict for verdict in verdicts if verdict["detector"] == detector]
    kinds = sorted({verdict["kind"] for verdict in own})
    rows = sorted({_row_of(verdict) for verdict in own})
    named = [*kinds, *sorted({v["named"] for v in own} - set(kinds) - {"none"}), "none"]
    counts = Counter((_row_of(verdict), verdict["named"]) for verdict in own)
    matrix = np.array([[counts[row, name] for name in named] for row in rows], dtype=float)
    totals = matrix.sum(axis=1, keepdims=True)
    share: FloatArray = matrix / np.maximum(totals, 1)
    ax.imshow(share, cmap="Blues", vmin=0, vmax=1, aspect="auto")
    for line, column in zip(*np.nonzero(matrix), strict=True):
        value = share[line, column]
        ax.text(
            column,
            line,
            f"{value * 100:.0f}",
            ha="center",
            va="center",
            fontsize=6,
            color="white" if value > _DARK_CELL else style.BLACK,
        )
    ax.set_xticks(range(len(named)), [_words(name) for name in named], rotation=45, ha="right")
    labels = [
        f"{_words(kind)}{', cleared' * cleared} ({int(n)})"
        for (kind, cleared), n in zip(rows, totals[:, 0], strict=True)
    ]
    ax.set_yticks(range(len(rows)), labels)
    ax.tick_params(length=0, labelsize=6.5)
    ax.set_xlabel("First alarm")
    ax.set_ylabel("Fault (episodes)")
    ax.set_title(f"{_NAMES.get(detector, detector)}, % of episodes", loc="left")
    for side in ("left", "bottom"):
        ax.spines[side].set_visible(False)
    return ax


def save(path: Path, folder: Path) -> list[Path]:
    """Draw all figures of a file of verdicts into `folder`, as PNG and SVG."""
    verdicts = load_verdicts(path)
    drawn = {
        "detection_rate": detection_rate(verdicts),
        **{f"confusion_{name}": confusion_matrix(verdicts, name) for name in _NAMES},
    }
    paths: list[Path] = []
    for name, ax in drawn.items():
        figure = cast(Figure, ax.get_figure(root=True))
        for suffix, metadata in (("png", {}), ("svg", {"Date": None})):
            paths.append(folder / f"{name}.{suffix}")
            with style.applied():
                figure.savefig(paths[-1], metadata=metadata)
    return paths


def _row_of(verdict: Mapping[str, Any]) -> tuple[str, bool]:
    return verdict["kind"], bool(verdict.get("cleared", False))


def _edges(ohms: Sequence[float]) -> list[float]:
    """Ends of the classes that have an episode; 0 ohm is in the first."""
    inside = [
        edge
        for low, high in itertools.pairwise(_EDGES_OHM)
        if any(_in_class(ohm, low, high) for ohm in ohms)
        for edge in (low, high)
    ]
    return sorted(set(inside))


def _in_class(ohm: float, low: float, high: float) -> bool:
    return low < max(ohm, _EDGES_OHM[0] * 1.001) <= high


def _within(own: Verdicts, low: float, high: float) -> Verdicts:
    return [verdict for verdict in own if _in_class(verdict["impedance_ohm"], low, high)]


def _rate(own: Verdicts) -> tuple[float, float, float]:
    """Share detected, and its 95 % Wilson interval."""
    here = [verdict["delay"] is not None for verdict in own]
    n, share = max(len(here), 1), float(np.mean(here)) if here else 0.0
    middle = (share + _Z**2 / (2 * n)) / (1 + _Z**2 / n)
    half = _Z * np.sqrt(share * (1 - share) / n + _Z**2 / (4 * n**2)) / (1 + _Z**2 / n)
    return share, middle - half, middle + half


def _words(kind: str) -> str:
    return FAULT_KINDS[kind].words if kind in FAULT_KINDS else kind.replace("_", " ")
