"""Mesa as Mesa's users know it: agents by type, AgentSets, data collectors, run_model."""

import subprocess
import sys
import textwrap

import mesa
import numpy as np
import pytest

import p2p_cosim as p2p
from p2p_cosim.agents import BulkConsumer, FaultAgent, GridController, Household
from p2p_cosim.core.errors import InputError
from p2p_cosim.model import Cosim


@pytest.fixture
def sim(tmp_path):
    return p2p.Simulation(p2p.load("three_houses"), out=tmp_path)


def test_agents_are_found_by_type(sim):
    model = sim.model
    by_type = model.agents_by_type
    assert set(by_type) == {Household, FaultAgent, GridController}
    assert list(by_type[Household]) == model.households
    assert list(by_type[GridController]) == [model.grid_controller]
    assert list(by_type[FaultAgent]) == [model.fault_agent]
    assert len(model.agents) == 5
    assert [agent.unique_id for agent in model.households] == [1, 2, 3]


def test_bulk_consumers_are_agents_too(tmp_path):
    scenario = p2p.load("three_houses").replace({"feeder.spot_loads.bid": True})
    model = p2p.Simulation(scenario, out=tmp_path).model
    assert list(model.agents_by_type[BulkConsumer]) == model.bulk_consumers
    assert model.bulk_consumers


def test_operations_on_agent_sets_work(sim):
    sim.step()
    houses = sim.model.agents_by_type[Household]
    expected = {house.name: house.forecast_wh for house in sim.model.households}
    assert houses.get("forecast_wh") == list(expected.values())
    assert houses.agg("forecast_wh", sum) == sum(expected.values())
    sellers = houses.select(lambda house: house.forecast_wh < 0)
    assert {house.name for house in sellers} == {n for n, wh in expected.items() if wh < 0}


def test_a_data_collector_of_ones_own_works(sim):
    collector = mesa.DataCollector(
        model_reporters={
            "price": lambda model: model.last.gate.clearing.price_wei_per_wh,
            "highest_pu": lambda model: float(model.state.house_v_pu.max()),
        },
        agenttype_reporters={Household: {"name": "name", "forecast_wh": "forecast_wh"}},
    )
    while not sim.done:
        sim.step()
        collector.collect(sim.model)
    run = sim.results()
    by_tick = collector.get_model_vars_dataframe()
    prices = run.market["price_wei_per_wh"]  # empty in a round without a trade, as None is
    assert by_tick["price"].dropna().tolist() == prices.dropna().tolist() != []
    highest = run.voltages.groupby("tick")["v_pu"].max()
    assert by_tick["highest_pu"].tolist() == pytest.approx(highest.tolist(), abs=1e-6)
    forecasts = collector.get_agenttype_vars_dataframe(Household)["forecast_wh"]
    assert forecasts.tolist() == run.households["forecast_wh"].tolist()
    assert forecasts.index.get_level_values("Step").unique().tolist() == [1, 2, 3, 4]


def test_drawing_from_the_models_own_generator_does_not_change_the_run(sim, tmp_path):
    """`model.random`, which AgentSets shuffle with, is not what a run draws from."""
    while not sim.done:
        sim.model.agents.shuffle(inplace=False)
        sim.model.random.random()
        sim.step()
    plain = p2p.run(p2p.load("three_houses"), out=tmp_path / "plain")
    assert sim.results().orders.equals(plain.orders)


def test_the_order_of_arrival_is_another_every_tick(tmp_path):
    scenario = p2p.load("trading_day").replace(ticks=3, start="2024-06-21 12:00")
    run = p2p.run(scenario, out=tmp_path)
    first = run.orders.groupby("tick")["trader"].first()
    assert first.nunique() > 1


def test_run_model_runs_to_the_end(sim):
    assert sim.model.running
    sim.model.run_model()
    assert not sim.model.running
    assert sim.model.tick == sim.scenario.clock.ticks


@pytest.mark.parametrize("parameters", [{}, {"seed": [1, 2]}, {"pv_share": [0.2, 0.4]}])
def test_batch_run_ends_in_one_sentence(parameters):
    with pytest.raises(InputError, match=r"p2p_cosim\.sweep instead of mesa\.batch_run"):
        mesa.batch_run(Cosim, parameters, display_progress=False)


NOTEBOOK = """
    import sys, types, warnings
    for name in ("ipykernel.zmqshell", "ipykernel", "ipywidgets"):
        sys.modules[name] = types.ModuleType(name)
    sys.modules["ipykernel"].zmqshell = sys.modules["ipykernel.zmqshell"]
    class Shell: pass
    sys.modules["IPython"] = types.ModuleType("IPython")
    sys.modules["IPython"].get_ipython = Shell
    sys.modules["ipywidgets"] = None  # not installed
    {first}
    warnings.warn("mine")
"""


@pytest.mark.parametrize(
    ("first", "warned"), [("import tqdm.auto", True), ("import p2p_cosim.model", False)]
)
def test_mesa_does_not_ask_a_notebook_for_widgets(first, warned):
    code = textwrap.dedent(NOTEBOOK).format(first=first)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ("IProgress not found" in done.stderr) is warned
    assert "UserWarning: mine" in done.stderr  # nothing else is silenced


def test_the_generator_of_arrivals_is_numpys(sim):
    assert isinstance(sim.model.rng, np.random.Generator)
