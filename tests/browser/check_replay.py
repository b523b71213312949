"""A finished run, looked at in a real browser."""

import http.server
import threading
from contextlib import contextmanager
from functools import partial

import pytest
from playwright.sync_api import expect

import p2p_cosim as p2p
from p2p_cosim.dapp.replay.export import export_page
from p2p_cosim.dapp.thread import in_simulation_thread

AXE = "node_modules/axe-core/axe.min.js"
PAGES = ["market", "house/house_1", "backup/house_1/5", "grid", "operator", "history"]
DARK_TICK = 4


@contextmanager
def static(folder):
    """Any static server: the one that Python has."""
    handler = partial(Quiet, directory=folder)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Says nothing on stderr."""

    def log_message(self, *_args):
        pass


@pytest.fixture(scope="module")
def over(browser, tmp_path_factory):
    """The outage, run to its end. It needs the browser's thread of OpenDSS to be there first."""
    out = tmp_path_factory.mktemp("results")
    return in_simulation_thread(lambda: p2p.run(p2p.load("scenarios/outage.yaml"), out=out))


@pytest.fixture(scope="module")
def pages(over, tmp_path_factory):
    folder = tmp_path_factory.mktemp("exported") / "pages"
    export_page(over, folder)
    return folder


@pytest.fixture
def url(pages):
    with static(pages) as url:
        yield url


def at(page, tick):
    """Set the time."""
    page.locator("#time").fill(str(tick))
    page.wait_for_selector(f'main[data-ready="{tick}"]')


def test_the_slider_shows_every_interval_as_the_tables_have_it(url, over, open_page):
    page = open_page(url)
    for tick in (0, 5, over.ticks - 1):
        at(page, tick)
        price = page.locator("#price data").get_attribute("value")
        assert int(price) == over.market["price_wei_per_wh"].iloc[tick]
    expect(page.locator("#on")).to_be_disabled()
    page.locator("#time").press("Home")
    expect(page.locator("#clock")).to_contain_text("Interval 1 of 12")
    page.click("#play")
    expect(page.locator("#clock")).to_contain_text("Interval 3 of 12")


def test_a_bill_is_equal_to_the_ledger_in_every_interval(url, over, open_page):
    page = open_page(f"{url}/#/house/house_1")
    house = over.households[over.households["house"] == "house_1"]
    for tick in (0, DARK_TICK, over.ticks - 1):
        at(page, tick)
        expect(page.locator("#bill-check")).to_have_attribute("data-equal", "true")
        paid = sum(int(w) for n in ("market_wei", "imbalance_wei") for w in house[n][: tick + 1])
        expect(page.locator("dd strong data").first).to_have_attribute("value", str(paid))


def test_the_outage_is_seen_on_every_page(url, open_page):
    page = open_page(f"{url}/#/backup/house_1/{DARK_TICK}")
    expect(page.locator("#clock")).to_contain_text("16:00 to 16:15")
    expect(page.get_by_text("nothing", exact=True)).to_be_visible()
    page.goto(f"{url}/#/operator")
    expect(page.get_by_role("cell", name="House outage")).to_have_count(1)
    at(page, DARK_TICK - 1)
    expect(page.get_by_text("No alarm until then.")).to_be_visible()
    page.goto(f"{url}/#/grid")
    expect(page.get_by_role("img", name="Feeder map")).to_be_visible()


def test_trades_are_filtered_and_saved(url, over, open_page):
    page = open_page(f"{url}/#/history")
    at(page, over.ticks - 1)
    page.select_option("#whose", "house_3")
    with page.expect_download() as saved:
        page.click("#csv")
    lines = saved.value.path().read_text().splitlines()
    assert len(lines) - 1 == (over.trades["seller"] == "house_3").sum()
    assert lines[1].split(",")[:4] == ["1", "house_1", "house_3", "200"]


def test_nothing_can_be_done_to_it(url, open_page):
    page = open_page(url)
    for name in PAGES:
        page.goto(f"{url}/#/{name}")
        expect(page.locator("h1")).to_be_visible()
        names = page.get_by_role("button").all_text_contents()
        assert set(names) <= {"Back", "Play", "On", "Save all until then as CSV"}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_has_a_serious_finding_of_axe_or_is_wider_than_a_phone(
    url, open_page, scheme, request
):
    options = {"viewport": {"width": 360, "height": 740}}
    page = open_page(url, color_scheme=scheme, bypass_csp=True, **options)
    at(page, DARK_TICK)
    findings = []
    for name in PAGES:
        page.goto(f"{url}/#/{name}")
        page.reload()
        page.wait_for_selector("main[data-ready]")
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, name
        page.add_script_tag(path=request.path.parent / AXE)
        found = page.evaluate("axe.run().then(({violations}) => violations)")
        findings += [
            (name, v["id"], v["nodes"]) for v in found if v["impact"] in ("serious", "critical")
        ]
    assert not findings


def test_opened_as_a_file_it_says_what_is_needed(pages, browser):
    with browser.new_context() as context:
        page = context.new_page()
        page.goto((pages / "index.html").as_uri())
        expect(page.get_by_text("browsers load no modules from files")).to_be_visible()
