"""Inverse distribution functions agree with SciPy, keep to their range and never run backwards."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from virtu.errors import InputError
from virtu.scenario import loads
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
        assert pairs == {archetype.traits[trait]: archetype.share for archetype in ARCHETYPES.values() if archetype.published}


@pytest.mark.parametrize("trait", traits())
def test_the_priors_of_the_vocabulary_are_flawless(trait: str) -> None:
    known = traits()[trait]
    assert list(flaws(known.prior, known.low, known.high)) == []
    drawn = quantiles(known.prior, known.low, known.high)
    assert np.isfinite(drawn).all()


@pytest.mark.parametrize("name", ARCHETYPES)
def test_an_archetype_holds_known_traits_in_range(name: str) -> None:
    archetype = ARCHETYPES[name]
    assert archetype.traits
    for trait, value in archetype.traits.items():
        assert list(flaws(value, traits()[trait].low, traits()[trait].high)) == []


@pytest.mark.parametrize("name", ARCHETYPES)
def test_an_archetype_says_whence_it_comes(name: str) -> None:
    """A source with its year, and a note that says whether the values were published or read into it."""
    archetype = ARCHETYPES[name]
    assert re.search(r"\((19|20)\d\d\)", archetype.source)
    assert archetype.note.startswith("Published:" if archetype.published else "A reading:")


@pytest.mark.parametrize("name", ARCHETYPES)
def test_an_archetype_is_taken_from_a_file(name: str) -> None:
    """Its traits go before the population's, an actor's own before its, and what it leaves open is drawn from the prior."""
    traits_of = ARCHETYPES[name].traits
    own = next(iter(traits_of))
    head = "scenario: one\ntitle: One\ncalendar: {ticks: 2}\nforum: {seats: 2}\npopulation: {nerve: 0.1, suspicion: 0.1}\n"
    scenario = loads(f"{head}actors:\n  Ada: {{entry: forum, archetype: {name}}}\n  Ben: {{archetype: {name}, traits: {{{own}: 0.25}}}}\n")
    assert {trait: scenario.trait_prior("Ada", trait) for trait in traits_of} == traits_of
    assert scenario.trait_prior("Ben", own) == 0.25
    assert scenario.trait_prior("Ada", "diligence") == traits()["diligence"].prior


def test_the_shares_of_the_population_are_whole() -> None:
    shares = [archetype.share for archetype in ARCHETYPES.values() if archetype.share is not None]
    assert sum(shares) == pytest.approx(1.0)


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
