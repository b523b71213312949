"""What people do on the pages, in the words of the tests."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, expect
from signer import Signer
from site_of_run import Site


def connect(page: Page) -> None:
    """Connect the test wallet."""
    page.click("#wallet")
    page.get_by_role("button", name="Test wallet").click()
    expect(page.locator("dialog")).to_have_count(0)


def order(page: Page, side: str, kwh: float, price: float) -> None:
    """Fill in the form, and press its button."""
    page.get_by_label("buy" if side == "bid" else "sell", exact=True).check()
    page.fill("#order-kwh", str(kwh))
    page.fill("#order-price", str(price))
    page.click("#place")


def waits(page: Page, count: int) -> None:
    """So many of the reader's orders wait for the gate."""
    expect(page.get_by_role("button", name="Cancel order")).to_have_count(count)


def step(page: Page, site: Site) -> None:
    """Close the gate, and wait until the page shows what came of it."""
    site.step()
    block = site.get("state")["clock"]["block"]
    page.wait_for_selector(f'main[data-ready="{block}"]')


def account(page: Page) -> dict[str, int]:
    """The card of the reader's account: exact wei and Wh by name."""
    names = page.locator("#account dt").all_text_contents()
    values = page.locator("#account dd data")
    return {name: int(values.nth(i).get_attribute("value") or 0) for i, name in enumerate(names)}


def put_in(page: Page, eur: float) -> None:
    """Send money from the wallet to the market."""
    page.fill("#amount", str(eur))
    page.click("#deposit")
    expect(page.locator('#sent li[data-state="waiting"]')).not_to_have_count(0)


def trader(open_page: Callable[..., Page], site: Site, signer: Signer, eur: float) -> Page:
    """The page of somebody with a wallet, whose money is in the market from the next gate on."""
    site.post("faucet", address=signer.account.address)
    page = open_page(site.url, signer)
    connect(page)
    put_in(page, eur)
    return page


def trade(seller: Page, buyer: Page, site: Site) -> None:
    """Trade 200 Wh: whoever bids higher than any house and asks lower does."""
    order(seller, "ask", 0.2, 0.01)
    order(buyer, "bid", 0.2, 0.9)
    waits(seller, 1)
    waits(buyer, 1)
    step(buyer, site)


def bought(site: Site, address: str) -> list[dict[str, Any]]:
    """Trades of the last round in which an address bought."""
    trades: list[dict[str, Any]] = site.get("state")["market"]["trades"]
    return [trade for trade in trades if trade["buyer"] == address]


def cost_wei(site: Site, trades: list[dict[str, Any]]) -> int:
    """What they cost somebody without a meter, who sells it all on to the utility."""
    feed_in = int(site.get("run")["tariff"]["feed_in_wei_per_wh"])
    return sum(t["energy_wh"] * (int(t["price_wei_per_wh"]) - feed_in) for t in trades)


def order_again_after_a_reset(page: Page, site: Site) -> None:
    """Order, reset and order once more: both orders are taken."""
    for reset in (True, False):
        order(page, "bid", 0.5, 0.3)
        waits(page, 1)
        step(page, site)
        if reset:
            page.click("#reset")
            expect(page.locator("#clock")).to_contain_text("Interval 1 of")
            block = site.get("state")["clock"]["block"]
            page.wait_for_selector(f'main[data-ready="{block}"]')
    expect(page.locator('#sent li[data-state="done"]')).to_have_count(2)
