import pickle

import pytest

from p2p_cosim.core import errors


def test_a_scenario_error_lists_every_problem():
    problems = [errors.Problem("market.k", "1.5 is above 1"), errors.Problem("", "no name")]
    error = errors.ScenarioError("day.yaml", problems)
    assert str(error) == "day.yaml: 2 problems\n  market.k: 1.5 is above 1\n  no name"
    assert isinstance(error, errors.InputError)


def test_a_revert_error_carries_name_and_values():
    error = errors.RevertError("placeBid", "RoundFull", {"limit": 300})
    assert str(error) == "placeBid reverted: RoundFull(limit=300)"
    assert error.args_by_name == {"limit": 300}


def test_a_divergence_learns_its_tick():
    error = errors.DivergenceError("675.2", float("nan")).at_tick(12)
    assert error.tick == 12
    assert "at tick 12" in str(error)
    assert "fault" not in str(error)


def test_a_divergence_keeps_what_is_broken():
    error = errors.DivergenceError("675.2", 0.5, broken=["slg at 671"]).at_tick(3)
    assert "at tick 3 with slg at 671: worst node 675.2" in str(error)
    assert str(error).endswith("or check the fault impedance")


@pytest.mark.parametrize("name", [n for n in dir(errors) if n.endswith("Error")])
def test_every_error_is_a_cosim_error(name):
    assert issubclass(getattr(errors, name), errors.CosimError)


@pytest.mark.parametrize(
    "error",
    [
        errors.ScenarioError("day.yaml", [errors.Problem("market.k", "1.5 is above 1")]),
        errors.PluginError("strategy a:B", [errors.Problem("orders", "None")]),
        errors.RevertError("placeBid", "RoundFull", {"limit": 300}),
        errors.DivergenceError("675.2", 0.5).at_tick(12),
        errors.ConservationError("money of house_1", 3, 1, 2, "wei"),
        errors.StorageError("the disk is full"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_an_error_comes_out_of_another_process_as_it_was(error):
    back = pickle.loads(pickle.dumps(error))  # noqa: S301 (our own bytes)
    assert type(back) is type(error)
    assert str(back) == str(error)
    assert vars(back) == vars(error)
