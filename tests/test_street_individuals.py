"""The individual mode: persons come to what counts say, crowds turn over as Granovetter says, and chance hangs on no machine."""

from __future__ import annotations

from functools import cache
from typing import Any

import numba
import numpy as np
import pytest
from scipy.special import ndtri

from virtu.classics import thresholds
from virtu.errors import InputError
from virtu.street import crowd, individuals
from virtu.street.phases import Trace
from virtu.street.state import Agenda, Setup

from .street_stage import CONTENT, RUN, agenda_with, build, run, street

PEOPLE = 40_000
PERSONS, COUNTS = 24, 200
"""Histories with persons and with counts."""

FAR = 4.0
"""Standard errors within which means must agree; of the two dozen compared one in a thousand runs of the test would have one beyond."""


def case(jail: bool, **constants: float) -> tuple[Setup, Agenda]:
    """Return a small country, with or without jail, in whose cells everybody sees the same."""
    scenario = street(public=CONTENT["public"] | {"people": PEOPLE})
    setup, agenda = build.setup(scenario), build.baseline(scenario)
    return setup, agenda_with(agenda, constants, off=() if jail else ("jail",))


def numbers(trace: Trace) -> np.ndarray:
    """Return what is compared of each history: turnout at three moments, support at the end, incidents in all; shape (numbers, H)."""
    out = np.asarray(trace.turnout).sum(axis=2)
    return np.concatenate([out[0], out[10], out[-1], np.asarray(trace.support)[-1], np.asarray(trace.incidents).sum(axis=0)])


@cache
def with_persons(jail: bool, threshold: float = 0.1) -> np.ndarray:
    setup, agenda = case(jail, threshold=threshold)
    return np.concatenate([numbers(individuals.simulate(setup, agenda, 3, history)) for history in range(PERSONS)], axis=1)


@cache
def with_counts(jail: bool) -> np.ndarray:
    setup, agenda = case(jail)
    return np.concatenate([numbers(run(setup, agenda, seed=4, first=first)[1]) for first in range(0, COUNTS, RUN)], axis=1)


def apart(persons: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Return how many standard errors the means of persons and counts are apart."""
    error = np.sqrt(persons.var(axis=1, ddof=1) / persons.shape[1] + counts.var(axis=1, ddof=1) / counts.shape[1])
    return (persons.mean(axis=1) - counts.mean(axis=1)) / error


def test_persons_come_to_what_counts_say() -> None:
    """Without jail, means of turnout, support and incidents over 24 histories of 40 000 persons are those of counts, to 4 errors."""
    persons, counts = with_persons(False), with_counts(False)
    assert (np.abs(apart(persons, counts)) < FAR).all()
    assert (persons.std(axis=1, ddof=1) / np.sqrt(PERSONS) < 0.06 * persons.mean(axis=1))[:11].all()


def test_the_comparison_sees_a_difference() -> None:
    """Persons of whom each takes a fifth more to go out are not taken for the counts."""
    assert (np.abs(apart(with_persons(False, 0.12), with_counts(False))) > FAR).any()


def test_jail_takes_the_bold() -> None:
    """With jail the same people are taken again and again, so turnout falls below that of counts, by less than a twentieth by default."""
    persons, counts = with_persons(True).mean(axis=1), with_counts(True).mean(axis=1)
    assert (persons[4:6] > 0.95 * counts[4:6]).all()
    np.testing.assert_allclose(persons[6:11], counts[6:11], atol=0.01)


@pytest.mark.parametrize(("sd", "joined"), [(0.122, 5.48), (0.1225, 100.0)])
def test_a_crowd_turns_over_where_granovetter_says(sd: float, joined: float) -> None:
    """With thresholds for people's hardship, no police and only the crowd as a push, 5.48 % go out at sd .1220 and all at .1225 (mean .25).

    A person is willing iff H + r > 0 with H = −threshold: Granovetter's (1978) rule. The hundred thousand are the quantiles of the normal
    distribution, so that nothing but the rule decides.
    """
    count = 100_000
    people = np.zeros(count, crowd.PERSON)
    people["hardship"] = -(0.25 + sd * ndtri((np.arange(count) + 0.5) / count))
    first = np.append(np.arange(0, count, crowd.BLOCK), count)
    keys, counts, share = np.arange(len(first) - 1).astype(np.uint64), np.zeros((len(first) - 1, 1, 2, 2), np.int64), 0.0
    for _ in range(20_000):
        rules = np.array([[[1.0, share, 0.0, 1.0, 0.0]]])
        crowd.go_out(people, first, keys, rules, 0.0, np.zeros(1), -np.inf, counts)
        following = counts[..., 0].sum() / count
        if following == share:
            break
        share = following
    assert 100.0 * share == pytest.approx(joined, abs=0.01)
    assert thresholds.normal_equilibrium(100, 25.0, 100.0 * sd) == pytest.approx(joined, abs=0.01)


def test_jail_terms_have_their_mean() -> None:
    """Everybody is caught once: terms are at least a tick, a quarter each time ends, and the mean is J."""
    people = np.zeros(200_000, crowd.PERSON)
    people["hardship"] = 1.0
    first, keys = np.array([0, 200_000]), np.ones(1, np.uint64)
    crowd.go_out(
        people, first, keys, np.array([[[1.0, 0.0, 0.0, 1.0, 1.0]]]), 0.1, np.zeros(1), np.log1p(-0.25), np.zeros((1, 1, 2, 2), np.int64)
    )
    terms = people["jail"].astype(float)
    assert terms.min() == 1.0 and terms.mean() == pytest.approx(4.0, abs=0.04) and (terms == 1).mean() == pytest.approx(0.25, abs=0.005)


def test_processors_change_nothing() -> None:
    """One thread gives what two give, bit for bit; another history is another."""
    setup, agenda = case(True)
    short = Agenda(*(part[:6] for part in agenda))
    whole = individuals.simulate(setup, short, 5)
    threads = numba.get_num_threads()
    numba.set_num_threads(1)
    try:
        alone = individuals.simulate(setup, short, 5)
    finally:
        numba.set_num_threads(threads)
    assert all(np.array_equal(one, other) for one, other in zip(whole, alone, strict=True))
    assert not np.array_equal(whole.turnout, individuals.simulate(setup, short, 5, history=1).turnout)


def test_people_are_those_of_the_file() -> None:
    """Cells and groups have their people to the person, options those of the profile, and a person takes at most 32 bytes."""
    setup, _ = case(True)
    found = individuals.gather(setup, 0)
    assert len(found.people) == PEOPLE and found.sizes.sum() == PEOPLE and crowd.PERSON.itemsize <= 32
    assert np.array_equal(np.bincount(found.people["cell"]), found.sizes.sum(axis=1))
    np.testing.assert_allclose(found.sizes / found.sizes.sum(axis=1, keepdims=True), setup.group_share, atol=1e-3)
    core = found.people["stance"][found.people["group"] == 0]
    assert (core == 0).mean() == pytest.approx(0.97, abs=0.01)
    for name in ("hardship", "aversion", "rank"):
        assert found.people[name].mean() == pytest.approx(0.5, abs=0.006) and found.people[name].min() >= 0.0


@pytest.mark.parametrize(("shares", "total", "expected"), [([1, 1, 1], 10, [4, 3, 3]), ([0.5, 0.5, 0.0], 3, [2, 1, 0]), ([1.0], 7, [7])])
def test_apportionment(shares: list[float], total: int, expected: list[int]) -> None:
    """Whole numbers add up, and what is left goes to the largest remainders, the first of equals."""
    assert individuals.apportion(np.array(shares), total).tolist() == expected


def test_too_many_people_are_refused() -> None:
    """A hundred million persons are for counts."""
    setup: Any = case(True)[0]
    with pytest.raises(InputError, match="individual mode takes up to 10,000,000"):
        individuals.simulate(setup._replace(people=np.float32(1e8)), case(True)[1], 0)
