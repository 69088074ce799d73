"""Figures of results that are kept, as files: all that the report shows, in each format, and what cannot be."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from virtu import cli
from virtu.errors import InputError
from virtu.record import store
from virtu.show import drawings, report

from .synthetic import comparison, dataset, events, scenario, summary

STARTS = {"png": b"\x89PNG\r\n", "svg": b"<svg", "pdf": b"%PDF-"}


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a run that is kept."""
    results, place = dataset(histories=60, ticks=24), tmp_path_factory.mktemp("runs") / "one"
    return store.write(place, results, events(results, each=20), summary(results), json.dumps(json.loads(scenario().canonical)))


def test_a_run_has_the_figures_of_its_report(kept: Path) -> None:
    drawn = drawings.of(kept)
    assert list(drawn) == ["on_top", "strength", "estimates", "dependence", "falls"]
    page = kept.parent / "report.html"
    run = store.read(kept)
    report.write(page, run.dataset, run.events, run.summary, scenario())
    html = page.read_text(encoding="utf-8")
    titles = [" ".join(draw(480).to_dict(validate=False)["title"]["text"]) for draw in drawn.values()]
    assert len(set(titles)) == len(titles)
    assert all(title.split(":")[0].split("<")[0][:30] in html for title in titles)


@pytest.mark.parametrize("form", drawings.FORMATS)
def test_a_figure_is_written_in_each_format(kept: Path, tmp_path: Path, form: str) -> None:
    (path,) = drawings.write(drawings.of(kept), ["on_top"], form, tmp_path / "new", 480)
    assert path == tmp_path / "new" / f"on_top.{form}"
    assert path.read_bytes().startswith(STARTS[form])


def test_other_results_have_theirs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A comparison by its kind; a forecast with the issue in the name where there are several."""
    told = comparison()
    about = {"kind": "comparison", "summary": told}
    monkeypatch.setattr(drawings.directory, "is_run", lambda place: place.name == "compared")
    monkeypatch.setattr(drawings.store, "checked", lambda _: about)
    assert list(drawings.of(tmp_path / "compared")) == ["effects"]
    issue = {"tornado": [], "models": {}}
    (tmp_path / "forecast.json").write_text(json.dumps({"issues": {"tax": issue, "a/b": issue}, "arms": []}), encoding="utf-8")
    drawn = drawings.of(tmp_path)
    assert list(drawn) == ["models-tax", "coalition-tax", "models-a/b", "coalition-a/b"]
    assert drawings._as_file("models-a/../b") == "models-a-..-b"


@pytest.mark.parametrize(
    ("how", "said"),
    [({"names": ["on_to"]}, "there is no figure"), ({"form": "gif"}, "unknown format"), ({"width": 10}, "the width must lie")],
)
def test_what_cannot_be_written_is_refused(kept: Path, tmp_path: Path, how: dict[str, Any], said: str) -> None:
    asked = {"names": [], "form": "svg", "width": 480, **how}
    with pytest.raises(InputError, match=said):
        drawings.write(drawings.of(kept), asked["names"], asked["form"], tmp_path / "none", asked["width"])
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [("why.json", "{", "not valid JSON"), ("fit.json", "[]", "damaged"), ("forecast.json", '{"issues": 3}', "damaged")],
)
def test_a_damaged_result_is_told(tmp_path: Path, name: str, text: str, said: str) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=said):
        drawings.of(tmp_path)


def test_the_command_writes_them(kept: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def call(*words: str) -> int:
        monkeypatch.setattr(sys, "argv", ["virtu", "figure", *words])
        with pytest.raises(SystemExit) as left:
            cli.main()
        return int(left.value.code or 0)

    assert call(str(kept), "--format", "svg", "--figure", "falls", "--out", str(tmp_path / "here"), "--json") == 0
    assert json.loads(capsys.readouterr().out) == {"files": [str(tmp_path / "here" / "falls.svg")]}
    assert call(str(tmp_path), "--out", str(tmp_path / "x")) == 2
    assert "there are no results here" in capsys.readouterr().err
    assert call("no-such-run") == 2
