"""``virtu fit``: a table of dated incidents becomes a process with intervals, or says where it is at fault."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import virtu
from virtu import cli
from virtu.errors import InputError, VirtuError

EXAMPLE = Path(__file__).parents[1] / "examples" / "two-camps.csv"
TRUE = np.array([[0.35, 0.30], [0.20, 0.30]])
"""Branching from which the example was drawn: rows begotten, columns begetting, left before right."""


@pytest.fixture(scope="module")
def found() -> dict[str, Any]:
    return virtu.fit(EXAMPLE, redraws=0, pieces=1)


def test_the_example_is_fitted(found: dict[str, Any]) -> None:
    """Sides, counts and severity are read; of four true numbers at least three lie in their 95 % intervals; the radius is below 1."""
    order = [found["sides"].index(side) for side in ("left", "right")]
    table = np.array([[[cell["low"] or 0.0, cell["high"] or np.inf] for cell in row] for row in found["branching"]])
    low, high = np.moveaxis(table[np.ix_(order, order)], -1, 0)
    assert ((low <= TRUE) & (high >= TRUE)).sum() >= 3
    assert 0.0 < found["radius"]["low"] < found["radius"]["point"] < found["radius"]["high"]
    assert found["radius"]["low"] < np.abs(np.linalg.eigvals(TRUE)).max() < found["radius"]["high"]
    assert sum(found["counts"]) == found["incidents"]
    json.dumps(found, allow_nan=False)


def test_seeds_and_sides_are_what_they_were(found: dict[str, Any]) -> None:
    """The same seed gives the same fit; another spreads the moments of a day otherwise; one side alone can be asked for."""
    again = virtu.fit(EXAMPLE, redraws=0, pieces=1)
    assert {**again, "versions": None} == {**found, "versions": None}
    assert virtu.fit(EXAMPLE, redraws=0, pieces=1, seed=1)["radius"] != found["radius"]
    assert virtu.fit(EXAMPLE, redraws=0, pieces=1, sides=1, side="camp")["sides"] == [found["sides"][int(np.argmax(found["counts"]))]]


def test_the_yaml_it_prints_is_one_of_a_street(found: dict[str, Any]) -> None:
    part = found["scenario"]["incidents"]
    assert set(part) >= {"background", "branching", "half_life"}


def _table(path: Path, *lines: str) -> Path:
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        (("date,side", "2020-01-01,a", "2020-13-45,b"), "3"),
        (("name,side", "x,a"), "date"),
        (("date,side",), ""),
        (("date,side", "2020-01-01,a", "2020-01-02,a"), "few"),
    ],
)
def test_tables_at_fault_are_told_so(tmp_path: Path, lines: tuple[str, ...], told: str) -> None:
    with pytest.raises(VirtuError) as raised:
        virtu.fit(_table(tmp_path / "events.csv", *lines), redraws=0)
    assert raised.value.exit_code == 2
    assert told in str(raised.value)


@pytest.mark.parametrize("options", [{"pieces": 0}, {"unit": "hour"}, {"redraws": 3}, {"dates": "ymd"}, {"side": "nosuch"}])
def test_arguments_are_checked(options: dict[str, Any]) -> None:
    with pytest.raises(InputError):
        virtu.fit(EXAMPLE, **{"redraws": 0, "pieces": 1, **options})


def _call(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    monkeypatch.setattr(sys, "argv", ["virtu", "fit", *words])
    with pytest.raises(SystemExit) as left:
        cli.main()
    said = capsys.readouterr()
    return int(left.value.code or 0), said.out, said.err


def test_from_the_command_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """One JSON object, a report that stands alone and runs nothing, and messages without a traceback."""
    out = tmp_path / "out"
    code, text, _ = _call(monkeypatch, capsys, str(EXAMPLE), "--redraws", "0", "--pieces", "1", "--json", "--out", str(out))
    assert code == 0
    assert json.loads(text)["incidents"] == json.loads((out / "fit.json").read_text(encoding="utf-8"))["incidents"]
    page = (out / "report.html").read_text(encoding="utf-8")
    assert "<script" not in page
    assert "http://" not in page.replace('xmlns="http://www.w3.org/2000/svg"', "")
    for words in (("nosuch.csv",), (str(EXAMPLE), "--pieces", "none")):
        code, _, err = _call(monkeypatch, capsys, *words)
        assert code == 2
        assert "Traceback" not in err


def test_the_german_series(data: Path) -> None:
    """With a constant background the branching is the published upper bound of about .96, the half-life about 2.3 days."""
    found = virtu.fit(data / "street" / "arvig_germany_2014_2017.csv", side="none", severity="none", pieces=1, redraws=0)
    assert found["radius"]["point"] == pytest.approx(0.96, abs=0.02)
    assert found["half_life"]["days"] is not None


def test_the_american_series(data: Path) -> None:
    """Of political violence 1782 to 2010 a constant background makes five in six answers; one that moves from piece to piece, a third.

    This is why the background is tested: the fall of the AIC is large, and the half-life shrinks from two months to two weeks.
    """
    found = virtu.fit(data / "street" / "us_political_violence_1780_2010_turchin.csv", pieces=64, redraws=0)
    constant = found["constant"]
    assert (found["incidents"], found["unit"]) == (1828, "year")
    assert constant["radius"]["low"] < 0.844 < constant["radius"]["high"] and constant["half_life"]["days"] == pytest.approx(61, abs=2)
    assert found["radius"]["point"] == pytest.approx(0.366, abs=0.01) and found["half_life"]["days"] == pytest.approx(12, abs=2)
    by_pieces = {row["pieces"]: row["aic"] for row in found["criteria"]["rows"]}
    assert by_pieces[1] - by_pieces[64] > 100
