"""Runs in the forms of other tools, read back by other readers; checked before they are written, and written whole or not at all."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from virtu.cli.runs import _drawn
from virtu.errors import InputError, RunError
from virtu.laboratory import compare as comparing
from virtu.laboratory import exports, recorded, sweep
from virtu.laboratory import run as running
from virtu.laboratory.arenas import arena_of
from virtu.laboratory.exports import export_run
from virtu.laboratory.orders import Order
from virtu.record import crate, export, netcdf, store

from .small import TICKS, quickly, scenario

HISTORIES = 70
FORMS = list(exports.FORMS)


def _orders() -> dict[str, Order]:
    found = scenario()
    return {
        "run": running.order(found, ["off work"], HISTORIES, 5, TICKS, None, False),
        "comparison": comparing.order(found, ["off work", "trait Berg.nerve = 0.9 @ 3"], HISTORIES, 5, TICKS, "gini"),
        "sweep": sweep.order(found, ["trait Berg.nerve = 0:1:2"], "grid", None, 8, 5, TICKS, ["gini"]),
    }


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Path]]:
    """Return the directories of a run, a comparison and a sweep."""
    found = {kind: tmp_path_factory.mktemp("kept") / kind for kind in ("run", "comparison", "sweep")}
    with quickly():
        for kind, given in _orders().items():
            recorded.record(given, found[kind])
    yield found


def measured(place: Path) -> dict[int, dict[str, np.ndarray]]:
    """Return all measures of a run by arm and name, straight from its record."""
    back = store.read(place)
    if "value" not in back.dataset:
        return {0: {name: values for name, (values, _) in arena_of(scenario()).measured(back.dataset.load()).items()}}
    values = back.dataset["value"].load()
    return {int(arm): {str(name): values.sel(arm=arm, measure=name).values for name in values.measure.values} for arm in values.arm.values}


@pytest.mark.parametrize("kind", ["run", "comparison", "sweep"])
def test_netcdf_holds_all(kind: str, places: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every variable, bit for bit, written in several blocks; and what the run was."""
    monkeypatch.setattr(netcdf, "BLOCK", 16)
    with xr.open_dataset(export_run(places[kind], "netcdf", tmp_path / "run.nc"), engine="h5netcdf") as found:
        mine = store.read(places[kind]).dataset.load()
        xr.testing.assert_equal(found.load(), mine)
        assert {name: one.dtype for name, one in found.data_vars.items()} == {name: one.dtype for name, one in mine.data_vars.items()}
        assert (found.attrs["seed"], found.attrs["scenario"], found.attrs["kind"]) == (5, "small", kind)
        assert json.loads(found.attrs["versions"])["virtu"]


@pytest.mark.parametrize("kind", ["run", "comparison", "sweep"])
def test_csv_holds_every_measure(kind: str, places: dict[str, Path], tmp_path: Path) -> None:
    """One line a measure of a history; numbers come back to the last bit."""
    folder = export_run(places[kind], "csv", tmp_path / "tables")
    table = pd.read_csv(folder / "measures.csv", keep_default_na=False)
    assert list(table.columns) == list(export.MEASURED)
    table["name"] = np.where(table["of"] == "", table["measure"], table["measure"] + ":" + table["of"])
    for arm, measures in measured(places[kind]).items():
        for name, values in measures.items():
            rows = table[(table["arm"] == arm) & (table["name"] == name)]
            assert rows["history"].tolist() == list(range(len(values)))
            np.testing.assert_array_equal(np.asarray(rows["value"], float), values)
    with (folder / "arms.csv").open(encoding="utf-8", newline="") as file:
        assert [row[0] for row in csv.reader(file)][1:] == [str(arm) for arm in measured(places[kind])]
    assert json.loads((folder / "about.json").read_text(encoding="utf-8"))["scenario"] == "small"
    names = {"measures.csv", "arms.csv", "about.json"} | ({"summary.csv", "events.csv"} if kind == "run" else set())
    assert {path.name for path in folder.iterdir()} == names
    if kind == "run":
        assert len(pd.read_csv(folder / "events.csv", keep_default_na=False)) == len(store.read(places[kind]).events)


@pytest.mark.parametrize("kind", ["run", "comparison", "sweep"])
def test_stata_holds_every_measure(kind: str, places: dict[str, Path], tmp_path: Path) -> None:
    """One line a history and arm; labels say the whole name and unit."""
    path = export_run(places[kind], "stata", tmp_path / "run.dta")
    with pd.io.stata.StataReader(path, convert_categoricals=False) as reader:
        table, labels, said, words = reader.read(), reader.variable_labels(), reader.data_label, reader.value_labels()
    full = {label.rpartition(", ")[0]: name for name, label in labels.items() if name not in ("arm", "history")}
    for arm, measures in measured(places[kind]).items():
        rows = table[table["arm"] == arm]
        for name, values in measures.items():
            np.testing.assert_array_equal(np.asarray(rows[full[name]]), values)
    assert said == "small, seed 5, virtu"
    assert words["arm"][0] == exports.arms(store.read(places[kind]).provenance)[0]


def test_stata_names_are_allowed_and_all_different() -> None:
    names = ["share:Ångström", "share:Ängström", "share:" + "x" * 40, "share:" + "x" * 41, "SHARE:" + "x" * 40, "arm", "history", "a" * 32]
    found = exports._short(names)
    assert len({name.lower() for name in found} | {"arm", "history"}) == len(names) + 2
    assert all(len(name) <= 32 and name.isascii() and name.replace("_", "a").isalnum() for name in found)


@pytest.mark.parametrize("kind", ["run", "comparison", "sweep"])
def test_a_crate_says_what_it_holds(kind: str, places: dict[str, Path], tmp_path: Path) -> None:
    """Scenario, licence, seed, versions and figures; every file that it names is there, and the run in it is whole."""
    from rocrate.rocrate import ROCrate

    folder = export_run(places[kind], "ro-crate", tmp_path / "crate", licence="CC-BY-4.0", draw=_drawn)
    found = ROCrate(folder)
    assert found.license == "CC-BY-4.0"
    by_id = {one.id: one for one in found.get_entities()}
    assert by_id["#seed"]["value"] == 5
    assert by_id["#scenario"]["text"] == store.read(places[kind]).scenario_text
    assert by_id["#version-virtu"]["softwareVersion"] and by_id["#version-jax"]["softwareVersion"]
    figures = [one for one in by_id.values() if "ImageObject" in one.type]
    assert {one.id for one in figures} >= {"run": {"figures/on-top.svg"}, "comparison": {"figures/effects.svg"}, "sweep": set()}[kind]
    held: Any = found.root_dataset["hasPart"]
    parts = [one.id for one in held]
    assert {"run.json", "dataset.zarr/"} <= set(parts)
    assert all((folder / part).exists() for part in parts)
    for part in (path for path in places[kind].rglob("*") if path.is_file()):
        assert (folder / part.relative_to(places[kind])).read_bytes() == part.read_bytes()
    bare = export_run(places[kind], "ro-crate", tmp_path / "bare")
    assert ROCrate(bare).license == crate.UNSTATED


def test_a_crate_without_its_library(places: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "rocrate.rocrate", None)
    with pytest.raises(InputError, match=r"virtu\[crate\]"):
        export_run(places["run"], "ro-crate", tmp_path / "crate")


@pytest.mark.parametrize("to", FORMS)
def test_a_damaged_run_is_not_written(to: str, places: dict[str, Path], tmp_path: Path) -> None:
    """Checked before anything is written; and nothing is put over what is there, nor into the run."""
    import shutil

    place = tmp_path / "run"
    shutil.copytree(places["run"], place)
    data = next(path for path in sorted((place / "dataset.zarr").rglob("*")) if path.is_file() and "/c/" in path.as_posix())
    data.write_bytes(data.read_bytes()[:-1] + b"?")
    with pytest.raises(InputError, match="altered or damaged"):
        export_run(place, to)
    assert [path.name for path in tmp_path.iterdir()] == ["run"]
    (tmp_path / "there").write_text("mine")
    with pytest.raises(InputError, match="something is there already"):
        export_run(places["run"], to, tmp_path / "there")
    with pytest.raises(InputError, match="within the run"):
        export_run(places["run"], to, places["run"] / "inside")
    assert (tmp_path / "there").read_text() == "mine"


@pytest.mark.parametrize(
    ("to", "breaks"), [("netcdf", "_said"), ("csv", "portions"), ("stata", "_short"), ("ro-crate", "crate.write")], ids=FORMS
)
def test_whole_or_absent(to: str, breaks: str, places: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the disk refuses half-way, nothing is left."""

    def refuse(*_: object, **__: object) -> None:
        raise OSError("no space left")

    home, _, name = f"virtu.laboratory.exports.{breaks}".rpartition(".")
    monkeypatch.setattr(f"{home}.{name}", refuse)
    with pytest.raises(RunError, match="could not be written"):
        export_run(places["run"], to, tmp_path / "out")
    assert not list(tmp_path.iterdir())


def test_an_unknown_form_or_run_is_refused(places: dict[str, Path], tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"unknown form 'netcd'.*did you mean 'netcdf'"):
        export_run(places["run"], "netcd")
    with pytest.raises(InputError, match="no run directory"):
        export_run(tmp_path, "csv")


def test_tables_cannot_run_as_formulas(tmp_path: Path) -> None:
    """Names of persons, and what is done in an arm, come from files of others."""
    parts = [(0, np.array([0, 1]), ["share:=HYPERLINK(1)", "gini"], ["share", "-"], np.array([[-0.5, 1.0], [2.0, 3.0]]))]
    export.measures_csv(tmp_path / "measures.csv", parts)
    export.rows_csv(tmp_path / "arms.csv", ("arm", "do"), [(0, "@SUM(1)"), (1, "off work")])
    with (tmp_path / "measures.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))[1:]
    assert rows[0] == ["0", "0", "share", "'=HYPERLINK(1)", "-0.5", "share"]
    assert rows[1][5] == "'-"
    assert (tmp_path / "arms.csv").read_text(encoding="utf-8").splitlines()[1] == "0,'@SUM(1)"


def test_the_command_says_where_it_wrote(places: dict[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    does: Callable[..., Any] = __import__("virtu.cli.runs", fromlist=["export"]).export
    does(str(places["run"]), "csv", tmp_path / "tables", None, True)
    assert json.loads(capsys.readouterr().out) == {"run": str(places["run"]), "form": "csv", "written": str(tmp_path / "tables")}
