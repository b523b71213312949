"""The files of the pages."""

import hashlib
import re
from pathlib import Path

import pytest

from p2p_cosim.dapp.app import STATIC

OURS = sorted(p for p in STATIC.rglob("*") if p.suffix in {".js", ".css", ".html"})
OURS = [p for p in OURS if p.parent.name != "vendor"]
LONGEST = 300


def test_the_vendored_library_is_the_pinned_one():
    pinned = re.findall(
        r"`([\w.]+\.js)`.*`([0-9a-f]{64})`", (STATIC / "vendor/README.md").read_text()
    )
    assert [name for name, _ in pinned] == [p.name for p in STATIC.glob("vendor/*.js")]
    for name, digest in pinned:
        assert hashlib.sha256((STATIC / "vendor" / name).read_bytes()).hexdigest() == digest


@pytest.mark.parametrize("path", OURS, ids=lambda path: str(path.relative_to(STATIC)))
def test_a_file_is_small_and_asks_nobody_else(path: Path):
    text = path.read_text()
    assert len(text.splitlines()) <= LONGEST
    addresses = set(re.findall(r"https?://[\w.-]+", text)) - {"http://www.w3.org"}
    assert not addresses
    for name in re.findall(r"""from ["'](\.[^"']+)["']""", text):
        assert (path.parent / name).resolve().is_file(), name


@pytest.mark.parametrize(
    ("page", "entry"), [("index.html", "js/main.js"), ("replay.html", "js/replay/main.js")]
)
def test_a_page_names_all_its_modules_so_that_they_come_at_once(page, entry):
    found, waiting = set(), [entry]
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        found.add(name)
        text = (STATIC / name).read_text()
        inside = re.findall(r"""from ["'](\.[^"']+)["']""", text) if "vendor" not in name else []
        waiting += [
            str((STATIC / name).parent.joinpath(n).resolve().relative_to(STATIC)) for n in inside
        ]
    named = re.findall(r'<link rel="modulepreload" href="([^"]+)">', (STATIC / page).read_text())
    assert named == sorted(found - {entry})


def test_no_markup_is_made_from_text_and_no_code():
    for path in OURS:
        text = path.read_text()
        assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(", text)
        assert not re.search(r"""<script(?![^>]*\bsrc=)|\son\w+=["']|style=["']""", text)
