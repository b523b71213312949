"""Every page: for everybody, on any screen, at once."""

from pathlib import Path

import pytest
from playwright.sync_api import expect
from steps import order, waits

AXE = Path(__file__).parent / "node_modules/axe-core/axe.min.js"
PAGES = ["market", "house", "backup/house_1/3", "grid", "operator/house_1", "history", "how"]
MOST_BYTES = 400_000
SERIOUS = {"serious", "critical"}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_has_a_serious_finding_of_axe(site, open_page, scheme):
    page = open_page(site.url, color_scheme=scheme, bypass_csp=True)
    order(page, "bid", 0.5, 0.3)
    waits(page, 1)
    site.step(2)
    findings = []
    for name in PAGES:
        page.goto(f"{site.url}/#/{name}")
        page.reload()
        page.wait_for_selector("main[data-ready]")
        page.add_script_tag(path=AXE)
        found = page.evaluate("axe.run().then(({violations}) => violations)")
        findings += [(name, v["id"], v["nodes"]) for v in found if v["impact"] in SERIOUS]
    page.click("#wallet")
    found = page.evaluate("axe.run('dialog').then(({violations}) => violations)")
    findings += [("wallet", v["id"], v["nodes"]) for v in found if v["impact"] in SERIOUS]
    assert not findings


def test_nothing_is_wider_than_a_phone(site, open_page):
    site.step(1)
    page = open_page(site.url, viewport={"width": 360, "height": 740})
    for name in PAGES:
        page.goto(f"{site.url}/#/{name}")
        expect(page.locator("h1")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, name


def test_an_order_needs_no_mouse(site, open_page):
    page = open_page(site.url)
    page.locator("#order-kwh").focus()
    page.keyboard.press("Control+A")
    page.keyboard.type("0.4")
    page.keyboard.press("Tab")
    page.keyboard.press("Control+A")
    page.keyboard.type("0.3")
    page.keyboard.press("Enter")
    waits(page, 1)


def test_a_page_is_light(site, open_page):
    page = open_page(site.url)
    sizes = page.evaluate(
        "performance.getEntriesByType('resource').filter(e => !e.name.endsWith('/events'))"
        ".map(e => e.transferSize)"
    )
    assert sum(sizes) < MOST_BYTES
