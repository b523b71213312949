"""Figures draw something sensible from any run, and leave no trace in matplotlib."""

import subprocess
import sys

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.figure import Figure

from p2p_cosim import plots
from p2p_cosim.core.errors import InputError
from p2p_cosim.plots.save import OF_ONE_TICK, OVER_TIME

FIGURES = {**OVER_TIME, **OF_ONE_TICK}


def texts(ax):
    return [text.get_text() for text in ax.texts]


@pytest.mark.parametrize("name", FIGURES)
@pytest.mark.parametrize(
    "case",
    [
        {"ticks": 0},
        {"ticks": 1},
        {"ticks": 1, "houses": 1},
        {"houses": 0},
        {"quiet": True},
        {"houses": 70},
        {"houses": 1, "ticks": 300},
    ],
    ids=str,
)
@pytest.mark.filterwarnings("error")
def test_every_figure_of_every_run_can_be_drawn(make_run, name, case):
    ax = FIGURES[name](make_run(**case))
    ax.figure.draw_without_rendering()


def test_empty_figures_say_why(make_run):
    quiet = make_run(quiet=True)
    assert "no trades" in texts(plots.price_and_volume(quiet))
    assert "no orders" in texts(plots.supply_and_demand(quiet))
    nothing = make_run(ticks=0)
    assert "no rounds" in texts(plots.supply_and_demand(nothing))
    assert "no meter readings" in texts(plots.voltage_band(nothing))
    assert "no voltages" in texts(plots.feeder_map(nothing))
    assert "no households" in texts(plots.household_costs(make_run(houses=0)))


def test_time_runs_over_the_interval_recorded(make_run):
    ax = plots.taps(make_run(ticks=4, start_hour=12))
    assert ax.get_xlim() == (12, 13)
    assert ax.get_xlabel() == "Time of day (hh:mm)"
    assert plots.taps(make_run(ticks=300)).get_xlabel() == "Time (days)"


@pytest.mark.parametrize("name", [name for name in FIGURES if name != "overview"])
def test_given_axes_are_drawn_on(make_run, name):
    own = Figure().add_subplot()
    assert FIGURES[name](make_run(), ax=own) is own
    assert own.has_data() or texts(own)


def test_the_global_style_stays_as_it_was(make_run):
    before = dict(mpl.rcParams)
    mpl.rcParams["font.size"] = 20
    try:
        ax = plots.voltage_band(make_run())
        assert ax.yaxis.label.get_fontsize() == 8
        assert mpl.rcParams["font.size"] == 20
    finally:
        mpl.rcParams.update(before)


def test_pyplot_is_never_imported(make_run):
    code = (
        "import sys; from p2p_cosim import plots; from p2p_cosim.record import Results; "
        "plots.taps(Results.load(sys.argv[1])); sys.exit('matplotlib.pyplot' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code, make_run().path], check=True)


def test_axes_show_themselves_in_a_notebook(make_run):
    assert plots.taps(make_run())._repr_png_().startswith(b"\x89PNG")


def test_save_all_writes_beside_the_tables(make_run):
    run = make_run()
    paths = plots.save_all(run)
    folder = run.path / "figures"
    assert sorted(path.name for path in folder.iterdir()) == sorted(
        f"{name}.{file_format}" for name in FIGURES for file_format in ("png", "svg")
    )
    assert sorted(paths) == sorted(folder.iterdir())
    run.verify()


def test_save_all_refuses_an_unknown_format_before_drawing(make_run, tmp_path):
    with pytest.raises(ValueError, match="format 'bmp' is unknown: give svg, pdf, png"):
        plots.save_all(make_run(), tmp_path / "figures", formats=("png", "bmp"))
    assert not (tmp_path / "figures").exists()


def test_save_all_of_a_chosen_tick(make_run, tmp_path):
    run = make_run()
    chosen = [plots.save_all(run, tmp_path / str(t), formats=("svg",), tick=t) for t in (0, 3)]
    differ = {a.stem for a, b in zip(*chosen, strict=True) if a.read_bytes() != b.read_bytes()}
    assert differ == set(OF_ONE_TICK)
    with pytest.raises(InputError, match="tick 4 is not in this run: give 0 to 3"):
        plots.save_all(run, tmp_path / "4", tick=4)
    assert not (tmp_path / "4").exists()


def test_a_failed_write_leaves_the_older_figure(make_run, monkeypatch):
    run = make_run()
    path = plots.save_all(run, formats=("svg",))[0]
    before = path.read_bytes()

    def fail(self, file, **_):
        file.write_bytes(b"half a fig")
        raise OSError("disk full")

    monkeypatch.setattr(Figure, "savefig", fail)
    with pytest.raises(OSError, match="disk full"):
        plots.save_all(run, formats=("svg",))
    assert path.read_bytes() == before
    assert not list(path.parent.glob(".*"))


def test_equal_runs_give_equal_files_in_another_process(make_run, tmp_path):
    run = make_run()
    code = (
        "import sys; from p2p_cosim import plots; from p2p_cosim.record import Results; "
        "plots.save_all(Results.load(sys.argv[1]), sys.argv[2])"
    )
    there = tmp_path / "there"
    subprocess.run([sys.executable, "-c", code, run.path, there], check=True)
    here = plots.save_all(run, tmp_path / "here")
    assert len(here) == 2 * len(FIGURES)
    for path in here:
        assert path.read_bytes() == (there / path.name).read_bytes(), path.name


def test_pdf_carries_no_date(make_run, tmp_path):
    for path in plots.save_all(make_run(), tmp_path / "pdf", formats=("pdf",)):
        assert b"/CreationDate" not in path.read_bytes()


def test_houses_stand_apart_however_many_share_a_bus(make_run):
    ax = plots.feeder_map(make_run(houses=70, ticks=1))
    houses = next(c for c in ax.collections if c.get_label() == "houses").get_offsets()
    apart = np.linalg.norm(houses[:, None] - houses[None, :], axis=2) + 1e9 * np.eye(70)
    assert apart.min() > 5  # drawing units; the map is 400 wide


def test_the_overview_sets_the_market_beside_the_voltages(make_run):
    left = plots.overview(make_run())
    figure = left.get_figure(root=True)
    assert [ax.get_ylabel() for ax in figure.axes] == [
        "Price (EUR/kWh)",
        "Voltage (pu)",
        "Energy traded (kWh)",
    ]
