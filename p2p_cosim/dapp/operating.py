"""What the operator does: alarms on the board, and a tap moved by hand."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from p2p_cosim.core.errors import GridError
from p2p_cosim.core.types import TapMove
from p2p_cosim.dapp.board import MOST_SHELVED_MIN, Board
from p2p_cosim.dapp.errors import BadRequestError, ConflictError
from p2p_cosim.dapp.fields import integer
from p2p_cosim.simulation import Simulation

Json = dict[str, object]
TAP = "tap"
"""The kind of an input that is a tap moved by hand."""

BY_HAND = "moved by hand"


class Operating:
    """The operator of a run. note: a tap that was moved by hand."""

    def __init__(self, simulation: Simulation, note: Callable[[str, int], None]) -> None:
        self._simulation, self._note = simulation, note
        self.board = Board(simulation.scenario.clock.clock().interval_s)

    def after_tick(self) -> None:
        """Take the alarms of the tick that is over."""
        if record := self._simulation.last:
            self.board.take(self._simulation.tick, record.alarms)

    def do(self, wanted: Mapping[str, object]) -> Json:
        """Do what a request says; how the operator's page stands then.

        Raises BadRequestError for what says nothing, ConflictError for what is not possible.
        """
        action = wanted.get("action")
        if action == TAP:
            self._move(wanted)
        elif action == "acknowledge":
            self.board.acknowledge(integer(wanted, "alarm", 1, 2**31))
        elif action == "clear":
            self.board.clear(integer(wanted, "alarm", 1, 2**31))
        elif action == "shelve":
            minutes = integer(wanted, "minutes", 1, MOST_SHELVED_MIN)
            number = integer(wanted, "alarm", 1, 2**31)
            self.board.shelve(number, self._simulation.tick, minutes)
        else:
            raise BadRequestError(f"action is one of acknowledge, clear, shelve, {TAP}")
        return self.told()

    def told(self) -> Json:
        """The board, and taps that move before the next interval."""
        moves = self._simulation.model.taps_by_hand
        return {
            "board": self.board.told(self._simulation.tick),
            "taps_by_hand": {move.regulator: move.tap for move in moves},
        }

    def _move(self, wanted: Mapping[str, object]) -> None:
        regulator, sites = wanted.get("regulator"), self._simulation.model.grid.regulator_sites
        if not isinstance(regulator, str) or regulator not in sites:
            raise BadRequestError(f"regulator is one of {', '.join(sites) or 'none: it has none'}")
        site = sites[regulator]
        tap = integer(wanted, "tap", site.min_tap, site.max_tap)
        if self._simulation.done:
            raise ConflictError("all ticks are run: reset to begin again")
        try:
            move_by_hand(self._simulation, regulator, tap)
        except GridError as error:
            raise ConflictError(str(error)) from None
        self._note(regulator, tap)


def move_by_hand(simulation: Simulation, regulator: str, tap: int) -> None:
    """Move a tap before the next interval. Raises GridError where RegControls own the taps."""
    simulation.model.move_by_hand(TapMove(regulator, tap, BY_HAND))
