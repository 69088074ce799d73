"""The command line: JSON that is one object, exit codes, faults told without a traceback, and help that is quick."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from virtu import cli
from virtu.cli import lab
from virtu.laboratory import kernel
from virtu.record import store
from virtu.scenario import names, template

from . import small
from .compiling import sharing

FEW = ("--histories", "20", "--ticks", "12", "--chunk", "20", "--workers", "1")
HEAVY = ("jax", "numpy", "xarray", "altair", "pyarrow", "zarr", "pydantic")


class Said(NamedTuple):
    """What a command left."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one JSON object on stdout."""
        return json.loads(self.out)


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.chdir(tmp_path)
    with sharing():
        yield


@pytest.fixture
def virtu(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    """Return a function that runs a command line in this process."""

    def call(*words: str) -> Said:
        monkeypatch.setattr(sys, "argv", ["virtu", *words])
        with pytest.raises(SystemExit) as left:
            cli.main()
        said = capsys.readouterr()
        return Said(int(left.value.code or 0), said.out, said.err)

    return call


@pytest.fixture
def office(virtu: Any) -> str:
    """Return the file of a new scenario."""
    said = virtu("new", "my-office")
    assert said.code == 0
    assert "my-office.yaml" in said.out
    return "my-office.yaml"


def test_help_is_quick() -> None:
    """Help names the commands and imports none of the heavy libraries."""
    script = (
        "import sys\nsys.argv = ['virtu', '--help']\nfrom virtu import cli\n"
        "try:\n    cli.main()\nexcept SystemExit as left:\n    print('code', left.code)\n"
        f"print('heavy', [name for name in {HEAVY} if name in sys.modules])"
    )
    said = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    for command in ("run", "compare", "new", "scenarios"):
        assert f" {command} " in said.stdout
    assert "code 0\nheavy []" in said.stdout


def test_the_installed_command_answers() -> None:
    """The script the package installs is the same command line; its error has no traceback and goes to stderr."""
    script = Path(sys.executable).with_name("virtu")
    said = subprocess.run([script, "run", "no-such-scenario"], capture_output=True, text=True, check=False)
    assert said.returncode == 2
    assert said.stdout == ""
    assert said.stderr.startswith("virtu: ")
    assert "Traceback" not in said.stderr


def test_scenarios_are_listed(virtu: Any) -> None:
    """As a table a person reads, and as JSON."""
    listed = virtu("scenarios", "--json").json["scenarios"]
    assert [one["scenario"] for one in listed] == names()
    assert all(one["actors"] >= 2 and one["ticks"] >= 1 and one["title"] for one in listed)
    assert {one["arena"] for one in listed} <= {"organisation", "street"}
    assert all(name in virtu("scenarios").out for name in names())


def test_new_never_overwrites(virtu: Any, office: str) -> None:
    """What stands there stays, unless asked; a bad name is refused with a better one; the schema is JSON."""
    Path(office).write_text("mine", encoding="utf-8")
    refused = virtu("new", "my-office")
    assert refused.code == 2
    assert "--force" in refused.err
    assert Path(office).read_text(encoding="utf-8") == "mine"
    assert virtu("new", "my-office", "--force").code == 0
    assert Path(office).read_text(encoding="utf-8") != "mine"
    assert "my-own-office" in virtu("new", "My own office").err
    assert virtu("new", "--schema").json["type"] == "object"
    assert virtu("new").code == 2


def test_new_knows_both_arenas(virtu: Any) -> None:
    """A template and a schema for each, and a word that is neither is refused with what it may have meant."""
    assert virtu("new", "my-street", "--arena", "street").code == 0
    assert Path("my-street.yaml").read_text(encoding="utf-8") == template("my-street", "street")
    schemas = [virtu("new", "--schema", "--arena", arena).json for arena in ("organisation", "street")]
    assert ["camps" in schema["properties"] for schema in schemas] == [False, True]
    refused = virtu("new", "my-other", "--arena", "stret")
    assert (refused.code, Path("my-other.yaml").exists()) == (2, False)
    assert "did you mean 'street'?" in refused.err


def test_a_new_scenario_runs(virtu: Any, office: str) -> None:
    """`new`, then `run`: one JSON object with what is promised, the same for the same seed, another for another."""
    said = virtu("run", office, *FEW, "--seed", "3", "--json")
    assert said.code == 0
    assert said.json.keys() >= {
        "scenario",
        "histories",
        "seed",
        "ticks",
        "on_top",
        "measures",
        "history_check",
        "record",
        "report",
        "timing",
        "versions",
    }
    assert (said.json["scenario"], said.json["histories"], said.json["seed"], said.json["ticks"]) == ("my-office", 20, 3, 12)
    assert sum(share["mean"] for share in said.json["on_top"].values()) == pytest.approx(1.0)
    assert all(share["low"] <= share["mean"] <= share["high"] for share in said.json["on_top"].values())
    assert all({"mean", "low", "high", "unit"} <= one.keys() for one in said.json["measures"].values())
    assert virtu("run", office, *FEW, "--seed", "3", "--json").json["measures"] == said.json["measures"]
    assert virtu("run", office, *FEW, "--seed", "4", "--json").json["measures"] != said.json["measures"]


def test_a_run_is_told_to_a_person(virtu: Any, office: str) -> None:
    """Without --json a table that names who ends on top."""
    said = virtu("run", office, *FEW)
    assert said.code == 0
    assert "Berg" in said.out
    assert not said.out.lstrip().startswith("{")


def test_out_writes_record_and_report(virtu: Any, office: str) -> None:
    """The record comes back, the report is one page that stands alone; a file in the way is refused before the run."""
    said = virtu("run", office, *FEW, "--out", "deep/results", "--json")
    assert said.code == 0
    back = store.read(Path(said.json["record"]))
    assert back.dataset.sizes["history"] == 20
    assert back.summary["on_top"] == said.json["on_top"]
    page = Path(said.json["report"]).read_text(encoding="utf-8")
    assert page.lstrip().lower().startswith("<!doctype html>")
    assert "Berg" in page
    assert virtu("run", office, *FEW, "--out", office).code == 2


def test_compare(virtu: Any, office: str) -> None:
    """One JSON object with an arm for each --do, and a report and a file with --out."""
    said = virtu("compare", office, *FEW, "--do", "nothing", "--do", "off work", "--outcome", "gini", "--json", "--out", "results")
    assert said.code == 0
    assert (said.json["outcome"], [arm["do"] for arm in said.json["arms"]]) == ("gini", [["nothing"], ["off work"]])
    effect = said.json["arms"][1]["effects"]["gini"]
    assert effect.keys() >= {"mean", "low", "high", "unchanged", "helped", "hurt", "variance_reduction", "unit"}
    assert all(one["mean"] == 0.0 and one["unchanged"] == 1.0 for one in said.json["arms"][0]["effects"].values())
    assert Path("results/report.html").is_file()
    assert json.loads(Path("results/comparison.json").read_text(encoding="utf-8"))["arms"][1]["effects"]["gini"] == effect
    assert "did nothing" in virtu("compare", office, *FEW, "--do", "nothing").out


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("run", "no-such-scenario"), "no-such-scenario"),
        (("run", "politburo-1923"), "politburo-1922"),
        (("run", "editorial-office", "--histories", "0"), "histories"),
        (("run", "editorial-office", "--histories", "many"), "--histories"),
        (("run", "editorial-office", "--chunk", "-1"), "chunk"),
        (("run", "editorial-office", "--ticks", "0"), "ticks"),
        (("run", "editorial-office", "--do", "off patronag"), "patronage"),
        (("run", "editorial-office", "--do", "dance"), "dance"),
        (("compare", "editorial-office"), "nothing to compare"),
        (("compare", "editorial-office", "--do", "nothing", "--outcome", "luck"), "luck"),
        (("compare", "editorial-office", "--do", "trait Nobody.nerve = 1"), "Nobody"),
        (("dance",), "dance"),
    ],
)
def test_bad_input_is_code_2(virtu: Any, words: tuple[str, ...], told: str) -> None:
    """The message names what is wrong, on stderr, and nothing is printed on stdout."""
    said = virtu(*words, *(("--json",) if words[0] != "dance" else ()))
    assert said.code == 2
    assert told in said.err
    assert said.out == ""
    assert "Traceback" not in said.err


def test_every_fault_of_a_file_is_told(virtu: Any, office: str) -> None:
    """Each with its line and column, one a line."""
    text = Path(office).read_text(encoding="utf-8")
    text = text.replace("holder: Berg", "holder: Borg").replace("diligence: 0.9", "diligence: 9").replace("unit: month", "unit: moon")
    Path(office).write_text(text, encoding="utf-8")
    said = virtu("run", office)
    lines = said.err.splitlines()
    assert said.code == 2
    assert len(lines) == 3
    assert all(line.startswith("virtu: ") and f"{office}:" in line for line in lines)
    assert "did you mean 'Berg'" in said.err


def test_interrupted_before_anything_is_finished(virtu: Any, office: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C at once is told in a line, with the code of a run that failed."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(kernel, "compiled", interrupt)
    said = virtu("run", office)
    assert said.code == 3
    assert "interrupted" in said.err
    assert "Traceback" not in said.err


def test_a_seat_is_played_move_by_move(virtu: Any, tmp_path: Path) -> None:
    """One more --do is one move further; hints, the end, JSON and a file; what is at fault is told."""
    (tmp_path / "small.yaml").write_text(template("small"), encoding="utf-8")
    with small.quickly():
        start = ("play", "small.yaml", "--seat", "Berg", "--ticks", "12", "--history", "2")
        told = virtu(*start, "--hints", "0.001", "--json").json
        assert told["tick"] == 0 and told["view"]["options"] and told["hints"]["moves"] and "reckoning" not in told
        first = next(one for one in told["view"]["options"] if one["move"] == "praise")
        move = f"move Berg praise {first['target']} @ t0"
        said = virtu(*start, "--do", move)
        assert said.code == 0 and "Who is where, as you see it" in said.out and "--at 1" in said.out
        end = virtu(*start, "--do", move, "--to-end", "--out", "game.json", "--json").json
        assert end == json.loads((tmp_path / "game.json").read_text(encoding="utf-8"))
        assert end["over"] and end["do"] == [move] and end["reckoning"]["moves"][0]["move"] == "praise"
        shown = virtu(*start, "--do", move, "--to-end").out
        assert "What was believed at the end" in shown and "virtu compare" in shown
        assert virtu(*start, "--do", "move Berg praise Berg @ t0").code == 2
        assert virtu(*start, "--hints", "1", "--to-end").code == 2
        assert virtu("play", "two-camps", "--seat", "x").code == 2


def test_a_port_in_use_is_told(virtu: Any) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        said = virtu("lab", "--no-browser", "--port", str(taken.getsockname()[1]))
    assert said.code == 2 and "choose another with --port" in said.err and "Traceback" not in said.err
    assert virtu("lab", "--no-browser", "--port", "70000").code == 2
    assert "must be an address of this machine" in virtu("lab", "--no-browser", "--host", "no-such-host.invalid").err


def test_a_missing_extra_is_told_with_its_cure(virtu: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The page, the cluster and Excel are not installed by default; each says what to install, and nothing is run."""
    monkeypatch.setattr(lab, "find_spec", lambda _: None)
    for module in ("distributed", "openpyxl"):
        monkeypatch.setitem(sys.modules, module, None)
    (tmp_path / "table.xlsx").write_bytes(b"PK")
    for extra, words in {
        "lab": ("lab", "--no-browser"),
        "cluster": ("run", "editorial-office", "--on", "dask"),
        "excel": ("forecast", "table.xlsx"),
    }.items():
        said = virtu(*words)
        assert said.code == 2 and f"pip install 'virtu[{extra}]'" in said.err and said.out == "", said
