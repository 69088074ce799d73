"""A run directory is whole or absent, comes back as it went in, and says what is wrong with it."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import hypothesis
import hypothesis.strategies as st
import numpy as np
import pyarrow as pa
import pytest
import xarray as xr

from virtu.errors import InputError, RunError
from virtu.record import directory, export, shards, store

from .synthetic import dataset, events, summary

PLAN = {"histories": 40, "ticks": 30, "unit": "month"}
TEXT = "scenario: made-up-1922\ntitle: Ümläute ✓\n"


@pytest.fixture(scope="module")
def results() -> xr.Dataset:
    """Return a small Dataset."""
    return dataset(histories=40, ticks=30)


@pytest.fixture(scope="module")
def whole(results: xr.Dataset, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a run directory for tests that leave it as it was."""
    place = tmp_path_factory.mktemp("whole") / "run"
    return store.write(place, results, events(results, 20), summary(results), TEXT, design={"do": ["nothing"]})


@pytest.fixture
def run(results: xr.Dataset, tmp_path: Path) -> Path:
    """Return a run directory just written."""
    return store.write(tmp_path / "new" / "run", results, events(results, 20), summary(results), TEXT, design={"do": ["nothing"]})


def test_what_is_written_is_read_back(results: xr.Dataset, run: Path) -> None:
    """Every number, name, attribute, event and word survives."""
    back = store.read(run)
    xr.testing.assert_identical(back.dataset.load(), results)
    assert back.dataset["strength"].dtype == np.float32
    assert back.events.equals(events(results, 20))
    assert back.summary == summary(results)
    assert back.scenario_text == TEXT
    assert back.provenance["seed"] == 1
    assert back.provenance["design"] == {"histories": 40, "ticks": 30, "unit": "month", "do": ["nothing"]}
    assert back.provenance["versions"] == results.attrs["versions"]
    assert back.provenance["machine"]["cores"] >= 1


def test_chunks_cut_histories_only(results: xr.Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Many chunks give the same Dataset, compressed with zstd in Zarr version 3."""
    monkeypatch.setattr(store, "SHARD_BYTES", 10_000)
    run = store.write(tmp_path / "run", results, events(results, 20), summary(results), TEXT)
    meta = json.loads((run / "dataset.zarr" / "strength" / "zarr.json").read_text())
    assert meta["zarr_format"] == 3
    assert meta["chunk_grid"]["configuration"]["chunk_shape"] == [8, 30, 10]
    within = meta["codecs"][0]["configuration"]
    assert (within["chunk_shape"], within["codecs"][-1]["name"]) == ([2, 30, 10], "zstd")
    assert len(list((run / "shards").glob("0*.json"))) == len(list((run / "events").iterdir())) == 5
    back = store.read(run)
    xr.testing.assert_identical(back.dataset.load(), results)
    assert back.events.to_pylist() == events(results, 20).to_pylist()


def test_not_finite_is_null(results: xr.Dataset, tmp_path: Path) -> None:
    """JSON has no NaN: a measure without a value is null, and the file is strict JSON."""
    odd = summary(results) | {"measures": {"gini": {"mean": np.float32("nan"), "low": -np.inf, "high": np.float64(1), "unit": "index"}}}
    run = store.write(tmp_path / "run", results, events(results, 5), odd, TEXT)
    assert "NaN" not in (run / "run.json").read_text()
    assert store.read(run).summary["measures"]["gini"] == {"mean": None, "low": None, "high": 1.0, "unit": "index"}


def test_whole_or_absent(results: xr.Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that breaks off leaves nothing behind, neither in place nor beside it, and an earlier one as it was."""

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    earlier = store.write(tmp_path / "earlier", results, events(results, 5), summary(results), TEXT)
    monkeypatch.setattr(shards, "_write_events", full)
    for name in ("absent", "earlier"):
        with pytest.raises(RunError, match="No space left"):
            store.write(tmp_path / name, results, events(results, 5), summary(results), "other")
    assert [path.name for path in tmp_path.iterdir()] == ["earlier"]
    assert store.read(earlier).scenario_text == TEXT


def test_an_earlier_run_comes_back_when_it_cannot_be_replaced(results: xr.Dataset, run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the last step fails, the earlier run is put back."""
    rename = Path.rename

    def refuse(path: Path, target: Path) -> Path:
        if ".partial-" in path.name:
            raise PermissionError(13, "Permission denied")
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", refuse)
    with pytest.raises(RunError, match="Permission denied"):
        store.write(run, results, events(results, 5), summary(results), "second")
    assert store.read(run).scenario_text == TEXT
    assert [path.name for path in run.parent.iterdir()] == ["run"]


def test_interrupt_leaves_nothing(results: xr.Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C while writing leaves no partial directory."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(shards, "_write_events", interrupt)
    with pytest.raises(KeyboardInterrupt):
        store.write(tmp_path / "run", results, events(results, 5), summary(results), TEXT)
    assert list(tmp_path.iterdir()) == []


def test_own_run_is_replaced(results: xr.Dataset, run: Path) -> None:
    """A second run takes the place of the first, report included."""
    (run / "report.html").write_text("old")
    store.write(run, results, events(results, 5), summary(results), "second")
    assert store.read(run).scenario_text == "second"
    assert sorted(path.name for path in run.parent.iterdir()) == ["run"]
    assert not (run / "report.html").exists()


def test_foreign_directories_are_refused(results: xr.Dataset, run: Path, tmp_path: Path) -> None:
    """What virtu did not write stays: notes in a run, a directory of something else, a file."""
    (run / "notes.txt").write_text("mine")
    other = tmp_path / "other"
    other.mkdir()
    (other / "report.html").write_text("not virtu's")
    (tmp_path / "file").write_text("")
    for place, words in ((run, "notes.txt"), (other, "report.html"), (tmp_path / "file", "is a file")):
        with pytest.raises(InputError, match=words):
            store.write(place, results, events(results, 5), summary(results), TEXT)
    assert (run / "notes.txt").read_text() == "mine"
    assert (other / "report.html").exists()


def test_an_empty_directory_is_used(results: xr.Dataset, tmp_path: Path) -> None:
    """An empty directory is no obstacle."""
    (tmp_path / "run").mkdir()
    run = store.write(tmp_path / "run", results, events(results, 5), summary(results), TEXT)
    assert store.read(run).scenario_text == TEXT


def _edit(run: Path, **changes: object) -> None:
    about = json.loads((run / "run.json").read_text())
    about = {key: value for key, value in (about | changes).items() if value is not None}
    directory.write_json(run / "run.json", about)


def _unfinish(about: Path) -> None:
    directory.write_json(about, json.loads(about.read_text()) | {"finished": None})


def _swap(run: Path, old: str, new: str) -> None:
    text = (run / "run.json").read_text()
    assert old in text
    (run / "run.json").write_text(text.replace(old, new, 1))


def _one_byte(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(bytes(data))


FAULTS = {
    "missing chunk": (lambda run: (run / "dataset.zarr/strength/c/0/0/0").unlink(), "missing: dataset.zarr/strength/c/0/0/0"),
    "missing events": (lambda run: (run / "events/000000.parquet").unlink(), "missing: events/000000.parquet"),
    "altered events": (lambda run: _one_byte(run / "events/000000.parquet"), "damaged: events/000000.parquet"),
    "altered mark": (lambda run: _one_byte(run / "shards/000000.json"), "damaged: shards/000000.json"),
    "one variable more": (lambda run: (run / "dataset.zarr/luck").write_text(""), "not of the run: dataset.zarr/luck"),
    "altered chunk": (lambda run: _one_byte(run / "dataset.zarr/strength/c/0/0/0"), "damaged: dataset.zarr"),
    "no run.json": (lambda run: (run / "run.json").unlink(), "no run directory"),
    "cut run.json": (lambda run: (run / "run.json").write_text('{"format": "virtu-'), "not valid JSON"),
    "not UTF-8": (lambda run: (run / "run.json").write_bytes(b"\xff\xfe{"), "not valid JSON"),
    "foreign": (lambda run: (run / "run.json").write_text("[]"), "not written by virtu"),
    "later": (lambda run: _edit(run, format_version=99), "format version 99"),
    "lacking": (lambda run: _edit(run, summary=None), "lacks summary"),
    "scenario": (lambda run: _edit(run, scenario={"text": "x", "sha256": "0"}), "altered after the run"),
    "a number in it": (lambda run: _swap(run, '"seed": 1', '"seed": 2'), "damaged: run.json"),
    "a number too large": (lambda run: _swap(run, '"seed": 1', '"seed": 1e999'), "damaged: run.json"),
    "unfinished": (
        lambda run: directory.write_json(run / "run.json", directory.read_about(run) | {"finished": None}),
        "unfinished: 1 of 1",
    ),
    "no files": (lambda run: _edit(run, files={}), "does not list"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_faults_are_named(run: Path, fault: str) -> None:
    """Every missing, foreign or damaged part gives an error that names it and its place."""
    harm, words = FAULTS[fault]
    harm(run)
    with pytest.raises(InputError, match=words) as caught:
        store.read(run)
    assert str(run) in str(caught.value)


@hypothesis.settings(max_examples=200, suppress_health_check=[hypothesis.HealthCheck.function_scoped_fixture])
@hypothesis.given(st.data())
def test_no_damage_goes_unseen(results: xr.Dataset, whole: Path, data: st.DataObject) -> None:
    """A flipped bit, a cut or a lost file is named; or what is read is what was written, to the last bit."""
    files = sorted(path for path in whole.rglob("*") if path.is_file())
    path = data.draw(st.sampled_from(files))
    good = path.read_bytes()
    harm = data.draw(st.sampled_from(["flip", "cut", "lose"] if good else ["lose"]))
    try:
        if harm == "lose":
            path.unlink()
        else:
            at = data.draw(st.integers(0, len(good) - 1))
            flipped = bytearray(good)
            flipped[at] ^= 1 << data.draw(st.integers(0, 7))
            path.write_bytes(bytes(flipped) if harm == "flip" else good[:at])
        try:
            back = store.read(whole)
        except InputError as error:
            assert path.name in str(error)
            return
        xr.testing.assert_identical(back.dataset.load(), results)
        assert back.events.equals(events(results, 20))
        assert (back.summary, back.scenario_text, back.provenance["design"]) == (summary(results), TEXT, {**PLAN, "do": ["nothing"]})
        assert path.name == "run.json"  # the one file whose blanks mean nothing
    finally:
        path.write_bytes(good)


def test_a_record_without_checks_would_let_damage_through(whole: Path, results: xr.Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    """The test above would fail on a record that checks nothing: Zarr reads a lost shard as missing values."""
    monkeypatch.setattr(directory, "check_files", lambda *_: None)
    path = whole / "dataset.zarr/strength/c/0/0/0"
    good = path.read_bytes()
    path.unlink()
    try:
        assert not store.read(whole).dataset.load().identical(results)
    finally:
        path.write_bytes(good)


def test_no_directory(tmp_path: Path) -> None:
    """A directory that does not exist is named."""
    with pytest.raises(InputError, match="does not exist"):
        store.read(tmp_path / "nowhere")


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_csv_of_events_is_harmless(tmp_path: Path) -> None:
    """Text a spreadsheet would run gets an apostrophe; numbers, commas and quotes come back as they were."""
    names = ["=1+1", "+1", "-1", "@sum", "\tx", 'a "b", c', "plain"]
    table = pa.table(
        {"history": pa.array(range(7), pa.int32()), "tick": pa.array([-1] * 7), "actor": pa.array(names).dictionary_encode(), "date": names}
    )
    rows = [list(row.values()) for row in _rows(export.events_csv(tmp_path / "e.csv", table))]
    assert [row[2] for row in rows] == ["'=1+1", "'+1", "'-1", "'@sum", "'\tx", 'a "b", c', "plain"]
    assert [row[3] for row in rows] == [row[2] for row in rows]
    assert {row[1] for row in rows} == {"-1"}
    assert [path.name for path in tmp_path.iterdir()] == ["e.csv"]


def test_csv_of_the_summary(results: xr.Dataset, tmp_path: Path) -> None:
    """One row a share or measure; negative numbers stay numbers, a name like a formula does not stay one."""
    odd = summary(results)
    odd["on_top"] = {"=HYPERLINK(1)": {"mean": 1.0, "low": 0.9, "high": 1.0}}
    rows = _rows(export.summary_csv(tmp_path / "s.csv", odd))
    assert rows[0]["name"] == "'=HYPERLINK(1)"
    gap = next(row for row in rows if row["name"] == "gap:Berta")
    assert (gap["kind"], float(gap["mean"]), gap["unit"]) == ("measure", -0.213, "strength")
    assert len(rows) == 1 + len(odd["measures"])


def test_csv_that_cannot_be_written(results: xr.Dataset, tmp_path: Path) -> None:
    """A path below a file is an error of the run, without a traceback of the system."""
    (tmp_path / "file").write_text("")
    with pytest.raises(RunError, match="could not be written"):
        export.summary_csv(tmp_path / "file" / "s.csv", summary(results))
