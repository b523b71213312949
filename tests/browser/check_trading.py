"""People trade in a real browser."""

import time

import pytest
from playwright.sync_api import expect
from site_of_run import Site
from steps import (
    account,
    bought,
    connect,
    cost_wei,
    order,
    order_again_after_a_reset,
    step,
    trade,
    trader,
    waits,
)

from p2p_cosim.dapp.thread import in_simulation_thread

FREE, PURSE, ENERGY = "Free in the market", "In my wallet", "My energy, bought less sold"
WEI_PER_WH_OF_30_CENT = 12 * 10**10


def test_without_a_wallet_the_first_order_takes_seconds(site, open_page):
    start = time.monotonic()
    page = open_page(site.url)
    order(page, "bid", 0.5, 0.3)
    waits(page, 1)
    assert time.monotonic() - start < 60
    step(page, site)
    waits(page, 0)
    expect(page.locator('#sent li[data-state="done"]')).to_have_count(2)
    held = account(page)
    assert held[ENERGY] == 0  # bought, and without a meter settled with the utility
    page.click("#wallet")
    page.get_by_role("button", name="Show the key").click()
    assert len(page.locator("dialog code").text_content() or "") == 66


def test_a_wallet_that_comes_while_the_page_reads_the_chain_is_read_next(site, open_page):
    page, held = open_page(site.url), []

    def hold(request):
        held.append(request)

    page.route("**/rpc", hold)
    with page.expect_request("**/rpc"):
        site.step()  # the page reads what the step did, and has no wallet yet
    order(page, "bid", 0.5, 0.3)
    page.wait_for_function("Object.values(localStorage).includes('demo')")
    page.unroute("**/rpc", hold)  # which lets those go that were held
    waits(page, 1)
    expect(page.locator("#account dt").first).to_have_text(FREE)


def test_an_extension_on_another_chain_is_taken_to_this_one(site, open_page, alice):
    page = open_page(site.url, alice)
    connect(page)
    run = site.get("run")
    assert alice.chain_id == run["chain_id"]
    assert alice.known[run["chain_id"]] == f"{site.url}/rpc"
    expect(page.locator("#wallet")).to_contain_text("Test wallet")
    alice.chain_id = 1
    page.reload()
    expect(page.locator("#wallet")).to_contain_text("Wrong network")
    page.click("#wallet")
    page.get_by_role("button", name="Switch to this run's network").click()
    expect(page.locator("#wallet")).to_contain_text("Test wallet")


def test_two_browsers_trade_and_balances_move(site, open_page, alice, bob):
    seller, buyer = (trader(open_page, site, signer, 2) for signer in (alice, bob))
    step(buyer, site)
    before = account(buyer)
    trade(seller, buyer, site)
    buyer.goto(f"{site.url}/#/history")
    buyer.select_option("#whose", "mine")
    expect(buyer.locator("tr.mine")).not_to_have_count(0)
    buyer.goto(f"{site.url}/#/market")
    after = account(buyer)
    mine = bought(site, bob.account.address)
    assert sum(t["energy_wh"] for t in mine) == 200
    assert before[FREE] - after[FREE] - after.get("Owed by the utility", 0) == cost_wei(site, mine)


def test_cancelling_refunds(site, open_page, alice):
    page = trader(open_page, site, alice, 2)
    step(page, site)
    free = account(page)[FREE]
    order(page, "bid", 0.4, 0.3)
    waits(page, 1)
    assert account(page)[FREE] == free - 400 * WEI_PER_WH_OF_30_CENT
    page.get_by_role("button", name="Cancel order").click()
    waits(page, 0)
    expect(page.locator("#account dd data").first).to_have_attribute("value", str(free))
    step(page, site)
    assert account(page)[FREE] == free


def test_money_comes_out_again(site, open_page, alice):
    page = trader(open_page, site, alice, 3)
    step(page, site)
    assert account(page)[FREE] == 3 * 10**18 // 2500
    for _ in range(6):  # where money has to be asked for first, it takes rounds
        page.click("#withdraw")
        expect(page.locator('#sent li[data-state="waiting"]')).to_have_count(1)
        step(page, site)
        if account(page)[FREE] == 0:
            break
    assert account(page)[FREE] == 0
    withdrawn = 10 * 10**18 - account(page)[PURSE]
    assert 0 < withdrawn < 10**16  # what is missing are fees


def test_a_no_in_the_wallet_sends_nothing(site, open_page, alice):
    site.post("faucet", address=alice.account.address)
    page = open_page(site.url, alice)
    connect(page)
    alice.rejects = True
    order(page, "bid", 0.4, 0.3)
    expect(page.get_by_role("alert").first).to_have_text(
        "You declined it in your wallet. Nothing was sent."
    )
    assert site.get("state")["clock"]["waiting"] == 0


@pytest.mark.parametrize(
    ("kwh", "price", "said"),
    [(0.2, 1.5, "The highest price allowed is"), (5_000, 0.2, "An order has at most")],
)
def test_the_markets_errors_are_told_in_words(site, open_page, kwh, price, said):
    page = open_page(site.url)
    order(page, "ask", kwh, price)
    expect(page.get_by_role("alert").first).to_contain_text(said)
    assert site.get("state")["clock"]["waiting"] == 0


def test_without_ether_a_wallet_is_told_of_the_faucet(site, open_page, alice):
    page = open_page(site.url, alice)
    connect(page)
    order(page, "bid", 0.5, 0.3)
    expect(page.get_by_role("alert").first).to_contain_text("faucet")


def test_a_reload_in_the_middle_loses_nothing(site, open_page):
    page = open_page(site.url)
    order(page, "bid", 0.5, 0.3)
    waits(page, 1)
    page.reload()
    waits(page, 1)
    expect(page.locator('#sent li[data-state="waiting"]')).to_have_count(2)
    step(page, site)
    expect(page.locator('#sent li[data-state="done"]')).to_have_count(2)


def test_a_reset_leaves_the_wallet_usable(site, open_page):
    order_again_after_a_reset(open_page(site.url), site)


def test_a_server_that_comes_back_is_found_again(site, open_page, expected_errors, tmp_path):
    expected_errors += ["net::ERR_"]
    page = open_page(site.url)
    site.__exit__()
    expect(page.locator("#clock")).to_contain_text("No connection")
    with Site(site.session.scenario, tmp_path / "again", site.port) as again:
        expect(page.locator("#clock")).to_contain_text("Interval 1 of 12")
        order(page, "bid", 0.5, 0.3)
        waits(page, 1)
        step(page, again)


def test_it_plays_by_the_clock_and_pauses(site, open_page):
    page = open_page(site.url)
    page.select_option("#speed", "1")
    page.click("#play")
    expect(page.locator("#clock")).to_contain_text("closes in")
    expect(page.locator("#clock")).to_contain_text("Interval 2 of")
    page.click("#play")
    expect(page.locator("#clock")).to_contain_text("the gate is open")


def test_a_bill_from_events_is_the_markets_own(site, open_page):
    site.step(3)
    for house in site.get("run")["houses"]:
        page = open_page(f"{site.url}/#/house/{house['name']}")
        expect(page.locator("#bill-check")).to_have_attribute("data-equal", "true")


def test_a_signed_order_costs_no_fee_and_can_be_withdrawn(site, open_page, alice):
    page = trader(open_page, site, alice, 5)
    step(page, site)
    purse = account(page)[PURSE]
    page.check("#sign-only")
    order(page, "bid", 0.3, 0.4)
    withdraw = page.get_by_role("button", name="Withdraw signed order")
    expect(withdraw).to_have_count(1)
    order(page, "bid", 5_000, 0.2)
    expect(page.get_by_role("alert").first).to_contain_text("An order has at most")
    step(page, site)
    expect(withdraw).to_have_count(0)
    assert sum(t["energy_wh"] for t in bought(site, alice.account.address)) == 300
    assert account(page)[PURSE] == purse
    order(page, "bid", 0.2, 0.4)
    withdraw.click()
    expect(page.locator('#sent li[data-state="waiting"]')).to_have_count(1)
    step(page, site)
    assert bought(site, alice.account.address) == []


def test_a_history_longer_than_an_answer_of_the_server_is_read_in_parts(
    site, open_page, monkeypatch
):
    most = 6  # as many as events of one round, of which the page reads all at once
    monkeypatch.setattr("p2p_cosim.dapp.rpc.reading.MOST_LOGS", most)
    site.step(11)
    trades = in_simulation_thread(site.session.simulation.results).trades
    assert len(trades) > most
    page = open_page(f"{site.url}/#/history")
    expect(page.locator("tbody tr")).to_have_count(len(trades))
    step(page, site)
    now = len(in_simulation_thread(site.session.simulation.results).trades)
    expect(page.locator("tbody tr")).to_have_count(now)


def test_two_tabs_share_a_wallet_and_its_nonces(site, open_page):
    first = open_page(site.url)
    order(first, "bid", 0.5, 0.3)
    waits(first, 1)
    second = first.context.new_page()
    second.goto(site.url)
    waits(second, 1)
    for page in (second, first, second):
        order(page, "bid", 0.1, 0.3)
        expect(page.locator('#sent li[data-state="waiting"]')).not_to_have_count(0)
    waits(first, 4)
    waits(second, 4)
    step(second, site)
    state = site.get("state")
    assert state["clock"]["waiting"] == 0
    receipts = [page.locator('#sent li[data-state="failed"]') for page in (first, second)]
    for failed in receipts:
        expect(failed).to_have_count(0)
