"""A release is refused, with every reason, unless version, citation and changelog agree."""

import importlib.util
from pathlib import Path

FILE = Path(__file__).parents[1] / "wheel" / "release.py"
_spec = importlib.util.spec_from_file_location("release", FILE)
release = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(release)

LOG = "# Changelog\n\n## [0.2.0] - 2026-12-01\n\n### Added\n"


def test_a_version_that_everything_names_can_be_released():
    assert release.problems("0.2.0", "0.2.0", LOG, ["v0.1.0"], []) == []


def test_every_reason_is_told():
    found = release.problems("0.3.0", "0.2.0", LOG, ["v0.3.0"], ["README.md"])
    assert [problem.split(":")[0] for problem in found] == [
        "not committed",
        "CITATION.cff has version 0.2.0, p2p_cosim/__init__.py 0.3.0",
        "CHANGELOG.md has no section '## [0.3.0] - <date>'",
        "v0.3.0 is tagged already",
    ]
    assert len(release.problems("0.2.0", "0.2.0", "## [0x2x0] - 2026-12-01", [], [])) == 1
