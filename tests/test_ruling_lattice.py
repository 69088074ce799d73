"""The ultimate ruling coalition for many histories at once gives the answers of the exact one."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from virtu.classics import ruling_coalition as exact
from virtu.classics.ruling_lattice import LARGEST, Rule, lattice, ruling, ruling_without
from virtu.laboratory.validation.coalitions import EXAMPLES
from virtu.scenario.vocabulary import MOST_FORESEEN
from virtu.testing import quickly

MAJORITIES = (Fraction(1, 2), Fraction(3, 5), Fraction(2, 3), Fraction(3, 4), Fraction(9, 10))
BATCH = 8
MEMBERS = 6

Vectors = st.lists(st.lists(st.integers(1, 60), min_size=MEMBERS, max_size=MEMBERS), min_size=BATCH, max_size=BATCH)


@quickly
def _all(powers: jax.Array, alpha: jax.Array, lots: jax.Array) -> tuple[Rule, Rule]:
    """φ of all, and who would rule without each, which stands before the members."""
    of = lattice(powers, alpha, lots)
    gone = jnp.eye(powers.shape[0])
    return ruling(of), jax.vmap(lambda one: ruling_without(of, one.reshape(-1, *(1,) * (powers.ndim - 1))))(gone)


def _found(powers: np.ndarray, alpha: Fraction, lots: np.ndarray | None = None) -> tuple[Rule, Rule]:
    lots = np.random.default_rng(0).random(powers.shape) if lots is None else lots
    return jax.tree.map(np.asarray, _all(powers.astype(np.float32), jnp.float32(alpha), lots.astype(np.float32)))


def _members(mask: Any) -> tuple[int, ...]:
    return tuple(np.flatnonzero(mask).tolist())


def _without(powers: list[int], gone: int, alpha: Fraction) -> tuple[int, bool]:
    """Return the power of the lightest self-enforcing coalition without one above α of all, or else that of φ of the rest."""
    lasting, total = exact.self_enforcing(powers, alpha), sum(powers)
    masks = [mask for mask in np.flatnonzero(lasting).tolist() if not mask >> gone & 1]
    power = [sum(value for member, value in enumerate(powers) if mask >> member & 1) for mask in masks]
    strong = [each for each in power if each > alpha * total]
    left = [value for member, value in enumerate(powers) if member != gone]
    return (min(strong), True) if strong else (int(exact.ruling_coalition(left, alpha).power), False)


def _check(powers: np.ndarray, alpha: Fraction) -> None:
    whole, without = _found(powers, alpha)
    for at, vector in enumerate(powers.T.tolist()):
        answer = exact.ruling_coalition(vector, alpha)
        assert _members(whole.members[:, at]) in answer.coalitions
        assert float(whole.share[at]) == pytest.approx(float(answer.share), rel=1e-5)
        for gone in range(len(vector)) if len(vector) > 1 else ():
            power, at_once = _without(vector, gone, alpha)
            found = without.members[gone, :, at]
            assert (not found[gone], int(np.dot(found, vector)), bool(without.at_once[gone, at])) == (True, power, at_once)
            assert float(without.share[gone, at]) == pytest.approx(power / sum(vector), rel=1e-5)


@pytest.mark.parametrize(("powers", "coalition"), EXAMPLES)
def test_the_examples(powers: tuple[int, ...], coalition: tuple[int, ...]) -> None:
    """Each worked example comes out, ties and exact halves among them."""
    _check(np.array(powers)[:, None], Fraction(1, 2))


@settings(max_examples=25)
@given(Vectors, st.sampled_from(MAJORITIES))
def test_equals_the_exact_answer(vectors: list[list[int]], alpha: Fraction) -> None:
    """Whatever the powers and the majority, members, power, and who rules without whom are those of the exact search."""
    _check(np.array(vectors).T, alpha)


@pytest.mark.parametrize("members", [1, 2, 9, LARGEST])
def test_equals_the_exact_answer_for_any_number(members: int) -> None:
    for alpha in MAJORITIES:
        _check(np.random.default_rng(members).integers(1, 1000, (members, 4)), alpha)


def test_lots_decide_between_equals_and_order_does_not() -> None:
    """Three coalitions of 38 rule among ten to fifteen: each gets its turn, and listing the members otherwise changes nothing."""
    powers = np.repeat(np.arange(10, 16)[:, None], 200, axis=1)
    lots = np.random.default_rng(5).random(powers.shape)
    found = _found(powers, Fraction(1, 2), lots)[0].members
    turns = {_members(column) for column in found.T}
    assert turns == set(exact.ruling_coalition(range(10, 16)).coalitions)
    order = np.random.default_rng(6).permutation(6)
    assert np.array_equal(_found(powers[order], Fraction(1, 2), lots[order])[0].members, found[order])


def test_who_has_no_power_is_in_no_coalition() -> None:
    """A member without power neither rules nor changes who does; where nobody has any, or all must agree, nobody is thrown out."""
    with_one = np.array([[3, 0], [4, 0], [0, 0], [5, 0], [10, 0]])
    whole, without = _found(with_one, Fraction(1, 2))
    assert _members(whole.members[:, 0]) == (0, 1, 3)
    assert without.members[4, :, 1].tolist() == [True] * 4 + [False]
    assert not without.at_once[:, 1].any()
    agreed = _found(np.array([[3], [4], [9]]), Fraction(1))
    assert agreed[0].members.all()
    assert agreed[1].members[:, :, 0].tolist() == (~np.eye(3, dtype=bool)).tolist()


def test_other_axes_are_kept_apart() -> None:
    """Observers and histories along further axes get the answers they get alone."""
    powers = np.random.default_rng(3).exponential(1.0, (5, 3, 4)).astype(np.float32)
    lots = np.random.default_rng(4).random((5, 1, 4)).astype(np.float32)
    together, _ = _all(jnp.asarray(powers), jnp.float32(0.6), jnp.asarray(lots))
    for observer in range(3):
        alone, _ = _all(jnp.asarray(powers[:, observer]), jnp.float32(0.6), jnp.asarray(lots[:, 0]))
        assert np.array_equal(together.members[:, observer], alone.members)


def test_more_members_than_can_be_combined_are_refused() -> None:
    assert MOST_FORESEEN <= LARGEST
    with pytest.raises(ValueError, match="at most 12 members"):
        lattice(jnp.ones((LARGEST + 1, 1)), jnp.float32(0.5), jnp.zeros((LARGEST + 1, 1)))


def test_a_majority_a_little_off_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The comparison with the exact answer fails where α is taken a fiftieth too high."""
    powers = np.random.default_rng(1).integers(1, 60, (MEMBERS, 40))
    found: Callable[..., tuple[Rule, Rule]] = _found
    monkeypatch.setitem(globals(), "_found", lambda vectors, alpha: found(vectors, alpha + Fraction(1, 50)))
    with pytest.raises(AssertionError):
        _check(powers, Fraction(1, 2))
