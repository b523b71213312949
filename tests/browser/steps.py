"""What people do on the pages, in the words of the tests."""

from __future__ import annotations

from playwright.sync_api import Page, expect
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
