"""The farsighted limit: with everybody's estimates right and nothing else to go by, contests end in the ultimate ruling coalition."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator, Sequence
from fractions import Fraction
from functools import cache
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from virtu import chance
from virtu.classics.ruling_coalition import is_generic, ruling_coalition
from virtu.laboratory.validation.coalitions import EXAMPLES
from virtu.minds import contest as foreseen
from virtu.organisation import build, phases
from virtu.organisation.choosing import move
from virtu.organisation.contests import contest
from virtu.organisation.state import CAUSE_CODE, MOVE_CODE, NOBODY, Info, State, World, clear_info, in_office
from virtu.scenario import loads
from virtu.scenario.vocabulary import MECHANISMS, Status, Traits, parameters
from virtu.testing import quickly

HALF = Fraction(1, 2)
MAJORITIES = (HALF, Fraction(3, 5), Fraction(2, 3), Fraction(3, 4))
MEMBERS, BATCH = 6, 10
HISTORIES = BATCH * MEMBERS * (MEMBERS - 1)
STRIKE, BIDE = MOVE_CODE["strike"], MOVE_CODE["bide"]

LIMIT: dict[str, float] = {
    "farsightedness": 1.0,
    "side_precision": 1e9,
    "grade_margin": 0.0,
    "spoils": 0.0,
    "choice_precision": 1e9,
    "effort": 1e-5,
    "risk_aversion": 0.0,
    "obstruct_harm": 0.0,
    "resign_standing": 0.0,
}
"""Sides without error, whoever loses is out, what the loser had is lost, and of all moves only a contest can change anything."""

SHORT = 1.0 - 1e-5
"""Farsightedness just short of 1: those to whom it is all the same who wins go by the balance of power and not by lot."""

UNTIED = ("empathy", "dread", "misperception", "purge")


class Forum(NamedTuple):
    """A forum in H histories."""

    state: State
    info: Info
    world: World


@cache
def _opened(members: int, histories: int) -> tuple[Any, ...]:
    actors = {f"M{number}": {"entry": "forum"} for number in range(members)}
    forum = {"seats": members, "seat_weight": 0.0}
    case = loads(json.dumps({"scenario": "limit", "title": "Limit", "calendar": {"ticks": 4}, "forum": forum, "actors": actors}))
    agenda = build.baseline(case, 1)
    for name in ("nerve", "ambition"):
        agenda.trait[:, Traits._fields.index(name)] = 1.0
    for name in UNTIED:
        agenda.mechanism[:, MECHANISMS.index(name)] = 0.0
    return _begin(build.setup(case), agenda, jnp.arange(histories))


@quickly
def _begin(setup: Any, agenda: Any, numbers: jax.Array) -> tuple[Any, ...]:
    setup, agenda = phases.with_histories(setup, agenda)
    done = agenda._replace(**{name: part[0] for name, part in agenda._asdict().items() if name not in phases.LISTS})
    key = chance.seeded_keys(jnp.array([11, 0], jnp.uint32), numbers)
    traits = phases.sample_traits(setup, key)
    return setup, traits, done, key, phases.init(setup, traits)


_look_around = quickly(phases.look_around, static_argnums=6)


def _forum(powers: np.ndarray, alpha: Fraction, now: float = 0, **constants: float) -> Forum:
    """Return a forum whose members have these powers, (n, H), which all of them know; they reason at level 2 without error."""
    setup, traits, done, key, state = _opened(*powers.shape)
    strength = jnp.asarray(powers, jnp.float32)
    state = state._replace(merit=strength, estimate=jnp.broadcast_to(strength[None], state.estimate.shape))
    values = LIMIT | {"majority": float(alpha)} | constants
    set_to = [values.get(name, value) for name, value in zip(parameters(), done.parameter, strict=True)]
    done = done._replace(parameter=jnp.asarray(set_to, jnp.float32))
    world = _look_around(setup, traits, done, state, key, jnp.int32(now), "meeting")
    certain = jnp.zeros_like(world.depth).at[2].set(1.0)
    world = world._replace(depth=certain, precision=jnp.full_like(world.precision, 1e9))
    return Forum(state, clear_info(*powers.shape), world)


_contest = quickly(contest)


def _after(forum: Forum, challenger: np.ndarray, target: np.ndarray) -> tuple[State, Info]:
    """Return what one strike in each history leaves."""
    places = np.arange(forum.state.person.shape[0])[:, None]
    info = forum.info._replace(
        move=jnp.asarray(np.where(places == challenger, STRIKE, BIDE), jnp.int32),
        target=jnp.asarray(np.where(places == challenger, target, places), jnp.int32),
    )
    return _contest(forum.state, info, forum.world)


def _struck(forum: Forum, challenger: np.ndarray, target: np.ndarray) -> tuple[np.ndarray, Info]:
    """Let one strike be settled in each history; return who is in office afterwards, (n, H), and the notes."""
    state, info = _after(forum, challenger, target)
    return np.asarray(in_office(state)), info


def _padded(vectors: Sequence[Sequence[int]], members: int, histories: int) -> np.ndarray:
    """Return powers, (members, histories): without power from where a vector ends, and each vector again and again, one after the other."""
    full = np.array([[*vector, *[0] * (members - len(vector))] for vector in vectors]).T
    return np.tile(full, -(-histories // len(vectors)))[:, :histories]


def _check_strikes(vectors: Sequence[Sequence[int]], alpha: Fraction, members: int = MEMBERS) -> int:
    """Check every strike across the border of the ruling coalition where no two are equally strong; return how many there were."""
    pairs = list(itertools.permutations(range(members), 2))
    powers = _padded(vectors, members, len(vectors) * len(pairs))
    challenger, target = np.repeat(np.array(pairs).T, len(vectors), axis=1)
    left, _ = _struck(_forum(powers, alpha), challenger, target)
    answers = [set(ruling_coalition(each, alpha).coalitions[0]) if is_generic(each) else set() for each in vectors]
    crossed = 0
    for at, (one, other) in enumerate(zip(challenger.tolist(), target.tolist(), strict=True)):
        ruling = answers[at % len(vectors)]
        if max(one, other) < len(vectors[at % len(vectors)]) and (one in ruling) != (other in ruling):
            assert set(np.flatnonzero(left[:, at]).tolist()) == ruling, (vectors[at % len(vectors)], alpha, one, other)
            crossed += 1
    return crossed


GENERIC = [powers for powers, _ in EXAMPLES if is_generic(powers)]


@pytest.mark.parametrize("alpha", MAJORITIES)
def test_a_strike_across_the_border_ends_in_the_ruling_coalition(alpha: Fraction) -> None:
    """Whoever of the ruling coalition strikes at whoever is not of it wins, or the other way round fails; all others fall in that tick."""
    vectors = (GENERIC * BATCH)[:BATCH]
    assert _check_strikes(vectors, alpha) > 20


Vectors = st.lists(st.lists(st.integers(1, 1000), min_size=MEMBERS, max_size=MEMBERS), min_size=BATCH, max_size=BATCH)


@settings(max_examples=20, deadline=None)
@given(Vectors, st.sampled_from(MAJORITIES))
def test_so_it_does_whatever_the_powers(vectors: list[list[int]], alpha: Fraction) -> None:
    _check_strikes(vectors, alpha)


def test_so_it_does_among_ten() -> None:
    lot = np.random.default_rng(10)
    vectors = [each for each in lot.integers(1, 100_000, (12, 10)).tolist() if is_generic(each)][:4]
    assert sum(_check_strikes(vectors, alpha, 10) for alpha in MAJORITIES) > 200


def _ends(vectors: np.ndarray, alpha: Fraction, ticks: int = 3, **constants: float) -> tuple[np.ndarray, np.ndarray]:
    """Let members choose their moves for some ticks; return who is left, (n, H), and the ticks with a strike, (ticks, H)."""
    forum, strikes = _forum(vectors, alpha, **constants), []
    for now in range(ticks):
        world = _forum(vectors, alpha, now, **constants).world
        state, info = _move(forum.state, clear_info(*vectors.shape), world)
        strikes.append(np.asarray(info.move == STRIKE).any(axis=0))
        state, info = _contest(state, info, world)
        forum = Forum(state, info, world)
    return np.asarray(in_office(forum.state)), np.array(strikes)


@pytest.fixture(scope="module")
def certain() -> Iterator[None]:
    """Let those who are sure be sure: a share foreseen just above the majority wins."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(foreseen, "LEAST_SPREAD", 1e-6)
        yield


_move = quickly(move)


@pytest.mark.parametrize("alpha", MAJORITIES)
@pytest.mark.parametrize("members", [4, 8])
def test_left_to_choose_they_end_in_the_ruling_coalition(certain: None, members: int, alpha: Fraction) -> None:
    """Members of the ruling coalition strike at once, if anybody is outside it; then nobody strikes any more."""
    drawn = _drawn(members)
    left, strikes = _ends(np.array(drawn).T, alpha, farsightedness=SHORT)
    answers = [set(ruling_coalition(each, alpha).coalitions[0]) for each in drawn]
    assert [set(np.flatnonzero(column).tolist()) for column in left.T] == answers
    assert strikes[0].tolist() == [len(answer) < members for answer in answers]
    assert not strikes[1:].any()


def _drawn(members: int) -> list[list[int]]:
    lot = np.random.default_rng(members)
    return [each for each in lot.integers(1, 1_000_000, (60, members)).tolist() if is_generic(each)][:30]


def test_short_sighted_they_do_not(certain: None) -> None:
    """Without farsightedness, from the same powers, hardly any forum ends in its ruling coalition: the limit is the knob's doing."""
    drawn = _drawn(8)
    left, _ = _ends(np.array(drawn).T, HALF, farsightedness=0.0)
    answers = [set(ruling_coalition(each).coalitions[0]) for each in drawn]
    agree = [set(np.flatnonzero(column).tolist()) == answer for column, answer in zip(left.T, answers, strict=True)]
    assert np.mean(agree) < 0.3


def _six(*powers: int, **constants: float) -> Forum:
    """Return a forum with the same powers in every history."""
    return _forum(_padded([powers], MEMBERS, HISTORIES), HALF, **constants)


def test_partners_foresee_that_they_are_next() -> None:
    """Those of 3 and 4 trust the one of 12 fully and would help him against 5, but then he would not need them: they stand by 5."""
    for farsightedness, side in ((0.0, 1), (1.0, -1)):
        forum = _six(3, 4, 5, 12, farsightedness=farsightedness)
        forum = forum._replace(state=forum.state._replace(trust=forum.state.trust.at[:, 3].set(1.0)))
        left, info = _struck(forum, np.full(HISTORIES, 3), np.full(HISTORIES, 2))
        assert set(np.asarray(info.side)[:2].ravel().tolist()) == {side}
        assert left[2].all() == (side < 0)


def test_all_whom_the_coalition_can_do_without_fall_alike() -> None:
    """They fall by the same strike and the same winner as its target, and he has part of what they had."""
    state, info = _after(_six(4, 5, 6, 2, 3, 8, spoils=0.5), np.zeros(HISTORIES, int), np.full(HISTORIES, 5))
    assert np.asarray(in_office(state))[:, 0].tolist() == [True] * 3 + [False] * 3
    assert np.asarray(info.cause)[:, 0].tolist() == [0] * 3 + [CAUSE_CODE["strike"]] * 3
    assert np.asarray(info.by)[:, 0].tolist() == [NOBODY] * 3 + [0] * 3
    assert np.asarray(info.fall)[3:, 0].tolist() == [int(Status.OUT)] * 3
    assert np.asarray(info.harm)[3:, 0, 0] == pytest.approx([2 / 28, 3 / 28, 8 / 28])
    assert np.asarray(state.merit)[:, 0] == pytest.approx([4.0 + 0.5 * 13.0, 5.0, 6.0, 0.0, 0.0, 0.0])


def test_the_winner_acts_on_it_with_the_chance_of_the_knob() -> None:
    """Half as farsighted, about half of the winners throw out the rest."""
    left, _ = _struck(_six(4, 5, 6, 2, 3, 8, farsightedness=0.5), np.zeros(HISTORIES, int), np.full(HISTORIES, 5))
    assert set(left.sum(axis=0).tolist()) == {3, 5}
    assert 0.4 < (~left[3]).mean() < 0.6


def test_a_winner_whose_coalition_did_not_stand_by_him_throws_out_nobody() -> None:
    """Where sides fall by lot, the others fall if and only if all of 4, 5 and 6, who need one another, stood with the winner."""
    state, info = _after(_six(4, 5, 6, 2, 3, 8, side_precision=0.0), np.zeros(HISTORIES, int), np.full(HISTORIES, 5))
    left, side = np.asarray(in_office(state)), np.asarray(info.side)
    carried, behind = ~left[5], (side[1] > 0) & (side[2] > 0)
    assert np.array_equal(~left[3] & ~left[4], carried & behind)
    assert 0 < (carried & ~behind).sum() < carried.sum()


def test_removing_one_at_a_time_is_another_game() -> None:
    """Foreseeing single removals only, six of 2, 3, 4, 5, 6 and 8 all stay, where 4, 5 and 6 rule: a coalition must act at once."""
    powers = (2, 3, 4, 5, 6, 8)
    assert ruling_coalition(powers).coalitions == ((2, 3, 4),)
    assert _one_at_a_time(powers, tuple(range(6))) == tuple(range(6))
    agree = []
    lot = np.random.default_rng(0)
    while len(agree) < 60:
        drawn = lot.integers(1, 1000, 7).tolist()
        agree.append((_one_at_a_time(tuple(drawn), tuple(range(7))),) == ruling_coalition(drawn).coalitions)
    assert 0.3 < np.mean(agree) < 0.7


def _one_at_a_time(powers: tuple[int, ...], left: tuple[int, ...]) -> tuple[int, ...]:
    """Return who stays where more than half may remove one member, and foresee whom that leaves in the end."""
    known: dict[tuple[int, ...], tuple[int, ...]] = {}

    def weight(coalition: tuple[int, ...]) -> int:
        return sum(powers[member] for member in coalition)

    def end(coalition: tuple[int, ...]) -> tuple[int, ...]:
        if coalition not in known:
            ends = [end(tuple(other for other in coalition if other != member)) for member in coalition if len(coalition) > 1]
            able = [each for each in ends if 2 * weight(each) > weight(coalition)]
            known[coalition] = min([coalition, *able], key=weight)
        return known[coalition]

    return end(left)
