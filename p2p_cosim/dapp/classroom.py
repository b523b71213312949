"""A class that plays: who has which house, who is there, and who saves most.

A player trades for his house as anybody does who takes one over (`dapp.hands`). When none of his
pages is open at a gate and nothing of his waits for it, the house's agent takes over, until he is
back. Nothing here is an input of the run: what it does to houses is noted as theirs.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hmac import compare_digest

from p2p_cosim.core.errors import InputError
from p2p_cosim.core.types import Tariff, TickRecord
from p2p_cosim.dapp.errors import ForbiddenError

Json = dict[str, object]
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"  # nothing that reads as something else
JOIN_LETTERS, TEACHER_LETTERS = 8, 12
MOST_NAME = 24
PLAY_COLUMNS = (
    *("game", "scenario", "tick", "house", "player", "side", "energy_wh", "price_wei_per_wh"),
    *("filled_wh", "rejection"),
)


@dataclass(slots=True)
class Seat:
    """One player's house, over all games of a server.

    code: joins it. name: of the player, "" before he came. pages: of his that are open. rounds:
    in which he led the house. paid_wei: for these to neighbours and the utility. tariff_wei: what
    the same meter readings would have cost at the tariff alone.
    """

    house: str
    code: str
    name: str = ""
    pages: int = 0
    rounds: int = 0
    paid_wei: int = 0
    tariff_wei: int = 0


class Classroom:
    """The seats of a class. houses: of the run, in order; the first ones are the players'.

    Raises InputError for more players than houses. teacher: the code of whoever leads the class.
    """

    def __init__(self, houses: Sequence[str], players: int) -> None:
        require_houses(houses, players)
        self.teacher = _code(TEACHER_LETTERS)
        self.seats = [Seat(house, _code(JOIN_LETTERS)) for house in houses[:players]]
        self._plays: list[tuple[object, ...]] = []

    # ------------------------------------------------------------------------------- who may what

    def require_teacher(self, code: str) -> None:
        """Raise ForbiddenError unless it is the teacher's code."""
        if not self.is_teacher(code):
            raise ForbiddenError("that is for the teacher: send his code, which the command told")

    def is_teacher(self, code: str) -> bool:
        """Whether it is the teacher's code."""
        return compare_digest(code.encode(), self.teacher.encode())

    def seat_of(self, code: str) -> Seat:
        """The seat that a code joins. Raises ForbiddenError for no code of this class."""
        found = [s for s in self.seats if compare_digest(s.code.encode(), code.encode())]
        if not found:
            raise ForbiddenError("no such join code in this class: ask the teacher for yours")
        return found[0]

    def member_of(self, code: str) -> str:
        """The teacher or the house that a code is of, "" for a code of nobody."""
        if self.is_teacher(code):
            return "teacher"
        try:
            return self.seat_of(code).house
        except ForbiddenError:
            return ""

    def require_player(self, code: str, house: str) -> None:
        """Raise ForbiddenError unless the code is of that house."""
        if self.seat_of(code).house != house:
            raise ForbiddenError(f"that join code is of {self.seat_of(code).house}, not {house}")

    @contextmanager
    def present(self, code: str) -> Iterator[None]:
        """A player's page is open. A code of nobody is of somebody who only watches."""
        seat = next((seat for seat in self.seats if seat.code == code), None)
        if seat:
            seat.pages += 1
        try:
            yield
        finally:
            if seat:
                seat.pages -= 1

    # --------------------------------------------------------------------------------- the rounds

    def absent(self, houses: Sequence[str]) -> list[str]:
        """Those of some houses whose players have no page open."""
        away = {seat.house for seat in self.seats if not seat.pages}
        return [house for house in houses if house in away]

    def count(
        self, record: TickRecord, led: Sequence[str], tariff: Tariff, game: tuple[int, str]
    ) -> None:
        """Count a round that is settled. led: houses that people led. game: its number and name."""
        paid, metered = _paid(record), {s.trader: s.metered_wh for s in record.settlements}
        for seat in self.seats:
            if seat.house not in led:
                continue
            energy_wh = metered.get(seat.house, 0)
            price = tariff.retail_wei_per_wh if energy_wh > 0 else tariff.feed_in_wei_per_wh
            seat.rounds += 1
            seat.paid_wei += paid.get(seat.house, 0)
            seat.tariff_wei += energy_wh * price
            self._keep_plays(seat, record, game)

    def _keep_plays(self, seat: Seat, record: TickRecord, game: tuple[int, str]) -> None:
        for placed in record.gate.placements:
            order = placed.order
            if order.trader == seat.house:
                asked = (str(order.side), order.energy_wh, order.price_wei_per_wh)
                head = (*game, record.tick, seat.house, seat.name)
                self._plays.append((*head, *asked, placed.filled_wh, placed.rejection))

    # ------------------------------------------------------------------------------------- telling

    def board(self) -> list[Json]:
        """All seats, who saved most first; `class` of docs/dapp-api.md."""
        ranked = sorted(self.seats, key=lambda seat: seat.paid_wei - seat.tariff_wei)
        return [
            {
                "house": seat.house,
                "name": seat.name,
                "present": seat.pages > 0,
                "rounds": seat.rounds,
                "paid_wei": str(seat.paid_wei),
                "tariff_wei": str(seat.tariff_wei),
                "saved_wei": str(seat.tariff_wei - seat.paid_wei),
            }
            for seat in ranked
        ]

    def plays(self) -> list[tuple[object, ...]]:
        """Every order of a player, with what became of it: `PLAY_COLUMNS`."""
        return [*self._plays]


def require_houses(houses: Sequence[str], players: int) -> None:
    """Raise InputError where there are more players than houses."""
    if players > len(houses):
        raise InputError(
            f"{players} players, and the scenario has {len(houses)} houses: give fewer --players, "
            f"or more houses (--set houses.count={players})"
        )


def name_of(content: Mapping[str, object]) -> str:
    """What a player wants to be called, without what does not show, and without a beginning that
    makes a spreadsheet calculate."""
    name = content.get("name", "")
    shown = "".join(c for c in name if c.isprintable()) if isinstance(name, str) else ""
    return shown.strip().lstrip("=+-@ ")[:MOST_NAME]


def _paid(record: TickRecord) -> dict[str, int]:
    """By trader what a round cost, to neighbours and the utility; negative is earned."""
    paid = {settled.trader: settled.charge_wei for settled in record.settlements}
    for trade in record.trades:
        paid[trade.buyer] = paid.get(trade.buyer, 0) + trade.payment_wei
        paid[trade.seller] = paid.get(trade.seller, 0) - trade.proceeds_wei
    return paid


def _code(letters: int) -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(letters))
