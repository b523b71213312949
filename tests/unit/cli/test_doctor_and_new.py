"""`doctor` tells what is missing for what, and `new` begins a study that runs."""

import importlib.metadata
import json
import re
import subprocess
import sys

import pytest
from packaging.requirements import Requirement
from typer.testing import CliRunner

from p2p_cosim.cli import doctor
from p2p_cosim.cli.app import app
from p2p_cosim.cli.study import begin
from p2p_cosim.core.errors import InputError
from p2p_cosim.scenario import load
from p2p_cosim.scenario.examples import copy_examples


def said(*arguments):
    return CliRunner().invoke(app, list(arguments))


def test_all_is_well_here(tmp_path):
    result = said("doctor", "--out", str(tmp_path / "results"))
    assert result.exit_code == 0, result.output
    assert "WRONG" not in result.output
    assert f"ok      mesa {importlib.metadata.version('mesa')}" in result.output
    assert not (tmp_path / "results").exists()


@pytest.mark.parametrize(
    ("wanted", "line", "good"),
    [
        ("numpy>=2", f"numpy {importlib.metadata.version('numpy')}", True),
        ("numpy<2", "numpy .*: <2 is needed", False),
        ("no-such-package>=1", r"no-such-package: not installed \(>=1 is needed\)", False),
    ],
)
def test_a_requirement_is_told(wanted, line, good):
    finding = doctor.found(Requirement(wanted))
    assert finding.good is good
    assert re.fullmatch(line, str(finding))


def test_what_is_missing_is_told_with_what_needs_it(monkeypatch, tmp_path):
    lines = ["numpy<2", 'anywidget>=999; extra == "notebook"', 'x-dev; extra == "dev"']
    monkeypatch.setattr(doctor, "requires", lambda _: lines)
    result = said("doctor", "--out", str(tmp_path))
    assert result.exit_code == 1
    assert "WRONG   numpy" in result.output
    assert "missing JupyterLab and the stepper" in result.output
    assert 'pip install "p2p-cosim[notebook]"' in result.output
    assert "x-dev" not in result.output


def test_a_folder_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / "file").touch()
    result = said("doctor", "--out", str(tmp_path / "file"))
    assert result.exit_code == 1
    assert "WRONG   cannot write results to" in result.output


def without(package, *arguments):
    """The command where a package is not installed, or does not load."""
    code = (
        f"import sys; sys.modules[{package!r}] = None; sys.argv = ['p2p-cosim', *{arguments!r}]; "
    )
    code += "from p2p_cosim.cli import main; main()"
    done = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


def test_an_environment_that_is_broken_is_told(tmp_path):
    status, text = without("numpy", "doctor", "--out", str(tmp_path))
    assert status == 1
    assert "WRONG   cannot be imported: ModuleNotFoundError: import of numpy" in text
    assert "needed for more:" in text
    assert "Traceback" not in text
    status, text = without("numpy", "run", "three_houses", "--out", str(tmp_path))
    assert (status, text.count("\n")) == (1, 1)
    assert "p2p-cosim doctor says what is not installed" in text


def test_a_folder_that_is_not_installed_is_told(monkeypatch):
    def missing(_):
        raise importlib.metadata.PackageNotFoundError("p2p-cosim")

    monkeypatch.setattr(doctor, "requires", missing)
    result = said("doctor")
    assert result.exit_code == 1
    assert "is a folder and not installed: pip install -e ." in result.output


def test_an_old_python_is_told():
    code = "import sys; sys.version_info = (3, 9, 1); import p2p_cosim"
    done = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True)
    assert done.stderr.endswith("is 3.9: make a virtual environment with a newer one\n")


def test_a_study_has_a_scenario_a_sweep_and_a_notebook_that_run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert said("new", "my_study").exit_code == 0
    assert {file.name for file in (tmp_path / "my_study").iterdir()} == {
        "my_study.yaml",
        "sweep.yaml",
        "my_study.ipynb",
    }
    monkeypatch.chdir(tmp_path / "my_study")
    assert load("my_study.yaml").name == "my_study"
    assert said("sweep", "sweep.yaml", "--dry-run").exit_code == 0
    book = json.loads((tmp_path / "my_study" / "my_study.ipynb").read_text())
    code = ["".join(cell["source"]) for cell in book["cells"] if cell["cell_type"] == "code"]
    short = [
        source.replace('my_study.yaml")', 'my_study.yaml").replace(ticks=2)') for source in code
    ]
    namespace = {}
    for source in short[:-1]:
        exec(compile(source, "my_study.ipynb", "exec"), namespace)  # noqa: S102 (our own)
    compile(short[-1], "my_study.ipynb", "exec")
    assert namespace["run"].ticks == 2


@pytest.mark.parametrize("name", ["My Study", "."])
def test_a_name_that_is_none_leaves_nothing_behind(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert isinstance(said("new", name).exception, InputError)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_made_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(
        InputError, match=r"cannot make .*file/study: Not a directory; name another"
    ):
        begin(tmp_path / "file" / "study")
    with pytest.raises(
        InputError, match=r"cannot copy to .*: Not a directory; name another folder"
    ):
        copy_examples(tmp_path / "file" / "examples")


def test_a_name_that_is_none_is_told_as_that(tmp_path):
    result = said("new", str(tmp_path / "my study"))
    assert str(result.exception).startswith("'my study' is not a name: use at most 60 lower case")
    assert not list(tmp_path.iterdir())


def test_a_study_that_is_there_is_left_alone(tmp_path):
    (tmp_path / "mine").mkdir()
    result = said("new", str(tmp_path / "mine"))
    assert isinstance(result.exception, InputError)
    assert "is there already" in str(result.exception)
