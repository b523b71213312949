"""Which points of the axes a sweep runs: all of them, or a sample."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import Any

from p2p_cosim.core.errors import Problem
from p2p_cosim.core.naming import did_you_mean
from p2p_cosim.scenario.schema.problems import show
from p2p_cosim.sweeps.axes import Axis

FACTORIAL, LATIN_HYPERCUBE, SOBOL = "factorial", "latin_hypercube", "sobol"
DESIGNS = (FACTORIAL, LATIN_HYPERCUBE, SOBOL)

Point = dict[str, object]


def check_design(
    design: object,
    samples: object,
    axes: Sequence[Axis],
    problems: list[Problem],
    *,
    points: bool = False,
) -> None:
    """Put into `problems` what keeps a design from being laid out over the axes, crossed with
    points if there are some."""
    if design not in DESIGNS:
        near = did_you_mean(design, DESIGNS)
        message = f"{show(design)} is not one of {', '.join(DESIGNS)}{near}"
        problems.append(Problem("design", message))
        return
    if design == FACTORIAL:
        problems += [
            Problem(axis.name, "is a range without steps: add steps: 5, or a design that samples")
            for axis in axes
            if not axis.values
        ]
        if samples is not None:
            problems.append(Problem("samples", "a factorial design runs every point: remove it"))
        return
    if isinstance(samples, bool) or not isinstance(samples, int) or samples < 2:
        problems.append(Problem("samples", f"{show(samples)} is not a whole number from 2"))
    elif design == SOBOL and samples & (samples - 1):
        below = 1 << (samples.bit_length() - 1)
        message = (
            f"{samples} is no power of two, which Sobol's sequence needs: {below}, {2 * below}"
        )
        problems.append(Problem("samples", message))
    if not axes:
        problems.append(Problem("fields", "hold no axis to sample: give one a list or a range"))
    if design == SOBOL and points:
        problems.append(Problem("points", "cannot be crossed with a sobol design: remove them"))


def lay_out(design: str, axes: Sequence[Axis], samples: int | None, seed: int) -> list[Point]:
    """The points of a design, each a value by axis name, in the order of the design.

    factorial: all combinations, the last axis fastest. latin_hypercube: `samples` points
    (McKay, Beckman, Conover 1979, doi:10.2307/1268522). sobol: `samples * (axes + 2)` points of
    Saltelli's scheme (Saltelli et al. 2010, doi:10.1016/j.cpc.2009.09.018), from which
    `sobol_indices` computes. Samples are drawn by SALib from `seed`.
    """
    if design == FACTORIAL:
        names = [axis.name for axis in axes]
        combined = itertools.product(*(axis.values for axis in axes))
        return [dict(zip(names, values, strict=True)) for values in combined]
    assert samples is not None  # noqa: S101 (`check_design` has seen to it)
    shares = _shares(design, [axis.name for axis in axes], samples, seed)
    return [
        {axis.name: axis.at(float(share)) for axis, share in zip(axes, row, strict=True)}
        for row in shares
    ]


def salib_problem(names: Sequence[str]) -> Mapping[str, object]:
    """The axes as SALib wants them: shares of each in [0, 1]."""
    return {
        "num_vars": len(names),
        "names": list(names),
        "bounds": [[0.0, 1.0]] * len(names),
    }


def _shares(design: str, names: Sequence[str], samples: int, seed: int) -> Any:
    problem = salib_problem(names)
    if design == LATIN_HYPERCUBE:
        from SALib.sample import latin

        return latin.sample(problem, samples, seed=seed % 2**32)
    from SALib.sample import sobol

    return sobol.sample(problem, samples, calc_second_order=False, seed=seed % 2**32)
