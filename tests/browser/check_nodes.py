"""The core of the story on real nodes: anvil, which the run starts, and Hardhat's."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import steps
from chains import hardhat_node
from conftest import DAY, Open
from playwright.sync_api import Page, expect
from signer import Signer
from site_of_run import Site

import p2p_cosim as p2p

FREE, PURSE = "Free in the market", "In my wallet"
WEI_OF_1_EUR = 10**18 // 2500
WEI_PER_WH_OF_30_CENT = 3 * WEI_OF_1_EUR // 10_000


@pytest.fixture(params=["anvil", "hardhat"])
def on_node(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Site]:
    """The small run, on a node."""
    scenario = p2p.Scenario.model_validate(DAY)
    if request.param == "anvil":
        with Site(scenario.replace({"chain.backend": "anvil"}), tmp_path) as site:
            yield site
        return
    with hardhat_node() as url:
        on_hardhat = scenario.replace({"chain.backend": "jsonrpc", "chain.url": url})
        with Site(on_hardhat, tmp_path) as site:
            yield site


def test_people_list_bid_match_cancel_and_withdraw(
    on_node: Site, open_page: Open, alice: Signer, bob: Signer
) -> None:
    seller, buyer = (steps.trader(open_page, on_node, signer, 2) for signer in (alice, bob))
    steps.step(buyer, on_node)
    before = steps.account(buyer)

    steps.order(buyer, "bid", 0.4, 0.3)
    steps.waits(buyer, 1)
    assert steps.account(buyer)[FREE] == before[FREE] - 400 * WEI_PER_WH_OF_30_CENT
    buyer.get_by_role("button", name="Cancel order").click()
    steps.waits(buyer, 0)
    expect(buyer.locator("#account dd data").first).to_have_attribute("value", str(before[FREE]))

    steps.trade(seller, buyer, on_node)
    mine = steps.bought(on_node, bob.account.address)
    assert sum(trade["energy_wh"] for trade in mine) == 200
    sellers = {trade["seller"] for trade in on_node.get("state")["market"]["trades"]}
    assert alice.account.address in sellers
    after = steps.account(buyer)
    spent = before[FREE] - after[FREE] - after.get("Owed by the utility", 0)
    assert spent == steps.cost_wei(on_node, mine)
    assert 0 < withdrawal_fee(buyer, on_node) < WEI_OF_1_EUR // 2  # play money as all of it


def withdrawal_fee(page: Page, site: Site) -> int:
    """Take 1 EUR out; what is missing of it in the wallet, in wei."""
    page.fill("#amount", "1")
    for _ in range(6):  # money has to be asked for first, and its round to be settled
        held = steps.account(page)
        page.click("#withdraw")
        expect(page.locator('#sent li[data-state="waiting"]')).to_have_count(1)
        steps.step(page, site)
        if steps.account(page)[PURSE] > held[PURSE]:
            break
    assert held[FREE] - steps.account(page)[FREE] == WEI_OF_1_EUR
    return WEI_OF_1_EUR - (steps.account(page)[PURSE] - held[PURSE])


# On Hardhat, which takes seconds for every trial in the block with the deployment, the same is held
# by tests/conformance/test_chain_goes_on.py.
@pytest.mark.parametrize("on_node", ["anvil"], indirect=True)
def test_a_known_wallet_goes_on_after_a_reset(on_node: Site, open_page: Open) -> None:
    steps.order_again_after_a_reset(open_page(on_node.url), on_node)
