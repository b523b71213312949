"""Drive the stepper in a headless JupyterLab and in Notebook 7.

    python tests/notebooks/check_stepper.py [--chromium /usr/bin/chromium] [--picture FILE]
        [--in lab|notebook]

Three steps, ten more, reset, to the next event, another strategy in a branch, and on; what the
page shows is compared with a `Simulation` of the same scenario, and no request may leave this
machine.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlparse

from playwright.sync_api import Locator, Page, Playwright, sync_playwright
from playwright.sync_api import TimeoutError as Late

import p2p_cosim as p2p
from p2p_cosim.notebook.driver import Driver
from p2p_cosim.notebook.shown import state_of

STREET = {"market.strategy": "zic", "traders": {}, "profiles.pv_share": 1.0}
CELL = f"""import p2p_cosim as p2p
from p2p_cosim.notebook import Stepper
Stepper(p2p.load("outage").replace({STREET}))"""
NEWS = "@jupyterlab/apputils-extension:announcements"  # asks whether it may fetch some
PAGES = {"lab": ("jupyterlab", "lab/tree"), "notebook": ("notebook", "notebooks")}
SLOW_MS = 240_000  # a first cell imports everything, perhaps on a busy machine
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium")  # None: playwright's own
STARTED = re.compile(r"\[[*1]\]")  # the number of a cell that runs or has run


@contextmanager
def jupyter(folder: Path, page: str) -> Iterator[str]:
    """A server of its own on this machine; gives the address of its notebook in `page`."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    token = secrets.token_hex(16)
    options = {
        "ServerApp.ip": "127.0.0.1",
        "ServerApp.port": port,
        "ServerApp.root_dir": folder,
        "IdentityProvider.token": token,
        "LabApp.check_for_updates_class": "jupyterlab.NeverCheckForUpdate",
    }
    module = PAGES[page][0]
    command = [sys.executable, "-m", module, "--no-browser", "--allow-root"]
    command += [f"--{name}={value}" for name, value in options.items()]
    own = {f"JUPYTER_{kind}_DIR": str(folder / kind) for kind in ("CONFIG", "DATA", "RUNTIME")}
    quiet = folder / "CONFIG" / "labconfig" / "page_config.json"
    quiet.parent.mkdir(parents=True)
    quiet.write_text(json.dumps({"disabledExtensions": {NEWS: True}}))
    log = (folder / "jupyter.log").open("w")
    server = subprocess.Popen(command, env=os.environ | own, stdout=log, stderr=log)
    try:
        _wait_for(f"http://127.0.0.1:{port}/api?token={token}", server)
        yield f"http://127.0.0.1:{port}/{PAGES[page][1]}/stepper.ipynb?token={token}"
    finally:
        server.terminate()
        server.wait(timeout=30)
        log.close()


def _wait_for(url: str, server: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + SLOW_MS / 1000
    while time.monotonic() < end and server.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=5):  # noqa: S310 (our own server)
                return
        except OSError:
            time.sleep(0.5)
    raise SystemExit("Jupyter did not start")


def shown(page: Page) -> dict[str, object]:
    """What the page shows, as text: where the run stands, its ledger, its marks."""
    rows = page.locator(".p2p section", has_text="Ledger").locator("tr")
    return {
        "where": page.locator(".p2p .where").inner_text(),
        "ledger": [row.split("\t") for row in rows.all_inner_texts()[1:]],
        "houses": page.locator(".p2p svg .house").count(),
        "events": page.locator(".p2p section", has_text="Faults, alarms").locator("tr").count() - 1,
        "call": page.locator(".p2p pre").inner_text().splitlines()[-1],
        "branch": page.locator(".p2p .branch tr").all_inner_texts()[1:],
    }


def expected(driver: Driver) -> dict[str, object]:
    """What it should show, from a simulation in this process."""
    sim = driver.sim
    ticks, time_of = sim.scenario.clock.ticks, sim.model.clock.time(sim.tick)
    where = "done" if sim.done else time_of.strftime("%d %b %H:%M")
    ledger = [
        [name, f"{row.balance_eur:.4f}", f"{row.open_eur:.4f}", f"{row.energy_kwh:.3f}"]
        for name, row in zip(sim.ledger.index, sim.ledger.itertuples(), strict=True)
    ]
    return {
        "where": f"tick {sim.tick} of {ticks}, {where}",
        "ledger": ledger,
        "houses": 3 if sim.tick else 0,
        "events": len(driver.events),
        "call": driver.calls[-1],
        "branch": [
            f"{name}\t{_figure(here)}\t{_figure(there)}"
            for name, here, there in (state_of(driver)["branch"] or {"figures": []})["figures"]
        ],
    }


def _figure(value: float | None) -> str:
    if value is None:
        return ""
    return str(int(value)) if value == int(value) else f"{value:.4f}"


def press(page: Page, name: str, driver: Driver, what: object) -> None:
    """Press a button, do the same in Python, and compare when the page says it is there."""
    list(what) if isinstance(what, Iterator) else None
    page.get_by_role("button", name=name, exact=True).click()
    right = expected(driver)
    page.locator(".p2p .where", has_text=str(right["where"])).wait_for(timeout=SLOW_MS)
    last = repr(driver.calls[-1])
    page.wait_for_function(f"document.querySelector('.p2p pre').textContent.endsWith({last})")
    page.wait_for_function("!document.querySelector('.p2p .bar button:last-of-type').disabled")
    seen = shown(page)
    assert seen == right, f"{name}: {seen} is shown, and not {right}"
    crossed = page.evaluate(CROSSED)
    assert not crossed, f"{name}: a line runs through the words {crossed}"
    print(f"{name}: {seen['where']}, {seen['events']} events, as in Python")


CROSSED = """() => {
  const svg = document.querySelector(".p2p svg:has(.demand, .supply)");
  if (!svg) return [];
  const lines = [...svg.querySelectorAll("line")].map((l) => [
    [l.x1, l.y1], [l.x2, l.y2]].map((end) => end.map((of) => of.baseVal.value)));
  for (const { points } of svg.querySelectorAll("polyline"))
    for (let i = 1; i < points.length; i++)
      lines.push([[points[i - 1].x, points[i - 1].y], [points[i].x, points[i].y]]);
  const names = [...svg.querySelectorAll("text")];
  return names.filter((name) => /demand|supply/.test(name.textContent)).filter((name) => {
    const box = name.getBBox(), ink = [box.y + 2, box.y + box.height - 2];
    return lines.some(([[x1, y1], [x2, y2]]) =>
      Math.max(x1, x2) >= box.x && Math.min(x1, x2) <= box.x + box.width &&
      Math.max(y1, y2) >= ink[0] && Math.min(y1, y2) <= ink[1]);
  }).map((name) => name.textContent);
}"""
"""The names of curves that a line runs through."""


def drive(page: Page, picture: Path | None) -> None:
    """Step, run, reset, to the next event, branch; a picture of both ways a tick later."""
    driver = Driver(p2p.load("outage").replace(STREET))
    for _ in range(3):
        press(page, "Step", driver, driver.steps())
    press(page, "Run 10", driver, driver.steps(10))
    press(page, "Reset", driver, driver.reset())
    press(page, "To event", driver, driver.to_event())
    page.locator(".p2p .changes select").nth(1).select_option("truthful")
    press(page, "Branch", driver, driver.fork(**{"market.strategy": "truthful"}))
    press(page, "Step", driver, driver.steps())
    if picture:
        page.locator(".p2p").screenshot(path=picture)
    press(page, "Run 10", driver, driver.steps(10))
    driver.close()


def run_cell(page: Page) -> None:
    """Run the only cell, and wait for the widget. A page that has not opened its document yet
    takes the keys and does nothing, so they are pressed until the cell has a number."""
    cell = page.locator(".jp-Notebook .jp-CodeCell").first
    started = cell.locator(".jp-InputPrompt", has_text=STARTED)
    for _ in range(20):
        cell.click(timeout=SLOW_MS)
        page.keyboard.press("Shift+Enter")
        try:
            started.wait_for(timeout=5_000)
            break
        except Late:
            continue
    page.locator(".p2p .where").wait_for(timeout=SLOW_MS)


def agree(dialog: Locator) -> None:
    """As a user does with what Jupyter asks where it starts slowly, such as for the kernel."""
    print(f"Jupyter asks: {' '.join(dialog.inner_text().split())}")
    dialog.locator("button.jp-mod-accept").click()


def check(playwright: Playwright, where: str, chromium: str | None, picture: Path | None) -> None:
    """Drive the stepper in one of the pages of Jupyter."""
    outside: list[str] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        cell = {"cell_type": "code", "id": "a", "metadata": {}, "outputs": []}
        cell |= {"execution_count": None, "source": CELL}
        kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}
        book = {"nbformat": 4, "nbformat_minor": 5, "metadata": kernel, "cells": [cell]}
        (folder / "stepper.ipynb").write_text(json.dumps(book))
        with jupyter(folder, where) as address:
            browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
            page = browser.new_page(viewport={"width": 1280, "height": 1500})
            page.on("request", lambda request: outside.append(request.url))
            page.add_locator_handler(page.locator(".jp-Dialog"), agree)
            page.goto(address)
            run_cell(page)
            drive(page, picture)
            browser.close()
    hosts = {urlparse(url).hostname for url in outside if not url.startswith(("data:", "blob:"))}
    assert hosts == {"127.0.0.1"}, f"requests to {hosts}"
    print(f"{where}: {len(outside)} requests, all to this machine")


def main() -> None:
    """Parse arguments, and check."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--chromium", default=CHROMIUM, help="browser")
    arguments.add_argument("--in", dest="page", choices=PAGES, help="only this one")
    arguments.add_argument("--picture", type=Path, help="where to leave a screenshot")
    chosen = arguments.parse_args()
    with sync_playwright() as playwright:
        for where in [chosen.page] if chosen.page else PAGES:
            check(playwright, where, chosen.chromium, chosen.picture)


if __name__ == "__main__":
    main()
