"""Rates of exit, of mail and of turns: the published rows, and each rate on tables small enough to count by hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from virtu.laboratory.validation.leaders import (
    CHAIR,
    Tenure,
    chair_next,
    density,
    exit_rate,
    gini,
    hazard,
    mail_rates,
    reciprocity,
    returns,
    rows,
    shares,
)
from virtu.laboratory.validation.rows import Gap, Row

MISSED = {"coups.entry.consensus", "delors.gini.time", "delors.gini.words"}
"""Rows that do not come out; each says why in its note."""


def test_the_published_rates_come_out(data: Path) -> None:
    """All but the three known rows are reproduced to the printed digit, and those three are still off."""
    found = [row for row in rows(data) if isinstance(row, Row)]
    assert len({row.id for row in found}) == len(found) == 35
    assert {row.id for row in found if abs(row.ours - row.published) > row.tolerance} == MISSED
    assert all(" " in row.note for row in found)


def test_without_tables_there_are_gaps() -> None:
    """Every table that is missing is named, beside the two subjects for which there is none."""
    found = list(rows(None))
    assert all(isinstance(row, Gap) for row in found)
    assert len({row.id for row in found}) == 12


def _tenure(*spells: tuple[float, bool]) -> Tenure:
    years, left = zip(*spells, strict=True)
    return Tenure(np.array(years), np.array(left), np.array(["a"] * len(spells)))


def test_a_hazard_counts_time_at_risk() -> None:
    """Who leaves another way, or has not left, adds time but no exit."""
    tenure = _tenure((0.5, True), (2.0, False), (1.5, True))
    assert hazard(tenure, 0, 1) == pytest.approx(1 / 2.5)
    assert hazard(tenure, 1, 2) == pytest.approx(1 / 1.5)
    assert hazard(tenure, 0, np.inf) == pytest.approx(2 / 4.0)


@given(st.floats(0.2, 3.0), st.integers(0, 2**32 - 1))
def test_a_constant_hazard_is_found(rate: float, seed: int) -> None:
    """Exponential tenures, cut off at one year, have the hazard they were drawn with, in every year."""
    years = np.random.default_rng(seed).exponential(1.0 / rate, 20_000)
    tenure = Tenure(np.minimum(years, 1.0), years < 1.0, np.zeros(20_000))
    assert hazard(tenure, 0.0, 0.5) == pytest.approx(rate, rel=0.1)
    assert hazard(tenure, 0.5, 1.0) == pytest.approx(rate, rel=0.2)


def test_a_member_who_returns_has_not_left() -> None:
    """One leaves for good in the first period; the other moves up, then out and back, and stays."""
    spells = [("a", 0.0, 4.0), ("b", 0.0, 3.0), ("b", 3.0, 6.0), ("b", 8.0, 20.0)]
    assert exit_rate(spells, 0.0, 10.0) == pytest.approx(1 / 12.0)
    assert exit_rate(spells, 10.0, 20.0) == 0.0
    assert exit_rate(spells, 10.0, 21.0) == pytest.approx(1 / 10.0)


def test_mail_per_ordered_pair() -> None:
    """The silent count as pairs, mail to oneself does not count."""
    level = {"a": "Senior", "b": "Senior", "c": "Junior"}
    rates = mail_rates([("a", "b"), ("a", "b"), ("a", "a"), ("c", "a")], level)
    assert rates == {("Senior", "Senior"): 1.0, ("Senior", "Junior"): 0.0, ("Junior", "Senior"): 0.5}


def test_ties_by_hand() -> None:
    edges = {("a", "b"), ("b", "a"), ("a", "c")}
    assert density(edges, 4) == pytest.approx(0.25)
    assert reciprocity(edges) == pytest.approx(2 / 3)


def test_turns_stay_inside_a_meeting() -> None:
    """The chair opens the second meeting, which is not a reply to the last word of the first."""
    turns = [("1", "a"), ("1", "b"), ("1", "a"), ("1", "chair"), ("1", "b"), ("2", "chair"), ("2", "a")]
    assert chair_next(turns, "chair") == pytest.approx(1 / 3)
    assert returns(turns) == pytest.approx(1 / 3)


@given(st.lists(st.floats(0.01, 100.0), min_size=1, max_size=8), st.floats(0.1, 10.0))
def test_gini_by_pairs(amounts: list[float], unit: float) -> None:
    """It is the mean difference of all pairs over twice the mean, whatever the unit."""
    x = np.array(amounts)
    expected = np.abs(x[:, None] - x[None, :]).mean() / (2 * x.mean())
    assert gini(amounts) == pytest.approx(expected, abs=1e-12)
    assert gini(unit * x) == pytest.approx(expected, abs=1e-12)


def test_shares_know_their_speakers() -> None:
    """Two spellings are one member, a crowd is nobody, and what is not known adds nothing."""
    lines = [
        {"speaker_clean": "Jaques Delors", "time_delta": "10", "words": "5"},
        {"speaker_clean": CHAIR, "time_delta": "end", "words": ""},
        {"speaker_clean": "All", "time_delta": "9", "words": "9"},
        {"speaker_clean": "Karl Otto Pöhl", "time_delta": "3", "words": "7"},
    ]
    assert shares(lines) == {"turns": [2.0, 1.0], "time": [10.0, 3.0], "words": [5.0, 7.0]}
