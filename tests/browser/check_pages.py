"""Every page: for everybody, on any screen, at once."""

from pathlib import Path

import pytest
from playwright.sync_api import expect
from steps import order, step, waits

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


def test_no_table_of_numbers_is_cut_on_a_phone(site, open_page):
    site.step(4)
    page = open_page(site.url, viewport={"width": 360, "height": 740})
    cut = (
        "[...document.querySelectorAll('.scroll:has(table)')]"
        ".filter(s => s.scrollWidth > s.clientWidth).map(s => s.ariaLabel)"
    )
    for name in ("market", "house/house_1", "grid", "history"):
        page.goto(f"{site.url}/#/{name}")
        expect(page.locator("tbody tr").first).to_be_visible()
        assert page.evaluate(cut) == [], name


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


@pytest.mark.parametrize("name", ["house/house_99", "backup/%3Cb%3E", "house/" + "x" * 500])
def test_a_house_that_there_is_not_is_said_to_be_none(site, open_page, name):
    site.step(1)
    page = open_page(f"{site.url}/#/{name}", viewport={"width": 360, "height": 740})
    expect(page.get_by_text("is no house of this run")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_a_history_without_trades_says_so_and_saves_its_heads(site, open_page):
    page = open_page(f"{site.url}/#/history")
    expect(page.get_by_text("No trades yet.")).to_be_visible()
    with page.expect_download() as saved:
        page.click("#csv")
    assert saved.value.path().read_text().startswith("round,")


@pytest.mark.parametrize("width", [360, 768, 1440])
def test_what_a_reader_may_press_is_on_the_screen(site, open_page, width):
    """Without scrolling aside; and words in drawings are large enough to read."""
    page = open_page(site.url, viewport={"width": width, "height": 740})
    order(page, "bid", 0.5, 0.3)
    waits(page, 1)
    step(page, site)
    order(page, "bid", 0.5, 0.3)
    waits(page, 1)
    button = page.get_by_role("button", name="Cancel order")
    inside = (
        "b => b.getBoundingClientRect().right <= b.closest('.scroll').getBoundingClientRect().right"
    )
    assert button.evaluate(inside)
    heights = page.evaluate(
        "[...document.querySelectorAll('svg.chart text')]"
        ".map(text => text.getBoundingClientRect().height).filter(height => height > 0)"
    )
    assert heights
    assert min(heights) > 11
