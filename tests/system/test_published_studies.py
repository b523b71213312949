"""What stands in results/published is what was stored there, of the scenarios as they are now.

`make reproduce` runs a sample of each study; `make published` writes them anew after a change that
is meant to move them.
"""

from pathlib import Path

import pytest

from p2p_cosim.studies import published

FOLDER = Path(__file__).parents[2] / "results" / "published"
STUDIES = published.studies(FOLDER)


def test_they_are_these_and_small():
    names = [
        *("controllers", "dispatch", "flexibility", "gas", "institutions", "mechanisms"),
        *("resilience", "stories"),
    ]
    assert [study.name for study in STUDIES] == names
    assert sum(f.stat().st_size for f in FOLDER.rglob("*") if f.is_file()) < 20e6


@pytest.mark.parametrize("study", STUDIES, ids=lambda study: study.name)
def test_checksums_hold_and_what_is_learned_is_told_with_what_is_not(study):
    assert published.check_hashes(study) == []
    page = (study.folder / "README.md").read_text(encoding="utf-8")
    assert "**What is learned.**" in page
    assert "**What it does not show.**" in page
    assert len(published.read_table(study)) == study.runs


def test_a_whole_run_of_each_was_noted_and_held():
    verdicts = published.read_verdicts(FOLDER)
    assert {study.name: study.runs for study in STUDIES} == {
        name: verdict.runs for name, verdict in verdicts.items() if verdict.holds
    }
