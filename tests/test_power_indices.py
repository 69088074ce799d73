"""Power indices: published assemblies, counting by brute force, and what must hold of every index."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from virtu.classics import power_indices as source
from virtu.classics.power_indices import Condition, joint_power_indices, power_indices, sampled_power_indices
from virtu.errors import InputError
from virtu.laboratory.validation import power_indices as published
from virtu.laboratory.validation.rows import Row

Game = tuple[list[int], int]


@st.composite
def games(draw: st.DrawFn, members: int = 7) -> Game:
    """Draw weights, some of them 0, and a quota that can be reached."""
    weights = draw(st.lists(st.integers(0, 9), min_size=1, max_size=members).filter(any))
    return weights, draw(st.integers(1, sum(weights)))


def _by_counting(conditions: list[Condition]) -> tuple[list[int], list[Fraction]]:
    """Return swings and Shapley-Shubik shares by going through all orders' beginnings, coalition by coalition."""
    members = len(conditions[0].weights)

    def wins(coalition: tuple[int, ...]) -> bool:
        return all(sum(Fraction(one.weights[i]) for i in coalition) >= Fraction(one.quota) for one in conditions)

    swings, shares = [0] * members, [Fraction(0)] * members
    for member in range(members):
        others = [other for other in range(members) if other != member]
        for size in range(members):
            for coalition in itertools.combinations(others, size):
                if wins((*coalition, member)) and not wins(coalition):
                    swings[member] += 1
                    shares[member] += Fraction(math.factorial(size) * math.factorial(members - 1 - size), math.factorial(members))
    return swings, shares


def _failures() -> list[str]:
    rows = [row for row in published.rows(None) if isinstance(row, Row)]
    return [row.id for row in rows if abs(row.ours - row.published) > row.tolerance]


def test_every_published_row_passes() -> None:
    """Four assemblies come out, exact fractions among them."""
    assert _failures() == []
    europe = power_indices((4, 4, 4, 2, 2, 1), 12)
    assert europe.banzhaf == (*[Fraction(5, 21)] * 3, *[Fraction(1, 7)] * 2, 0)
    assert europe.shapley_shubik == (*[Fraction(7, 30)] * 3, *[Fraction(3, 20)] * 2, 0)
    council = power_indices([7] * 5 + [1] * 10, 39)
    assert council.shapley_shubik[4:6] == (Fraction(421, 2145), Fraction(4, 2145))
    assert council.swings[0] == 848
    assert sum(published.ASSEMBLIES["nice-27"].weights) == 345
    assert sum(published.ASSEMBLIES["electoral-college-2024"].weights) == 538


def test_a_quota_missed_by_one_fails_the_published_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    """A quota that must be exceeded in place of reached is seen in every assembly."""
    monkeypatch.setattr(published, "power_indices", lambda weights, quota: power_indices(weights, quota + 1))
    assert {name.split(".")[0] for name in _failures()} == set(published.ASSEMBLIES)


@settings(max_examples=60)
@given(games())
def test_equals_counting(game: Game) -> None:
    """Swings and shares are those counted one coalition at a time."""
    found = power_indices(*game)
    swings, shares = _by_counting([Condition(*game)])
    assert list(found.swings) == swings
    assert list(found.shapley_shubik) == shares
    assert found.penrose == tuple(Fraction(count, 2 ** (len(swings) - 1)) for count in swings)


@settings(max_examples=40)
@given(st.data(), st.integers(1, 6), st.integers(2, 3))
def test_several_conditions_equal_counting(data: st.DataObject, members: int, conditions: int) -> None:
    """So they are where every one of several conditions must be met."""
    drawn = []
    for _ in range(conditions):
        weights = data.draw(st.lists(st.integers(0, 5), min_size=members, max_size=members).filter(any))
        drawn.append(Condition(weights, data.draw(st.integers(1, sum(weights)))))
    found = joint_power_indices(drawn)
    swings, shares = _by_counting(drawn)
    assert list(found.swings) == swings
    assert list(found.shapley_shubik) == shares


@settings(max_examples=80)
@given(games(members=12))
def test_what_holds_of_every_index(game: Game) -> None:
    """Shares sum to 1, more weight is never less power, equal weights are equal, and who has none decides nothing."""
    weights, quota = game
    found = power_indices(weights, quota)
    for index in (found.banzhaf, found.shapley_shubik):
        assert sum(index) == 1
        ordered = [share for _, share in sorted(zip(weights, index, strict=True))]
        assert ordered == sorted(ordered)
        assert all(share == 0 for weight, share in zip(weights, index, strict=True) if weight == 0)
    assert len(set(zip(weights, found.swings, strict=True))) == len(set(weights))


@settings(max_examples=30)
@given(st.lists(games(), min_size=1, max_size=2).filter(lambda drawn: len({len(weights) for weights, _ in drawn}) == 1))
def test_long_weights_are_counted_one_by_one(drawn: list[Game]) -> None:
    """Weights too long for a table give what the same weights without their last digits give: 10³⁰ times as much, and a little."""
    short = [Condition(*game) for game in drawn]
    long = [Condition([weight * 10**30 + 1 for weight in weights], quota * 10**30) for weights, quota in drawn]
    assert joint_power_indices(long) == joint_power_indices(short)
    assert power_indices([10**30 + 1, 10**30, 1], 10**30) == power_indices([2, 2, 1], 2)


@settings(max_examples=40)
@given(games(), st.randoms(use_true_random=False), st.integers(1, 30))
def test_names_and_units_do_not_matter(game: Game, chance: st.DrawFn, unit: int) -> None:
    """Relabelled members keep their power; so do weights and quota in another unit."""
    weights, quota = game
    order = list(range(len(weights)))
    chance.shuffle(order)  # pyright: ignore[reportAttributeAccessIssue]
    renamed, found = power_indices([weights[member] for member in order], quota), power_indices(weights, quota)
    assert renamed.shapley_shubik == tuple(found.shapley_shubik[member] for member in order)
    scaled = power_indices([Fraction(weight, unit) for weight in weights], Fraction(quota, unit))
    assert scaled == found


def test_a_dummy_adds_nothing() -> None:
    """Luxembourg with 1 vote of 17 changes nobody's power, for no coalition needs it."""
    assert power_indices((4, 4, 4, 2, 2), 12).banzhaf == power_indices((4, 4, 4, 2, 2, 1), 12).banzhaf[:5]


def test_decimals_are_read_as_written() -> None:
    """Ten weights of a tenth reach a quota of 1, though ten floats do not."""
    assert power_indices([0.1] * 10, 1.0).swings == (1,) * 10
    assert power_indices([0.1, 0.2, 0.3], 0.3).swings == power_indices([1, 2, 3], 3).swings


def test_a_double_majority_is_more_than_either() -> None:
    """Where three of five members must agree besides 55 of 100 people, the largest loses power and the smallest gains."""
    people = [40, 20, 15, 15, 10]
    by_people = power_indices(people, 55)
    both = joint_power_indices([Condition([1] * 5, 3), Condition(people, 55)])
    assert both.banzhaf[0] < by_people.banzhaf[0]
    assert both.banzhaf[4] > by_people.banzhaf[4]
    assert power_indices([1] * 5, 3).banzhaf == (Fraction(1, 5),) * 5


@settings(max_examples=60)
@given(games(), st.integers(0, 7))
@example(([3, 2, 1], 5), 2)
@example(([3, 2, 1], 2), 2)
def test_draws_of_whole_weights_are_exact(game: Game, heads: int) -> None:
    """With a step for each unit of weight, a draw gives the exact indices, with a least number of members or without."""
    weights, quota = game
    least = min(heads, len(weights))
    conditions = [Condition(weights, quota)] + ([Condition([1] * len(weights), least)] if least else [])
    exact = joint_power_indices(conditions)
    found = sampled_power_indices(np.array([weights]), quota / sum(weights), least, steps=sum(weights))
    np.testing.assert_allclose(found.banzhaf[0], np.array(exact.banzhaf, float), atol=1e-12)
    np.testing.assert_allclose(found.shapley_shubik[0], np.array(exact.shapley_shubik, float), atol=1e-12)
    assert max(found.banzhaf_error, found.shapley_shubik_error) < 1e-12


def test_counts_beyond_32_bits_stay_exact() -> None:
    """The Electoral College, 51 members, is counted in 64 bits and agrees with the fractions."""
    college = published.ASSEMBLIES["electoral-college-2024"]
    found = sampled_power_indices(np.array([college.weights]), college.quota / 538, steps=538)
    exact = power_indices(college.weights, college.quota)
    np.testing.assert_allclose(found.banzhaf[0], np.array(exact.banzhaf, float), atol=1e-12)
    np.testing.assert_allclose(found.shapley_shubik[0], np.array(exact.shapley_shubik, float), atol=1e-12)


def test_the_error_of_rounding_is_stated_and_real() -> None:
    """For uneven weights, the error stated is that against the exact indices, to within a factor of 3."""
    weights = np.random.default_rng(2).lognormal(0.0, 1.0, (4, 12))
    found = sampled_power_indices(weights, 0.6, steps=400)
    exact = np.array([power_indices(row, Fraction(3, 5) * sum(map(Fraction, map(repr, row)))).banzhaf for row in weights.tolist()], float)
    true_error = np.abs(found.banzhaf - exact).max()
    assert found.banzhaf_error > 0
    assert true_error / 3 < found.banzhaf_error < 3 * true_error
    np.testing.assert_allclose(found.banzhaf.sum(axis=1), 1.0)
    np.testing.assert_allclose(found.shapley_shubik.sum(axis=1), 1.0)


def test_too_few_bits_would_be_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """The Electoral College counted in 32 bits is wrong, so that the test above can fail."""
    monkeypatch.setattr(source, "SHORT_COUNTS", 62)
    college = published.ASSEMBLIES["electoral-college-2024"]
    found = sampled_power_indices(np.array([college.weights]), college.quota / 538, steps=538)
    assert abs(found.banzhaf[0, 0] - 0.11080) > 1e-3


REFUSED: list[tuple[Callable[[], object], str]] = [
    (lambda: power_indices([], 1), "at least one"),
    (lambda: power_indices([1, -1], 1), "at least 0"),
    (lambda: power_indices([1, 1], 3), "at most all weights"),
    (lambda: power_indices([1, 1], 0), "above 0"),
    (lambda: power_indices([10**12, *range(1, 22)], 10**12), "bits"),
    (lambda: joint_power_indices([Condition([1, 2], 1), Condition([1], 1)]), "as many weights"),
    (lambda: sampled_power_indices(np.ones((2, 63)), 0.5), "62 members"),
    (lambda: sampled_power_indices(np.zeros((2, 3)), 0.5), "above 0"),
    (lambda: sampled_power_indices(np.ones((2, 3)), 0.0), "share"),
    (lambda: sampled_power_indices(np.ones((2, 3)), 0.5, steps=0), "1 step"),
    (lambda: sampled_power_indices(np.ones((2, 3)), 0.5, steps=1), "every weight to 0"),
]


@pytest.mark.parametrize(("call", "message"), REFUSED)
def test_what_cannot_be_answered_is_refused(call: Callable[[], object], message: str) -> None:
    """Each fault is named."""
    with pytest.raises(InputError, match=message):
        call()
