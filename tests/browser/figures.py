"""Draw the pages for docs/dapp.md: `python tests/browser/figures.py`."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent / "support")]

from check_replay import at, static
from conftest import ARGUMENTS, CHROMIUM
from playwright.sync_api import Page, sync_playwright
from site_of_run import Site
from steps import order, waits

import p2p_cosim as p2p
from p2p_cosim.dapp.replay.export import export_page

FIGURES = HERE.parents[1] / "docs/figures"
DARK_TICK, NOON_TICK = 5, 48
VIEWS = [  # page, width in px, scheme
    ("market", 1440, "light"),
    ("house/house_1", 768, "light"),
    ("grid", 1440, "light"),
    ("operator/house_1", 1440, "light"),
    ("backup/house_1/5", 1440, "light"),
    ("backup/house_1/5", 360, "dark"),
]


def main(folder: Path = FIGURES) -> None:
    """The outage of House 1, before the first gate that it can buy at."""
    with (
        tempfile.TemporaryDirectory() as out,
        Site(p2p.load("scenarios/outage.yaml"), Path(out)) as site,
        sync_playwright() as playwright,
    ):
        site.step(DARK_TICK)
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        for name, width, scheme in VIEWS:
            page = browser.new_page(viewport={"width": width, "height": 640}, color_scheme=scheme)
            page.goto(f"{site.url}/#/{name}")
            page.wait_for_selector("main[data-ready]")
            if name == "market":
                order(page, "bid", 0.45, 0.4)
                waits(page, 1)
            _quiet(page)
            file = f"dapp_{name.split('/')[0]}{'' if width > 1000 else f'_{width}'}.png"
            page.screenshot(path=folder / file, full_page=True)
            page.close()
        browser.close()


def replay(folder: Path = FIGURES) -> None:
    """The grid of a finished trading day, at noon."""
    with (
        tempfile.TemporaryDirectory() as out,
        sync_playwright() as playwright,
    ):
        export_page(p2p.run(p2p.load("scenarios/trading_day.yaml"), out=out), Path(out) / "pages")
        with static(Path(out) / "pages") as url:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
            page = browser.new_page(viewport={"width": 1440, "height": 900})
            page.goto(f"{url}/#/grid")
            page.wait_for_selector("main[data-ready]")
            at(page, NOON_TICK)
            page.screenshot(path=folder / "dapp_replay.png")
            browser.close()


def classroom(folder: Path = FIGURES) -> None:
    """The teacher's page, after three rounds in which two of four players were there."""
    day = {"houses": {"count": 4, "sites": ["652.A"]}, "name": "class_of_four"}
    day["clock"] = {"start": "2024-06-21 11:00", "ticks": 12}
    with (
        tempfile.TemporaryDirectory() as out,
        Site(p2p.Scenario.model_validate(day), Path(out), players=4) as site,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        room = site.session.classroom
        assert room is not None
        for seat, name in zip(room.seats, ("Ada", "Bea"), strict=False):
            player = browser.new_context().new_page()
            player.goto(f"{site.url}/#/class")
            player.fill("#join-code", seat.code)
            player.fill("#join-name", name)
            player.click("#join")
            player.wait_for_selector("#hand :text('is yours from the next round on')")
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.goto(f"{site.url}/#/class")
        page.fill("#teacher-code", room.teacher)
        page.click("#teach")
        for tick in range(1, 5):
            page.click("#step")
            page.wait_for_selector(f"#clock:has-text('Interval {tick + 1} of')")
        page.wait_for_timeout(500)
        page.screenshot(path=folder / "dapp_class.png", full_page=True)
        browser.close()


def _quiet(page: Page) -> None:
    """No passing note in the picture."""
    page.wait_for_selector(".note", state="detached")
    page.wait_for_timeout(300)


if __name__ == "__main__":
    replay()  # OpenDSS crashes where it is first loaded while Playwright's loop runs
    main()
    classroom()
