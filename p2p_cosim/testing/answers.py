"""Check of a number that somebody worked out, as in the exercises of notebooks/."""

from __future__ import annotations

import math
from numbers import Real

from p2p_cosim.testing.findings import Findings


def check_answer(question: str, given: object, right: float, *, rel: float = 1e-6) -> None:
    """Compare an answer with the right number.

    question: what was asked, with its unit. rel: relative difference that is let pass; next to
    a right answer of 0 the difference itself.

    Raises ConformanceError, which says how far off it is and not what is right.
    """
    found = Findings(question, "the run")
    if isinstance(given, bool) or not isinstance(given, Real):
        found.expect(False, f"the answer is a {type(given).__name__}: it should be a number")
    elif not math.isfinite(float(given)):
        found.expect(False, f"the answer is {float(given)}")
    else:
        off = float(given) - right
        allowed = rel * (abs(right) or 1.0)
        share = f"{abs(off) / abs(right):.2g} of the right one" if right else f"{abs(off):.3g}"
        found.expect(abs(off) <= allowed, f"too {'high' if off > 0 else 'low'} by {share}")
    found.close()
