"""k-ToM: the published numbers, the same equations in plain Python and double precision, and what holds for any numbers."""

from __future__ import annotations

import re
from functools import partial
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from virtu import chance
from virtu.errors import InputError
from virtu.laboratory.validation import k_tom as validation
from virtu.laboratory.validation.rows import Row
from virtu.minds import k_tom, players

from .reference import k_tom as reference

ROUNDS, PLAYERS = 12, 6
DEFAULTS = (-2.0, -1.0, 0.0)
GAMES = {
    "matching pennies": (((-1, 1), (1, -1)), ((1, -1), (-1, 1))),
    "prisoner's dilemma": (((1, 5), (0, 3)), ((1, 0), (5, 3))),
    "inspection": (((0, -2), (-1, 1.5)), ((0.5, 1), (3, -1))),
}
"""Payoffs of the first and of the second player, by choice of the first and of the second."""

OWN = [1, 0, 0, 1, 1, 1, 0, 1, 0, 0, 1, 0]
OTHER = [1, 1, 0, 1, 0, 0, 1, 1, 1, 0, 1, 1]
DILEMMA = (-1.5, 0.5, 0.3)
FROM_TOMSUP: dict[tuple[int, float | None], list[float]] = {
    (1, None): [0.3521057, 0.3795042, 0.3421262, 0.3551752, 0.34575, 0.3600526, 0.3718066, 0.3518332, 0.3456867, 0.3364453, 0.3426159],
    (2, None): [0.3521057, 0.3804947, 0.3597868, 0.3666091, 0.3595355, 0.3691471, 0.3764669, 0.3613981, 0.3551794, 0.3466091, 0.3514952],
    (2, -1.0): [0.3521057, 0.3804947, 0.3597868, 0.3666196, 0.3596267, 0.3691912, 0.3764826, 0.3613761, 0.3552948, 0.3466853, 0.3514167],
    (3, None): [0.3521057, 0.381039, 0.3669762, 0.3712584, 0.3657708, 0.3728083, 0.3781534, 0.3665153, 0.3609779, 0.3533344, 0.3571745],
}
"""By level and dilution: chances of 1 before each round against the choices above, in the dilemma, computed with tomsup 1.4.1.

The package was given the table of the second player transposed, as it takes that player's choice for the row.
"""

few = settings(max_examples=10)


def choices(seed: int, rounds: int = ROUNDS, people: int = PLAYERS) -> tuple[np.ndarray, np.ndarray]:
    """Return choices of learners and of opponents, some of whom lean to one side."""
    random = np.random.default_rng(seed)
    leaning = np.linspace(0.3, 0.8, people)
    own, other = ((random.random((rounds, people)) < odds).astype(np.int32) for odds in (0.5, leaning))
    return own, other


def seen(name: str) -> players.Game:
    return players.game(*GAMES[name])


def tables(name: str) -> tuple[reference.Table, reference.Table]:
    first, second = GAMES[name]
    return first, tuple(zip(*second, strict=True))


def led(player: Any, name: str, own: Any, other: Any) -> tuple[np.ndarray, Any]:
    chances, last = players.replay(player, seen(name), jnp.asarray(own), jnp.asarray(other))
    return np.asarray(chances), last


def in_loops(
    level: int, own: Any, other: Any, name: str = "matching pennies", parameters: Any = DEFAULTS, dilution: float | None = None
) -> tuple[list[float], reference.Beliefs]:
    """Return chances of 1 before each round, and the beliefs after the last, of one learner in plain Python."""
    beliefs, found = reference.prior(level), []
    for mine, theirs in zip(own, other, strict=True):
        found.append(reference.chance(beliefs, parameters, tables(name)[0]))
        beliefs = reference.learn(beliefs, parameters, int(mine), int(theirs), tables(name), dilution)
    return found, beliefs


def finite(player: Any) -> bool:
    return all(bool(jnp.isfinite(part).all()) for part in jax.tree.leaves(player))


# published numbers


@pytest.mark.slow
def test_every_published_number_is_found_again(data: Path) -> None:
    """All rows of the family pass, and none is left out for want of data."""
    found = list(validation.rows(data))
    assert len(found) == 9
    assert [one for one in found if not isinstance(one, Row) or abs(one.ours - one.published) > one.tolerance] == []


@pytest.fixture(scope="module")
def sessions(data: Path) -> list[validation.Session]:
    return validation.read(data / validation.SESSIONS)


def test_only_complete_sessions_are_replayed(sessions: list[validation.Session]) -> None:
    """There are 177 of them, with 3,540 trials."""
    assert len(sessions) == 177
    assert sum(len(session.own) for session in sessions) == 3540


@pytest.mark.parametrize("level", validation.LEVELS)
def test_beliefs_are_those_recorded(sessions: list[validation.Session], level: int) -> None:
    """What the (simulated) 0-ToM holds before the last choice is what was recorded, and somebody more volatile holds another view."""
    here = [session for session in sessions if session.level == level]
    recorded = np.array([re.findall(r"'p_op_mean0': ([\d.e+-]+), 'p_op_var0': ([\d.e+-]+)", one.states[-1])[0] for one in here], float)
    shorter = [session._replace(own=session.own[:-1], other=session.other[:-1]) for session in here]
    beliefs = validation.replayed(shorter, as_tomsup=True)[1].beliefs
    tracked = beliefs.guesses[0].mind if isinstance(beliefs, k_tom.Modeller) else beliefs
    assert not isinstance(tracked, k_tom.Modeller)
    np.testing.assert_allclose(np.stack([tracked.mean, tracked.log_variance], axis=1), recorded, atol=3e-6)


@pytest.mark.parametrize("level", validation.LEVELS)
def test_the_replay_can_fail(sessions: list[validation.Session], level: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A learner whose volatility is .1 off misses the recorded chances by a hundred times the tolerance."""
    here = [session for session in sessions if session.level == level][:20]
    monkeypatch.setattr(k_tom, "player", partial(k_tom.player, volatility=-2.1))
    recorded = np.array([session.chances for session in here]).T
    assert np.abs(validation.replayed(here, as_tomsup=False)[0] - recorded).max() > 1e-3


@pytest.mark.parametrize(("level", "dilution"), FROM_TOMSUP)
def test_chances_are_those_of_the_package(level: int, dilution: float | None) -> None:
    """With slopes by differences they agree to the last digit; with exact slopes, to the error of those differences."""
    expected = FROM_TOMSUP[level, dilution]
    own, other = np.array(OWN)[:, None], np.array(OTHER)[:, None]
    for as_tomsup, tolerance in ((False, 2e-6), (True, 4e-7)):
        if level < 3 or not as_tomsup:
            learner = k_tom.player(level, *DILEMMA, dilution, as_tomsup=as_tomsup)
            found = led(learner, "prisoner's dilemma", own, other)[0][: len(expected), 0]
            np.testing.assert_allclose(found, expected, atol=tolerance)


def test_certainty_for_ever_is_only_the_package_s() -> None:
    """Against one who alternates, log odds rounded to certainty stay there; by the equations they go on to swing."""
    other = np.tile([[1], [0]], (30, 1))
    for as_tomsup in (True, False):
        learner = k_tom.player(1, as_tomsup=as_tomsup)
        earlier, later = (led(learner, "matching pennies", 1 - other[:length], other[:length])[1] for length in (58, 59))
        means = [float(end.beliefs.guesses[0].mind.mean[0]) for end in (earlier, later)]
        assert (means[0] == means[1] > k_tom.CERTAIN) if as_tomsup else (means[0] * means[1] < -(k_tom.CERTAIN**2))


# the same equations in plain Python


@pytest.mark.parametrize("name", GAMES)
@pytest.mark.parametrize("level", [0, 1, 2])
def test_learning_is_that_of_the_loops(level: int, name: str) -> None:
    """Chances and beliefs about levels agree with double precision, for several parameters, games and sequences."""
    own, other = choices(level)
    parameters = np.array([[-2, -1, 0], [-1, 0, 0.5], [-3, -0.5, -0.7], [-2.5, 0.5, 1], [0, 0, 0], [-2, -1, 0.2]], np.float32)
    found, last = led(k_tom.player(level, *parameters.T), name, own, other)
    for number, mine in enumerate(parameters.tolist()):
        expected, beliefs = in_loops(level, own[:, number], other[:, number], name, mine)
        np.testing.assert_allclose(found[:, number], expected, atol=3e-6)
        if not isinstance(beliefs, reference.Tracker):
            weights = [float(jnp.exp(guess.log_weight[number])) for guess in last.beliefs.guesses]
            np.testing.assert_allclose(weights, [guess.weight for guess in beliefs], atol=1e-5)


def test_slopes_are_differences_in_double_precision() -> None:
    """At level 2 every slope, also one of a simulated slope, is that of the whole simulated learning."""
    own, other = choices(7)
    last = led(k_tom.player(2), "matching pennies", own, other)[1]
    for number in range(PLAYERS):
        beliefs = in_loops(2, own[:, number], other[:, number])[1]
        assert isinstance(beliefs, list)
        pairs = list(zip(last.beliefs.guesses, beliefs, strict=True))
        inner = pairs[1][1].mind
        assert isinstance(inner, list)
        for ours, theirs in [*pairs, (last.beliefs.guesses[1].mind.guesses[0], inner[0])]:
            np.testing.assert_allclose([float(slope[number]) for slope in ours.slopes], theirs.slopes, rtol=2e-4, atol=3e-6)


def test_differences_in_single_precision_would_not_do() -> None:
    """The slope of a simulated 1-ToM's leaning with its volatility is lost in them, so that the test above has something to find."""
    own, other = choices(7)
    before = led(k_tom.player(1), "matching pennies", own[:-1], other[:-1])[1].beliefs
    game, one, two = seen("matching pennies"), jnp.asarray(own[-1]), jnp.asarray(other[-1])

    def lean(volatility: jax.Array) -> jax.Array:
        parameters = k_tom.Parameters(volatility, jnp.float32(0.1), jnp.float32(0.2))
        return k_tom.leaning(k_tom.predict(k_tom.learn(before, parameters, one, two, game)), *parameters[1:], game)

    at, step = jnp.full(PLAYERS, 0.2, jnp.float32), jnp.float32(1e-4)
    exact = jax.jvp(lean, (at,), (jnp.ones(PLAYERS),))[1]
    mine, theirs = tables("matching pennies")
    for_sure = [
        reference.slopes_of(in_loops(1, own[:-1, n], other[:-1, n])[1], [0.2, 0.1, 0.2], own[-1, n], other[-1, n], (theirs, mine), 1e-4)
        for n in range(PLAYERS)
    ]
    np.testing.assert_allclose(exact, [slopes[0] for slopes in for_sure], rtol=2e-4, atol=3e-6)
    assert (np.abs((lean(at + step) - lean(at)) / step - exact) > 1e-4).any()


@pytest.mark.parametrize("dilution", [-3.0, 0.0, 2.0])
def test_beliefs_about_levels_are_diluted(dilution: float) -> None:
    """As in the loops, and less is then believed of any level."""
    own, other = choices(3)
    found, last = led(k_tom.player(2, dilution=dilution), "matching pennies", own, other)
    plain = led(k_tom.player(2), "matching pennies", own, other)[1]
    for number in range(PLAYERS):
        np.testing.assert_allclose(found[:, number], in_loops(2, own[:, number], other[:, number], dilution=dilution)[0], atol=3e-6)
    if dilution > 0:
        sure, unsure = (np.abs(np.exp(one.beliefs.guesses[0].log_weight) - 0.5).mean() for one in (plain, last))
        assert unsure < sure


@pytest.mark.parametrize("level", [0, 1])
def test_likelihood_has_a_slope(level: int) -> None:
    """The log-likelihood of choices can be differentiated by a learner's own parameters, as for fitting them."""
    own, other = choices(5, people=1)

    def log_likelihood(volatility: Any, temperature: Any, bias: Any) -> jax.Array:
        odds = players.replay(
            k_tom.player(level, volatility, temperature, bias), seen("matching pennies"), jnp.asarray(own), jnp.asarray(other)
        )[0]
        return jnp.sum(jnp.log(jnp.where(own > 0, odds, 1.0 - odds)))

    def in_plain_python(parameters: np.ndarray) -> float:
        odds = np.array(in_loops(level, own[:, 0], other[:, 0], parameters=parameters.tolist())[0])
        return float(np.log(np.where(own[:, 0] > 0, odds, 1.0 - odds)).sum())

    at, step = np.array([-1.5, -0.2, 0.3]), 1e-3
    found = jax.grad(log_likelihood, argnums=(0, 1, 2))(*map(jnp.float32, at))
    expected = [(in_plain_python(at + step * axis) - in_plain_python(at - step * axis)) / (2 * step) for axis in np.eye(3)]
    np.testing.assert_allclose(found, expected, rtol=1e-3, atol=1e-4)


# what holds for any numbers

unit = partial(st.floats, width=32, allow_subnormal=False)
anything = arrays(np.float32, (3, 4), elements=unit(-k_tom.BOUND, k_tom.BOUND))
payoffs = arrays(np.float32, (2, 2, 2), elements=unit(-1000.0, 1000.0))
sequences = arrays(np.int32, (2, 20, 4), elements=st.integers(0, 1))


@few
@given(anything, payoffs, sequences)
def test_everything_stays_in_range(parameters: np.ndarray, pays: np.ndarray, sequence: np.ndarray) -> None:
    """Chances are those of a choice that is never certain, weights sum to 1, and nothing overflows, whatever the parameters and payoffs."""
    for level in (0, 1, 2):
        player = k_tom.player(level, *parameters, dilution=parameters[0])
        odds, last = players.replay(player, players.game(*pays), jnp.asarray(sequence[0]), jnp.asarray(sequence[1]))
        assert ((odds > 0.00099) & (odds < 0.99901)).all()
        assert finite(last)
        if level:
            np.testing.assert_allclose(sum(jnp.exp(guess.log_weight) for guess in last.beliefs.guesses), 1.0, rtol=1e-5)
            assert all(bool((abs(mean) <= k_tom.BOUND).all()) for guess in last.beliefs.guesses for mean in guess.means)


@few
@given(sequences, st.integers(0, 1))
def test_labels_do_not_matter(sequence: np.ndarray, level: int) -> None:
    """With both choices called by the other's name, chances and bias are turned round and nothing else changes, below level 2."""
    own, other = map(jnp.asarray, sequence)
    odds = players.replay(k_tom.player(level, bias=0.4), seen("matching pennies"), own, other)[0]
    turned = players.replay(k_tom.player(level, bias=-0.4), seen("matching pennies"), 1 - own, 1 - other)[0]
    np.testing.assert_allclose(turned, 1.0 - odds, atol=2e-5)


@pytest.mark.parametrize("level", [0, 1, 2])
def test_a_long_game_stays_finite(level: int) -> None:
    """A thousand rounds against one who never changes, or always does, leave no number out of range."""
    steady, turning = np.zeros((1000, 1), np.int32), np.tile([[0], [1]], (500, 1))
    other = np.concatenate([steady, 1 - steady, turning], axis=1)
    for own in (other, 1 - other):
        odds, last = led(k_tom.player(level), "matching pennies", own, other)
        assert np.isfinite(odds).all()
        assert finite(last)


# play


def keys(histories: int, seed: int = 3) -> chance.Key:
    return chance.history_keys(seed, jnp.arange(histories))


PAIR = jnp.zeros(1, jnp.uint32)


def test_batching_is_looping() -> None:
    """Many games at once are the games one by one, in replay and in play, and one more history changes nobody's luck."""
    own, other = choices(11)
    together = led(k_tom.player(2), "matching pennies", own, other)[0]
    alone = np.concatenate([led(k_tom.player(2), "matching pennies", own[:, [n]], other[:, [n]])[0] for n in range(PLAYERS)], axis=1)
    np.testing.assert_allclose(together, alone, rtol=2e-5)
    learners = k_tom.player(0), k_tom.player(1)
    many, fewer = (players.play(*learners, seen("matching pennies"), keys(count), PAIR, rounds=20) for count in (9, 8))
    for ours, theirs in zip(many.choices, fewer.choices, strict=True):
        np.testing.assert_array_equal(ours[:, :8], theirs)


def test_pairs_lie_before_histories() -> None:
    """Pairs with codes of their own have luck of their own, and one of them alone plays the same game."""
    slots = jnp.arange(3, dtype=jnp.uint32)[:, None]
    volatility = jnp.asarray([[-3.0], [-2.0], [-1.0]])
    match = players.play(k_tom.player(0, volatility), players.win_stay(), seen("matching pennies"), keys(5), slots, rounds=10)
    single = players.play(k_tom.player(0, -2.0), players.win_stay(), seen("matching pennies"), keys(5), slots[1:2], rounds=10)
    assert match.choices[0].shape == match.chances[1].shape == (10, 3, 5)
    assert (match.choices[0][:, 0] != match.choices[0][:, 2]).any()
    for ours, theirs in zip(match.chances, single.chances, strict=True):
        np.testing.assert_allclose(ours[:, 1:2], theirs, rtol=2e-5)


def test_play_is_traced_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Other parameters, payoffs and luck run what was compiled; another number of rounds does not."""
    traced, predict = [], k_tom.predict
    monkeypatch.setattr(k_tom, "predict", lambda beliefs: (traced.append(1), predict(beliefs))[1])
    settled = []
    for rounds, volatility, name, seed in ((6, -2.0, "matching pennies", 1), (6, -1.0, "inspection", 2), (7, -1.0, "inspection", 2)):
        learners = k_tom.player(0, volatility), k_tom.player(1, bias=volatility)
        players.play(*learners, seen(name), keys(5, seed), PAIR, rounds=rounds)
        settled.append(len(traced))
    assert 0 < settled[0] == settled[1] < settled[2]


def test_choices_follow_chances() -> None:
    """Choices are drawn with the chances that the match says they had, for both players."""
    match = players.play(players.biased(0.8), k_tom.player(0), seen("matching pennies"), keys(4000), PAIR, rounds=20)
    for made, odds in zip(match.choices, match.chances, strict=True):
        error = np.asarray(made, np.float64) - np.asarray(odds)
        assert abs(error.mean()) < 4.0 * error.std() / error.size**0.5
        assert np.asarray(odds)[np.asarray(made) > 0].mean() > np.asarray(odds)[np.asarray(made) == 0].mean() or np.ptp(odds) == 0
    own, other = match.choices[1], match.choices[0]
    np.testing.assert_allclose(
        players.replay(k_tom.player(0), seen("matching pennies").swapped(), own, other)[0], match.chances[1], rtol=1e-5
    )


def test_players_have_luck_of_their_own() -> None:
    """Choices of two who toss coins are not correlated, nor are those of one in successive rounds."""
    match = players.play(players.biased(), players.biased(), seen("matching pennies"), keys(4000), PAIR, rounds=10)
    first, second = (2.0 * np.asarray(made, np.float64) - 1.0 for made in match.choices)
    for product in (first * second, first[1:] * first[:-1], second[1:] * first[:-1]):
        assert abs(product.mean()) < 4.0 / product.size**0.5


def test_rules_of_thumb_do_what_they_say() -> None:
    """Win-stay lose-shift, tit for tat and the biased player, round by round."""
    own, other = (jnp.asarray(row)[:, None] for row in ([1, 1, 0, 0, 1], [0, 1, 1, 0, 1]))
    game = seen("matching pennies")
    found = [
        players.replay(player, game, own, other)[0][:, 0].tolist()
        for player in (players.win_stay(), players.tit_for_tat(), players.biased(0.25))
    ]
    assert found == [[0.5, 1.0, 0.0, 0.0, 1.0], [1.0, 0.0, 1.0, 1.0, 0.0], [0.25] * 5]
    noisy = players.replay(players.win_stay(0.75, 0.875), game, own, other)[0][:, 0].tolist()
    assert noisy == [0.5, 0.75, 0.125, 0.25, 0.875]
    assert players.replay(players.tit_for_tat(0.75), game, own, other)[0][1:, 0].tolist() == [0.25, 0.75, 0.75, 0.25]


def test_tit_for_tat_meets_itself() -> None:
    """Two who copy faithfully cooperate for ever; one who always defects is copied."""
    dilemma = seen("prisoner's dilemma")
    match = players.play(players.tit_for_tat(), players.tit_for_tat(), dilemma, keys(2), PAIR, rounds=5)
    assert (match.choices[0] == 1).all() and (match.choices[1] == 1).all()
    match = players.play(players.tit_for_tat(), players.biased(0.0), dilemma, keys(2), PAIR, rounds=5)
    assert match.choices[0][:, 0].tolist() == [1, 0, 0, 0, 0]
    assert dilemma.payoff(match.choices[0], match.choices[1])[:, 0].tolist() == [0.0, 1.0, 1.0, 1.0, 1.0]


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (lambda: k_tom.player(4), "level from 0 to 3"),
        (lambda: k_tom.player(-1), "level from 0 to 3"),
        (lambda: k_tom.player(3, as_tomsup=True), "cannot be computed as tomsup"),
        (lambda: k_tom.player(1, temperature=11.0), "temperature lies between -10 and 10"),
        (lambda: k_tom.player(1, volatility=np.nan), "volatility lies between"),
        (lambda: players.biased(1.5), "one lies between 0 and 1"),
        (lambda: players.game([(1, 2)], [(1, 2), (3, 4)]), "two by two"),
        (
            lambda: players.play(players.biased(), players.biased(), players.matching_pennies(), keys(2), PAIR, rounds=0),
            "at least one round",
        ),
        (
            lambda: players.play(players.biased(jnp.ones(3)), players.biased(), players.matching_pennies(), keys(2), PAIR, rounds=1),
            "does not broadcast",
        ),
    ],
)
def test_mistakes_are_named(wrong: Any, says: str) -> None:
    """Each mistake of a user is told in words."""
    with pytest.raises(InputError, match=says):
        wrong()
