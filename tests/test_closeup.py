"""A history seen close is the history of the run, and its meetings are those that were held."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
import xarray as xr

import virtu
from virtu.errors import InputError
from virtu.laboratory.closeup import CloseUp, close_up
from virtu.scenario import Scenario

from . import small

TICKS, HISTORIES, CHOSEN = 24, 8, 5
DONE = "trait Berg.nerve = 0.9"


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return small.scenario()


@pytest.fixture(scope="module")
def run(scenario: Scenario) -> Iterator[xr.Dataset]:
    with small.quickly():
        yield virtu.simulate(scenario, HISTORIES, 3, TICKS, do=[DONE])


@pytest.fixture(scope="module")
def close(scenario: Scenario) -> CloseUp:
    with small.quickly():
        return close_up(scenario, CHOSEN, 3, TICKS, [DONE])


def _by_person(close: CloseUp, name: str, persons: int) -> np.ndarray:
    """Return what is noted of places by person, shape (ticks, persons); NaN for those without a place."""
    found = np.full((len(close.person), persons), np.nan)
    tick, place = np.nonzero(close.person >= 0)
    found[tick, close.person[tick, place]] = getattr(close, name)[tick, place]
    return found


def test_it_is_the_history_of_the_run_to_the_last_bit(run: xr.Dataset, close: CloseUp) -> None:
    one = run.isel(history=CHOSEN)
    move, strength = (_by_person(close, name, run.sizes["actor"]) for name in ("move", "strength"))
    there = np.isfinite(one.strength.values)
    np.testing.assert_array_equal(strength[there], one.strength.values[there])
    np.testing.assert_array_equal(move[there], one.move.values[there])


def test_another_history_is_another(run: xr.Dataset, close: CloseUp) -> None:
    other = run.isel(history=CHOSEN - 1).strength.values
    assert not np.array_equal(_by_person(close, "strength", run.sizes["actor"]), other, equal_nan=True)


def test_what_others_think_is_what_the_run_says_they_believe(run: xr.Dataset, close: CloseUp) -> None:
    """The mean estimate of those who sit in the forum is the run's own measure `believed`."""
    here, forum = close.person >= 0, (close.person >= 0) & (close.status <= 1)
    office = here & (close.status <= 2)
    pairs = forum[:, :, None] & office[:, None, :] & ~np.eye(close.person.shape[1], dtype=bool)
    means = np.where(pairs, close.estimate, 0.0).sum(axis=1) / np.maximum(pairs.sum(axis=1), 1)
    tick, place = np.nonzero(office & pairs.any(axis=1))
    believed = run.believed.values[CHOSEN, tick, close.person[tick, place]]
    np.testing.assert_allclose(means[tick, place], believed, rtol=1e-5)


def test_a_proposal_passes_with_more_than_half_of_the_votes(close: CloseUp) -> None:
    support = np.where(close.aye, close.votes, 0.0).sum(axis=1) / close.votes.sum(axis=1)
    np.testing.assert_allclose(support, close.support, rtol=1e-5)
    np.testing.assert_array_equal(close.passed, (close.support > 0.5) & (close.proposer >= 0))
    assert 0 < close.passed.sum() < len(close.passed)


def test_the_proposer_is_the_last_to_speak_of_those_with_a_vote(close: CloseUp) -> None:
    late = np.where(close.votes > 0, close.lateness, -1.0)
    np.testing.assert_array_equal(close.proposer, late.argmax(axis=1))


def test_a_history_beyond_all_numbers_is_refused(scenario: Scenario) -> None:
    with pytest.raises(InputError, match="histories must be"):
        close_up(scenario, -1)
