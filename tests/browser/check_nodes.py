"""The core of the story on real nodes: anvil, which the run starts, and Hardhat's."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from chains import hardhat_node
from conftest import DAY, Open
from playwright.sync_api import expect
from signer import Signer
from site_of_run import Site
from steps import account, connect, order, put_in, step, waits

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
    seller, buyer = open_page(on_node.url, alice), open_page(on_node.url, bob)
    for page, signer in ((seller, alice), (buyer, bob)):
        on_node.post("faucet", address=signer.account.address)
        connect(page)
        put_in(page, 2)
    step(buyer, on_node)
    before = account(buyer)

    order(buyer, "bid", 0.4, 0.3)
    waits(buyer, 1)
    assert account(buyer)[FREE] == before[FREE] - 400 * WEI_PER_WH_OF_30_CENT
    buyer.get_by_role("button", name="Cancel order").click()
    waits(buyer, 0)
    expect(buyer.locator("#account dd data").first).to_have_attribute("value", str(before[FREE]))

    order(seller, "ask", 0.2, 0.01)
    order(buyer, "bid", 0.2, 0.9)
    waits(seller, 1)
    waits(buyer, 1)
    step(buyer, on_node)
    trades = on_node.get("state")["market"]["trades"]
    mine = [trade for trade in trades if trade["buyer"] == bob.account.address]
    assert sum(trade["energy_wh"] for trade in mine) == 200
    assert alice.account.address in {trade["seller"] for trade in trades}
    paid = sum(trade["energy_wh"] * int(trade["price_wei_per_wh"]) for trade in mine)
    back = 200 * int(on_node.get("run")["tariff"]["feed_in_wei_per_wh"])
    after = account(buyer)
    assert after[FREE] + after.get("Owed by the utility", 0) - before[FREE] == back - paid

    buyer.fill("#amount", "1")
    for _ in range(6):  # money has to be asked for first, and its round to be settled
        held = account(buyer)
        buyer.click("#withdraw")
        expect(buyer.locator('#sent li[data-state="waiting"]')).to_have_count(1)
        step(buyer, on_node)
        if account(buyer)[PURSE] > held[PURSE]:
            break
    taken = account(buyer)[PURSE] - held[PURSE]
    assert held[FREE] - account(buyer)[FREE] == WEI_OF_1_EUR
    assert 0 < WEI_OF_1_EUR - taken < WEI_OF_1_EUR // 2  # the fee, play money as all of it


# On Hardhat, which takes seconds for every trial in the block with the deployment, the same is held
# by tests/conformance/test_chain_goes_on.py.
@pytest.mark.parametrize("on_node", ["anvil"], indirect=True)
def test_a_known_wallet_goes_on_after_a_reset(on_node: Site, open_page: Open) -> None:
    page = open_page(on_node.url)
    order(page, "bid", 0.5, 0.3)
    waits(page, 1)
    step(page, on_node)
    page.click("#reset")
    expect(page.locator("#clock")).to_contain_text("Interval 1 of")
    page.wait_for_selector(f'main[data-ready="{on_node.get("state")["clock"]["block"]}"]')
    order(page, "bid", 0.5, 0.3)
    waits(page, 1)
    step(page, on_node)
    expect(page.locator('#sent li[data-state="done"]')).to_have_count(2)
