"""How long a page of a served run takes until it is ready, and what it loads.

    python benchmarks/page_load.py [--times 15] [--ticks 8]

Opens the market's page of the trading day, so many ticks old, in a headless Chromium with an empty
cache each time. Printed: the time from the address to the page that can be used (its mark `ready`),
when its parts were there, bytes and requests, and the load of the machine. The browser and the
server share the machine's cores with whatever else runs. Needs `make test-browser`'s Chromium.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
from pathlib import Path

import p2p_cosim as p2p

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "tests/browser"), str(ROOT / "tests/support")]

TIMES = """() => {
  const [page] = performance.getEntriesByType('navigation');
  const files = performance.getEntriesByType('resource').filter(e => !e.name.endsWith('/events'));
  const last = (...parts) => Math.max(
    0, ...files.filter(e => parts.some(part => e.name.includes(part))).map(e => e.responseEnd));
  return {
    'first byte': page.responseStart,
    'all modules': last('.js'),
    'run and chain': last('/api/', '/rpc'),
    ready: performance.getEntriesByName('ready')[0].startTime,
    bytes: page.transferSize + files.reduce((sum, e) => sum + e.transferSize, 0),
    requests: files.length + 1,
  };
}"""


def main() -> None:
    """Open, and print a line for each part."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--times", type=int, default=15)
    parser.add_argument("--ticks", type=int, default=8)
    asked = parser.parse_args()
    found = opened(asked.times, asked.ticks)
    for name in found[0]:
        values = sorted(each[name] for each in found)
        unit = "" if name in ("bytes", "requests") else " ms"
        middle = statistics.median(values)
        print(f"{name}: median {middle:,.0f}{unit}, least {values[0]:,.0f}, most {values[-1]:,.0f}")
    print(f"{asked.times} times; load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")


def opened(times: int, ticks: int) -> list[dict[str, float]]:
    """What the browser measured, each time in a context of its own."""
    from conftest import ARGUMENTS, CHROMIUM
    from playwright.sync_api import sync_playwright
    from site_of_run import Site

    with tempfile.TemporaryDirectory() as out, Site(p2p.load("trading_day"), Path(out)) as site:
        site.step(ticks)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
            found = []
            for _ in range(times + 1):
                context = browser.new_context()
                page = context.new_page()
                page.goto(site.url)
                page.wait_for_selector("main[data-ready]")
                found.append(page.evaluate(TIMES))
                context.close()
            browser.close()
    return found[1:]  # the first one starts the browser's own parts


if __name__ == "__main__":
    main()
