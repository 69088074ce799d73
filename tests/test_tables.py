"""Tables fit the terminal, keep a row in a line, and are plain text elsewhere."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
import xarray as xr
from rich.console import Console, RenderableType

from virtu.show import tables

from .synthetic import PERSONS, comparison, dataset, scenario, summary


@pytest.fixture(scope="module")
def results() -> xr.Dataset:
    """Return a Dataset."""
    return dataset(histories=120)


def printed(shown: RenderableType, width: int = 100, encoding: str = "utf-8", *, terminal: bool = False) -> str:
    """Return what a terminal or a pipe of this width gets."""
    raw = io.BytesIO()
    file = io.TextIOWrapper(raw, encoding=encoding, errors="replace")
    Console(file=file, width=width, force_terminal=terminal, color_system="standard" if terminal else None, legacy_windows=False).print(
        shown
    )
    file.flush()
    return raw.getvalue().decode(encoding)


@pytest.mark.parametrize("width", [80, 100, 140])
def test_nothing_is_wider_than_the_terminal(results: xr.Dataset, width: int) -> None:
    """At any width every line fits, and outside a terminal there are no control sequences."""
    for shown in (tables.run(summary(results)), tables.comparison(comparison(4)), tables.scenarios([scenario()])):
        text = printed(shown, width)
        assert max(map(len, text.splitlines())) <= width
        assert "\x1b" not in text
        assert "…" not in text


def test_a_person_is_one_line(results: xr.Dataset) -> None:
    """Who ends on top: one line each with share and interval, the bar as long as the share; nobody cut."""
    lines = printed(tables.run(summary(results))).splitlines()
    for name, share in summary(results)["on_top"].items():
        if not share["mean"]:
            continue
        line = next(line for line in lines if line.startswith(name))
        assert line.split()[-1] == f"{100 * share['low']:.1f}–{100 * share['high']:.1f}"
        assert f"{100 * share['mean']:.1f}\xa0%" in line
        assert abs(line.count("█") - tables.BAR * share["mean"]) <= 1


def test_those_never_on_top_share_a_line(results: xr.Dataset) -> None:
    """Persons who never are on top are named, without rows of zeros."""
    given = summary(results)
    given["on_top"] |= {name: {"mean": 0.0, "low": 0.0, "high": 0.03} for name in ("Yves", "Zoe")}
    text = printed(tables.run(given))
    assert re.search(r"^never: Abel, Yves, Zoe\s*$", text, re.MULTILINE)


def test_a_run_in_full(results: xr.Dataset) -> None:
    """Measures with units, persons, the record, agreeing or not, the speed, and where things are."""
    given: dict[str, Any] = summary(results) | {"record": "/runs/one", "report": "/runs/one/report.html"}
    given["history_check"]["exits"][1] |= {"agrees": False}
    given["history_check"]["exits"][2] |= {"median_date": None, "low_date": None, "high_date": None, "share_fallen": 0.0}
    text = printed(tables.run(given))
    assert re.search(r"persons who lose standing\s+5.12\s+4.91–5.33\s+persons", text)
    assert re.search(r"Abel\s+1926-07 .* yes", text)
    assert re.search(r"Cyril\s+1926-10 .* no", text)
    assert re.search(r"Emil\s+1929-11\s+0\xa0%\s+–\s+–\s+never falls", text)
    assert "record:\xa0/runs/one" in text
    assert "a second" in text


def test_a_run_without_measures_or_record(results: xr.Dataset) -> None:
    """Absent parts leave no empty tables."""
    text = printed(tables.run(summary(results) | {"measures": {}, "history_check": None}))
    assert "Measures" not in text
    assert "record" not in text


def test_comparison_has_the_outcome_first() -> None:
    """One table an arm, the verdict above, the outcome in the first row, effects signed."""
    text = printed(tables.comparison(comparison(3)))
    blocks = text.split("95 % interval")
    assert len(blocks) == 4
    for block in blocks[1:]:
        first = next(line for line in block.splitlines()[2:] if line.strip())
        assert first.startswith("Berta: ends on top")
    assert re.search(r"^It hurt: Berta", text, re.MULTILINE)
    assert re.search(r"Berta: ends on top\s+−11.2\s+−13.2 to −9.2\s+% points\s+61.0\xa0%", text)
    assert re.search(r"Berta: ends on top\s+exactly 0\s+% points\s+100.0\xa0%", text)
    assert "+5.8" in text


def test_names_are_no_markup() -> None:
    """A name that looks like markup is printed as it is; a long one is cut, not wrapped."""
    odd = dataset(histories=30, persons=("[red]A[/red]", "B" * 80, *PERSONS[2:]))
    lines = printed(tables.run(summary(odd))).splitlines()
    assert any(line.startswith("[red]A[/red] ") for line in lines)
    assert max(map(len, lines)) <= 100
    assert any(line.startswith("B" * 25 + "…") for line in lines)


def test_colours_only_in_a_terminal() -> None:
    """Verdicts are coloured in a terminal, and say the same without colour."""
    coloured = printed(tables.comparison(comparison(1)), terminal=True)
    assert "\x1b[1;31mIt hurt" in coloured
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == printed(tables.comparison(comparison(1)))


def test_bars_without_blocks(results: xr.Dataset) -> None:
    """Where the output knows ASCII only, bars and rules are drawn with it."""
    text = printed(tables.run(summary(results)), encoding="ascii")
    assert "####" in text
    assert re.search(r"^-{20,}", text, re.MULTILINE)


def test_scenarios_are_listed() -> None:
    """Name, persons, time and title; scenarios without dates say only how long they are."""
    text = printed(
        tables.scenarios([scenario(), scenario(scenario="other", calendar={"ticks": 12, "unit": "week"}, record=None, facts=[])])
    )
    assert re.search(r"made-up-1922\s+10\s+225 months\s+A made-up forum, 1922", text)
    assert "from 1922-04" in text
    assert re.search(r"other\s+10\s+12 weeks", text)
