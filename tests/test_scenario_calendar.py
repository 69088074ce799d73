"""Dates turn into ticks and back."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from virtu import scenario
from virtu.errors import InputError
from virtu.scenario.calendar import Horizon, Unit, date_of, horizon_of, tick_of

UNITS: list[Unit] = ["week", "month", "quarter", "year"]
DAYS = st.dates(date(1, 1, 1), date(9000, 1, 1)).map(date.isoformat)


@pytest.mark.parametrize(
    ("start", "unit", "when", "tick"),
    [
        ("1922-04", "month", "1922-04", 0),
        ("1922-04", "month", "1922-04-30", 0),
        ("1922-04-30", "month", "1922-05-01", 1),
        ("1922-04", "month", "1940-12", 224),
        ("1922-04", "month", "1922-03-31", -1),
        ("1922-04", "quarter", "1922-06", 0),
        ("1922-04", "quarter", "1922-07", 1),
        ("1922-04", "year", "1923-03", 0),
        ("1922-04", "year", "1923-04", 1),
        ("1922-04-03", "week", "1922-04-09", 0),
        ("1922-04-03", "week", "1922-04-10", 1),
        ("1922-04-03", "week", "1922-04-02", -1),
        (None, "month", 12, 12),
        (None, "month", "t12", 12),
        ("1922-04", "month", "t12", 12),
    ],
)
def test_a_moment_lies_in_its_tick(start: str | None, unit: Unit, when: int | str, tick: int) -> None:
    assert tick_of(when, Horizon(start, unit, 300)) == tick


@given(start=DAYS, unit=st.sampled_from(UNITS), tick=st.integers(0, 900))
def test_a_tick_is_the_tick_of_its_date(start: str, unit: Unit, tick: int) -> None:
    horizon = Horizon(start, unit, 900)
    assert tick_of(date_of(tick, horizon), horizon) == tick


@given(start=DAYS, unit=st.sampled_from(UNITS), days=st.integers(0, 3000))
def test_ticks_never_run_backwards(start: str, unit: Unit, days: int) -> None:
    horizon = Horizon(start, unit, 900)
    later = [(date.fromisoformat(start) + timedelta(days=shift)).isoformat() for shift in (days, days + 1)]
    one, other = (tick_of(when, horizon) for when in later)
    assert 0 <= one <= other <= one + 1


def test_a_horizon_is_counted_to_its_end() -> None:
    assert horizon_of("1922-04", "1940-12", None, "month").ticks == 225
    assert horizon_of("1922-04", "1940-12", 225, "month").ticks == 225
    assert horizon_of("2001-01-01", "2001-12-31", None, "week").ticks == 53
    assert horizon_of(None, None, 7, "year") == Horizon(None, "year", 7)


@pytest.mark.parametrize(
    "text", ["1922", "22-04", "1922-4", "1922-13", "1922-02-30", "0000-01", "1922-04-03T00:00", "t01", "t-1", "", "１９２２-04"]
)
def test_other_texts_are_no_moments(text: str) -> None:
    with pytest.raises(InputError):
        tick_of(text, Horizon("1922-04", "month", 9))


def test_a_scenario_answers_for_its_own_horizon() -> None:
    text = "scenario: a\ntitle: A\nforum: {seats: 2}\nactors: {A: {entry: forum}, B: {}}\ncalendar: "
    dated = scenario.loads(text + "{start: 1922-04, end: 1924-03}")
    assert (dated.ticks, dated.tick_of("1924-03"), dated.date_of(23)) == (24, 23, "1924-03")
    with pytest.raises(InputError, match="1924-04 lies outside the scenario a .it runs from 1922-04 to 1924-03"):
        dated.tick_of("1924-04")
    assert dated.tick_of("1924-04", within=False) == 24
    undated = scenario.loads(text + "{ticks: 5}")
    assert (undated.tick_of(3), undated.date_of(3)) == (3, "t3")
    with pytest.raises(InputError, match="means nothing"):
        undated.tick_of("1922-04")
