"""A finished run written as static pages."""

import json
import re
import shutil
import subprocess
import sys

import pytest
from starlette.testclient import TestClient
from typer.testing import CliRunner

import p2p_cosim as p2p
from p2p_cosim.cli.app import app
from p2p_cosim.core.errors import InputError, ResultsError
from p2p_cosim.dapp.replay.app import replay_app
from p2p_cosim.dapp.replay.export import export_page, finished, page_files
from p2p_cosim.dapp.replay.windows import edges_of, windows

HOST = "127.0.0.1:8000"


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return p2p.run(p2p.load("scenarios/outage.yaml"), out=tmp_path_factory.mktemp("results"))


@pytest.fixture(scope="module")
def pages(run, tmp_path_factory):
    folder = tmp_path_factory.mktemp("exported") / "pages"
    export_page(run, folder)
    return folder


def read(pages, name):
    return json.loads((pages / "data" / f"{name}.json").read_text())


def test_a_part_holds_what_the_tables_hold(run, pages):
    part, about = read(pages, "parts/0"), read(pages, "run")
    assert (about["ticks"], about["parts"], part["first"]) == (12, 1, 0)
    assert [int(row[0]) for row in part["rounds"]] == run.market["price_wei_per_wh"].tolist()
    assert sum(len(trades) for trades in part["trades"]) == len(run.trades)
    for field in ("v_pu", "balance_wei", "forecast_wh"):
        table = run.voltages if field == "v_pu" else run.households
        flat = [float(value) for values in part["houses"][field] for value in values]
        assert flat == pytest.approx(table[field].astype(float).tolist())
    assert part["alarms"][4] == [[4, "house_outage", "house_1", "outage_threshold"]]
    assert part["nodes"][3] == pytest.approx(run.node_voltages.query("tick == 3")["v_pu"].tolist())
    assert [e["name"] for e in about["elements"]] == run.loadings.query("tick == 0")[
        "element"
    ].tolist()


def test_a_line_of_the_map_finds_its_element(pages):
    about = read(pages, "run")
    named = dict(zip(map(tuple, about["map"]["lines"]), about["carried_by"], strict=True))
    assert about["elements"][named["632", "670"]]["name"] == "line_632_670"
    assert about["elements"][named["671", "692"]]["name"] == "switch_671_692"
    assert named["650", "RG60"] is None


def test_a_ledger_has_every_wei_of_a_house(run, pages):
    for number, house in enumerate(run.households["house"].unique()):
        ledger = read(pages, f"houses/{number}")
        traded = sum(int(wei) for _, _, wei in ledger["trades"])
        own = run.households[run.households["house"] == house]
        assert traded == sum(map(int, own["market_wei"]))
        assert [int(wei) for wei in ledger["balance_wei"]] == [int(w) for w in own["balance_wei"]]


def test_windows_lose_and_double_nothing(run):
    edges = [(0, 5), (5, 7), (7, 12)]
    for name in ("households", "trades", "alarms", "taps"):
        found = [rows for window in windows(run, name, edges) for rows in window.values()]
        whole = run.table(name)
        assert sum(map(len, found)) == (whole["tick"] >= 0).sum()
    first, second, _ = windows(run, "alarms", edges)
    assert (list(first), list(second)) == ([4], [])
    assert edges_of(100) == [(0, 48), (48, 96), (96, 100)]


def test_the_pages_need_no_wallet_and_nobody_else(pages):
    assert not any("vendor" in name or "trade.js" in name for name in page_files())
    for path in (p for p in pages.rglob("*") if p.suffix in {".js", ".html", ".css"}):
        text = path.read_text()
        assert not set(re.findall(r"https?://[\w.-]+", text)) - {"http://www.w3.org"}
        for name in re.findall(r"""from ["'](\.[^"']+)["']""", text):
            assert (path.parent / name).is_file(), name


def test_the_same_run_gives_the_same_bytes(run, pages, tmp_path):
    export_page(run, tmp_path / "again")
    files = [path for path in pages.rglob("*") if path.is_file()]
    for path in files:
        assert path.read_bytes() == (tmp_path / "again" / path.relative_to(pages)).read_bytes()


def test_what_is_not_finished_or_was_changed_is_refused(run, tmp_path):
    cut = p2p.Simulation(p2p.load("scenarios/outage.yaml"), out=tmp_path)
    cut.step()
    folder = cut.write()
    cut.close()
    with pytest.raises(ResultsError, match=r"interrupted.*only a complete run"):
        finished(folder)
    broken = shutil.copytree(run.path, tmp_path / "broken")
    (broken / "trades.parquet").write_bytes(b"nothing")
    with pytest.raises(ResultsError, match="changed after the run"):
        finished(broken)
    (broken / "trades.parquet").unlink()
    with pytest.raises(ResultsError, match=r"lacks 'trades\.parquet'"):
        finished(broken)
    with pytest.raises(ResultsError, match="is not a results folder"):
        finished(tmp_path)


def test_a_folder_that_holds_something_is_left_alone(run, tmp_path):
    (tmp_path / "mine").write_text("mine")
    with pytest.raises(InputError, match="name another folder with --out"):
        export_page(run, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


def test_the_server_gives_files_and_takes_nothing(pages):
    with TestClient(replay_app(pages, port=8000), base_url=f"http://{HOST}") as client:
        assert "Loading the run" in client.get("/").text
        assert client.get("/data/run.json").json()["scenario"] == "outage"
        assert client.post("/rpc", json={}).status_code == 405
        assert client.get("/../manifest.json").status_code == 404
        assert client.get("/", headers={"Host": "elsewhere.example"}).status_code == 403


def test_the_commands_find_a_run_and_refuse_what_would_change_it(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    made = CliRunner().invoke(app, ["export-page", str(run.path)])
    folder = f"outage_{run.manifest['run_id']}"
    assert made.output.startswith(f"pages in {folder}; ")
    assert (tmp_path / folder / "index.html").is_file()
    refused = CliRunner().invoke(app, ["serve", str(run.path), "--seed", "3", "--players", "2"])
    assert isinstance(refused.exception, InputError)
    assert "--seed, --players would change a run that is over" in str(refused.exception)


def test_it_reaches_no_evm_and_no_power_flow(run, tmp_path):
    code = (
        "import sys; from pathlib import Path\n"
        "from p2p_cosim.dapp.replay.export import export_page, finished\n"
        "import p2p_cosim.dapp.replay.app\n"
        f"export_page(finished(Path({str(run.path)!r})), Path({str(tmp_path / 'pages')!r}))\n"
        "print(*sorted({'eth', 'web3', 'opendssdirect', 'mesa'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120
    )
    assert done.stdout.strip() == ""
