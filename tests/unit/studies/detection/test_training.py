"""The learned detector's file: made twice alike, read without scikit-learn, refused if wrong."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from p2p_cosim.core.errors import InputError
from p2p_cosim.core.types import Fault
from p2p_cosim.detection.learned import FEATURES, Origin, load_model
from p2p_cosim.detection.straying import LoadUncertainty
from p2p_cosim.studies.detection import cases, report, train
from p2p_cosim.studies.detection.evaluate import QUICK, Bench, _episode, evaluate
from p2p_cosim.studies.detection.world import World, draw_day
from p2p_cosim.studies.detection.worlds import WORLDS


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
    assert load_model(trained).trained_on == Origin("ieee13", 30, 15)


def test_a_model_elsewhere_says_what_it_was_not_trained_on(trained):
    model = load_model(trained)
    assert model.strangeness(Origin("ieee13", 30, 15)) == ""
    told = model.strangeness(Origin("ieee34", 60, 5))
    for words in ("feeder ieee13 (here ieee34)", "30 houses (here 60)", "15 minutes (here 5)"):
        assert words in told
    assert "does not say" in replace(model, manifest={}).strangeness(Origin("ieee13", 30, 15))


def test_the_shipped_model_says_what_it_was_trained_on():
    assert load_model().trained_on == Origin("ieee13", 30, 15)


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
    trained_on, held_out = (
        {breaking.fault for breaking in cases.places(side, grid)} for side in (False, True)
    )
    shared = {fault.kind for fault in trained_on & held_out}
    # Five transformers and one switch: there is no other to hold out.
    assert shared == {"transformer_outage", "switch_open"}
    seeds = [
        {episode.day_seed for episode in cases.episodes(grid, side, 4)} for side in (False, True)
    ]
    assert not seeds[0] & seeds[1]


def test_another_feeder_breaks_where_somebody_loses_supply():
    grid = World(feeder="ieee34", sites="by_load").grid()
    found = cases.places(True, grid)
    kinds = Counter(breaking.fault.kind for breaking in found)
    assert {"slg", "ll", "llg", "three_phase", "lateral_open", "open_phase"} <= set(kinds)
    for breaking in found:
        if breaking.fault.kind not in ("inverter_trip", "lying_meter"):
            grid.check(breaking.fault)


def test_impedances_are_drawn_within_their_band():
    rng = np.random.default_rng(5)
    breaking = cases.Breaking(Fault("slg", "671", 0, 1, "A"), (20.0, 200.0))
    ohms = np.array([breaking.at(30, rng).impedance_ohm for _ in range(400)])
    assert ohms.min() >= 20
    assert ohms.max() <= 200
    assert np.median(ohms) == pytest.approx(np.sqrt(20 * 200), rel=0.15)  # log-uniform
    assert cases.band(breaking.at(30, rng)) == "20 to 200 ohm"
    assert cases.band(Fault("house_outage", "house_1", 0, 1)) == "-"


def test_a_world_that_differs_in_loads_and_lines_has_the_same_days_and_a_wrong_model():
    base, strayed = World(), World(strays=LoadUncertainty(0.06, 0.04))
    one, other = (draw_day(world, 7, 15) for world in (base, strayed))
    assert np.array_equal(one.load_kw, other.load_kw)
    usual = one.spot_forecast[:, None]
    assert other.spot_scale / usual - 1 == pytest.approx(2 * (one.spot_scale / usual - 1))
    bench = Bench(World(line_deviation=0.2))
    day = bench.day(7)
    bench.feeder.views(day, (), 0, 1)
    there, believed = bench.feeder.grid.line_lengths, bench.feeder.twin_grid.line_lengths
    assert 0.1 < np.std(there / believed) < 0.3


def test_protection_turns_a_bolted_fault_into_an_open_that_is_to_be_named():
    bench = Bench(World(protected=True))
    episode = cases.Episode(9, Fault("slg", "611", 20, 32, "C", 1.0))
    by_name = {verdict.detector: verdict for verdict in _episode(bench, 3, episode)}
    assert all(verdict.cleared for verdict in by_name.values())
    balance = by_name["energy_balance"]
    assert (balance.delay, balance.named, balance.kind_right) == (0, "open_phase", True)
    quiet = cases.Episode(9, Fault("slg", "611", 20, 32, "C", 100.0))
    assert not any(verdict.cleared for verdict in _episode(bench, 3, quiet))


@pytest.mark.parametrize(
    ("count", "low", "high"), [(0, 0.0, 3.689), (1, 0.0253, 5.572), (10, 4.795, 18.39)]
)
def test_poisson_interval(count, low, high):
    """Garwood's limits, as tabulated for 95 %."""
    assert report.poisson_interval(count) == pytest.approx((low, high), rel=2e-3)


def test_a_quick_evaluation_fills_the_page(trained, tmp_path):
    evaluation = evaluate(World(), QUICK, load_model(trained))
    assert not evaluation.left_out
    assert {verdict.detector for verdict in evaluation.verdicts} == set(report.DETECTORS)
    measured = dict.fromkeys(WORLDS, evaluation)
    page = tmp_path / "page.md"
    page.write_text(
        f"before\n{report.BEGIN}\nto be replaced\n{report.END}\nafter\n", encoding="utf-8"
    )
    report.replace_measured(page, report.markdown(measured))
    text = page.read_text(encoding="utf-8")
    assert text.startswith("before\n")
    assert text.endswith("after\n")
    assert "to be replaced" not in text
    assert f"| `{evaluation.verdicts[0].kind}` |" in text
    assert f"| {WORLDS['loads'].wrong} | energy_balance |" in text
    page.write_text("no marks", encoding="utf-8")
    with pytest.raises(ValueError, match="lacks"):
        report.replace_measured(page, "x")
