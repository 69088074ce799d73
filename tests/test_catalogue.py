"""The catalogue finds runs and never says of one what it does not say of itself; what is deleted is a run and nothing else."""

from __future__ import annotations

import json
import shutil
import sqlite3
import sys
from pathlib import Path
from typing import Any

import pytest

from virtu import cli
from virtu.errors import InputError
from virtu.record import catalogue, directory, store

from .synthetic import dataset, events, summary

TEXT = "scenario: made-up-1922\n"


@pytest.fixture(autouse=True)
def _empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIRTU_CATALOGUE", str(tmp_path / "catalogue" / "runs.sqlite"))
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """Return a run that is in the catalogue."""
    found = dataset(histories=10, ticks=6)
    place = store.write(tmp_path / "results" / "run", found, events(found, 5), summary(found), TEXT)
    catalogue.enter(place)
    return place


@pytest.fixture
def virtu(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    """Return a function that runs a command line and returns code, stdout and stderr."""

    def call(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["virtu", *words])
        with pytest.raises(SystemExit) as left:
            cli.main()
        said = capsys.readouterr()
        return int(left.value.code or 0), said.out, said.err

    return call


def test_where_it_is(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """In the user's data folder, unless told otherwise."""
    monkeypatch.delenv("VIRTU_CATALOGUE")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    assert catalogue.file() == tmp_path / "data" / "virtu" / "runs.sqlite"
    monkeypatch.delenv("XDG_DATA_HOME")
    assert catalogue.file() == Path.home() / ".local" / "share" / "virtu" / "runs.sqlite"


def test_runs_are_listed(virtu: Any, run: Path) -> None:
    """With what they say of themselves, as JSON and for a person."""
    listed = json.loads(virtu("runs", "--json")[1])["runs"]
    assert [(one["place"], one["state"], one["kind"], one["seed"], one["histories"]) for one in listed] == [
        (str(run), "finished", "run", 1, 10)
    ]
    said = virtu("runs")[1]
    assert listed[0]["id"] in said
    assert "made-up-1922" in said


def test_it_says_what_the_run_says_now(virtu: Any, run: Path) -> None:
    """A run that was altered, is unfinished, damaged or gone is told as that, whatever was so when it was entered."""

    def state() -> str:
        return json.loads(virtu("runs", "--json")[1])["runs"][0]["state"]

    about = directory.read_about(run)
    directory.write_json(run / "run.json", about | {"finished": None})
    assert state() == "unfinished"
    (run / "run.json").write_text("{")
    assert state() == "damaged"
    shutil.rmtree(run)
    assert state() == "gone"
    assert "gone" in virtu("runs")[1]


def test_a_run_is_shown_by_path_or_short_name(virtu: Any, run: Path) -> None:
    """After its files are checked; a damaged one is not shown."""
    name = catalogue.name_of(run)
    for named in (str(run), name, name[:4], "results/run"):
        code, out, _ = virtu("show", named, "--json")
        assert code == 0
        assert json.loads(out)["on_top"] == summary(dataset(histories=10, ticks=6))["on_top"]
    (run / "events" / "000000.parquet").unlink()
    code, out, err = virtu("show", name)
    assert (code, out) == (2, "")
    assert "missing: events/000000.parquet" in err


@pytest.mark.parametrize("command", ["show", "resume", "rm"])
@pytest.mark.parametrize("named", ["nowhere", "0000", ".", "results"])
def test_what_is_no_run_is_refused(virtu: Any, run: Path, command: str, named: str) -> None:
    """With exit code 2 and no traceback, and nothing is deleted."""
    code, out, err = virtu(command, named)
    assert (code, out) == (2, "")
    assert err.startswith("virtu: ")
    assert (run / "run.json").exists()


def test_rm_deletes_a_run(virtu: Any, run: Path) -> None:
    """The run and its line, and nothing beside it."""
    (run.parent / "notes.txt").write_text("mine")
    code, out, _ = virtu("rm", str(run), "--json")
    assert (code, json.loads(out)) == (0, {"removed": str(run), "was_there": True})
    assert [path.name for path in run.parent.iterdir()] == ["notes.txt"]
    assert catalogue.places() == []


def test_rm_takes_what_is_gone_off_the_list(virtu: Any, run: Path) -> None:
    """By its short name."""
    shutil.rmtree(run)
    code, out, _ = virtu("rm", catalogue.name_of(run))
    assert (code, catalogue.places()) == (0, [])
    assert "gone already" in out


def test_rm_spares_what_virtu_did_not_write(virtu: Any, run: Path, tmp_path: Path) -> None:
    """A run with notes in it, and a directory with somebody else's run.json."""
    (run / "notes.txt").write_text("mine")
    code, _, err = virtu("rm", str(run))
    assert code == 2
    assert "notes.txt" in err
    other = tmp_path / "other"
    other.mkdir()
    (other / "run.json").write_text('{"format": "another tool"}')
    assert virtu("rm", str(other))[0] == 2
    assert (run / "notes.txt").exists()
    assert (other / "run.json").exists()


def test_rm_waits_for_nobody_at_work(run: Path) -> None:
    """A run that is being written is not deleted."""
    with directory.at_work(run), pytest.raises(InputError, match="at work"):
        directory.remove(run)
    assert store.read(run)


def test_a_lost_catalogue_is_made_anew(virtu: Any, run: Path) -> None:
    """By looking for runs; half-written ones beside them are not taken for runs."""
    shutil.copytree(run, run.parent / ".run.partial-12345678")
    catalogue.file().unlink()
    assert json.loads(virtu("runs", "--json")[1])["runs"] == []
    assert "no runs" in virtu("runs")[1]
    listed = json.loads(virtu("runs", "--scan", str(run.parent), "--json")[1])["runs"]
    assert [one["place"] for one in listed] == [str(run)]
    assert virtu("runs", "--scan", "nowhere")[0] == 2


@pytest.mark.parametrize("harm", [b"no database at all, but long enough for a page" * 100, b"", b"SQLite format 3\0" + b"\xff" * 5000])
def test_a_damaged_catalogue_is_put_aside(virtu: Any, run: Path, harm: bytes) -> None:
    """It is said so, once; runs that begin meanwhile are entered in a new one."""
    file = catalogue.file()
    file.write_bytes(harm)
    code, out, err = virtu("runs", "--json")
    if harm:
        assert (code, out) == (2, "")
        assert "put aside" in err
        assert "--scan" in err
        assert "put aside" in virtu("runs")[1]
    assert json.loads(virtu("runs", "--json")[1])["runs"] == []
    file.write_bytes(harm)
    catalogue.enter(run)
    assert catalogue.places() == [run]


def test_a_catalogue_that_cannot_be_written_hinders_no_run(run: Path, monkeypatch: pytest.MonkeyPatch, virtu: Any) -> None:
    """But listing says so."""
    monkeypatch.setenv("VIRTU_CATALOGUE", str(run / "run.json" / "runs.sqlite"))
    catalogue.enter(run)
    code, _, err = virtu("runs")
    assert code == 3
    assert "VIRTU_CATALOGUE" in err


def test_many_enter_at_once(run: Path) -> None:
    """Another connection holding the file for a moment loses no entry."""
    with sqlite3.connect(catalogue.file()) as base:
        base.execute("INSERT OR IGNORE INTO runs VALUES ('/elsewhere')")
    catalogue.enter(run.parent)
    assert set(catalogue.places()) == {Path("/elsewhere"), run, run.parent}
