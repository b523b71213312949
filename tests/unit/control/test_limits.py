import pytest
from linear_network import LinearNetwork, view

from p2p_cosim.control import Limited
from p2p_cosim.core.types import Decision, TapMove


class Restless:
    """Wants the tap of phase B one step lower every tick."""

    name = "restless"

    def decide(self, seen):
        move = TapMove("reg_b", seen.taps["reg_b"] - 1, "lower", "house_1")
        predicted = seen.network.v_pu(seen.meters.p_kw, seen.taps | {"reg_b": move.tap})
        return Decision((move,), (), seen.meters.p_kw, predicted)


def run(controller, ticks, ticks_per_day=96):
    """Decisions, and the tap of phase B after each."""
    network, tap, story = LinearNetwork(), 0, []
    for tick in range(ticks):
        seen = view(network, [0.0] * 3, taps=(0, tap, 0), tick=tick, day=tick // ticks_per_day)
        decision = controller.decide(seen)
        for move in decision.moves:
            tap = move.tap
        story.append((decision, tap))
    return story


def test_without_limits_the_decision_passes_as_it_is():
    story = run(Limited(Restless()), 3)
    assert [tap for _, tap in story] == [-1, -2, -3]
    assert all(not decision.refusals for decision, _ in story)


def test_moves_of_a_day_are_counted_and_the_next_day_begins_anew():
    story = run(Limited(Restless(), max_moves_per_day=2), 8, ticks_per_day=4)
    assert [tap for _, tap in story] == [-1, -2, -2, -2, -3, -4, -4, -4]
    (refusal,) = story[3][0].refusals
    assert (refusal.tap, refusal.house) == (-3, "house_1")
    assert refusal.reason == "lower; refused: 2 of 2 moves of the day are made"


def test_a_refused_move_is_not_predicted():
    decision, _ = run(Limited(Restless(), max_moves_per_day=0), 1)[0]
    assert decision.predicted_v_pu == pytest.approx([1.0, 1.0, 1.0])


def test_a_delayed_move_comes_later_and_blocks_the_regulator_until_then():
    story = run(Limited(Restless(), delay_ticks=2), 6)
    assert [tap for _, tap in story] == [0, 0, -1, -1, -1, -2]
    assert story[0][0].refusals[0].reason == "lower; delayed to tick 2"
    assert story[1][0].refusals[0].reason == (
        "lower; refused: the move to -1 is under way for tick 2"
    )
    assert story[2][0].predicted_v_pu[0] == pytest.approx(1.0 - 0.0066)
    assert story[1][0].predicted_v_pu[0] == pytest.approx(1.0)
