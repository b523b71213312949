"""The package's own chains, market, grid and grid model pass what `p2p_cosim.testing` offers."""

import re

import numpy as np
import pytest
from synthetic_run import SyntheticRun

import p2p_cosim as p2p
from p2p_cosim import testing
from p2p_cosim.chain.explorer import OpenChain
from p2p_cosim.chain.pyevm import PyEvmChain
from p2p_cosim.compose.alerts import notifier_of
from p2p_cosim.core import protocols
from p2p_cosim.core.types import Injections, Tariff
from p2p_cosim.grid import FeederOptions, HousePlan
from p2p_cosim.grid.model import FeederModel
from p2p_cosim.grid.opendss import OpenDSSGrid
from p2p_cosim.market import MarketRules, OnChainMarket
from p2p_cosim.metering import SimulatedMetering
from p2p_cosim.record import ParquetRecorder
from p2p_cosim.testing import (
    ConformanceError,
    check_chain,
    check_explorer,
    check_grid,
    check_grid_model,
    check_market,
    check_metering,
    check_notifier,
    check_recorder,
)

T0 = 1_750_000_000
TARIFF = Tariff(120_000_000_000, 32_000_000_000)
RULES = MarketRules(TARIFF, max_price_wei_per_wh=2 * 10**11, max_energy_wh=10_000)


def grid():
    plan = HousePlan(6, ("652.A", "675.B"), per_transformer=3)
    return OpenDSSGrid.build("ieee13", FeederOptions(taps=(4, 4, 4)), plan)


def test_chains(chain):
    """On every backend."""
    check_chain(lambda: chain)


@pytest.mark.parametrize("submission", ["individual", "batched", "signed"])
def test_market(submission):
    def make(traders):
        return OnChainMarket.deploy(PyEvmChain(timestamp=T0), RULES, traders, submission)

    check_market(make, TARIFF, T0 + 900)


def test_grid():
    check_grid(grid)


def test_grid_model():
    own = grid()
    own.dispatch(Injections(np.full(6, 0.5), np.full(6, 0.1), 0.8))
    own.solve()
    check_grid_model(FeederModel(own), 6, dict(own.taps))


def solved():
    own = grid()
    own.dispatch(Injections(np.array([1.1, -2.3, 0.7, 3.0, -0.9, 0.4]), np.full(6, 0.1), 0.8))
    return own.houses, own.solve()


def test_metering():
    sites, state = solved()
    check_metering(lambda: SimulatedMetering(sites, tuple(grid().regulators)), state)


class Rounding(SimulatedMetering):
    """Loses what is not a whole 100 Wh."""

    def readings(self):
        return [type(r)(r.trader, round(r.metered_wh, -2)) for r in super().readings()]


def test_meters_that_lose_energy_are_found():
    sites, state = solved()
    with pytest.raises(ConformanceError, match=r"registers are .* Wh off after 10 ticks"):
        check_metering(lambda: Rounding(sites, tuple(grid().regulators)), state)


class Generous(OnChainMarket):
    """Gives everybody one wei that is not there."""

    def ledger(self):
        told = super().ledger()
        accounts = {
            name: type(a)(a.balance_wei + 1, a.open_wei, a.energy_wh)
            for name, a in told.accounts.items()
        }
        return type(told)(accounts, told.escrow_wei, told.contract_wei, told.paid_in_wei)


def test_a_market_that_loses_a_wei_is_found():
    def make(traders):
        return Generous.deploy(PyEvmChain(timestamp=T0), RULES, traders)

    with pytest.raises(ConformanceError, match="Generous does not follow Market") as caught:
        check_market(make, TARIFF, T0 + 900)
    assert any("balances and escrow are" in problem for problem in caught.value.problems)


class Sticky(OpenDSSGrid):
    """A repair forgets the house."""

    def clear(self, fault):
        """Do nothing."""


def test_a_grid_that_does_not_repair_is_found():
    def make():
        plan = HousePlan(6, ("652.A", "675.B"), per_transformer=3)
        return Sticky.build("ieee13", FeederOptions(taps=(4, 4, 4)), plan)

    with pytest.raises(ConformanceError) as caught:
        check_grid(make)
    assert [p for p in caught.value.problems if p.startswith("a repair leaves voltages")]


class Forgetful(PyEvmChain):
    """Going back to a snapshot does not bring back the time."""

    def revert(self, token):
        """Back, and on to the time that was."""
        now = self.timestamp
        super().revert(token)
        if now > self.timestamp:
            self.advance_to(now)


def test_a_chain_that_loses_time_is_found():
    with pytest.raises(ConformanceError) as caught:
        check_chain(lambda: Forgetful(timestamp=T0))
    assert caught.value.problems == ("going back does not bring back the time",)


def test_explorer():
    check_explorer(lambda: OpenChain(PyEvmChain(timestamp=T0)))


@pytest.mark.parametrize("sink", [None, "jsonl"])
def test_notifiers(sink, tmp_path):
    scenario = p2p.Scenario.model_validate({"name": "small", "notify": {"sink": sink}})
    check_notifier(lambda: notifier_of(scenario, "run", tmp_path / "run"))
    assert bool(list(tmp_path.iterdir())) is (sink is not None)


def test_recorder(tmp_path):
    run = SyntheticRun(houses=4, ticks=6, start_hour=12)
    records = run.records()
    check_recorder(lambda: ParquetRecorder(tmp_path, run.info), records)


def test_every_protocol_has_a_check():
    """A check is called after its protocol: `check_grid_model` of `GridModel`."""
    named = {
        "check_" + re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()
        for name in protocols.__all__
        if name != "ChainCapabilities"
    }
    assert named <= set(testing.__all__)
