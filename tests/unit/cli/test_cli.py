"""The command line as a person meets it: help, wrong input, interruption, results."""

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import p2p_cosim as p2p

COMMAND = [sys.executable, "-c", "from p2p_cosim.cli import main; main()"]
ROOT = Path.cwd()
THREE_HOUSES = str(ROOT / "scenarios" / "three_houses.yaml")


def cli(*arguments, cwd=None):
    """Run the command line in a process of its own."""
    return subprocess.run(
        [*COMMAND, *map(str, arguments)], capture_output=True, text=True, check=False, cwd=cwd
    )


def test_help_names_every_command_and_imports_nothing_heavy():
    done = subprocess.run(
        [
            *(sys.executable, "-c"),
            "import sys\n"
            "from p2p_cosim.cli import main\n"
            "try: main()\n"
            "except SystemExit: pass\n"
            "heavy = {'mesa', 'pandas', 'numpy', 'eth', 'dss', 'matplotlib', 'pydantic'}\n"
            "print(sorted(heavy & set(sys.modules)), file=sys.stderr)",
            "--help",
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr.strip() == "[]"
    for command in ("run", "check", "show", "plot", "summary"):
        assert f"\n  {command} " in done.stdout


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A run made from another folder than the project's, with figures."""
    folder = tmp_path_factory.mktemp("elsewhere")
    done = cli("run", THREE_HOUSES, "--plot", cwd=folder)
    assert done.returncode == 0, done.stderr
    (run,) = (folder / "results" / "three_houses").iterdir()
    return done, run


def test_a_run_prints_a_summary_and_says_where_everything_is(finished):
    done, run = finished
    assert "average MCP           0.1850 EUR/kWh" in done.stdout
    assert "worst voltage" in done.stdout
    assert str(Path("results/three_houses") / run.name) in done.stderr
    assert {path.suffix for path in (run / "figures").iterdir()} == {".png", ".svg"}


def test_a_finished_run_is_shown_and_not_run_again_unless_asked(finished):
    done, run = finished
    stamp = (run / "manifest.json").stat().st_mtime_ns
    folder = run.parents[2]
    second = cli("run", THREE_HOUSES, cwd=folder)
    assert second.stdout == done.stdout
    assert "has been run" in second.stderr
    assert "--again runs it again" in second.stderr
    assert (run / "manifest.json").stat().st_mtime_ns == stamp
    third = cli("run", THREE_HOUSES, "--again", "--plot", cwd=folder)
    assert third.stdout == done.stdout
    assert "has been run" not in third.stderr
    assert (run / "manifest.json").stat().st_mtime_ns != stamp


def test_summary_and_plot_work_from_the_folder_alone(finished, tmp_path):
    _, run = finished
    text = cli("summary", run, cwd=tmp_path)
    assert "average MCP           0.1850 EUR/kWh" in text.stdout
    plotted = cli("plot", run, "--out", "figures", "--tick", 0, cwd=tmp_path)
    assert plotted.returncode == 0, plotted.stderr
    assert len(list((tmp_path / "figures").glob("*.png"))) == 11


def test_json_is_one_object_on_stdout(finished, tmp_path):
    _, run = finished
    first = json.loads(cli("run", THREE_HOUSES, "--json", cwd=tmp_path).stdout)
    assert first["energy_traded_kwh"] == 8.0
    assert first["run_id"] == run.name  # from another folder the same run
    assert json.loads(cli("summary", run, "--json").stdout)["trades"] == 5


def test_check_and_show(tmp_path):
    good = cli("check", THREE_HOUSES)
    assert (good.returncode, good.stderr) == (0, "")
    assert "Scenario('three_houses', ieee13, 3 households, 4 x 60 min)" in good.stdout
    shown = cli("show", THREE_HOUSES, "--set", "k=0.25")
    copy = tmp_path / "copy.yaml"
    copy.write_text(shown.stdout)
    assert p2p.load(copy).resolved() == p2p.load(THREE_HOUSES).replace(k=0.25).resolved()


def test_version_module_and_completion():
    version = cli("--version")
    assert (version.returncode, version.stdout) == (0, f"p2p-cosim {p2p.__version__}\n")
    module = subprocess.run(
        [sys.executable, "-m", "p2p_cosim", "--version"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert module.stdout == version.stdout
    assert "--install-completion" in cli("--help").stdout


def test_examples_are_listed_and_copied(tmp_path):
    listed = cli("examples", cwd=tmp_path)
    assert "\ntrading_day   Thirty households" in listed.stdout
    copied = cli("examples", "--copy", "mine", cwd=tmp_path)
    assert str(Path("mine/trading_day.yaml")) in copied.stdout.splitlines()
    assert cli("check", "mine/measured_day.yaml", cwd=tmp_path).returncode == 0
    assert cli("check", "measured_day", cwd=tmp_path).returncode == 0
    assert cli("examples", "--copy", "mine", cwd=tmp_path).returncode == 2


@pytest.mark.parametrize("value", ["1e4", "0.2", "5e-2", "yes", "2024-06-21 00:00", "[1, 2", "x"])
def test_set_reads_a_value_as_a_file_does(value):
    from p2p_cosim.cli.options import changes
    from p2p_cosim.scenario.yaml_text import parse

    data, problems = parse(f"field: {value}")
    assert changes([f"field={value}"]) == [("field", value if problems else data["field"])]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("run", "nowhere.yaml"), "nowhere.yaml"),
        (("run", THREE_HOUSES, "--set", "pv_shere=1"), "did you mean 'pv_share'"),
        (("run", THREE_HOUSES, "--set", "k=1.5"), "1.5"),
        (("run", THREE_HOUSES, "--set", "k"), "is not FIELD=VALUE"),
        (("run", THREE_HOUSES, "--seed", "-1"), "seed"),
        (("run", THREE_HOUSES, "--set", "controller=no.such:Thing"), "controller 'no.such:Thing'"),
        (("check", "pyproject.toml"), "pyproject.toml"),
        (("plot", "."), "manifest.json"),
        (("summary", "nowhere"), "nowhere"),
    ],
)
def test_wrong_input_ends_with_code_2_a_reason_and_nothing_written(arguments, message, tmp_path):
    options = ("--out", tmp_path / "results") if arguments[0] == "run" else ()
    done = cli(*arguments, *options)
    assert done.returncode == 2, done.stderr
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
    assert not (tmp_path / "results").exists()


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)], ids=["Ctrl-C", "SIGTERM"]
)
def test_a_signal_keeps_what_was_recorded_and_says_how_to_go_on(tmp_path, number, code):
    process = subprocess.Popen(
        [
            *COMMAND,
            *("run", str(ROOT / "scenarios" / "trading_day.yaml"), "--out", str(tmp_path)),
        ],
        stderr=subprocess.PIPE,
        text=True,
        # A shell starts background jobs with SIGINT ignored, and children inherit that.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509
    )
    for line in process.stderr:
        if "tick 10 of 96" in line:
            break
    process.send_signal(number)
    _, rest = process.communicate(timeout=60)
    assert process.returncode == code
    assert "are kept in" in rest
    assert "run the same command again" in rest
    (folder,) = (tmp_path / "trading_day").iterdir()
    run = p2p.Results.load(folder)
    assert run.status == "interrupted"
    assert run.ticks >= 10
    assert len(run.market) == run.ticks


def test_a_place_that_cannot_be_written_is_one_line(tmp_path):
    (tmp_path / "file").write_text("")
    done = cli("run", THREE_HOUSES, "--out", tmp_path / "file")
    assert done.returncode == 1
    assert done.stderr.startswith(f"p2p-cosim: cannot write results to {tmp_path / 'file'}")
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("command", ["check", "run"])
def test_a_feeder_that_is_refused_is_wrong_input(command, tmp_path):
    (tmp_path / "own.dss").write_text(
        "clear\nnew circuit.own basekv=4.16\n"
        "new line.one bus1=sourcebus bus2=house_1 length=1\n"
        "new load.one bus1=house_1 kv=4.16 kw=10\n"
        "set voltagebases=[4.16]\ncalcv\n"
    )
    scenario = tmp_path / "own.yaml"
    scenario.write_text(
        "name: own\nfeeder: {master: own.dss}\nhouses: {count: 2, sites: by_load}\n"
    )
    done = cli(command, scenario, cwd=tmp_path)
    assert done.returncode == 2, done.stderr
    assert "bus 'house_1' has a name that this program gives" in done.stderr
    assert not (tmp_path / "results").exists()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_a_full_disk_below_stdout_is_told_in_a_line():
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [*COMMAND, "--version"], stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert done.returncode == 1
    assert done.stderr == (
        "p2p-cosim: no space is left where the output goes: give it another place\n"
    )
