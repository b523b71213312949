"""From the outage to the paid bid: what the alert is for, in one piece."""

import re
import threading

import pytest
from playwright.sync_api import expect
from pydantic import SecretStr
from site_of_run import Site
from steps import connect, step

import p2p_cosim as p2p
from p2p_cosim.dapp.thread import in_simulation_thread
from p2p_cosim.notify.listener import Listener
from p2p_cosim.notify.webhook import TOKEN_VARIABLE

TOKEN = "a-token-of-this-test-alone"  # noqa: S105
FAULT_TICK, BID_TICK = 4, 5
BID_WEI_PER_WH = 22 * 10**10  # 0.55 EUR/kWh, above what the house's own agent bids


@pytest.fixture
def messages(monkeypatch):
    """What the receiver shows, while it listens."""
    monkeypatch.setenv(TOKEN_VARIABLE, TOKEN)
    shown: list[str] = []
    with Listener(SecretStr(TOKEN), 0, shown.append) as receiver:
        thread = threading.Thread(target=receiver.serve, daemon=True)
        thread.start()
        yield receiver.url, shown


def arrived(shown, page_of):
    """The link in the homeowner's message, once it is there."""
    for _ in range(200):
        for text in shown:
            if found := re.search(r"trading platform: (http\S+)\.", text):
                return found[1]
        page_of.wait_for_timeout(50)
    raise AssertionError(f"no link came: {shown}")


def acknowledged_from_the_message(shown, open_page, site):
    """The substation's link leads to the alarm, where it is acknowledged and shelved."""
    (link,) = {found[1] for text in shown if (found := re.search(r"alarm: (http\S+)", text))}
    assert link == f"{site.url}/#/operator/house_1"
    page = open_page(link)
    alarm = page.locator("#board li.mine")
    alarm.get_by_role("button", name="Acknowledge").click()
    expect(alarm).to_contain_text("acknowledged")
    alarm.get_by_role("button", name="Shelve").click()
    expect(alarm).to_contain_text("shelved")


@pytest.fixture
def told(messages, tmp_path):
    """The outage, served, and the messages about it."""
    url, shown = messages
    outage = p2p.load("scenarios/outage.yaml")
    with Site(outage.replace({"notify.sink": "webhook", "notify.url": url}), tmp_path) as site:
        yield site, shown


def test_outage_alert_link_bid_cleared_delivered_paid_seen(told, open_page, alice):
    site, shown = told
    watching = open_page(site.url)
    for _ in range(FAULT_TICK + 1):
        step(watching, site)
    link = arrived(shown, watching)
    assert any("Alert: A fault has been detected at House 1." in text for text in shown)
    assert link == f"{site.url}/#/backup/house_1/{BID_TICK}"
    acknowledged_from_the_message(shown, open_page, site)

    site.post("faucet", address=alice.account.address)
    page = open_page(link, alice)
    expect(page.locator("#supply")).to_contain_text("No supply")
    expect(page.get_by_role("cell").first).to_have_text("House 2")
    connect(page)
    page.fill("#order-kwh", "0.45")
    page.fill("#order-price", "0.55")
    page.click("#place")
    expect(page.locator('#sent li[data-state="waiting"]')).to_have_count(2)
    step(page, site)
    expect(page.locator('#sent li[data-state="done"]')).to_have_count(2)

    state = site.get("state")
    results = in_simulation_thread(site.session.simulation.results)
    orders = results.orders[results.orders["trader"] == alice.account.address]
    assert orders[["tick", "energy_wh", "filled_wh"]].to_numpy().tolist() == [[BID_TICK, 450, 450]]
    assert int(orders["price_wei_per_wh"].iloc[0]) == BID_WEI_PER_WH
    trades = results.trades[results.trades["buyer"] == alice.account.address]
    assert trades["energy_wh"].sum() == 450
    # The neighbours delivered it and were paid: nothing is left open with them.
    sellers = [h for h in state["houses"] if h["name"] in set(trades["seller"])]
    assert [(h["imbalance_wh"], h["open_wei"]) for h in sellers] == [(0, "0")] * len(sellers)
    # The account is not a house's: what it bought went on to the utility at the feed-in tariff.
    paid = sum(t.energy_wh * int(t.price_wei_per_wh) for t in trades.itertuples())
    feed_in = int(site.get("run")["tariff"]["feed_in_wei_per_wh"])
    me = next(o for o in state["others"] if o["name"] == alice.account.address)
    held = int(me["balance_wei"]) + int(me["open_wei"])
    assert held == 450 * BID_WEI_PER_WH - paid + 450 * feed_in
