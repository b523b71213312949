"""The learned detector's file: made twice alike, read without scikit-learn, refused if wrong."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pytest

from p2p_cosim.core.errors import InputError
from p2p_cosim.detection.learned import FEATURES, load_model
from p2p_cosim.studies.detection import cases, report, train
from p2p_cosim.studies.detection.evaluate import QUICK, evaluate
from p2p_cosim.studies.detection.world import World


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    path = tmp_path_factory.mktemp("model") / "first.json"
    return train.write_model(train.train(train.QUICK, World()), path)


def test_training_again_gives_the_same_bytes(trained, tmp_path):
    again = train.write_model(train.train(train.QUICK, World()), tmp_path / "again.json")
    assert again.read_bytes() == trained.read_bytes()


def test_the_manifest_says_what_it_was_trained_on(trained):
    manifest = load_model(trained).manifest
    assert manifest["training"]["seed"] == 1
    assert set(manifest["versions"]) == {"scikit-learn", "numpy"}
    assert len(manifest["training_set_sha256"]) == 64


def test_the_forest_is_scikit_learns_own():
    """Our reading of the trees gives the probabilities of the library that grew them."""
    from sklearn.ensemble import RandomForestClassifier

    rng = np.random.default_rng(2)
    rows = np.round(rng.normal(size=(400, len(FEATURES))), 4)
    target = (rows[:, 0] > 0).astype(int) + (rows[:, 1] > 0.5)
    forest = RandomForestClassifier(n_estimators=7, max_leaf_nodes=16, random_state=0)
    forest.fit(rows, target)
    ours = train.Forest(
        ("none", "a", "b"), tuple(train._tree(tree.tree_) for tree in forest.estimators_), 0.5, {}
    )
    expected = forest.predict_proba(rows[:50])
    assert np.array([ours.probabilities(row) for row in rows[:50]]) == pytest.approx(
        expected, abs=1e-4
    )


def test_the_shipped_model_is_read_without_scikit_learn():
    code = (
        "import sys; sys.modules['sklearn'] = None\n"
        "from p2p_cosim.detection.learned import load_model\n"
        "print(load_model().classes[0])"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "none"


def test_files_that_are_no_model_are_refused(trained, tmp_path):
    document = json.loads(trained.read_text(encoding="utf-8"))
    path = tmp_path / "bad.json"
    for text, message in (
        ("{", "no detector"),
        ("[]", "of format"),
        (json.dumps(document | {"format": "pickle"}), "of format"),
        (json.dumps(document | {"features": ["x"]}), "other features"),
    ):
        path.write_text(text, encoding="utf-8")
        with pytest.raises(InputError, match=message):
            load_model(path)
    with pytest.raises(InputError, match="no detector"):
        load_model(tmp_path / "absent.json")


def test_nothing_held_out_was_trained_on():
    grid = World().grid()
    trained_on, held_out = (set(cases.places(side, grid)) for side in (False, True))
    shared = {fault.kind for fault in trained_on & held_out}
    # Five transformers and one switch: there is no other to hold out.
    assert shared == {"transformer_outage", "switch_open"}
    seeds = [
        {episode.day_seed for episode in cases.episodes(grid, side, 4)} for side in (False, True)
    ]
    assert not seeds[0] & seeds[1]


def test_a_quick_evaluation_fills_the_page(trained, tmp_path):
    evaluation = evaluate(World(), QUICK, load_model(trained))
    assert not evaluation.left_out
    assert {verdict.detector for verdict in evaluation.verdicts} == set(report.DETECTORS)
    page = tmp_path / "page.md"
    page.write_text(
        f"before\n{report.BEGIN}\nto be replaced\n{report.END}\nafter\n", encoding="utf-8"
    )
    report.replace_measured(page, report.markdown(evaluation))
    text = page.read_text(encoding="utf-8")
    assert text.startswith("before\n")
    assert text.endswith("after\n")
    assert "to be replaced" not in text
    assert "| `house_outage` |" in text
    page.write_text("no marks", encoding="utf-8")
    with pytest.raises(ValueError, match="lacks"):
        report.replace_measured(page, "x")
