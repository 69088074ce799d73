"""Figures show the right numbers, hold aggregates only, and can be written without a network."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
from scipy.stats import binomtest

from virtu.errors import InputError, RunError
from virtu.scenario.schema import Record
from virtu.scenario.vocabulary import CAUSES
from virtu.show import effects, figures, look, network, series, wording

from .synthetic import PERSONS, comparison, dataset, scenario, summary

HOSTILE = ('<b onmouseover="x()">A&B</b>', "\"';--</svg><script>", "x" * 80)


@pytest.fixture(scope="module")
def results() -> xr.Dataset:
    """Return a Dataset."""
    return dataset(histories=120)


def charts(results: xr.Dataset, width: int = look.WIDTH) -> dict[str, dict[str, Any]]:
    """Return every figure, checked against the schema of Vega-Lite."""
    made = {
        "on_top": figures.on_top(summary(results), width),
        "strength": figures.strength(series.strength_bands(results), width),
        "believed_and_true": figures.believed_and_true(results, str(results["actor"].values[1]), width),
        "falls": figures.falls(results, scenario().record, width),
        "dependence": network.dependence(results, width),
        "comparison": effects.comparison(comparison(3), width),
    }
    return {name: chart.to_dict() for name, chart in made.items()}


def data_of(chart: dict[str, Any], part: Any) -> list[list[dict[str, Any]]]:
    """Return all data a figure or a part of it holds, one list a mark."""
    if isinstance(part, list):
        return [rows for item in part for rows in data_of(chart, item)]
    if not isinstance(part, dict):
        return []
    own = [json.loads(chart["datasets"][part["data"]["name"]])] if "name" in part.get("data", {}) else []
    return own + [rows for key, item in part.items() if key != "datasets" for rows in data_of(chart, item)]


def test_every_figure_says_what_it_shows(results: xr.Dataset) -> None:
    """Title, number of histories, and what the intervals or bands are."""
    for name, chart in charts(results).items():
        said = " ".join(chart["title"]["subtitle"])
        assert chart["title"]["text"][0]
        assert ("1,000" if name == "comparison" else "120") in said, name
        assert re.search(r"\b(50|90|95|5)\xa0%", said), name


def test_no_figure_holds_histories() -> None:
    """More histories do not make a figure larger."""
    few, many = (charts(dataset(histories=count)) for count in (60, 600))
    for name in few:
        sizes = [len(json.dumps(one[name])) for one in (few, many)]
        assert sizes[1] < 1.3 * sizes[0], name
        assert max(map(len, data_of(many[name], many[name]))) <= 10 * series.MOST_TICKS, name


def test_only_known_colours(results: xr.Dataset) -> None:
    """The report maps the greys and the blue to a dark page; a colour it does not know would stay."""
    known = {look.INK, look.MUTED, look.GREY, look.GRID, *look.PALETTE}
    for name, chart in charts(results).items():
        assert set(re.findall(r"#[0-9a-fA-F]{6}", json.dumps(chart))) <= known, name


def test_strength_bands_are_quantiles_over_all_histories(results: xr.Dataset) -> None:
    """A person without a place counts as nothing; the bands are those of a plain loop."""
    bands = series.strength_bands(results)
    tick, column = bands["ticks"][40], 3
    shares = []
    for history in range(results.sizes["history"]):
        held = [float(value) if np.isfinite(value) else 0.0 for value in results["strength"].values[history, tick]]
        shares.append(held[column] / sum(held) if sum(held) else 0.0)
    assert np.allclose(bands["bands"][PERSONS[column]][40], np.quantile(shares, series.BANDS), atol=1e-4)
    assert bands["ticks"][0] == 0
    assert bands["ticks"][-1] == 224
    assert len(bands["ticks"]) == series.MOST_TICKS


def test_estimates_count_only_those_in_place(results: xr.Dataset) -> None:
    """Bands are over the histories in which the person has a place, and absent where these are few."""
    bands = series.estimate_bands(results, PERSONS[0])
    index = bands["ticks"].index(bands["ticks"][20])
    tick = bands["ticks"][index]
    there = np.isfinite(results["strength"].values[:, tick, 0])
    assert bands["counted"][index] == there.sum()
    gap = (results["believed"].values - results["strength"].values)[there, tick, 0]
    assert np.allclose(bands["gap"][index], np.quantile(gap, series.BANDS), atol=1e-3)
    assert bands["counted"][-1] < series.FEWEST
    assert bands["gap"][-1] is None


def test_falls_are_counted_and_dated(results: xr.Dataset) -> None:
    """Share, Wilson interval and median date of a plain count without natural deaths; those who fall most often come first."""
    found = series.fall_dates(results)
    row = next(row for row in found if row["actor"] == PERSONS[4])
    causes = results["fall_cause"].values[:, 4]
    ticks = [
        tick
        for tick, cause in zip(results["fall_tick"].values[:, 4], causes, strict=True)
        if tick >= 0 and CAUSES[cause] != "natural_death"
    ]
    assert "natural_death" in {CAUSES[cause] for cause in causes}
    assert row["fallen"] == len(ticks)
    assert row["ticks"][2] == np.median(ticks)
    interval = binomtest(len(ticks), 120).proportion_ci(method="wilson")
    assert (row["low"], row["high"]) == pytest.approx((interval.low, interval.high), abs=1e-6)
    shares = [row["share"] for row in found]
    assert shares == sorted(shares, reverse=True)


def test_one_who_never_falls_is_said_to() -> None:
    """No date is made up for a person who never falls."""
    quiet = dataset(histories=30)
    quiet["fall_tick"][:, 2] = -1
    chart = figures.falls(quiet).to_dict()
    rows = [row for rows in data_of(chart, chart) for row in rows if row.get("actor") == PERSONS[2]]
    assert [row["label"] for row in rows] == ["never"]


def test_record_is_marked_within_the_horizon(results: xr.Dataset) -> None:
    """Dates on record are diamonds; one after the end is not drawn; an unknown person neither; ticks work too."""

    def marks(*exits: tuple[str, int | str]) -> list[str]:
        record = Record.model_validate({"exits": tuple({"actor": who, "at": at} for who, at in exits)})
        chart = figures.falls(results, record).to_dict()
        diamonds = [layer for layer in chart["layer"] if layer["mark"].get("shape") == "diamond"]
        return [row["actor"] for layer in diamonds for rows in data_of(chart, layer) for row in rows]

    exits = (("Abel", "1926-07-23"), ("Cyril", "1953-03"), ("Stranger", "1926-07"), ("Dora", 30), ("Emil", "t31"))
    assert marks(*exits) == ["Abel", "Dora", "Emil"]
    assert marks() == []


def test_bars_are_ranked_and_nobody_comes_last(results: xr.Dataset) -> None:
    """Longest first, those never on top left out, collective leadership last, labels with intervals."""
    given = summary(results)
    given["on_top"] = {
        "A": {"mean": 0.2, "low": 0.15, "high": 0.25},
        "B": {"mean": 0.5, "low": 0.45, "high": 0.55},
        "C": {"mean": 0.0, "low": 0.0, "high": 0.01},
        "collective": {"mean": 0.3, "low": 0.25, "high": 0.35},
    }
    chart = figures.on_top(given).to_dict()
    rows = data_of(chart, chart)[0]
    assert [row["name"] for row in rows] == ["B", "A", "nobody leads"]
    assert rows[0]["label"] == "50.0\xa0% (45.0–55.0)"
    assert [row["colour"] for row in rows] == [look.BLUE, look.GREY, look.GREY]
    assert "1 more never do" in " ".join(chart["title"]["subtitle"])


def test_dependence_draws_who_owes_whom(results: xr.Dataset) -> None:
    """Lines start thick at the dependent and end thin at the patron; the layout is the same in all panels."""
    chart = network.dependence(results).to_dict()
    panels = chart["concat"]
    spots = []
    for panel in panels:
        rows = {row["name"]: (row["x"], row["y"]) for row in data_of(chart, panel["layer"][1])[0]}
        spots.append(rows)
    assert spots[0] == spots[1] == spots[2]
    [lines] = data_of(chart, panels[2]["layer"][0])
    owed = [row for row in lines if row["line"] == "4-1"]
    assert (owed[0]["x"], owed[0]["y"]) == pytest.approx(spots[0][PERSONS[4]], abs=0.06)
    assert (owed[-1]["x"], owed[-1]["y"]) == pytest.approx(spots[0][PERSONS[1]], abs=0.06)
    assert owed[0]["size"] == pytest.approx(0.55 * network.THICKEST, abs=0.01)
    assert owed[-1]["size"] < 1
    assert not any(row["line"].startswith("0-") or row["line"].endswith("-0") for row in lines)


def test_weak_dependence_is_not_drawn() -> None:
    """Nothing below the threshold, and never more lines than can be read."""
    shares = np.full((3, 30, 30), 0.5, np.float32)
    shares[0] = network.LEAST / 2
    spots = {index: np.array([float(index), 0.0]) for index in range(30)}
    assert network._lines(shares[0], spots, None) == []
    assert len({row["line"] for row in network._lines(shares[1], spots, 3)}) == network.MOST_LINES


@pytest.mark.parametrize("dated", ["1922-04", "1922-04-10", "t0"])
def test_any_calendar(dated: str) -> None:
    """Months, weeks and bare ticks all find their place on the axis."""
    short = dataset(histories=30, ticks=6)
    days = {"1922-04": [f"1922-{month:02d}" for month in range(4, 10)], "1922-04-10": [f"1922-04-{day:02d}" for day in range(10, 16)]}
    short = short.assign_coords(date=("tick", days.get(dated, [f"t{tick}" for tick in range(6)])))
    for chart in (figures.strength(series.strength_bands(short)), figures.falls(short)):
        text = json.dumps(chart.to_dict())
        assert ('"utc"' in text) == (dated != "t0")
    assert look.instants(["t0", "t5"], [0, 5]) == [0.0, 5.0]
    assert look.instants(["1970-01", "1970-01-02"], [0, 1]) == [0.0, 86_400_000.0]


def test_effects_put_the_outcome_first() -> None:
    """One row an arm for the outcome; shares in percentage points; effects that are nothing say so."""
    chart = effects.comparison(comparison(2)).to_dict()
    first = [row for rows in data_of(chart, chart["vconcat"][0]) for row in rows if "row" in row]
    assert {row["row"] for row in first} == {"trait Dora.nerve = 0.9 @ 1924-01", "nothing"}
    assert {row["text"] for row in first} == {"−11.2 (−13.2 to −9.2)", "exactly 0"}
    assert {round(row["mean"], 6) for row in first} == {-11.2, 0}


def test_many_measures_are_left_to_the_table() -> None:
    """At most so many are drawn, those that stand out most; the figure says how many are not."""
    many = comparison(1)
    effect = many["arms"][0]["effects"]["gini"]
    many["arms"][0]["effects"] |= {f"extra_{index}": {**effect, "mean": index / 100, "low": -1.0, "high": 1.0} for index in range(20)}
    outcome, others, left_out = effects.chosen(many)
    assert outcome == "on_top:Berta"
    assert len(others) == effects.MOST_MEASURES
    assert left_out == 26 - effects.MOST_MEASURES
    assert "extra_0" not in others
    assert f"{left_out} more measures" in " ".join(effects.comparison(many).to_dict()["title"]["subtitle"])


@pytest.mark.parametrize("width", [look.WIDTH, 340])
def test_hostile_names_are_text(width: int, tmp_path: Path) -> None:
    """Markup, quotes and long names come out as text, in every figure and at every width."""
    odd = dataset(histories=40, persons=(*HOSTILE, *PERSONS[3:]))
    made = (
        figures.on_top(summary(odd), width),
        figures.strength(series.strength_bands(odd), width),
        figures.believed_and_true(odd, HOSTILE[1], width),
        figures.falls(odd, None, width),
        network.dependence(odd, width),
    )
    for chart in made:
        drawn = figures.save(chart, tmp_path / "odd.svg").read_text(encoding="utf-8")
        assert "<b onmouseover" not in drawn
        assert "<script" not in drawn
        assert "&lt;" in drawn


def test_unknown_person(results: xr.Dataset) -> None:
    """A person nobody knows is an error of the input with a hint."""
    with pytest.raises(InputError, match="Bertha") as caught:
        figures.believed_and_true(results, "Bertha")
    assert "Berta" in caught.value.hint


def test_save_every_format(results: xr.Dataset, tmp_path: Path) -> None:
    """PNG, SVG with text, PDF and HTML that loads nothing."""
    chart = figures.on_top(summary(results))
    starts = {"png": b"\x89PNG", "svg": b"<svg", "pdf": b"%PDF", "html": b"<!DOCTYPE html>"}
    for kind, start in starts.items():
        path = figures.save(chart, tmp_path / "new" / f"figure.{kind}")
        assert path.read_bytes().lstrip().startswith(start)
    assert ">Berta</text>" in (tmp_path / "new" / "figure.svg").read_text()
    page = (tmp_path / "new" / "figure.html").read_text()
    assert not re.search(r"<(script|link)[^>]+(src|href)=", page)
    assert "cdn" not in re.findall(r"<head>.*?</head>", page, re.DOTALL)[0][:2000].lower()


def test_save_says_what_it_cannot(results: xr.Dataset, tmp_path: Path) -> None:
    """Another ending is the user's fault; a disk that refuses is the run's."""
    chart = figures.on_top(summary(results))
    with pytest.raises(InputError, match=r"not as \.gif"):
        figures.save(chart, tmp_path / "figure.gif")
    (tmp_path / "file").write_text("")
    with pytest.raises(RunError, match="could not be written"):
        figures.save(chart, tmp_path / "file" / "figure.svg")


def test_wording() -> None:
    """Numbers have as many digits as their intervals deserve; dates and lists read as sentences."""
    assert wording.estimate({"mean": 0.41234, "low": 0.4081, "high": 0.4163}) == "0.412 (0.408–0.416)"
    assert wording.estimate({"mean": -11.2, "low": -13.2, "high": -9.2}, plus=True) == "−11.2 (−13.2 to −9.2)"
    assert wording.estimate({"mean": 5.83, "low": 4.4, "high": 7.2}, plus=True) == "+5.8 (4.4–7.2)"
    assert wording.estimate({"mean": 0.0, "low": 0.0, "high": 0.0}) == "exactly 0"
    assert wording.number(12345.6) == "12,346"
    assert wording.number(-0.00001, 2) == "0.00"
    assert wording.number(None) == wording.number(float("nan")) == "–"
    assert wording.share(0.4321) == "43.2\xa0%"
    assert [wording.when(text) for text in ("1922-04", "1922-04-03", "t12", None)] == ["April 1922", "3 April 1922", "tick 12", "–"]
    assert wording.measure("share:Berta") == "Berta: share of strength"
    assert wording.measure("new_measure") == "new measure"


def test_the_order_of_dimensions_does_not_matter(results: xr.Dataset) -> None:
    """A Dataset with histories last gives the same figures as one with histories first."""
    turned = results.transpose("actor_to", "moment", "actor", "tick", "history")
    for chart, other in zip(charts(results).values(), charts(turned).values(), strict=True):
        assert chart == other
