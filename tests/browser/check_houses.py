"""People take a house over in a real browser."""

from playwright.sync_api import expect
from steps import connect, order, step, waits

HOUSE = "house_2"


def led(page, site):
    """House 2 in the hands of whoever looks at the page."""
    page.goto(f"{site.url}/#/house/{HOUSE}")
    page.click("#take")
    expect(page.locator("#hand")).to_contain_text("is yours from the next round on")
    step(page, site)
    expect(page.locator("#hand")).to_contain_text("You trade for House 2")


def test_with_a_demo_wallet_a_house_is_taken_traded_for_and_given_back(site, open_page):
    page = open_page(site.url)
    led(page, site)
    page.goto(f"{site.url}/#/market")
    order(page, "bid", 0.3, 0.4)
    waits(page, 1)
    step(page, site)
    trades = site.get("state")["market"]["trades"]
    assert HOUSE in {trade["buyer"] for trade in trades}
    page.goto(f"{site.url}/#/house/{HOUSE}")
    expect(page.locator("#bill-check")).to_have_attribute("data-equal", "true")
    page.click("#give-back")
    expect(page.locator("#hand")).to_contain_text("House 2's agent orders for it")
    assert site.get("state")["people"] == []


def test_two_browsers_want_the_same_house(site, open_page, alice, expected_errors):
    expected_errors.append("409")
    first = open_page(site.url)
    second = open_page(f"{site.url}/#/house/{HOUSE}", alice)
    site.post("faucet", address=alice.account.address)
    connect(second)
    led(first, site)
    expect(second.locator("#hand")).to_contain_text("Somebody trades for it")
    expect(second.locator("#take")).to_be_hidden()
    second.evaluate("document.querySelector('#take').click()")  # before it was told
    expect(second.get_by_role("alert").first).to_contain_text("is taken by")


def test_an_extension_signs_in_words_and_may_say_no(site, open_page, alice):
    site.post("faucet", address=alice.account.address)
    page = open_page(f"{site.url}/#/house/{HOUSE}", alice)
    connect(page)
    alice.rejects = True
    page.click("#take")
    expect(page.get_by_role("alert").first).to_contain_text("You declined it")
    assert site.get("state")["people"] == []
    led(page, site)
    assert site.get("state")["people"][0]["address"] == alice.account.address


def test_a_reload_and_a_reset_in_the_middle(site, open_page):
    page = open_page(site.url)
    led(page, site)
    page.reload()
    expect(page.locator("#hand")).to_contain_text("You trade for House 2")
    page.click("#reset")
    expect(page.locator("#clock")).to_contain_text("Interval 1 of")
    expect(page.locator("#hand")).to_contain_text("House 2's agent orders for it")
    led(page, site)


def test_an_agent_trades_inside_a_mandate_until_it_is_ended(site, open_page):
    site.step(1)
    page = open_page(f"{site.url}/#/house/{HOUSE}")
    page.fill("#mandate-buy", "0.100")
    page.fill("#mandate-kwh", "0.2")
    page.click("#give-mandate")
    expect(page.locator("#mandate")).to_contain_text("0.200 kWh")
    step(page, site)
    bids = site.session.simulation.last.gate.placements
    limits = [p.order.price_wei_per_wh for p in bids if p.order.trader == HOUSE]
    assert limits
    assert max(limits) <= 40 * 10**9
    page.click("#end-mandate")
    expect(page.locator("#mandate")).to_contain_text("as the scenario says")
    assert site.get("state")["mandates"] == []
