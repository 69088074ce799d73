"""The ultimate ruling coalition: worked examples, the definition taken literally, and what must hold of every answer."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from virtu.classics import large_coalitions, ruling_coalition
from virtu.classics.large_coalitions import (
    near_equal_ruling_coalition,
    ruling_sizes,
    sample_ruling_coalition,
    search_ruling_coalition,
)
from virtu.classics.ruling_coalition import expectations, is_generic, self_enforcing
from virtu.classics.ruling_coalition import ruling_coalition as rule
from virtu.errors import InputError
from virtu.laboratory.validation import coalitions as published
from virtu.laboratory.validation.rows import Row

HALF = Fraction(1, 2)
MAJORITIES = (HALF, Fraction(3, 5), Fraction(2, 3), Fraction(3, 4), Fraction(9, 10))
Powers = st.lists(st.integers(1, 12), min_size=1, max_size=6)


def _by_definition(powers: tuple[int | Fraction, ...], alpha: Fraction) -> set[tuple[int, ...]]:
    """Return φ of all members, following the recursion over sets word for word."""

    @cache
    def ruling(coalition: tuple[int, ...]) -> frozenset[tuple[int, ...]]:
        bar = alpha * weight(coalition)
        subsets = itertools.chain.from_iterable(itertools.combinations(coalition, size) for size in range(1, len(coalition)))
        options = [coalition, *(subset for subset in subsets if weight(subset) > bar and subset in ruling(subset))]
        least = min(map(weight, options))
        return frozenset(option for option in options if weight(option) == least)

    def weight(coalition: tuple[int, ...]) -> int | Fraction:
        return sum(powers[member] for member in coalition)

    return set(ruling(tuple(range(len(powers)))))


def _failures(found: Iterator[object]) -> list[str]:
    return [row.id for row in found if isinstance(row, Row) and abs(row.ours - row.published) > row.tolerance]


@pytest.mark.parametrize(("powers", "ruling"), published.EXAMPLES)
def test_the_examples(powers: tuple[int, ...], ruling: tuple[int, ...]) -> None:
    """Each worked example comes out, as the only answer where no two coalitions are equally strong."""
    found = rule(powers).coalitions
    assert ruling in [tuple(powers[member] for member in coalition) for coalition in found]
    assert len(found) == 1 or not is_generic(powers)


def test_every_published_row_passes() -> None:
    """The family of validation has no failure."""
    assert _failures(published.rows(None)) == []


def test_a_wrong_majority_fails_the_published_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    """A majority of three fifths in place of one half is seen by the rows, so that they can fail."""
    monkeypatch.setattr(published, "ruling_coalition", lambda powers, alpha=HALF: rule(powers, alpha + Fraction(1, 10)))
    assert len(_failures(published.rows(None))) > 5


def test_a_tie_at_the_bar_is_no_majority() -> None:
    """Exactly α of the power is not enough: in (3, 4, 5, 12) nobody rules alone, and with 13 he does."""
    assert rule((3, 4, 5, 12)).coalitions == ((0, 1, 2, 3),)
    assert rule((3, 4, 5, 13)).coalitions == ((3,),)
    assert rule((3, 2), "3/5").coalitions == rule((3, 2), 0.6).coalitions == ((0, 1),)


def test_ties_are_all_reported() -> None:
    """Three coalitions of 38 rule among ten to fifteen."""
    found = rule(range(10, 16))
    assert found.coalitions == ((0, 3, 5), (1, 2, 5), (1, 3, 4))
    assert (found.power, found.share) == (38, Fraction(38, 75))


@settings(max_examples=60)
@given(Powers, st.sampled_from(MAJORITIES))
def test_equals_the_definition(powers: list[int], alpha: Fraction) -> None:
    """The answer is that of the recursion over sets."""
    assert set(rule(powers, alpha).coalitions) == _by_definition(tuple(powers), alpha)


@pytest.mark.parametrize("seed", range(4))
def test_equals_the_definition_among_eight(seed: int) -> None:
    """So it is among eight people."""
    powers = tuple(np.random.default_rng(seed).integers(1, 40, 8).tolist())
    for alpha in MAJORITIES:
        assert set(rule(powers, alpha).coalitions) == _by_definition(powers, alpha)


@settings(max_examples=60)
@given(st.lists(st.integers(1, 60), min_size=1, max_size=9), st.sampled_from(MAJORITIES))
def test_who_rules_is_winning_and_self_enforcing(powers: list[int], alpha: Fraction) -> None:
    """The ruling coalition is all, or more than α of all; left to itself it stays; and no lighter one does both."""
    found, enforcing = rule(powers, alpha), self_enforcing(powers, alpha)
    for coalition in found.coalitions:
        assert sum(powers[member] for member in coalition) == found.power
        assert len(coalition) == len(powers) or found.share > alpha
        assert rule([powers[member] for member in coalition], alpha).coalitions == (tuple(range(len(coalition))),)
    weights = np.array([sum(power for member, power in enumerate(powers) if mask >> member & 1) for mask in range(len(enforcing))])
    lighter = enforcing & (weights < int(found.power))
    assert not any(int(weight) > alpha * sum(powers) for weight in weights[lighter])


@settings(max_examples=40)
@given(st.lists(st.integers(1, 30), min_size=2, max_size=8), st.randoms(use_true_random=False), st.sampled_from(MAJORITIES))
def test_names_and_units_do_not_matter(powers: list[int], chance: st.DrawFn, alpha: Fraction) -> None:
    """Relabelled people rule under their new names; powers in other units give the same."""
    order = list(range(len(powers)))
    chance.shuffle(order)  # pyright: ignore[reportAttributeAccessIssue]
    renamed = rule([powers[member] for member in order], alpha)
    named = {tuple(sorted(order[place] for place in coalition)) for coalition in renamed.coalitions}
    assert named == set(rule(powers, alpha).coalitions)
    assert rule([Fraction(power, 7) for power in powers], alpha).coalitions == rule(powers, alpha).coalitions


@settings(max_examples=40)
@given(st.lists(st.floats(0.01, 100.0), min_size=2, max_size=7), st.sampled_from(MAJORITIES))
def test_floats_are_decimals_without_rounding(powers: list[float], alpha: Fraction) -> None:
    """Floats, too long for 64 bits, give what their decimals give by the definition."""
    assert set(rule(powers, alpha).coalitions) == _by_definition(tuple(Fraction(repr(power)) for power in powers), alpha)


def test_a_close_call_is_settled_exactly() -> None:
    """Powers that differ by one part in 10³⁰ are told apart, though 64 bits cannot."""
    whole = 10**30
    assert rule((whole, whole)).coalitions == ((0, 1),)
    assert rule((whole, whole + 1)).coalitions == ((1,),)
    assert rule((3 * whole, 4 * whole, 5 * whole, 12 * whole + 1)).coalitions == ((3,),)


def test_rounding_without_care_would_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the second look at close calls a coalition that is stronger by one part in 10³⁰ is missed."""
    powers = tuple(10**30 * power + more for power, more in ((3, 0), (4, 0), (5, 1), (12, 0)))
    assert rule(powers).coalitions == ((0, 1, 2),)
    monkeypatch.setattr(ruling_coalition, "_apart", lambda excess, closest: True)
    assert rule(powers).coalitions != ((0, 1, 2),)


def test_twenty_members_take_seconds() -> None:
    """Twenty members of long uneven powers are settled within the time promised, on one thread."""
    powers = np.random.default_rng(1).lognormal(0.0, 1.0, 20)
    started = time.process_time()
    found = rule(powers)
    assert time.process_time() - started < 15
    assert found.share > HALF


def test_genericity() -> None:
    """Two coalitions equally strong are found wherever they are."""
    assert is_generic((3, 4, 5))
    assert not is_generic((3, 4, 5, 12))
    assert not is_generic((0.1, 0.2, 0.3))
    assert is_generic([10**30 + 2**place for place in range(8)])


def test_who_thinks_that_he_is_next() -> None:
    """Each judges by his own beliefs: the strong fourth fears the three, who see him for what they take him to be."""
    beliefs = [[3, 4, 5, 10], [3, 4, 5, 13], [3, 4, 5, 12], [3, 4, 5, 10]]
    first, second, third, fourth = expectations(beliefs)
    assert (first.coalitions, first.excluded, first.thinks_next) == (((0, 1, 2),), (3,), False)
    assert (second.coalitions, second.excluded, second.thinks_next) == (((3,),), (0, 1, 2), True)
    assert (third.excluded, third.thinks_next) == ((), False)
    assert (fourth.excluded, fourth.thinks_next) == ((3,), True)


def test_a_tie_leaves_people_uncertain() -> None:
    """Who is in one of the equally strong coalitions and not in another is uncertain, not excluded."""
    expected = expectations([list(range(10, 16))] * 6)[4]
    assert (expected.excluded, expected.uncertain, expected.thinks_next) == ((), (0, 1, 2, 3, 4, 5), False)


@pytest.mark.parametrize("alpha", list(published.SIZES))
def test_sizes_under_near_equal_powers(alpha: Fraction) -> None:
    """Among 1 to 14 near-equal people as many rule as the recursion says, and it is the lightest of them who do."""
    for members in range(1, 15):
        powers = [1_000_000 + 3 * place * place + place for place in range(members)]
        by_law, found = near_equal_ruling_coalition(powers, alpha), rule(powers, alpha)
        assert len(by_law.coalition) == max(size for size in ruling_sizes(members, alpha))
        assert by_law.coalition in found.coalitions
        assert by_law.power == found.power
        assert by_law.unique == (len(found.coalitions) == 1)


@pytest.mark.parametrize(("alpha", "sizes"), [("1/2", {20: 15, 40: 31}), ("3/5", {40: 36}), (Fraction(2, 3), {30: 26}), (0.75, {40: 35})])
def test_sizes_up_to_forty(alpha: str | Fraction | float, sizes: dict[int, int]) -> None:
    """The law of sizes reaches far beyond what can be searched in full."""
    for members, size in sizes.items():
        powers = [1_000_000 + place**3 for place in range(members)]
        assert near_equal_ruling_coalition(powers, alpha).coalition == tuple(range(size))


@settings(max_examples=40)
@given(st.lists(st.integers(20, 40), min_size=1, max_size=8), st.sampled_from(MAJORITIES))
def test_the_law_of_sizes_is_never_wrong(powers: list[int], alpha: Fraction) -> None:
    """Where the powers are accepted as near enough, the answer is that of the full search."""
    try:
        by_law = near_equal_ruling_coalition(powers, alpha)
    except InputError:
        return
    found = rule(powers, alpha)
    assert by_law.coalition in found.coalitions
    assert by_law.unique == (len(found.coalitions) == 1)


@settings(max_examples=40)
@given(st.lists(st.integers(1, 60), min_size=1, max_size=9), st.sampled_from(MAJORITIES))
def test_the_search_finds_the_same(powers: list[int], alpha: Fraction) -> None:
    """The search in order of power agrees with the full one, and sampling brackets it."""
    found, searched = rule(powers, alpha), search_ruling_coalition(powers, alpha)
    assert searched.exact
    assert searched.coalition in found.coalitions
    assert searched.power == searched.least == found.power
    sampled = sample_ruling_coalition(powers, alpha, draws=30)
    assert sampled.least < found.power <= sampled.power


def test_the_search_goes_beyond_what_can_be_listed() -> None:
    """Thirty-five members: the coalition found wins, stays when left to itself, and nothing sampled is lighter."""
    powers = np.random.default_rng(5).lognormal(0.0, 0.3, 35)
    found = search_ruling_coalition(powers)
    assert found.exact
    assert 2 * found.power > sum(Fraction(repr(power)) for power in powers.tolist())
    assert rule(powers[list(found.coalition)]).share == 1
    assert sample_ruling_coalition(powers, draws=20).power >= found.power


def test_an_unfinished_search_says_so() -> None:
    """With too few tests the ruling power is bracketed, and the truth lies inside."""
    powers = np.random.default_rng(0).lognormal(0.0, 0.3, 12)
    short, truth = search_ruling_coalition(powers, tests=2), rule(powers).power
    assert not short.exact
    assert short.least <= truth <= short.power


def test_an_unsettled_coalition_leaves_a_bracket(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where coalitions are too large to be settled, the answer is not called exact."""
    monkeypatch.setattr(large_coalitions, "HEAVIEST", (3,))
    powers = [101, 103, 107, 109, 113, 127, 131, 137]
    found = search_ruling_coalition(powers)
    assert not found.exact
    assert found.least <= rule(powers).power <= found.power
    passed_over = search_ruling_coalition([25, 19, 15, 8, 9, 2, 3])
    assert (passed_over.exact, passed_over.least, passed_over.power) == (False, 41, 42)


REFUSED: list[tuple[Callable[[], object], str]] = [
    (lambda: rule([]), "at least one member"),
    (lambda: rule([1, 0]), "above 0"),
    (lambda: rule([1.0, float("nan")]), "finite"),
    (lambda: rule([1, 2], 0.4), "majority"),
    (lambda: rule([1, 2], 1), "majority"),
    (lambda: rule([1] * 25), "more than the 24"),
    (lambda: expectations([[1, 2], [1]]), "row 1"),
    (lambda: near_equal_ruling_coalition([1, 1]), "exactly the majority"),
    (lambda: near_equal_ruling_coalition([1, 2, 9]), "too unequal"),
    (lambda: search_ruling_coalition([1] * 41), "up to 40"),
    (lambda: search_ruling_coalition([1], tests=0), "at least 1 test"),
    (lambda: sample_ruling_coalition([1], draws=0), "at least 1 draw"),
]


@pytest.mark.parametrize(("call", "message"), REFUSED)
def test_what_cannot_be_answered_is_refused(call: Callable[[], object], message: str) -> None:
    """Each fault is named."""
    with pytest.raises(InputError, match=message):
        call()
