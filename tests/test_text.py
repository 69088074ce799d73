"""A linear model of word counts: what it can foretell, and what it must not claim to."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from virtu.errors import InputError
from virtu.inference.text import cross_validated, weighted_words, words
from virtu.laboratory.validation import effect_sizes
from virtu.laboratory.validation.rows import Row

TEXTS = ["the cat sat", "the dog sat", "the cat ran", "the dog ran"] * 10
CATS = np.array([1.0, 0.0, 1.0, 0.0] * 10)


def test_words_are_letters_in_small() -> None:
    assert words("It's 3 o'clock; Déjà-vu!") == ["it's", "o'clock", "déjà", "vu"]


def test_rows_have_length_one_and_common_words_weigh_least() -> None:
    table = weighted_words([*TEXTS, ""]).toarray()
    np.testing.assert_allclose((table**2).sum(axis=1), [1.0] * 40 + [0.0])
    cat, the = 0, 4  # of cat, dog, ran, sat, the
    assert table[0, cat] > table[0, the] > 0.0


def test_what_a_word_tells_is_foretold_and_chance_is_not() -> None:
    features = weighted_words(TEXTS)
    assert np.corrcoef(cross_validated(features, CATS, 0.1), CATS)[0, 1] > 0.99
    noise = np.random.default_rng(0).normal(size=40)
    assert np.corrcoef(cross_validated(features, noise, 0.1), noise)[0, 1] < 0.3


def test_foretelling_equals_the_ridge_written_out() -> None:
    """The dual form is the textbook (XᵀX + λ)⁻¹Xᵀy."""
    features, penalty = weighted_words(TEXTS), 0.7
    part = np.random.default_rng(3).permutation(40) % 4
    x = features.toarray()
    for fold in range(4):
        known = part != fold
        middle = CATS[known].mean()
        weight = np.linalg.solve(x[known].T @ x[known] + penalty * np.eye(x.shape[1]), x[known].T @ (CATS[known] - middle))
        expected = middle + x[~known] @ weight
        np.testing.assert_allclose(cross_validated(features, CATS, penalty, 4, 3)[~known], expected, atol=1e-10)


@pytest.mark.parametrize(("target", "penalty", "folds"), [(CATS[1:], 1.0, 10), (CATS, 0.0, 10), (CATS, 1.0, 1), (CATS, 1.0, 41)])
def test_bad_arguments(target: np.ndarray, penalty: float, folds: int) -> None:
    with pytest.raises(InputError):
        cross_validated(weighted_words(TEXTS), target, penalty, folds)


def test_drawn_effects_have_the_published_size() -> None:
    for kind in ("training", "sharing"):
        row = effect_sizes._drawn(kind, "")
        assert abs(row.ours - row.published) <= row.tolerance < 0.01


def test_essays_give_the_published_correlation(data: Path) -> None:
    row = effect_sizes._text(data / effect_sizes.ESSAYS)
    assert isinstance(row, Row)
    assert abs(row.ours - row.published) <= row.tolerance
