"""Orders to tap changers, some of which are stuck."""

from __future__ import annotations

from dataclasses import replace

from p2p_cosim.core.brief import Brief
from p2p_cosim.core.protocols import Grid
from p2p_cosim.core.types import Decision, TapMove


class TapOrders(Brief):
    """Moves the taps of a grid, as far as they move. stuck: regulators that do not."""

    def __init__(self, grid: Grid) -> None:
        self._grid = grid
        self.stuck: list[str] = []

    def move(self, move: TapMove) -> bool:
        """Order one, and say whether the tap moved. Raises GridError as `Grid.set_tap` does."""
        if move.regulator in self.stuck:
            return False
        self._grid.set_tap(move)
        return True

    def make(self, decision: Decision) -> Decision:
        """Order all; those that are stuck are refused, as an operator learns it."""
        made = tuple(move for move in decision.moves if self.move(move))
        if made == decision.moves:
            return decision
        refused = tuple(
            replace(move, reason=f"{move.reason}; ordered, and the tap did not move")
            for move in decision.moves
            if move not in made
        )
        return replace(decision, moves=made, refusals=(*decision.refusals, *refused))
