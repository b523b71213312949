"""The gallery shows what its script draws, and every public figure is in it."""

import re
from pathlib import Path

import p2p_cosim as p2p

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "gallery.md").read_text(encoding="utf-8")
NO_FIGURES = {"outage_steps", "save_all"}


def test_every_figure_is_shown_and_there():
    shown = re.findall(r"\(figures/gallery/(\w+)\.svg\)", PAGE)
    files = {path.stem for path in (ROOT / "docs" / "figures" / "gallery").glob("*.svg")}
    assert set(shown) == files == set(p2p.plots.__all__) - NO_FIGURES
    assert len(shown) == len(files)


def test_a_page_names_the_call_of_each():
    named = re.findall(r"^\| `(\w+)\(.*figures/gallery/(\w+)\.svg", PAGE, re.MULTILINE)
    assert len(named) == len(set(p2p.plots.__all__) - NO_FIGURES)
    assert all(call == file for call, file in named)
