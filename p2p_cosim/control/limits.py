"""What a regulator may do, whatever its controller wants: moves a day, and a delay."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from p2p_cosim.core.brief import Brief
from p2p_cosim.core.defaults import DELAY_TICKS
from p2p_cosim.core.errors import DivergenceError
from p2p_cosim.core.protocols import Controller
from p2p_cosim.core.types import ControlView, Decision, FloatArray, TapMove
from p2p_cosim.seams import Source, checked_decision


class Limited(Brief):
    """A controller whose moves are limited; what is not made now is recorded as refused.

    max_moves_per_day: of each regulator; None sets no limit.
    delay_ticks: a move is made this many ticks after it was decided. Until then the regulator
    takes no other order.
    """

    def __init__(
        self,
        controller: Controller,
        max_moves_per_day: int | None = None,
        delay_ticks: int = DELAY_TICKS,
    ) -> None:
        self.name = controller.name
        self._controller = controller
        self._max_moves = max_moves_per_day
        self._delay_ticks = delay_ticks
        self._under_way: dict[str, tuple[int, TapMove]] = {}
        self._made: Counter[tuple[int, str]] = Counter()

    def decide(self, view: ControlView) -> Decision:
        """The controller's decision, within the limits. Raises PluginError for what is none."""
        with Source("controller", self._controller, view.tick) as source:
            wanted = checked_decision(source, self._controller.decide(view), view)
        made = [move for due, move in self._under_way.values() if due <= view.tick]
        refused = list(wanted.refusals)
        for move in wanted.moves:
            why = self._objection(move, view)
            if why is None and self._delay_ticks:
                due = view.tick + self._delay_ticks
                self._under_way[move.regulator] = (due, move)
                why = f"delayed to tick {due}"
            if why is None:
                made.append(move)
            else:
                refused.append(replace(move, reason=f"{move.reason}; {why}"))
        for move in made:
            self._under_way.pop(move.regulator, None)
            self._made[view.day, move.regulator] += 1
        predicted = wanted.predicted_v_pu
        if tuple(made) != wanted.moves:
            predicted = _prediction(view, wanted.expected_p_kw, made)
        return replace(wanted, moves=tuple(made), refusals=tuple(refused), predicted_v_pu=predicted)

    def _objection(self, move: TapMove, view: ControlView) -> str | None:
        if move.regulator in self._under_way:
            due, earlier = self._under_way[move.regulator]
            return f"refused: the move to {earlier.tap:+d} is under way for tick {due}"
        made = self._made[view.day, move.regulator]
        if self._max_moves is not None and made >= self._max_moves:
            return f"refused: {made} of {self._max_moves} moves of the day are made"
        return None


def _prediction(
    view: ControlView, expected_p_kw: FloatArray | None, moves: list[TapMove]
) -> FloatArray | None:
    """House voltages with the moves that are really made."""
    if expected_p_kw is None:
        return None
    taps = view.taps | {move.regulator: move.tap for move in moves}
    try:
        return view.network.trial(expected_p_kw, view.meters.q_kvar, taps)
    except DivergenceError:
        return None
