import getpass
import json
import subprocess
from pathlib import Path

import pytest

from p2p_cosim.record import manifest


def test_checksums_are_of_the_files(small_run):
    stored = json.loads((small_run / "manifest.json").read_text())
    files = {path.name for path in small_run.iterdir()} - {"manifest.json"}
    assert set(stored["sha256"]) == files
    for name, checksum in stored["sha256"].items():
        assert manifest.digest((small_run / name).read_bytes()) == checksum


def test_it_names_every_engine_and_nobody(small_run):
    text = (small_run / "manifest.json").read_text()
    versions = json.loads(text)["versions"]
    assert versions["opendss"] == "made up"
    assert {"python", "numpy", "mesa", "py-evm", "eth-tester", "web3", "opendssdirect.py"} <= set(
        versions
    )
    assert None not in versions.values()
    assert str(Path.home()) + "/" not in text
    assert f'"{getpass.getuser()}"' not in text
    assert str(small_run) not in text


def _git(folder, *arguments):
    identity = ("-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false")
    subprocess.run(["git", "-C", folder, *identity, *arguments], check=True, capture_output=True)


def test_git_tells_commit_and_uncommitted_changes(tmp_path, monkeypatch):
    package = tmp_path / "package"
    package.mkdir()
    (package / "__init__.py").write_text("")
    monkeypatch.setattr(manifest, "_PACKAGE", package)
    git = manifest._git.__wrapped__
    _git(tmp_path, "init")
    assert git() is None  # a package that merely lies inside somebody's checkout
    _git(tmp_path, "add", ".")
    _git(tmp_path, "commit", "-m", "first")
    state = git()
    assert len(state["commit"]) == 40
    assert state["dirty"] is False
    (tmp_path / "elsewhere.txt").write_text("not the package")
    assert git()["dirty"] is False
    (package / "new.py").write_text("")
    assert git()["dirty"] is True


@pytest.mark.parametrize("status", ["complete", "interrupted", "failed: power flow diverged"])
def test_known_statuses(status):
    assert manifest.check_status(status) == status
