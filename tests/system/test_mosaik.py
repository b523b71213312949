"""Two simulators coupled by mosaik itself. Skipped where it is not installed: docs/mosaik.md."""

import pytest

mosaik = pytest.importorskip("mosaik")

META = {
    "api_version": "3.0",
    "type": "time-based",
    "models": {"Heater": {"public": True, "params": [], "attrs": ["p_kw", "v_pu"]}},
}
SINK = {
    "api_version": "3.0",
    "type": "event-based",
    "models": {"Sink": {"public": True, "any_inputs": True, "params": [], "attrs": []}},
}
SEEN, TOLD = [], []


class Heater:
    """Draws 2 kW in the second half of the day, and notes the voltage that it sees."""

    def __init__(self):
        SEEN.clear()

    def init(self, sid, time_resolution=1.0):
        return META

    def create(self, num, model):
        return [{"eid": f"heater_{i}", "type": model} for i in range(num)]

    def setup_done(self):
        pass

    def step(self, time, inputs, max_advance):
        self.p_kw = 2.0 if time >= 2 * 3600 else 0.0
        SEEN.append((time, *inputs.get("heater_0", {}).get("v_pu", {}).values()))
        return time + 3600

    def get_data(self, outputs):
        return {eid: {"p_kw": self.p_kw} for eid in outputs}

    def finalize(self):
        pass


class Sink:
    """Keeps what it is told."""

    def __init__(self):
        TOLD.clear()

    def init(self, sid, time_resolution=1.0):
        return SINK

    def create(self, num, model):
        return [{"eid": f"sink_{i}", "type": model} for i in range(num)]

    def setup_done(self):
        pass

    def step(self, time, inputs, max_advance):
        TOLD.append((time, inputs["sink_0"]))

    def get_data(self, outputs):
        return {}

    def finalize(self):
        pass


def test_a_heater_of_another_simulator_draws_trades_and_sees_the_voltage():
    here = "tests.system.test_mosaik" if "." in __name__ else __name__
    world = mosaik.World(
        {
            "P2P": {"python": "p2p_cosim.mosaik:Simulator"},
            "Heater": {"python": f"{here}:Heater"},
            "Sink": {"python": f"{here}:Sink"},
        }
    )
    p2p = world.start("P2P", scenario="three_houses")
    houses, market = p2p.House.create(3), p2p.Market()
    heater, sink = world.start("Heater").Heater(), world.start("Sink").Sink()
    world.connect(heater, houses[0], ("p_kw", "p_set_kw"))
    world.connect(houses[0], heater, "v_pu", time_shifted=True, initial_data={"v_pu": 1.0})
    world.connect(houses[0], sink, "p_kw", "position_wh")
    world.connect(market, sink, "price_eur_per_kwh")
    world.run(until=4 * 3600, print_progress=False)
    assert [time for time, _ in TOLD] == [0, 3600, 7200, 10800]
    drawn = [next(iter(told["p_kw"].values())) for _, told in TOLD]
    assert drawn == pytest.approx(
        [3.0, 4.0, 2.0 + 2.0, 1.0 + 2.0]
    )  # the story's loads, and the heater
    voltages = [seen[1] for seen in SEEN]
    assert voltages[0] == 1.0
    assert 0.9 < voltages[-1] < 1.1
