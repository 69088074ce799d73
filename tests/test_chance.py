"""Chance: the generator bit for bit, what a draw depends on and what it does not, and how draws are distributed."""

from __future__ import annotations

from functools import cache
from itertools import combinations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jax.extend.random import threefry_2x32
from scipy import stats

from virtu import chance

from .reference import chance as reference

MANY = 1_000_000
EQUAL_BY_ACCIDENT = 5
"""Among 3312 numbers of 23 bits about half a pair is equal; in a run that repeated itself anywhere twelve or more would be."""

SLOTS = jnp.array([chance.code(name) for name in ("Ada", "Ben", "Cleo", "Dan")], jnp.uint32)[:, None]
words = st.integers(0, 2**32 - 1)


encrypted = jax.jit(chance.threefry)
drawn = jax.jit(chance.draws, static_argnums=1)
gumbels = jax.jit(chance.gumbels, static_argnums=1)


@cache
def keys(seed: int = 1, histories: int = 3) -> chance.Key:
    return chance.history_keys(seed, jnp.arange(histories))


def uniforms(key: chance.Key, site: str = "vote", tick: int = 0, slots: jax.Array = SLOTS) -> np.ndarray:
    return np.asarray(drawn(key, (site,), jnp.int32(tick), slots)[site][0])


# the generator


@pytest.mark.parametrize(
    ("key", "counter", "expected"),
    [
        ((0, 0), (0, 0), (0x6B200159, 0x99BA4EFE)),
        ((0xFFFFFFFF, 0xFFFFFFFF), (0xFFFFFFFF, 0xFFFFFFFF), (0x1CB996FC, 0xBB002BE7)),
        ((0x13198A2E, 0x03707344), (0x243F6A88, 0x85A308D3), (0xC4923A9C, 0x483DF7A0)),
    ],
)
def test_known_answers(key: tuple[int, int], counter: tuple[int, int], expected: tuple[int, int]) -> None:
    """Both forms of the generator give the answers published with Salmon, Moraes, Dror & Shaw (2011)."""
    found = encrypted(*(jnp.array(part, jnp.uint32)[:, None] for part in (key, [counter[0]], [counter[1]])))
    assert tuple(int(word[0, 0]) for word in found) == expected
    assert reference.threefry(key, counter) == expected


@given(st.tuples(words, words), st.lists(st.tuples(words, words), min_size=4, max_size=4))
def test_generator_is_that_of_jax(key: tuple[int, int], counters: list[tuple[int, int]]) -> None:
    """Any key and counter give what `jax.random` gives, bit for bit, and what whole numbers of Python give."""
    pairs = np.array(counters, np.uint32)
    found = np.stack(encrypted(jnp.array(key, jnp.uint32)[:, None], jnp.asarray(pairs[:, 0]), jnp.asarray(pairs[:, 1])))
    theirs = threefry_2x32(jnp.array(key, jnp.uint32), jnp.asarray(pairs.T.ravel()))
    np.testing.assert_array_equal(found.ravel(), np.asarray(theirs))
    assert [tuple(column) for column in found.T.tolist()] == [reference.threefry(key, counter) for counter in counters]


@pytest.mark.parametrize("seed", [0, 1, -1, 2**32, 2**63 + 12345])
@pytest.mark.parametrize("site", ["natural death", "side"])
def test_draws_are_those_of_the_loops(seed: int, site: str) -> None:
    """The whole way from seed, history, site, tick and slot to a number is the same in plain Python."""
    pair = drawn(keys(seed), (site,), jnp.int32(7), SLOTS)[site]
    first, second = (np.asarray(part) for part in pair)
    shocks = [np.asarray(part) for part in chance.normals(pair)]
    noise = np.asarray(gumbels(keys(seed), site, jnp.int32(7), SLOTS))
    for history in range(3):
        key = reference.history_key(seed, history)
        for place, slot in enumerate(np.asarray(SLOTS)[:, 0].tolist()):
            assert (first[place, history], second[place, history]) == reference.uniforms(key, site, 7, slot)
            shock = [part[place, history] for part in shocks]
            np.testing.assert_allclose(shock, reference.normals(key, site, 7, slot), rtol=1e-5, atol=1e-6)
            np.testing.assert_allclose(noise[place, history], reference.gumbel(key, site, 7, slot), rtol=1e-5, atol=1e-6)


# what a draw depends on


def test_draws_do_not_depend_on_the_order_of_calls() -> None:
    """A site gives the same numbers first or last, alone or together with others, today or after other ticks."""
    key, sites = keys(), ("vote", "side")
    alone = {site: np.asarray(drawn(key, (site,), jnp.int32(5), SLOTS)[site]) for site in sites}
    for order in (sites, sites[::-1]):
        uniforms(key, "vote", tick=4)
        together = drawn(key, order, jnp.int32(5), SLOTS)
        assert set(together) == set(sites)
        for site in sites:
            np.testing.assert_array_equal(np.asarray(together[site]), alone[site])


def test_compiling_changes_no_bit() -> None:
    """A draw is the same inside and outside of a compiled program, and for a tick that is a plain number."""
    np.testing.assert_array_equal(chance.draw(keys(), "vote", 9, SLOTS), uniforms(keys(), tick=9))


def test_nought_is_a_seed_like_any_other() -> None:
    """Seed 0 is neither refused nor replaced: it repeats itself, and differs from 1, −1 and 2³², which differ from each other."""
    found = [uniforms(keys(seed)) for seed in (0, 1, -1, 2**32)]
    np.testing.assert_array_equal(uniforms(chance.history_keys(0, jnp.arange(3))), found[0])
    assert not any((one == other).any() for one, other in combinations(found, 2))


def test_last_64_bits_of_a_seed_count() -> None:
    np.testing.assert_array_equal(keys(5), keys(5 + 2**64))
    np.testing.assert_array_equal(keys(-1), keys(2**64 - 1))


def test_added_slots_change_nobody_elses_luck() -> None:
    """Newcomers, another order of persons, and more histories leave everybody's own numbers alone."""
    before = uniforms(keys())
    newcomer = jnp.array([[chance.code("Eve")]], jnp.uint32)
    np.testing.assert_array_equal(uniforms(keys(), slots=jnp.concatenate([newcomer, SLOTS]))[1:], before)
    np.testing.assert_array_equal(uniforms(keys(), slots=SLOTS[::-1])[::-1], before)
    np.testing.assert_array_equal(uniforms(keys(histories=9))[:, :3], before)
    np.testing.assert_array_equal(uniforms(chance.history_keys(1, jnp.array([2])))[:, 0], before[:, 2])


def test_everything_a_draw_is_for_counts() -> None:
    """Another seed, history, site, tick or slot, and the second number of the two, are all other numbers."""
    everything = [drawn(keys(seed), chance.SITES, jnp.int32(tick), SLOTS) for seed in (1, 2) for tick in (0, 1, 2)]
    numbers = np.array([[np.stack(pair) for pair in found.values()] for found in everything])
    assert numbers.size == 2 * 3 * len(chance.SITES) * 2 * SLOTS.size * 3
    assert len(np.unique(numbers)) >= numbers.size - EQUAL_BY_ACCIDENT


def test_pairs_are_ordered() -> None:
    """Each ordered pair has a code of its own, so (a, b) and (b, a) do not share their luck."""
    codes = np.asarray(chance.pair_slots(SLOTS, SLOTS))
    assert codes.shape == (4, 4, 1)
    assert len(np.unique(codes)) == codes.size
    assert codes[1, 2, 0] == reference.pair_slot(int(SLOTS[1, 0]), int(SLOTS[2, 0]))


# faults


def test_names_with_the_same_code_are_refused() -> None:
    """`plumless` and `buckeroo` have the same CRC-32."""
    assert chance.code("plumless") == chance.code("buckeroo")
    with pytest.raises(ValueError, match="two persons would share their chance: 'plumless' and 'buckeroo'"):
        chance.check_collisions(["Ada", "plumless", "buckeroo"], "persons")
    chance.check_collisions(["Ada", "plumless", "Ada"], "persons")


def test_unregistered_sites_are_refused() -> None:
    with pytest.raises(KeyError, match="unregistered decision sites: coin"):
        chance.draw(keys(), "coin", 0, SLOTS)
    with pytest.raises(KeyError, match="unregistered decision sites: coin, dice"):
        chance.draws(keys(), ("dice", "vote", "coin"), 0, SLOTS)


# how draws are distributed


@pytest.fixture(scope="module")
def sample() -> tuple[np.ndarray, np.ndarray]:
    """Two numbers each for a thousand slots in a thousand histories."""
    first, second = drawn(keys(11, 1000), ("estimate",), jnp.int32(3), jnp.arange(1000, dtype=jnp.uint32)[:, None])["estimate"]
    return np.asarray(first), np.asarray(second)


@pytest.mark.parametrize("bits", [0, 2**32 - 1])
def test_uniform_numbers_stay_inside_the_open_interval(bits: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Even the first and the last word of all give a number that has a finite logarithm, normal and Gumbel number."""

    def extreme(key: jax.Array, first: jax.Array, second: jax.Array) -> tuple[jax.Array, jax.Array]:
        return jnp.full_like(first, bits), jnp.full_like(first, bits)

    monkeypatch.setattr(chance, "threefry", extreme)
    pair = chance.draws(jnp.zeros((2, len(chance.SITES), 1), jnp.uint32), ("vote",), 0, SLOTS)["vote"]
    assert 0.0 < float(pair[0].min()) <= float(pair[0].max()) < 1.0
    noise = chance.gumbels(jnp.zeros((2, len(chance.SITES), 1), jnp.uint32), "vote", 0, SLOTS)
    assert np.isfinite([*map(np.asarray, (*chance.normals(pair), noise))]).all()


def test_uniform_numbers_are_uniform(sample: tuple[np.ndarray, np.ndarray]) -> None:
    """A million numbers have mean ½, variance 1/12 and the uniform distribution, to within their errors."""
    for part in sample:
        values = part.astype(np.float64).ravel()
        assert values.size == MANY
        assert abs(values.mean() - 0.5) < 4.0 * (1 / 12 / MANY) ** 0.5
        assert abs(values.var() - 1 / 12) < 4.0 * (1 / 180 / MANY) ** 0.5
        assert stats.kstest(values, "uniform").pvalue > 0.001


def test_normal_numbers_are_normal(sample: tuple[np.ndarray, np.ndarray]) -> None:
    """Both of a pair are standard normal, and neither they nor their squares go together."""
    one, other = (np.asarray(part, np.float64).ravel() for part in chance.normals((jnp.asarray(sample[0]), jnp.asarray(sample[1]))))
    for values in (one, other):
        assert stats.kstest(values, "norm").pvalue > 0.001
        assert abs(values.mean()) < 4.0 * MANY**-0.5
        assert abs(values.var() - 1.0) < 4.0 * (2.0 / MANY) ** 0.5
    assert abs(_correlation(one, other)) < 4.0 * MANY**-0.5
    assert abs(_correlation(one**2, other**2)) < 4.0 * MANY**-0.5


def test_gumbel_numbers_choose_as_softmax_does() -> None:
    """The largest of score plus noise falls on each option as often as softmax says."""
    score = np.array([0.0, 1.0, -1.0, 0.5])
    noise = np.asarray(gumbels(keys(13, MANY // 4), "move", jnp.int32(2), SLOTS))
    counts = np.bincount((score[:, None] + noise).argmax(axis=0), minlength=4)
    expected = np.exp(score) / np.exp(score).sum() * counts.sum()
    assert stats.chisquare(counts, expected).pvalue > 0.001
    assert stats.kstest(noise.ravel().astype(np.float64), "gumbel_r").pvalue > 0.001


def _correlation(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.corrcoef(one.ravel().astype(np.float64), other.ravel().astype(np.float64))[0, 1])


def test_numbers_for_different_things_do_not_go_together(sample: tuple[np.ndarray, np.ndarray]) -> None:
    """Correlations between sites, ticks, seeds, neighbouring histories, neighbouring slots and the two numbers are within error of 0."""
    slots = jnp.arange(1000, dtype=jnp.uint32)[:, None]
    base = sample[0]
    pairs = {
        "numbers of a pair": (base, sample[1]),
        "sites": (base, uniforms(keys(11, 1000), "doubt", 3, slots)),
        "ticks": (base, uniforms(keys(11, 1000), "estimate", 4, slots)),
        "seeds": (base, uniforms(keys(12, 1000), "estimate", 3, slots)),
        "histories": (base[:, :-1], base[:, 1:]),
        "slots": (base[:-1], base[1:]),
    }
    close = {what: _correlation(*pair) * pair[0].size ** 0.5 for what, pair in pairs.items()}
    assert {what: error for what, error in close.items() if abs(error) > 4.0} == {}


# counts

LOTS = (np.arange(2**20) + 0.5) / 2**20
binomials, poissons = jax.jit(chance.binomial), jax.jit(chance.poisson)


def off(counts: np.ndarray, distribution: object) -> float:
    """Return how far the distribution function of counts at equally spaced lots is from another, at most; counts must not fall."""
    assert (np.diff(counts) >= 0).all()
    values = np.arange(max(counts[0] - 2, 0), counts[-1] + 2)
    return float(np.abs(np.searchsorted(counts, values, side="right") / counts.size - distribution.cdf(values)).max())  # type: ignore[attr-defined]


def counted(share: float, number: float | None = None) -> np.ndarray:
    """Return counts at equally spaced lots: Poisson of a mean, or binomial of a number and a chance."""
    lots = jnp.asarray(LOTS, jnp.float32)
    value = jnp.full(LOTS.shape, share, jnp.float32)
    return np.asarray(poissons(lots, value) if number is None else binomials(lots, jnp.full(LOTS.shape, number, jnp.float32), value), float)


@pytest.mark.parametrize(("mean", "error"), [(0.0, 1e-6), (1e-3, 1e-6), (3.0, 1e-6), (11.9, 2e-6), (12.1, 4e-4), (30.0, 1e-4), (1e4, 4e-6)])
def test_poisson_counts(mean: float, error: float) -> None:
    """Exact up to a mean of 12, and never further off than 4e-4 above; the mean is right to rounding everywhere."""
    found = counted(mean)
    assert off(found, stats.poisson(mean)) < error
    assert found.mean() == pytest.approx(mean, rel=2e-5, abs=1e-5)
    assert found.var() == pytest.approx(mean, rel=2e-3, abs=1e-5)


@pytest.mark.parametrize(
    ("number", "share", "error"),
    [
        (1, 0.3, 1e-6),
        (10, 0.9, 1e-6),
        (24, 0.5, 1e-6),
        (25, 0.5, 4e-4),
        (100, 0.13, 4e-4),
        (1e6, 1e-5, 2e-6),
        (1e6, 0.03, 4e-6),
        (7, 1, 1e-6),
    ],
)
def test_binomial_counts(number: float, share: float, error: float) -> None:
    """Exact where the rarer outcome has a mean of up to 12, never further off than 4e-4 else."""
    found = counted(share, number)
    assert off(found, stats.binom(int(number), share)) < error
    assert found.max() <= number and found.mean() == pytest.approx(number * share, rel=2e-5, abs=1e-5)


@pytest.mark.parametrize(("number", "share"), [(2.5, 0.3), (2.5, 0.8), (0.4, 0.7), (100.7, 0.05), (1000.5, 0.5)])
def test_a_number_that_is_not_whole_has_a_part_of_a_person(number: float, share: float) -> None:
    """The mean is number · chance, and the count is at most the number rounded up."""
    found = counted(share, number)
    assert found.mean() == pytest.approx(number * share, rel=1e-4) and found.max() <= np.ceil(number)
    assert counted(share, np.floor(number)).mean() < found.mean()


def test_a_rounded_normal_is_no_count() -> None:
    """The check sees an approximation without its corrections, so that it is not vacuous."""
    plain = np.floor(12.5 + np.sqrt(12.1) * stats.norm.ppf(LOTS))
    assert off(np.maximum(plain, 0.0), stats.poisson(12.1)) > 0.01
