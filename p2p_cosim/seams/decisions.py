"""A controller's decision."""

from __future__ import annotations

from collections.abc import Sequence

from p2p_cosim.core.limits import MAX_TAP
from p2p_cosim.core.types import ControlView, Decision, FloatArray, TapMove
from p2p_cosim.seams.report import Report, Source


def checked_decision(source: Source, returned: object, view: ControlView) -> Decision:
    """The decision that a controller returned when it saw this view.

    Raises PluginError for what is no decision, moves of unknown regulators, of one regulator
    twice or to taps that are no whole numbers from -16 to 16, and for arrays that have not the
    shape (houses,) or hold an infinite number. NaN says that nothing is expected of a house.
    """
    report = Report(source)
    if not isinstance(returned, Decision):
        report.add("", returned, "a p2p_cosim.Decision; Decision() leaves the taps")
        report.close()
    assert isinstance(returned, Decision)  # noqa: S101 (else the line above has raised)
    moves = _moves(report, "moves", returned.moves, view)
    seen: set[str] = set()
    for i, move in enumerate(moves):
        if move.regulator in seen:
            report.add(f"moves[{i}].regulator", move.regulator, "one move of a regulator")
        seen.add(move.regulator)
    decision = Decision(
        moves,
        _moves(report, "refusals", returned.refusals, view),
        _array(report, "expected_p_kw", returned.expected_p_kw, "kW", view),
        _array(report, "predicted_v_pu", returned.predicted_v_pu, "pu", view),
    )
    report.close()
    return decision


def _moves(
    report: Report, path: str, moves: Sequence[TapMove], view: ControlView
) -> tuple[TapMove, ...]:
    houses = [site.name for site in view.meters.sites]
    return tuple(
        TapMove(
            report.name(f"{at}.regulator", move.regulator, "a regulator of the view", view.taps),
            report.whole(f"{at}.tap", move.tap, "steps", -MAX_TAP, MAX_TAP),
            report.text(f"{at}.reason", move.reason, "the reason in words"),
            move.house and report.name(f"{at}.house", move.house, "a house or ''", houses),
        )
        for at, move in report.items(path, moves, TapMove, "() for none")
    )


def _array(
    report: Report, path: str, value: FloatArray | None, unit: str, view: ControlView
) -> FloatArray | None:
    if value is None:
        return None
    return report.array(path, value, unit, (len(view.meters.sites),), gaps=True)
