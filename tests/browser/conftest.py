"""Headless Chromium, and what no page may do in it: speak to anybody else, or complain."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1] / "support")]

from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from signer import Signer
from site_of_run import Site
from wallet import wallet

import p2p_cosim as p2p
from p2p_cosim.dapp.thread import in_simulation_thread
from p2p_cosim.grid.engine import Engine

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or "/usr/bin/chromium"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]
expect.set_options(timeout=20_000)  # a busy machine is slow, and nothing here measures
DAY = {
    "name": "browsed",
    "houses": {"count": 3, "sites": ["652.A"]},
    "clock": {"start": "2024-06-21 11:00", "ticks": 12},
}
Open = Callable[..., Page]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    # OpenDSS crashes where it is first loaded while Playwright's loop runs.
    in_simulation_thread(Engine)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """A small run, of which nothing has run yet."""
    with Site(p2p.Scenario.model_validate(DAY), tmp_path) as site:
        yield site


@pytest.fixture
def expected_errors() -> list[str]:
    """Parts of console errors that the test brings about."""
    return []


@pytest.fixture
def open_page(browser: Browser, expected_errors: list[str]) -> Iterator[Open]:
    """Opens an address in a browser of its own, with a signer's wallet if there is one."""
    contexts: list[BrowserContext] = []
    seen: list[str] = []
    complaints: list[str] = []

    def open_(url: str, signer: Signer | None = None, **options: object) -> Page:
        context = browser.new_context(**options)  # type: ignore[arg-type]
        contexts.append(context)
        context.set_default_timeout(20_000)
        if signer:
            context.expose_function("walletRequest", signer.answer)
            context.add_init_script(path=Path(__file__).parent / "wallet.js")
        page = context.new_page()
        page.on("request", lambda request: seen.append(request.url))
        page.on("console", lambda m: complaints.append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("dialog", lambda dialog: dialog.accept())
        page.goto(url)
        page.wait_for_selector("main[data-ready]")
        return page

    yield open_
    for context in contexts:
        context.close()
    strangers = {url for url in seen if urlsplit(url).hostname not in ("127.0.0.1", None)}
    assert not {url for url in strangers if not url.startswith(("data:", "blob:"))}
    assert not [c for c in complaints if not any(e in c for e in expected_errors)]


@pytest.fixture
def alice() -> Signer:
    return Signer(wallet("alice"))


@pytest.fixture
def bob() -> Signer:
    return Signer(wallet("bob"))
