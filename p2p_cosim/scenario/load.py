"""Scenario files: from a path to a `Scenario`, or to one error with every problem."""

from __future__ import annotations

from pathlib import Path

from p2p_cosim.core.errors import InputError, Problem, ScenarioError
from p2p_cosim.core.naming import did_you_mean
from p2p_cosim.scenario.examples import examples
from p2p_cosim.scenario.schema import Scenario
from p2p_cosim.scenario.schema.problems import show
from p2p_cosim.scenario.yaml_text import parse

MAX_FILE_BYTES = 1_000_000  # longer series belong in a CSV file


def load(path: str | Path) -> Scenario:
    """The scenario in a YAML file.

    A bare name (`"trading_day"`) means `scenarios/<name>.yaml` or, if there is no such file,
    the example of that name that comes with the package. Files that the scenario names must
    exist; their content is read later.

    Raises ScenarioError with every problem found: dotted path, value, limit, nearest name;
    InputError for what is no path.
    """
    if not isinstance(path, (str, Path)):
        raise InputError(
            f"load reads a file, not a {type(path).__name__}: a mapping is checked by "
            "p2p_cosim.Scenario.model_validate(mapping)"
        )
    file = _find(Path(path))
    data, problems = parse(_read(file))
    if not problems and not isinstance(data, dict):
        what = "is empty" if data is None else f"holds {show(data)}"
        problems.append(Problem("", f"{what}: a scenario is a mapping that begins with name:"))
    if isinstance(data, dict) and "base" in data and "name" not in data:
        raise _unreadable(Path(path), f"is the file of a sweep: p2p-cosim sweep {path}")
    scenario = None
    if isinstance(data, dict):
        try:
            scenario = Scenario.model_validate(data).at(file.parent)
            scenario.series_files()
            scenario.master_file()
        except ScenarioError as error:
            problems.extend(error.problems)
    if problems or scenario is None:
        raise ScenarioError(str(path), problems)
    return scenario


def _find(path: Path) -> Path:
    if path.is_file():
        return path
    bare = len(path.parts) == 1 and not path.suffix
    file = Path("scenarios", f"{path}.yaml") if bare else path
    if file.is_dir():
        raise _unreadable(path, _of_folder(file))
    if file.is_file():
        return file
    shipped = examples() if bare else {}
    if example := shipped.get(path.name):
        return example
    near = did_you_mean(file.name, (other.name for other in file.parent.glob("*.yaml")))
    near = near or did_you_mean(path.name, shipped)
    if path.suffix and path.stem in examples():
        near = f"; the example of that name is {path.stem!r}, without a folder and an ending"
    here = "" if file.is_absolute() else f" in {Path.cwd()}"
    also = f", and no example of that name ({', '.join(shipped)})" if shipped else ""
    raise _unreadable(path, f"there is no file {str(file)!r}{here}{also}{near}")


def _of_folder(folder: Path) -> str:
    """What to name in place of a folder."""
    if (folder / "manifest.json").is_file():
        return (
            f"is the folder of a run: p2p_cosim.Results.load({str(folder)!r}) reads its tables, "
            "and its scenario.yaml can be run again"
        )
    inside = sorted(file.name for file in folder.glob("*.yaml"))
    return f"is a folder: name a .yaml file in it{f', {inside[0]!r}' if inside else ''}"


def _read(file: Path) -> str:
    try:
        size = file.stat().st_size
        if size > MAX_FILE_BYTES:
            raise _unreadable(
                file, f"has {size} bytes, more than {MAX_FILE_BYTES}: move series to a CSV file"
            )
        return file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise _unreadable(
            file, f"is not UTF-8 text (byte {error.start}): save it as UTF-8"
        ) from None
    except OSError as error:
        raise _unreadable(file, f"cannot be read: {error.strerror}") from None


def _unreadable(path: Path, message: str) -> ScenarioError:
    return ScenarioError(str(path), [Problem("", message)])
