"""The individual mode: persons come to what counts say, crowds turn over as Granovetter says, and chance hangs on no machine."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
import xarray as xr
from scipy.special import ndtri

from virtu.classics import thresholds
from virtu.errors import InputError
from virtu.laboratory.kernel import seed_words
from virtu.laboratory.simulate import simulate
from virtu.street import crowd, individuals
from virtu.street.phases import Trace
from virtu.street.state import Agenda, Setup

from .street_stage import CONTENT, RUN, agenda_with, build, run, street

PEOPLE = 40_000
SEED = 4

FAR = 4.0
"""Standard errors within which means must agree; of the dozen compared one in a thousand runs of the test would have one beyond."""

STRICT = {"arrest_rate": 0.8, "jail_term": 30.0}
"""Constants with which many of those in the street are jailed for long."""


def case(jail: bool, **constants: float) -> tuple[Setup, Agenda]:
    """Return a small country, with or without jail, in whose cells everybody sees the same."""
    scenario = street(public=CONTENT["public"] | {"people": PEOPLE})
    setup, agenda = build.setup(scenario), build.baseline(scenario)
    return setup, agenda_with(agenda, constants, off=() if jail else ("jail",))


def numbers(trace: Trace) -> np.ndarray:
    """Return what is compared of each history: turnout at three moments, support at the end, incidents in all; shape (numbers, H)."""
    out = np.asarray(trace.turnout).sum(axis=2)
    return np.concatenate([out[0], out[10], out[-1], np.asarray(trace.support)[-1], np.asarray(trace.incidents).sum(axis=0)])


def with_persons(setup: Setup, agenda: Agenda, histories: int = RUN, first: int = 0) -> Trace:
    return individuals.histories(setup, agenda, seed_words(SEED), np.arange(first, first + histories))


@cache
def with_counts() -> np.ndarray:
    return numbers(run(*case(False), seed=SEED)[1])


def apart(jail: bool = False, **constants: float) -> tuple[np.ndarray, np.ndarray]:
    """Return by how much persons are above counts on the same luck, against the counts, and the standard error of that."""
    less = numbers(with_persons(*case(jail, **constants))) - with_counts()
    return less.mean(axis=1) / with_counts().mean(axis=1), less.std(axis=1, ddof=1) / np.sqrt(RUN) / with_counts().mean(axis=1)


def test_persons_come_to_what_counts_say() -> None:
    """Without jail, means of turnout, support and incidents over 20 histories of 40 000 persons are those of counts, to 4 errors."""
    difference, error = apart()
    assert (np.abs(difference) < FAR * error).all()
    assert (error[:6] < 0.06).all() and (error[6:11] < 0.01).all() and (error[11:] < 0.06).all()


def test_the_comparison_sees_a_difference() -> None:
    """Persons of whom each needs a fifth more to go out are not taken for the counts."""
    difference, error = apart(threshold=0.12)
    assert (np.abs(difference) > FAR * error).sum() >= 2 and (difference[:6] < 0.0).all()


def test_jail_takes_the_bold() -> None:
    """With long terms the same people are taken again and again, so that turnout falls more than that of counts."""
    setup, agenda = case(True, **STRICT)
    persons, counts = with_persons(setup, agenda, 4).turnout, run(setup, agenda, seed=SEED)[1].turnout[..., :4]
    assert persons[0].sum() == pytest.approx(counts[0].sum(), rel=0.1)
    assert persons[-1].sum() < 0.8 * counts[-1].sum()


@pytest.mark.parametrize(("sd", "joined"), [(0.122, 5.48), (0.1225, 100.0)])
def test_a_crowd_turns_over_where_granovetter_says(sd: float, joined: float) -> None:
    """With thresholds for people's hardship, no police and only the crowd as a push, 5.48 % go out at sd .1220 and all at .1225 (mean .25).

    A person is willing iff H + r > 0 with H = −threshold: Granovetter's (1978) rule. The hundred thousand are the quantiles of the normal
    distribution, so that nothing but the rule decides.
    """
    count = 100_000
    people = np.zeros(count, crowd.PERSON)
    people["hardship"] = -(0.25 + sd * ndtri((np.arange(count) + 0.5) / count))
    first, keys, counts, share = np.array([0, count]), np.ones(1, np.uint64), np.zeros((1, 1, 2, 2), np.int64), 0.0
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


def test_workers_change_nothing() -> None:
    """Two histories at once give what one at a time gives, bit for bit; another history is another."""
    scenario = street(public=CONTENT["public"] | {"people": PEOPLE})
    alone, both = (simulate(scenario, 2, 5, 6, individuals=True, workers=workers) for workers in (1, 2))
    xr.testing.assert_identical(alone.drop_attrs(), both.drop_attrs())
    assert both.attrs["individuals"] == 1
    assert not np.array_equal(alone.turnout.values[0], alone.turnout.values[1])


def test_people_are_those_of_the_file() -> None:
    """Cells and groups have their people to the person, options those of the profile, and a person takes at most 32 bytes."""
    setup, _ = case(True)
    found = individuals.gather(setup, seed_words(0))
    assert len(found.people) == PEOPLE and found.sizes.sum() == PEOPLE and crowd.PERSON.itemsize <= 32
    assert np.array_equal(np.diff(found.first), found.sizes.sum(axis=1))
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
    scenario = street(public=CONTENT["public"] | {"people": 10**8})
    with pytest.raises(InputError, match="individual mode takes up to 10,000,000") as caught:
        simulate(scenario, 1, individuals=True)
    assert "public.people" in str(caught.value.hint)


def test_an_organisation_has_no_individual_mode() -> None:
    """Where there are persons already, the mode is refused."""
    with pytest.raises(InputError, match="has no individual mode"):
        simulate("editorial-office", 1, individuals=True)
