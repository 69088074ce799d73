"""Hawkes processes: the likelihood against its definition, two ways of drawing, recovery with honest errors, and dated incidents."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.stats import ks_2samp

from virtu.classics import hawkes as model
from virtu.classics import hawkes_search as search
from virtu.classics.hawkes import (
    Events,
    Hawkes,
    check_residuals,
    fit,
    log_likelihood,
    mean_rate,
    process,
    residuals,
    simulate_branching,
    simulate_thinning,
    spectral_radius,
    spread_over_days,
)
from virtu.errors import InputError
from virtu.laboratory.validation import street
from virtu.laboratory.validation.rows import table

BACKGROUND, BRANCHING, DECAY = np.array([0.4, 0.2]), np.array([[0.3, 0.5], [0.1, 0.2]]), np.array([[1.0, 3.0], [2.0, 0.7]])
WATCH = 200.0


def _two_sides(end: float = WATCH) -> Hawkes:
    return process(BACKGROUND, BRANCHING, DECAY, end)


def _rate(process: Hawkes, events: Events, kind: int, time: float) -> float:
    """Return the rate of a kind just before a time, from its definition."""
    before = events.times < time
    gaps, kinds = time - events.times[before], events.kinds[before]
    piece = int(np.searchsorted(process.edges[1:-1], time, side="right"))
    weights = process.branching[kind, kinds] * process.decay[kind, kinds]
    return float(process.background[kind, piece] + (weights * np.exp(-process.decay[kind, kinds] * gaps)).sum())


@settings(max_examples=15)
@given(st.integers(0, 2**32 - 1), st.integers(0, 12))
def test_the_likelihood_is_its_definition(seed: int, count: int) -> None:
    """It is the sum of log rates at the events less the rates summed over all time, with a background that changes."""
    rng = np.random.default_rng(seed)
    events = Events(np.sort(rng.uniform(0, 5, count)), rng.integers(0, 2, count), 5.0)
    one = process(rng.uniform(0.1, 1, (2, 2)), rng.uniform(0, 1, (2, 2)), rng.uniform(0.5, 3, (2, 2)), 5.0, [2.0])
    logs = sum(np.log(_rate(one, events, kind, time)) for time, kind in zip(events.times, events.kinds, strict=True))
    cuts = np.unique([0.0, 2.0, 5.0, *events.times])
    areas = sum(
        quad(lambda t, k=kind: _rate(one, events, k, t), a, b)[0] for kind in range(2) for a, b in zip(cuts, cuts[1:], strict=False)
    )
    assert log_likelihood(one, events) == pytest.approx(logs - areas, abs=1e-6)


@pytest.mark.parametrize("one_decay", [True, False])
def test_slopes_are_those_of_the_likelihood(one_decay: bool) -> None:
    """Differences of the likelihood agree with its slopes in the logarithm of every parameter."""
    layout = search.Layout(2, 2, one_decay, np.array([0.0, 80.0, WATCH]))
    events = simulate_thinning(_two_sides(), 3)
    place = np.random.default_rng(0).uniform(-1.5, 0.5, 9 if one_decay else 12)
    slopes = search.loss(place, layout, events)[1]
    steps = 1e-6 * np.eye(len(place))
    found = [(search.loss(place + step, layout, events)[0] - search.loss(place - step, layout, events)[0]) / 2e-6 for step in steps]
    np.testing.assert_allclose(found, slopes, rtol=1e-5, atol=1e-4)


def _alike(one: np.ndarray, other: np.ndarray) -> float:
    """Return the p-value of two samples being of one distribution."""
    return float(np.asarray(ks_2samp(one, other))[1])


def test_two_ways_of_drawing_agree() -> None:
    """Counts, their spread, and times from one event to the next are alike by thinning and by branching."""
    one = _two_sides()
    drawn = [[draw(one, seed) for seed in range(250)] for draw in (simulate_thinning, simulate_branching)]
    counts = np.array([[np.bincount(events.kinds, minlength=2) for events in way] for way in drawn])
    error = counts.std(axis=1, ddof=1) / np.sqrt(250)
    assert (np.abs(np.diff(counts.mean(axis=1), axis=0)[0]) < 4 * np.hypot(*error)).all()
    assert _alike(counts[0].sum(axis=1), counts[1].sum(axis=1)) > 1e-3
    gaps = [np.concatenate([np.diff(events.times) for events in way[:40]]) for way in drawn]
    assert _alike(gaps[0], gaps[1]) > 1e-3
    # A tenth more children would be seen.
    more = [simulate_branching(one._replace(branching=1.1 * BRANCHING), seed) for seed in range(250)]
    assert _alike(counts[0].sum(axis=1), np.array([len(events.times) for events in more])) < 1e-3


def test_the_mean_rate_is_reached_and_pieces_are_kept() -> None:
    """Long runs come near (I - n)⁻¹ μ in each piece of the background; the published row, too."""
    one = process(np.array([[0.4, 1.2], [0.2, 0.0]]), BRANCHING, DECAY, 40_000.0, [20_000.0])
    for draw in (simulate_thinning, simulate_branching):
        events = draw(one, 0)
        found = [[np.histogram(events.times[events.kinds == kind], one.edges)[0] / 20_000.0] for kind in range(2)]
        np.testing.assert_allclose(np.concatenate(found), mean_rate(one), rtol=0.12)
    np.testing.assert_allclose(mean_rate(one), np.linalg.inv(np.eye(2) - BRANCHING) @ one.background)
    assert [row.id for row in street._mean_rate() if abs(row.ours - row.published) > row.tolerance] == []


def test_a_wrong_mean_rate_fails_its_row(monkeypatch: pytest.MonkeyPatch) -> None:
    """A rate that takes rows of the branching for columns is seen."""
    monkeypatch.setattr(model, "mean_rate", lambda one: mean_rate(one._replace(branching=one.branching.T)))
    assert any(abs(row.ours - row.published) > row.tolerance for row in street._mean_rate())


def test_without_children_it_is_poisson() -> None:
    """The likelihood, and counts, are those of a Poisson process."""
    one = process(0.7, 0.0, 1.0, 100.0)
    counts = [len(simulate_thinning(one, seed).times) for seed in range(300)]
    assert np.mean(counts) == pytest.approx(70, abs=2)
    assert np.var(counts) == pytest.approx(70, rel=0.3)
    events = simulate_thinning(one, 0)
    assert log_likelihood(one, events) == pytest.approx(len(events.times) * np.log(0.7) - 70)


def test_a_runaway_is_a_result() -> None:
    """A process above the boundary is drawn until there is no more room, and says so; a stable one never does."""
    wild = process(1.0, 1.5, 1.0, 1000.0)
    assert spectral_radius(wild.branching) == pytest.approx(1.5)
    thinned, branched = simulate_thinning(wild, 0, most=5000), simulate_branching(wild, 0, most=5000)
    assert thinned.ran_away
    assert len(thinned.times) == 5000
    assert thinned.end == thinned.times[-1] < 1000
    assert branched.ran_away
    assert not simulate_thinning(_two_sides(), 0).ran_away
    with pytest.raises(InputError, match="runs away"):
        mean_rate(wild)


def test_room_grows_without_changing_history() -> None:
    """A long history begins with the short one of the same seed."""
    short, long = simulate_thinning(_two_sides(), 5), simulate_thinning(_two_sides(20_000.0), 5)
    assert len(long.times) > model.FIRST_ROOM
    np.testing.assert_array_equal(long.times[: len(short.times)], short.times)


def test_parameters_are_found_again_with_honest_errors() -> None:
    """Of 40 histories, about as many 95 % intervals as should hold the truth do, for each parameter; half as wide, too few."""
    one, held, narrow = process(0.5, 0.6, 2.0, 800.0), [], []
    for seed in range(40):
        found = fit(simulate_branching(one, seed))
        truth, here, error = (np.array([float(part.squeeze()) for part in h[:3]]) for h in (one, found.model, found.error))
        held.append(np.abs(here - truth) < 1.96 * error)
        narrow.append(np.abs(here - truth) < 0.98 * error)
        assert found.radius_error == pytest.approx(error[1], rel=1e-3)
    assert (np.mean(held, axis=0) >= 0.82).all()
    assert (np.mean(narrow, axis=0) < 0.85).all()


def test_two_sides_are_told_apart() -> None:
    """Who answers whom is found, residuals of the right model are exponential, and those of a wrong one are not."""
    one = process(BACKGROUND, np.array([[0.1, 0.7], [0.0, 0.3]]), 1.5, 4000.0)
    events = simulate_thinning(one, 2)
    found = fit(events)
    for name in ("background", "branching", "decay"):
        here, error = getattr(found.model, name), getattr(found.error, name)
        assert (np.abs(here - getattr(one, name))[np.isfinite(error)] < 4 * error[np.isfinite(error)]).all()
    assert found.model.branching[1, 0] < 0.05
    assert found.log_likelihood == pytest.approx(log_likelihood(found.model, events))
    assert found.log_likelihood >= log_likelihood(one, events)
    np.testing.assert_allclose(found.half_life, np.log(2) / found.model.decay)
    right, wrong = check_residuals(one, events), check_residuals(one._replace(branching=one.branching.T), events)
    assert right.p_value.min() > 1e-3 > wrong.p_value.min()
    assert (np.abs(right.memory) < 4 / np.sqrt(right.gaps)).all()
    assert np.mean(residuals(one, events)[0]) == pytest.approx(1, abs=0.1)
    assert fit(events, one_decay=False).log_likelihood >= found.log_likelihood - 1e-6


def test_a_changing_background_passes_for_children() -> None:
    """Events of a background that jumps, without any children, look excited under one constant, and not under two pieces."""
    events = simulate_thinning(process(np.array([[0.5, 4.0]]), 0.0, 1.0, 1000.0, [500.0]), 1)
    assert fit(events).radius > 0.5
    two = fit(events, edges=[500.0])
    assert two.radius < 0.1
    np.testing.assert_allclose(two.model.background[0], [0.5, 4.0], rtol=0.15)


def test_dates_get_times_of_their_day() -> None:
    """Each event stays in its day, its kind with it, and the watch covers whole days."""
    events = spread_over_days([12, 10, 10, 15], 0, [3, 0, 0, 1])
    assert events.end == 6.0
    assert np.floor(events.times).tolist() == [0, 0, 2, 5]
    assert events.kinds.tolist() == [0, 0, 3, 1]


def test_incidents_of_germany(data: Path) -> None:
    """Branching and half-life are those published; with a background for each month most of the branching is gone."""
    found = table(data, street.INCIDENTS)
    assert isinstance(found, Path)
    assert [row.id for row in street._incidents(found) if not abs(row.ours - row.published) <= row.tolerance] == []
    events = spread_over_days(street.incident_days(found), 0)
    assert fit(events, edges=np.linspace(0, events.end, 48)[1:-1]).radius < 0.5


def test_incidents_without_jitter_fail_the_rows(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Events all at the start of their day beget each other at once, which is seen."""
    found = table(data, street.INCIDENTS)
    assert isinstance(found, Path)

    def at_midnight(days: np.ndarray, seed: int) -> Events:
        events = spread_over_days(days, seed)
        return events._replace(times=np.floor(events.times))

    monkeypatch.setattr(model, "spread_over_days", at_midnight)
    monkeypatch.setattr(street, "JITTER_SEEDS", (0,))
    assert {row.id for row in street._incidents(found) if not abs(row.ours - row.published) <= row.tolerance}


LATE = Events(np.array([1.0, 7.0]), np.zeros(2, np.int64), 5.0)
REFUSED: list[tuple[Callable[[], object], str]] = [
    (lambda: process([0.1, 0.2], 0.5, 1.0, 10.0), "2 by 2"),
    (lambda: process(0.1, -0.5, 1.0, 10.0), "branching of at least 0"),
    (lambda: process(0.1, 0.5, 0.0, 10.0), "decay above 0"),
    (lambda: process([[0.1, 0.2]], 0.5, 1.0, 10.0), "each of 1 pieces"),
    (lambda: process(0.1, 0.5, 1.0, np.inf), "finite end"),
    (lambda: process([[0.1, 0.2]], 0.5, 1.0, 10.0, [11.0]), "ascend"),
    (lambda: log_likelihood(process(0.1, 0.5, 1.0, 5.0), LATE), "ascending order"),
    (lambda: log_likelihood(process(0.1, 0.5, 1.0, 9.0), Events(np.array([1.0]), np.array([1]), 9.0)), "a kind in 0 … 0"),
    (lambda: residuals(process(0.1, 0.5, 1.0, 9.0), Events(np.array([1.0]), np.array([0]), 8.0)), "make both the same"),
    (lambda: fit(Events(np.array([1.0, 2.0]), np.array([0, 1]), 9.0)), "two events of each kind"),
    (lambda: check_residuals(process(0.1, 0.5, 1.0, 9.0), Events(np.array([1.0]), np.array([0]), 9.0)), "three events"),
    (lambda: spread_over_days([1.5], 0), "whole days"),
    (lambda: spread_over_days([], 0), "at least one date"),
]


@pytest.mark.parametrize(("call", "message"), REFUSED)
def test_what_cannot_be_answered_is_refused(call: Callable[[], object], message: str) -> None:
    """Each fault is named."""
    with pytest.raises(InputError, match=message):
        call()
