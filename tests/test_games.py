"""Games: published numbers, known limits, loops in plain Python, and branches of equilibria followed in small steps."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.optimize import brentq
from scipy.special import expit, softmax
from scipy.stats import poisson

from virtu.errors import InputError
from virtu.laboratory.validation import games as published
from virtu.laboratory.validation import validate
from virtu.minds import contest
from virtu.minds.choice import quantal_response
from virtu.minds.logit_equilibrium import logit_equilibrium, symmetric_logit_equilibrium
from virtu.minds.theory_of_mind import (
    Game,
    Levels,
    beauty_contest,
    depth_weights,
    known_game,
    levels_below,
    mixture,
    prediction,
    reason,
    response_between_two,
    truncated_poisson,
)

OWN, OTHER, TYPES, TOP = 3, 2, 2, 3
"""Actions of the two, types of the other, and highest level in random games."""

FOLDING = (
    np.array([[-3.0, -2.0, 2.0], [2.0, -3.0, 0.0], [3.0, -3.0, 2.0]]),
    np.array([[2.0, -2.0, -1.0], [1.0, 0.0, -1.0], [-3.0, 2.0, -3.0]]),
)
"""A game, found by search, whose principal branch turns back at a precision of 15.6, and forwards again at 9.6."""

PRECISIONS = [0.5, 2.0, 8.0, 12.0, 15.0, 16.0, 18.0]
"""At which branches are looked at."""

MEAN_GUESSES = {f"mean-guess.p-{factor}" for factor in ("2-3", "1-2", "9-10")}

few = settings(max_examples=25)
"""Examples of each property: each of them costs a dozen small computations."""


def array(*values: Any) -> jax.Array:
    """Return numbers as the single precision the model computes in."""
    return jnp.asarray(values[0] if len(values) == 1 else values, jnp.float32)


def whole(*shape: int) -> st.SearchStrategy[np.ndarray]:
    """Return a strategy of payoffs that are whole numbers, among which ties are common."""
    return arrays(np.float32, shape, elements=st.integers(-4, 4).map(float))


def shares(size: int) -> st.SearchStrategy[np.ndarray]:
    """Return a strategy of distributions."""
    return arrays(np.float32, size, elements=st.floats(0.0625, 1.0, width=32)).map(lambda part: part / part.sum())


def zero(surplus: Callable[[float], Any], low: float) -> float:
    """Return the zero of a function between a bound and 1, where its sign differs."""
    return float(np.asarray(brentq(surplus, low, 1.0, xtol=1e-14)))


def random_games(seed: int, *batch: int) -> Game:
    lot = np.random.default_rng(seed)
    own, other = lot.normal(size=(*batch, OWN, OTHER)), lot.normal(size=(TYPES, *batch, OTHER, OWN))
    return Game(array(own), array(other), array(lot.dirichlet(np.ones(TYPES), batch)).transpose(-1, *range(len(batch))))


# published numbers


def test_published_numbers() -> None:
    """All fourteen come out; the one that cannot be computed is said to be missing."""
    found = validate(["games"])
    assert (found["passed"], found["failed"], len(found["gaps"])) == (14, 0, 1)


@pytest.mark.parametrize(
    ("name", "value", "wrong"),
    [
        ("DEPTH", 1.5002, {"guess.level-2", "guess.level-3", "guess.level-4"} | MEAN_GUESSES),
        ("START", 50.001, {f"guess.level-{level}" for level in range(5)} | MEAN_GUESSES),
        ("ROW_PAYOFF", ((320.01, 40.0), (40.0, 80.0)), {f"precision-{at}.{who}" for at in (0.01, 0.02, 0.05) for who in ("row", "column")}),
    ],
)
def test_published_numbers_can_be_missed(name: str, value: Any, wrong: set[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """A small error in what goes in is seen in the rows it bears on, and in no others."""
    monkeypatch.setattr(published, name, value)
    failed = {row["id"].split(".", 1)[1] for row in validate(["games"])["rows"] if not row["pass"]}
    assert failed == wrong


@pytest.mark.parametrize(("precision", "row", "column"), [(at, *both) for at, both in published.CHANCES.items()])
def test_published_equilibria_solve_the_equations(precision: float, row: float, column: float) -> None:
    """The published chances are the root of the two equations, found in double precision; one of them is cut off, not rounded."""

    def column_play(p: float) -> float:
        return float(expit(precision * (40 * p + 80 * (1 - p) - 80 * p - 40 * (1 - p))))

    def surplus(p: float) -> float:
        q = column_play(p)
        return float(expit(precision * (320 * q + 40 * (1 - q) - 40 * q - 80 * (1 - q)))) - p

    root = zero(surplus, 0.0)
    assert (root, column_play(root)) == (pytest.approx(row, abs=9e-8), pytest.approx(column, abs=9e-8))


# depth


@few
@given(st.floats(0.0, 60.0), st.integers(0, 40))
def test_depth_is_a_poisson_distribution_cut_off(depth: float, top: int) -> None:
    """At any depth and any top level the weights are those of the distribution."""
    expected = poisson.pmf(np.arange(top + 1), np.float32(depth))
    np.testing.assert_allclose(truncated_poisson(array(depth), top), expected / expected.sum(), atol=3e-6)


@few
@given(arrays(np.float32, (2, 3), elements=st.floats(0.0, 50.0, width=32)))
def test_depth_over_three_levels(depth: np.ndarray) -> None:
    """What the organisation asks for in every tick is the same distribution."""
    np.testing.assert_allclose(depth_weights(array(depth)), truncated_poisson(array(depth), 2), atol=1e-6)


def test_depth_has_no_dangerous_numbers() -> None:
    """Neither depth 0 nor an immense one overflows, and at 0 level 1 takes from level 0 at unit rate."""
    weights = truncated_poisson(array(0.0, 1e30), 30)
    np.testing.assert_array_equal(weights[:, 0], np.eye(31)[0])
    np.testing.assert_allclose(weights[:, 1], np.eye(31)[30], atol=1e-6)
    slope = jax.jacfwd(partial(truncated_poisson, top=4))(array(0.0))
    np.testing.assert_allclose(slope, [-1.0, 1.0, 0.0, 0.0, 0.0], atol=1e-6)


def test_levels_know_those_below() -> None:
    """Each row is the distribution cut off below its own level; at immense depth it is the next level alone."""
    below = np.asarray(levels_below(array(0.7, 1e30), 4))
    for level in range(1, 5):
        np.testing.assert_allclose(below[level, :level, 0], truncated_poisson(array(0.7), level - 1), rtol=1e-6)
        np.testing.assert_allclose(below[level, :, 1], np.eye(5)[level - 1], atol=1e-6)
    assert (np.triu(below[..., 0]) == 0.0).all()


# reasoning


def plain_levels(game: Game, precision: float | None, attributed: float | None, below: Any, habits: Sequence[Any]) -> tuple[list, list]:
    """Return what each level does, one level and one type at a time in double precision; `below` is None for level-k."""
    own, other, types = (np.asarray(part, float) for part in game)

    def respond(payoff: np.ndarray, precision: float | None) -> np.ndarray:
        best = np.isclose(payoff, payoff.max(), rtol=0.0, atol=1e-6)
        return best / best.sum() if precision is None else softmax(precision * payoff)

    owns, others = [np.asarray(habits[0], float)], [[np.asarray(habits[1], float)] * TYPES]
    for level in range(1, TOP + 1):
        belief = np.eye(level)[-1] if below is None else np.asarray(below, float)[level, :level]
        seen_own = sum(share * play for share, play in zip(belief, owns, strict=True))
        seen_other = sum(
            share * sum(b * play for b, play in zip(types, plays, strict=True)) for share, plays in zip(belief, others, strict=True)
        )
        owns.append(respond(own @ seen_other, precision))
        others.append([respond(payoff @ seen_own, attributed) for payoff in other])
    return owns, others


@few
@given(whole(OWN, OTHER), whole(TYPES, OTHER, OWN), shares(TYPES), st.floats(0.0, 3.0), st.floats(0.0, 3.0), st.floats(0.0, 4.0))
def test_quantal_hierarchy_in_loops(
    own: np.ndarray, other: np.ndarray, types: np.ndarray, precision: float, attributed: float, depth: float
) -> None:
    """Levels and prediction of a quantal hierarchy with types are those of the loops."""
    game, below = Game(array(own), array(other), array(types)), levels_below(array(depth), TOP)
    weights = truncated_poisson(array(depth), TOP)
    found = hierarchy(game, array(precision), array(attributed), below)
    owns, others = plain_levels(game, precision, attributed, below, (np.full(OWN, 1 / OWN), np.full(OTHER, 1 / OTHER)))
    np.testing.assert_allclose(found.own, owns, atol=2e-5)
    np.testing.assert_allclose(found.other, others, atol=2e-5)
    expected = np.einsum("l,t,ltm->m", weights, types, others)
    np.testing.assert_allclose(prediction(found, weights, game.types), expected, atol=2e-5)


hierarchy = jax.jit(lambda game, precision, attributed, below: reason(game, TOP, precision, attributed, below))
level_k = jax.jit(lambda game, precision, attributed, habits: reason(game, TOP, precision, attributed, None, *habits))


@few
@given(whole(OWN, OTHER), whole(TYPES, OTHER, OWN), shares(OWN), shares(OTHER), st.booleans())
def test_level_k_in_loops(own: np.ndarray, other: np.ndarray, own_habit: np.ndarray, other_habit: np.ndarray, exact: bool) -> None:
    """Level-k, in its strict form or with noise, starts from habits and answers the next level below."""
    game, habits, precision = Game(array(own), array(other), array([0.5, 0.5])), (own_habit, other_habit), None if exact else 1.5
    found = level_k(game, *(None if exact else array(1.5),) * 2, tuple(map(array, habits)))
    owns, others = plain_levels(game, precision, precision, None, habits)
    np.testing.assert_allclose(found.own, owns, atol=2e-5)
    np.testing.assert_allclose(found.other, others, atol=2e-5)


@few
@given(whole(OWN, OTHER), whole(TYPES, OTHER, OWN))
@example(np.zeros((OWN, OTHER), np.float32), np.array([np.zeros((OTHER, OWN)), [[0, 0, 0], [0, 3, -3]]], np.float32))
def test_limits_of_precision(own: np.ndarray, other: np.ndarray) -> None:
    """Without precision everything is equally likely; as it grows without bound, level-k answers best, ties split evenly."""
    game, uniform = Game(array(own), array(other), array([1.0, 0.0])), (jnp.full(OWN, 1 / OWN), jnp.full(OTHER, 1 / OTHER))
    blunt, sharp = (level_k(game, array(size), array(size), uniform) for size in (0.0, 1e4))
    strict = level_k(game, None, None, uniform)
    np.testing.assert_allclose(blunt.own, 1 / OWN, rtol=1e-6)
    np.testing.assert_allclose(blunt.other, 1 / OTHER, rtol=1e-6)
    for level in range(1, 3):
        np.testing.assert_allclose(sharp.own[level], strict.own[level], atol=5e-3)
        np.testing.assert_allclose(sharp.other[level], strict.other[level], atol=5e-3)


@few
@given(st.integers(0, 2**32 - 1), st.integers(0, TOP))
def test_limits_of_depth(seed: int, level: int) -> None:
    """All weight on a level predicts what that level does; at immense depth the hierarchy is level-k."""
    game = random_games(seed)
    uniform = jnp.full(OWN, 1 / OWN), jnp.full(OTHER, 1 / OTHER)
    found = level_k(game, array(2.0), array(3.0), uniform)
    one = prediction(found, jnp.eye(TOP + 1)[level], game.types)
    np.testing.assert_allclose(one, mixture(game.types[:, None], found.other[level]), rtol=1e-6)
    deep = hierarchy(game, array(2.0), array(3.0), levels_below(array(1e30), TOP))
    np.testing.assert_allclose(deep.own, found.own, atol=1e-5)
    np.testing.assert_allclose(deep.other, found.other, atol=1e-5)


def test_batches_are_loops() -> None:
    """Leading axes of payoffs, beliefs, precision and depth broadcast against each other."""
    game, depth = random_games(4, 4, 1), array(np.linspace(0.0, 3.0, 5))
    precision = array(np.linspace(0.1, 4.0, 4))[:, None]
    weights, below = truncated_poisson(depth, TOP), levels_below(depth, TOP)
    found = hierarchy(game, precision, 2.0 * precision, below)
    predicted = prediction(found, weights, game.types)
    assert (found.own.shape, found.other.shape, predicted.shape) == ((4, 4, 5, OWN), (4, TYPES, 4, 5, OTHER), (4, 5, OTHER))
    for at in np.ndindex(4, 5):
        row, column = at
        each = Game(game.own[row, 0], game.other[:, row, 0], game.types[:, row, 0])
        alone = hierarchy(each, precision[row, 0], 2.0 * precision[row, 0], below[..., column])
        np.testing.assert_allclose(found.own[:, row, column], alone.own, atol=1e-6)
        np.testing.assert_allclose(found.other[:, :, row, column], alone.other, atol=1e-6)
        np.testing.assert_allclose(predicted[at], prediction(alone, weights[:, column], each.types), atol=1e-6)


@few
@given(st.integers(0, 2**32 - 1), st.permutations(range(OWN)), st.permutations(range(OTHER)), st.permutations(range(TYPES)))
def test_labels_do_not_matter(seed: int, own: list[int], other: list[int], types: list[int]) -> None:
    """Actions and types under other names do the same."""
    game, below = random_games(seed), levels_below(array(1.4), TOP)
    mine, theirs, kinds = map(np.array, (own, other, types))
    renamed = Game(game.own[mine][:, theirs], game.other[kinds][:, theirs][:, :, mine], game.types[kinds])
    found, again = (hierarchy(each, array(2.0), array(1.0), below) for each in (game, renamed))
    np.testing.assert_allclose(again.own, found.own[:, mine], atol=1e-6)
    np.testing.assert_allclose(again.other, found.other[:, kinds][:, :, theirs], atol=1e-6)


@pytest.mark.parametrize(("depth", "precision"), [(0.0, 0.0), (1.4, 1.0), (50.0, 1e4)])
def test_derivatives_are_finite(depth: float, precision: float) -> None:
    """By payoffs, beliefs, precisions and depth, also where they are 0 and where they are immense."""
    game = random_games(2)

    def chance(game: Game, precision: jax.Array, attributed: jax.Array, depth: jax.Array) -> jax.Array:
        levels = reason(game, TOP, precision, attributed, levels_below(depth, TOP))
        return prediction(levels, truncated_poisson(depth, TOP), game.types)[0]

    slopes = jax.jit(jax.grad(chance, (0, 1, 2, 3)))(game, array(precision), array(precision), array(depth))
    assert all(np.isfinite(part).all() for part in jax.tree.leaves(slopes))
    assert any((np.asarray(part) != 0.0).any() for part in jax.tree.leaves(slopes))


def test_reasoning_is_compiled_once() -> None:
    """Other payoffs, precisions and depths need no other program."""
    traces = []

    @jax.jit
    def work(game: Game, precision: jax.Array, depth: jax.Array) -> Levels:
        traces.append(depth)
        return reason(game, TOP, precision, precision, levels_below(depth, TOP))

    for seed in range(3):
        work(random_games(seed), array(seed), array(0.5 * seed))
    assert len(traces) == 1


@few
@given(st.floats(-20.0, 20.0), st.floats(-3.0, 3.0), st.floats(0.0, 3.0), shares(3))
def test_contests_are_games_of_two_actions(score: float, lean: float, precision: float, depth: np.ndarray) -> None:
    """Sides are responses between two actions, and without a bandwagon those of level-k in a game where only one's own action counts."""
    both = quantal_response(array([score, 0.0]), array(1.0))
    np.testing.assert_allclose(response_between_two(array(score)), both[0], rtol=1e-5)
    levels = reason(known_game(jnp.zeros((2, 2)), array([[lean, lean], [0.0, 0.0]])), 2, array(precision), array(precision))
    expected = prediction(levels, array(depth), jnp.ones(1))[0]
    sides = contest.predict_sides(array([[lean]]), array([0.3]), array(depth)[:, None], array([precision]), array(0.0))
    np.testing.assert_allclose(sides[0, 0], expected, rtol=1e-5)


@few
@given(st.floats(0.0, 0.9375), st.floats(0.0, 10.0))
def test_beauty_contests_have_a_closed_form(factor: float, depth: float) -> None:
    """Each level guesses p times the mean of those below it; at immense depth that is level-k."""
    found, weights = beauty_contest(array(factor), array(depth), 6, array(50.0)), truncated_poisson(array(depth), 6)
    below = np.asarray(levels_below(array(depth), 6))
    np.testing.assert_allclose(found.levels[1:], factor * (below @ np.asarray(found.levels))[1:], rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(found.mean, np.asarray(weights) @ np.asarray(found.levels), rtol=1e-4)
    deep = beauty_contest(array(factor), array(1e30), 6, array(50.0))
    np.testing.assert_allclose(deep.levels, 50.0 * np.float32(factor) ** np.arange(7), rtol=1e-4, atol=1e-5)


# the logit equilibrium


@few
@given(whole(OWN, OTHER), whole(OTHER, OWN), st.floats(0.0, 20.0), st.floats(0.0, 20.0))
def test_an_equilibrium_answers_itself(own: np.ndarray, other: np.ndarray, precision: float, attributed: float) -> None:
    """Each side's play is its quantal response to the other's."""
    found = logit_equilibrium(array(own), array(other), array(precision), array(attributed))
    assume(bool(found.converged))
    p, q = np.asarray(found.own, float), np.asarray(found.other, float)
    np.testing.assert_allclose(softmax(np.float32(precision) * (own @ q)), p, atol=1e-4)
    np.testing.assert_allclose(softmax(np.float32(attributed) * (other @ p)), q, atol=1e-4)


def test_branches_are_followed_to_the_end() -> None:
    """In each of many games of whole numbers, up to precisions at which rounding of payoffs would swamp choices, were it let grow."""
    lot = np.random.default_rng(11)
    own, other = lot.integers(-4, 5, (400, OWN, OTHER)), lot.integers(-4, 5, (400, OTHER, OWN))
    found = logit_equilibrium(array(own), array(other), array(lot.uniform(0.0, 1e4, 400)))
    # How the last digits fall in the one or two games that are all but degenerate differs from one processor's linear algebra to another's.
    assert float(found.converged.mean()) >= 0.995
    assert float(np.quantile(found.error, 0.99)) < 2e-6


@few
@given(*[st.floats(0.125, 5.0, width=32) for _ in range(4)])
def test_matching_pennies_end_in_the_mixed_equilibrium(a: float, b: float, c: float, d: float) -> None:
    """Without precision all is even; as it grows, each plays what makes the other indifferent."""
    own, other = array([[a, 0.0], [0.0, b]]), array([[0.0, c], [d, 0.0]])
    found = logit_equilibrium(own, other, array(0.0, 1e5, 1e6))
    assert found.converged.all()
    np.testing.assert_allclose(found.own[:, 0], [0.5, c / (c + d), c / (c + d)], atol=1e-3)
    np.testing.assert_allclose(found.other[:, 0], [0.5, b / (a + b), b / (a + b)], atol=1e-3)


def followed(own: np.ndarray, other: np.ndarray, precisions: Sequence[float]) -> tuple[list[np.ndarray], bool]:
    """Follow the branch in steps of a hundredth, in double precision; return own play where it first passes each precision.

    Also say whether it ever turned back.
    """
    n, size = own.shape[0], sum(own.shape)

    def gap(point: np.ndarray) -> np.ndarray:
        p, q = softmax(point[:n]), softmax(point[n:size])
        return point[:size] - point[size] * np.concatenate([own @ q, other @ p])

    def bordered(point: np.ndarray, last: np.ndarray) -> np.ndarray:
        p, q = softmax(point[:n]), softmax(point[n:size])
        jacobian = np.eye(size)
        jacobian[:n, n:] = -point[size] * own @ (np.diag(q) - np.outer(q, q))
        jacobian[n:, :n] = -point[size] * other @ (np.diag(p) - np.outer(p, p))
        return np.vstack([np.column_stack([jacobian, -np.concatenate([own @ q, other @ p])]), last])

    point, tangent, found, turned = np.zeros(size + 1), np.eye(size + 1)[-1], [], False
    while len(found) < len(precisions):
        tangent = np.linalg.solve(bordered(point, tangent), np.eye(size + 1)[-1])
        tangent, before = tangent / np.linalg.norm(tangent), point
        point = point + 0.01 * tangent
        for _ in range(3):
            point = point - np.linalg.solve(bordered(point, tangent), np.append(gap(point), 0.0))
        turned |= bool(tangent[size] < 0.0)
        if point[size] >= precisions[len(found)]:
            share = (precisions[len(found)] - before[size]) / (point[size] - before[size])
            found.append(softmax((before + share * (point - before))[:n]))
    return found, turned


@pytest.mark.parametrize("seed", [None, 0, 1, 2])
def test_the_branch_in_small_steps(seed: int | None) -> None:
    """A hundred times as many steps in double precision lead to the same places, also along a branch that turns back."""
    lot = np.random.default_rng(seed)
    own, other = FOLDING if seed is None else (lot.normal(size=(3, 3)), lot.normal(size=(3, 3)))
    expected, turned = followed(own, other, PRECISIONS)
    found = logit_equilibrium(array(own), array(other), array(PRECISIONS))
    assert found.converged.all()
    assert turned == (seed is None)
    np.testing.assert_allclose(found.own, expected, atol=1e-3)


def test_branches_that_cross_and_branches_that_nearly_do() -> None:
    """Among equals nothing breaks the tie; the least advantage does, once precision allows; on the crossing itself nothing is certain."""
    payoff = array([[[size, 0.0], [0.0, 1.0]] for size in (1.0, 1.001)])[:, None]
    found = logit_equilibrium(payoff, payoff, array(1.0, 2.0, 3.0, 100.0))
    np.testing.assert_allclose(found.own[0], 0.5, atol=1e-6)
    roots = [zero(lambda p, at=at: p - expit(at * (1.001 * p - (1 - p))), 0.5) for at in (1.0, 2.0, 3.0, 100.0)]
    np.testing.assert_allclose(found.own[1, :, 0], roots, atol=1e-4)
    np.testing.assert_array_equal(found.converged, [[True, False, True, True], [True] * 4])


def test_no_stakes_no_preference() -> None:
    """Payoffs that do not differ leave all actions equally likely."""
    found = logit_equilibrium(jnp.full((OWN, OTHER), 7.0), jnp.zeros((OTHER, OWN)), array(3.0), array(3.0))
    assert bool(found.converged)
    np.testing.assert_allclose(found.own, 1 / OWN, rtol=1e-6)
    np.testing.assert_allclose(found.other, 1 / OTHER, rtol=1e-6)


def test_equilibria_in_batches_under_other_names_and_compiled_once() -> None:
    """A batch is a loop, other names change nothing, and other numbers need no other program."""
    game, traces = random_games(5, 4), []

    @jax.jit
    def work(own: jax.Array, other: jax.Array, precision: jax.Array) -> tuple[jax.Array, ...]:
        traces.append(precision)
        return logit_equilibrium(own, other, precision)

    whole, mine = work(game.own, game.other[0], array(3.0)), np.array([2, 0, 1])
    for at in range(4):
        alone = logit_equilibrium(game.own[at], game.other[0, at], array(3.0), array(3.0))
        np.testing.assert_allclose(whole[0][at], alone.own, atol=1e-5)
        np.testing.assert_allclose(whole[1][at], alone.other, atol=1e-5)
    renamed = work(game.own[:, mine], game.other[0][:, :, mine], array(3.0))
    np.testing.assert_allclose(renamed[0], whole[0][:, mine], atol=1e-5)
    np.testing.assert_allclose(renamed[1], whole[1], atol=1e-5)
    assert len(traces) == 1


def test_derivatives_of_equilibria() -> None:
    """They agree with differences in double precision, by payoffs and by precision, and are finite without precision."""
    game = random_games(3)

    def chance(own: jax.Array, precision: jax.Array) -> jax.Array:
        return logit_equilibrium(own, game.other[0].astype(own.dtype), precision).own[0]

    slopes = jax.grad(chance, (0, 1))
    by_payoff, by_precision = slopes(game.own, array(2.0))
    with jax.enable_x64(True):
        own, size = jnp.asarray(np.asarray(game.own, float)), jnp.asarray(2.0)
        ahead, behind = chance(own, size + 1e-5), chance(own, size - 1e-5)
        assert float(by_precision) == pytest.approx(float(ahead - behind) / 2e-5, abs=1e-4)
        one = jnp.zeros_like(own).at[1, 0].set(1e-5)
        assert float(by_payoff[1, 0]) == pytest.approx(float(chance(own + one, size) - chance(own - one, size)) / 2e-5, abs=1e-4)
    assert all(np.isfinite(part).all() for part in slopes(game.own, array(0.0)))


@pytest.mark.parametrize("players", [2, 3, 4])
def test_volunteers(players: int) -> None:
    """In the volunteer's dilemma the symmetric equilibrium is the root of one equation, found by bisection."""
    benefit, cost, precision = 4.0, 1.0, 1.7
    payoff = np.full((2,) * players, benefit)
    payoff[0] -= cost
    payoff[(1,) * players] = 0.0
    found = symmetric_logit_equilibrium(array(payoff), array(precision), players)
    root = zero(lambda p: p - expit(precision * (benefit * (1 - p) ** (players - 1) - cost)), 0.0)
    assert bool(found.converged)
    assert float(found.play[0]) == pytest.approx(root, abs=1e-5)


def test_symmetric_games_of_two() -> None:
    """The symmetric equilibrium of a game of two is its equilibrium, however many branches cross on the way."""
    lot = np.random.default_rng(8)
    payoff, precision = array(lot.integers(-4, 5, (400, 2, 2))), array(lot.uniform(0.0, 20.0, 400))
    both, one = logit_equilibrium(payoff, payoff, precision), symmetric_logit_equilibrium(payoff, precision)
    assert both.converged.all()
    assert one.converged.all()
    np.testing.assert_allclose(one.play, both.own, atol=1e-5)
    np.testing.assert_allclose(one.play, both.other, atol=1e-5)


@pytest.mark.parametrize(
    "ask",
    [
        pytest.param(lambda: reason(known_game(jnp.zeros((2, 3)), jnp.zeros((2, 3))), 1, None, None), id="reason"),
        pytest.param(lambda: logit_equilibrium(jnp.zeros((2, 3)), jnp.zeros((2, 3)), array(1.0)), id="equilibrium"),
        pytest.param(lambda: symmetric_logit_equilibrium(jnp.zeros((2, 3)), array(1.0)), id="symmetric"),
        pytest.param(lambda: symmetric_logit_equilibrium(jnp.zeros((2, 2)), array(1.0), 3), id="players"),
    ],
)
def test_tables_that_do_not_fit(ask: Any) -> None:
    """Payoffs of the wrong shape are refused, in words."""
    with pytest.raises(InputError, match="payoffs of"):
        ask()
