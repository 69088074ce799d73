"""Inverse distribution functions agree with SciPy, keep to their range and never run backwards."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from virtu.errors import InputError
from virtu.scenario.archetypes import ARCHETYPES
from virtu.scenario.distributions import SHAPES, WIDEST, WIDEST_LOG, Level, flaws, kind_flaw, quantiles
from virtu.scenario.vocabulary import DISTRIBUTIONS, traits

PROBABILITIES = (np.arange(257) + 0.5) / 257
CASES: list[tuple[dict[str, list[float]], float, float, Any]] = [
    ({"uniform": [0.2, 0.7]}, 0.0, 1.0, stats.uniform(0.2, 0.5)),
    ({"uniform": [-1.0, 3.0]}, 0.0, 1.0, stats.uniform(0.0, 1.0)),
    ({"normal": [0.5, 0.15]}, 0.0, 1.0, stats.truncnorm(-0.5 / 0.15, 0.5 / 0.15, 0.5, 0.15)),
    ({"normal": [0.97, 0.015]}, 0.0, 1.0, stats.truncnorm(-0.97 / 0.015, 2.0, 0.97, 0.015)),
    ({"normal": [0.0, 2.0]}, -1.0, 1.0, stats.truncnorm(-0.5, 0.5, 0.0, 2.0)),
    ({"triangular": [0.2, 0.4, 0.7]}, 0.0, 1.0, stats.triang(0.4, 0.2, 0.5)),
    ({"triangular": [0.2, 0.2, 0.7]}, 0.0, 1.0, stats.triang(0.0, 0.2, 0.5)),
    ({"triangular": [0.2, 0.7, 0.7]}, 0.0, 1.0, stats.triang(1.0, 0.2, 0.5)),
    ({"beta": [2.0, 5.0]}, 0.0, 1.0, stats.beta(2.0, 5.0)),
    ({"beta": [0.5, 0.5]}, -1.0, 1.0, stats.beta(0.5, 0.5)),
]


def truncated(distribution: Any, low: float, high: float) -> np.ndarray:
    below, above = distribution.cdf(low), distribution.cdf(high)
    return distribution.ppf(below + PROBABILITIES * (above - below))


@pytest.mark.parametrize(("level", "low", "high", "expected"), CASES, ids=lambda value: str(value)[:40])
def test_quantiles_agree_with_scipy(level: Level, low: float, high: float, expected: Any) -> None:
    np.testing.assert_allclose(quantiles(level, low, high), expected.ppf(PROBABILITIES), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize(
    ("level", "whole"),
    [
        ({"lognormal": [1.0, 0.5]}, stats.lognorm(0.5)),
        ({"triangular": [-1.0, 0.2, 3.0]}, stats.triang(0.3, -1.0, 4.0)),
        ({"triangular": [-1.0, 2.2, 3.0]}, stats.triang(0.8, -1.0, 4.0)),
        ({"beta": [3.0, 1.5]}, stats.beta(3.0, 1.5)),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_truncated_distribution_is_the_whole_one_within_the_range(level: Level, whole: Any) -> None:
    np.testing.assert_allclose(quantiles(level, 0.1, 0.9), truncated(whole, 0.1, 0.9), rtol=1e-9)


def test_a_number_is_every_quantile_of_itself() -> None:
    assert quantiles(0.3, 0.0, 1.0, knots=5).tolist() == [0.3] * 5


def test_types_are_steps_with_their_shares() -> None:
    steps = quantiles({"types": [0.2, -0.5, 0.5, 0.1, 0.3, 0.4]}, -1.0, 1.0, knots=10)
    assert steps.tolist() == [-0.5] * 2 + [0.1] * 5 + [0.4] * 3


def test_the_prior_of_empathy_is_the_archetypes_by_their_shares() -> None:
    for trait in ("empathy_behind", "empathy_ahead"):
        prior = traits()[trait].prior
        assert isinstance(prior, dict)
        pairs = dict(zip(prior["types"][1::2], prior["types"][::2], strict=True))
        assert pairs == {archetype.traits[trait]: archetype.share for archetype in ARCHETYPES.values()}


@pytest.mark.parametrize("trait", traits())
def test_the_priors_of_the_vocabulary_are_flawless(trait: str) -> None:
    known = traits()[trait]
    assert list(flaws(known.prior, known.low, known.high)) == []
    drawn = quantiles(known.prior, known.low, known.high)
    assert np.isfinite(drawn).all()


def test_archetypes_hold_known_traits_in_range() -> None:
    for archetype in ARCHETYPES.values():
        for trait, value in archetype.traits.items():
            assert list(flaws(value, traits()[trait].low, traits()[trait].high)) == []
    assert sum(archetype.share for archetype in ARCHETYPES.values()) == pytest.approx(1.0)


LOW, HIGH = -1.0, 2.0
POINT = st.floats(LOW, HIGH, allow_subnormal=False)
LEVELS = st.one_of(
    POINT,
    st.lists(POINT, min_size=2, max_size=2, unique=True).map(lambda ends: {"uniform": sorted(ends)}),
    st.lists(POINT, min_size=3, max_size=3, unique=True).map(lambda ends: {"triangular": sorted(ends)}),
    st.tuples(POINT, st.floats(1e-9, WIDEST * (HIGH - LOW))).map(lambda pair: {"normal": list(pair)}),
    st.tuples(st.floats(1e-6, HIGH), st.floats(1e-6, WIDEST_LOG)).map(lambda pair: {"lognormal": list(pair)}),
    st.tuples(st.floats(*SHAPES), st.floats(*SHAPES)).map(lambda pair: {"beta": list(pair)}),
    st.lists(POINT, min_size=1, max_size=4).map(lambda values: {"types": [x for v in sorted(values) for x in (1 / len(values), v)]}),
)


@given(level=LEVELS)
def test_whatever_has_no_flaw_has_quantiles(level: Level) -> None:
    assert list(flaws(level, LOW, HIGH)) == []
    drawn = quantiles(level, LOW, HIGH)
    assert drawn.shape == (257,)
    assert np.isfinite(drawn).all()
    assert (np.diff(drawn) >= 0).all()
    assert drawn.min() >= LOW
    assert drawn.max() <= HIGH


@pytest.mark.parametrize("level", [{"gauss": [0, 1]}, {}, {"normal": [0, 1], "beta": [1, 1]}])
def test_no_distribution_has_no_quantiles(level: Level) -> None:
    assert kind_flaw(level) is not None
    with pytest.raises(InputError):
        quantiles(level, 0.0, 1.0)


def test_a_distribution_beyond_the_range_has_no_quantiles() -> None:
    with pytest.raises(InputError, match="leaves no probability"):
        quantiles({"uniform": [2.0, 3.0]}, 0.0, 1.0)


@pytest.mark.parametrize("kind", DISTRIBUTIONS)
def test_every_distribution_counts_its_arguments(kind: str) -> None:
    (flaw,) = flaws({kind: [0.5] * 7}, 0.0, 1.0)
    assert f"{kind} needs {len(DISTRIBUTIONS[kind])} numbers, found 7" in flaw.message
