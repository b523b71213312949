"""Deposits that end before the run are told before it, and debts after it."""

import numpy as np
import pytest

import p2p_cosim as p2p
from p2p_cosim.cli.inspect import check_scenario
from p2p_cosim.cli.money import deposits_that_end
from p2p_cosim.cli.report import print_summary
from p2p_cosim.scenario.profiles.build import Profiles

DAY = {"houses.count": 2, "clock.interval_min": 60, "clock.ticks": 48, "deposit_eur": 10.0}


@pytest.fixture(scope="module")
def base():
    return p2p.load("trading_day").replace(DAY)


def flat(load_kw, pv_kw=0.0):
    """A house that draws and feeds in the same all the time, and one that does nothing."""
    one = np.zeros((48, 2))
    one[:, 0] = load_kw
    pv = np.zeros((48, 2))
    pv[:, 0] = pv_kw
    return Profiles(one, pv, np.ones(48))


def test_who_ends_when_and_what_would_do(base):
    told = deposits_that_end(base, flat(1.0))  # 0.30 EUR an hour, 14.4 in two days
    assert told == (
        "1 of 2 households would spend their deposit of 10 EUR at the tariff's prices before the "
        "2.0 days are over, the first after 1.4 days, and who has a debt cannot bid: raise "
        "market.deposit_eur to 15"
    )
    assert deposits_that_end(base.replace(deposit_eur=15.0), flat(1.0)) is None
    assert deposits_that_end(base, flat(0.0, 5.0)) is None


def test_a_bill_lets_the_deposit_last_that_long_and_then_what_was_spent(base):
    daily = base.replace(bill_every_days=1)
    told = deposits_that_end(daily.replace(deposit_eur=7.0), flat(1.0))  # 7.2 EUR a day
    assert "before a bill fills it again (1 days), the first after 1.0 days" in told
    assert told.endswith("raise market.deposit_eur to 8")
    assert deposits_that_end(daily.replace(deposit_eur=7.5), flat(1.0)) is None


def test_a_debt_is_told_with_the_summary_and_check_warns_before(tmp_path, capsys):
    poor = p2p.load("trading_day").replace({**DAY, "deposit_eur": 0.1, "clock.ticks": 3})
    file = tmp_path / "poor.yaml"
    file.write_text(poor.to_yaml())
    check_scenario(file)
    assert "2 of 2 households would spend their deposit of 0.1 EUR" in capsys.readouterr().out
    print_summary(p2p.run(poor, out=tmp_path), as_json=False)
    assert "2 houses" in capsys.readouterr().out.partition("in debt, no bids")[2]
