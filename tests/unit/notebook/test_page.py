"""The stepper's page, a single module because the notebook loads it as one."""

from pathlib import Path

from p2p_cosim import notebook

PAGE = Path(notebook.__file__).parent / "static" / "stepper.js"
LONGEST = 300


def test_it_is_short_and_asks_nobody_anything():
    text = PAGE.read_text()
    assert 0 < len(text.splitlines()) <= LONGEST
    for word in ("fetch(", "XMLHttpRequest", "import(", "innerHTML"):
        assert word not in text
