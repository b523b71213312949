"""The operator's board: a list for people, of which no result knows."""

import pytest

from p2p_cosim.core.fault_kinds import HOUSE_OUTAGE, HOUSE_RESTORED
from p2p_cosim.core.types import Alarm
from p2p_cosim.dapp.board import Board
from p2p_cosim.dapp.errors import ConflictError

QUARTER_S = 900


def alarm(place="house_1", kind=HOUSE_OUTAGE, tick=3):
    return Alarm(tick, kind, place, "test")


@pytest.fixture
def board():
    board = Board(QUARTER_S)
    board.take(4, [alarm()])
    return board


def standing(board, tick=4):
    return [(each["place"], each["standing"]) for each in board.told(tick)]


def test_an_alarm_stands_until_its_house_has_supply_again(board):
    board.take(5, [alarm(tick=4)])
    assert standing(board) == [("house_1", "active")]  # once, however often it is said
    board.acknowledge(1)
    assert standing(board) == [("house_1", "acknowledged")]
    board.take(6, [alarm(kind=HOUSE_RESTORED, tick=5), alarm("house_2", tick=5)])
    assert standing(board) == [("house_2", "active"), ("house_1", "cleared")]
    board.take(7, [alarm(tick=6)])
    assert [each["id"] for each in board.told(7)] == [3, 2, 1]


def test_a_shelved_alarm_comes_back(board):
    board.shelve(1, tick=4, minutes=30)
    board.take(5, [alarm(tick=4)])
    assert standing(board) == [("house_1", "shelved")]
    board.take(6, [])
    assert standing(board) == [("house_1", "active")]


def test_half_an_hour_without_anybody_is_a_reminder(board):
    assert [board.told(tick)[0]["reminder"] for tick in (4, 5)] == [False, True]
    board.acknowledge(1)
    assert not board.told(9)[0]["reminder"]


def test_what_is_not_possible_is_said(board):
    with pytest.raises(ConflictError, match="no alarm 2"):
        board.acknowledge(2)
    board.clear(1)
    for late in (lambda: board.acknowledge(1), lambda: board.clear(1)):
        with pytest.raises(ConflictError, match="cleared already"):
            late()
    with pytest.raises(ConflictError, match="cleared already"):
        board.shelve(1, tick=4, minutes=10)


def test_it_keeps_so_many(board):
    for tick in range(5, 300):
        board.take(tick, [alarm(f"house_{tick}", tick=tick - 1)])
    assert len(board.told(300)) == 200
