"""Whether a release can be made: what has to agree before `make release` builds and tags.

    python tests/wheel/release.py

Exit code 1, with every reason at once, if it cannot.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import yaml

import p2p_cosim

ROOT = Path(__file__).parents[2]


def problems(
    version: str, cited: str, changelog: str, tags: list[str], changed: list[str]
) -> list[str]:
    """Why this version cannot be released.

    cited: the version in CITATION.cff. changed: files that are not committed.
    """
    found = []
    if changed:
        found.append(f"not committed: {', '.join(changed)}")
    if cited != version:
        found.append(f"CITATION.cff has version {cited}, p2p_cosim/__init__.py {version}")
    if not re.search(rf"^## \[{re.escape(version)}\] - \d{{4}}-\d\d-\d\d$", changelog, re.M):
        found.append(f"CHANGELOG.md has no section '## [{version}] - <date>': rename Unreleased")
    if f"v{version}" in tags:
        found.append(f"v{version} is tagged already: raise __version__")
    return found


def _git(*arguments: str) -> list[str]:
    done = subprocess.run(["git", *arguments], cwd=ROOT, check=True, capture_output=True, text=True)
    return done.stdout.splitlines()


def main() -> None:
    """Look at this checkout."""
    found = problems(
        p2p_cosim.__version__,
        str(yaml.safe_load((ROOT / "CITATION.cff").read_text())["version"]),
        (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"),
        _git("tag", "--list"),
        [line[3:] for line in _git("status", "--porcelain", "--untracked-files=no")],
    )
    for problem in found:
        print(problem)
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
