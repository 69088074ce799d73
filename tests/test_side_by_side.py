"""Distributions side by side, the figure that is drawn from them, and those of one history of the street."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from virtu.laboratory.side_by_side import side_by_side
from virtu.record.tally import Tally
from virtu.scenario.street_vocabulary import ANSWERS
from virtu.show import beside_figures, street_history

VALUES = arrays.arrays(np.float64, 30, elements=st.floats(-1e6, 1e6, width=32))
HISTORIES, TICKS, CAMPS = 25, 12, ["reds", "<b>blues</b>"]


def beside(outcome: str, base: dict[str, np.ndarray], arm: dict[str, np.ndarray]) -> dict[str, Any]:
    """Set measures that are at hand side by side."""
    rows = {name: row for row, name in enumerate(base)}
    tallies = [Tally(len(rows), [rows[outcome]]) for _ in range(2)]
    for tally, values in zip(tallies, (base, arm), strict=True):
        tally.enter(np.stack([values[name] for name in rows]).astype(float))
    return side_by_side(outcome, rows, *tallies)


@given(VALUES, VALUES)
def test_every_history_is_counted_once(base: np.ndarray, arm: np.ndarray) -> None:
    found = beside("gini", {"gini": base}, {"gini": arm})
    if "bins" in found:
        assert found["bins"]["edges"] == sorted(found["bins"]["edges"])
        for name in ("baseline", "arm"):
            assert sum(found["bins"][name]) == pytest.approx(1.0)


def test_histories_without_a_value_are_in_no_bin() -> None:
    base, arm = np.array([1.0, 2.0, np.nan, 4.0]), np.array([1.0, np.nan, np.nan, 3.0])
    found = beside("first_shot", {"first_shot": base}, {"first_shot": arm})["bins"]
    assert (sum(found["baseline"]), sum(found["arm"])) == (0.75, 0.5)


def test_shares_are_those_of_all_of_a_kind_and_the_sham_changes_none() -> None:
    base = {"on_top:A": np.array([1.0, 0, 0, 0]), "on_top:B": np.array([0, 1.0, 1, 0]), "on_top:C": np.zeros(4), "gini": np.ones(4)}
    base["collective"] = np.array([0.0, 0, 0, 1])
    rows = beside("on_top:A", base, base)["shares"]
    assert [(row["measure"], row["arm"]["mean"]) for row in rows] == [("on_top:B", 0.5), ("on_top:A", 0.25), ("collective", 0.25)]
    assert all(row["arm"] == row["baseline"] for row in rows)
    moved = {**base, "on_top:C": np.array([0.0, 0, 0, 1])}
    assert "on_top:C" in [row["measure"] for row in beside("on_top:A", base, moved)["shares"]]


@pytest.mark.parametrize("width", [340, 680])
@pytest.mark.parametrize("outcome", ["on_top:A", "gini"])
def test_the_figure_holds_both_distributions(outcome: str, width: int) -> None:
    lots = np.random.default_rng(0)
    base, arm = ({"on_top:A": lots.integers(0, 2, 50).astype(float), "gini": lots.random(50)} for _ in range(2))
    effect = {"unit": "share", "mean": 0.0, "low": 0.0, "high": 0.0}
    one = {"distribution": beside(outcome, base, arm), "effects": {outcome: effect}}
    drawn = json.dumps(beside_figures.beside({"arms": [one], "outcome": outcome, "histories": 50}, 0, width).to_dict(validate=False))
    assert str(float(base[outcome].mean()))[:6] in drawn if outcome == "on_top:A" else "baseline" in drawn


@pytest.fixture(scope="module")
def street() -> xr.Dataset:
    lots = np.random.default_rng(1)
    shape = (HISTORIES, TICKS)
    time = ("history", "tick")
    return xr.Dataset(
        {
            "believed": ((*time, "camp", "camp_to"), lots.random((*shape, 2, 2))),
            "incidents": ((*time, "camp"), lots.integers(0, 9, (*shape, 2)).astype(float)),
            "shots": ((*time, "camp"), lots.integers(0, 2, (*shape, 2)).astype(float)),
            "support": ((*time, "option"), lots.dirichlet(np.ones(3), shape)),
            "answer": (time, np.where(np.arange(TICKS) % 4 == 0, lots.integers(0, len(ANSWERS), shape), -1)),
            "ruler": (time, np.zeros(shape, int)),
            "killed": (time, lots.integers(0, 3, shape).astype(float)),
        },
        {
            "history": np.arange(HISTORIES),
            "tick": np.arange(TICKS),
            "date": ("tick", [f"2001-{month:02d}" for month in range(1, TICKS + 1)]),
            "camp": CAMPS,
            "camp_to": CAMPS,
            "option": [*CAMPS, "state"],
        },
        {"unit": "month"},
    )


def _rows(chart: Any) -> list[dict[str, Any]]:
    """Return all data of a figure, which travel in it as texts of JSON."""
    found: list[dict[str, Any]] = []

    def search(part: Any) -> None:
        if isinstance(part, str) and part.startswith("[{"):
            found.extend(json.loads(part))
        for one in part.values() if isinstance(part, dict) else part if isinstance(part, list) else ():
            search(one)

    search(chart.to_dict(validate=False))
    return found


def test_a_history_is_the_line_before_the_band_of_all(street: xr.Dataset) -> None:
    lines = [row for row in _rows(street_history.incidents(street, 7)) if row["what"] == "incidents"]
    drawn = {row["middle"] for row in lines}
    assert {float(value) for value in street.incidents.sel(history=7).values.ravel()} == drawn


def test_others_see_and_the_camp_is(street: xr.Dataset) -> None:
    """The second camp as it is stands on the diagonal; as the other sees it, in the other's row."""
    rows = [row for row in _rows(street_history.intensity(street, 3)) if row["what"] == "as others see it"]
    seen = street.believed.sel(history=3)
    wanted = {round(float(value), 4) for camps in ((0, 1), (1, 0)) for value in seen[:, camps[0], camps[1]].values}
    assert {row["middle"] for row in rows} == wanted


def test_every_answer_of_a_history_is_drawn(street: xr.Dataset) -> None:
    rows = [row for row in _rows(street_history.answers(street, 5)) if "answer" in row]
    given = street.answer.sel(history=5).values
    assert [row["answer"] for row in rows] == [ANSWERS[code] for code in given[given >= 0]]


def test_the_typical_history_ends_as_most_do(street: xr.Dataset) -> None:
    ruler = street.ruler.copy()
    ruler[:, -1] = np.where(np.arange(HISTORIES) < 10, 2, 0)
    found = street_history.typical(street.assign(ruler=ruler))
    killed = street.killed.sum("tick").values
    assert found >= 10
    assert abs(killed[found] - np.median(killed[10:])) == np.abs(killed[10:] - np.median(killed[10:])).min()
