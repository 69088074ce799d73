"""The payoff of others: in one unit with one's own, nothing where nothing is lost, and the same as in plain loops."""

from __future__ import annotations

from types import SimpleNamespace as Record
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from virtu.minds import choice
from virtu.organisation import choosing, moves, welfare
from virtu.organisation.moves import ORDERED, Score
from virtu.organisation.outlook import Outlook, caring, look
from virtu.organisation.state import State, World, own, turned
from virtu.scenario.vocabulary import MOVES, SELF_MOVES
from virtu.testing import Moment, moment, quickly

from .reference import outlook as loops
from .reference import plain, plain_agenda, scores
from .reference.schedule import look_around
from .reference.state import both_in_office, in_forum, places

SEEDS = range(3)
HISTORIES = 16
UNFELT = ("cultivate", "praise", "denounce", "shun", "protect")
"""Moves that touch nothing of their target's but its contests."""


class Judged(NamedTuple):
    """What a move is thought to be worth, in full shape (F, F, H)."""

    own: np.ndarray
    other: np.ndarray
    dread: np.ndarray


def judged(now: Moment) -> dict[str, Judged]:
    """Return what every move on every pair is thought to be worth."""
    found = _judge(now.state, now.world, now.outlook)
    full = {
        name: [np.broadcast_to(np.asarray(part), now.on.shape) for part in (score.own, score.other, score.dread)]
        for name, score in found.items()
    }
    return {name: Judged(*parts) for name, parts in full.items()}


@quickly
def _judge(state: State, world: World, outlook: Outlook) -> dict[str, Score]:
    return {kind.name: kind.score(state, world, outlook) for kind in ORDERED}


def again(now: Moment, world: World | None = None, **state: jax.Array) -> Moment:
    """Return a moment seen anew, after changes of its world or state."""
    world, after = world or now.world, now.state._replace(**state)
    return now._replace(world=world, state=after, outlook=_look(after, world))


_look = quickly(look)


def with_constants(world: World, **constants: float) -> World:
    parts = {name: jnp.full_like(getattr(world.parameters, name), value) for name, value in constants.items()}
    return world._replace(parameters=world.parameters._replace(**parts))


def without_contests(now: Moment) -> Moment:
    """Return a moment in which nobody fears or hopes for anything."""
    return again(now, with_constants(now.world, threat_rate=0.0, foresight=0.0))


def able(now: Moment) -> np.ndarray:
    """Return where row can make a move on column, shape (F, F, H) bool."""
    return np.asarray((now.outlook.acts[:, None] * now.outlook.pairs) > 0.0)


# the loops


def reckoned(now: Moment, history: int) -> list[tuple[str, int, int, scores.Score]]:
    """Return what plain loops make of every move on every pair in one history."""
    setup, sampled, done, _ = now.around
    around = plain(setup, history), np.asarray(sampled)[..., history].tolist(), plain_agenda(done, history)
    state = plain(now.state, history)
    world = look_around(*around, state, (0, 0), 0, [])
    view = loops.look(state, world)
    return [(*pair, score) for pair in _pairs(state) if (score := _score(pair, state, world, view)) is not None]


def _pairs(state: Record) -> list[tuple[str, int, int]]:
    pairs = [(one, other) for one in places(state) for other in places(state)]
    pairs = [(one, other) for one, other in pairs if in_forum(state, one) and both_in_office(state, one, other)]
    return [(name, one, other) for name in MOVES if name not in SELF_MOVES for one, other in pairs]


def _score(pair: tuple[str, int, int], state: Record, world: Record, view: Record) -> scores.Score | None:
    name, one, other = pair
    return scores.MOVES[MOVES.index(name)](scores.Case(state, world, view, one, other))


def compare(now: Moment, found: dict[str, Judged]) -> dict[str, float]:
    """Return by how much loops and compiled scores differ, move by move, as a share of the largest number of the move."""
    apart, most = dict.fromkeys(MOVES, 0.0), dict.fromkeys(MOVES, 1e-9)
    for history in range(HISTORIES):
        for name, one, other, score in reckoned(now, history):
            at = (one, other, history)
            for mine, theirs in ((score.own, found[name].own), (score.other, found[name].other)):
                apart[name] = max(apart[name], abs(mine - theirs[at]))
                most[name] = max(most[name], abs(mine))
    return {name: apart[name] / most[name] for name in MOVES}


@pytest.mark.parametrize("seed", SEEDS)
def test_loops_and_compiled_scores_agree(seed: int) -> None:
    now = moment(seed, HISTORIES)
    assert max(compare(now, judged(now)).values()) < 1e-4


def test_an_error_of_a_hundredth_is_noticed() -> None:
    now = moment(0, HISTORIES)
    found = {name: score._replace(other=1.01 * score.other) for name, score in judged(now).items()}
    apart = compare(now, found)
    assert {name for name, share in apart.items() if share > 1e-4} == set(MOVES) - {*SELF_MOVES, "cultivate"}


# limits


def test_what_changes_nothing_for_the_other_costs_nothing() -> None:
    """Where nothing hangs on contests, only work undone and a place regained change what the other has."""
    now = without_contests(moment(1))
    found = judged(now)
    for name in UNFELT:
        assert not found[name].other[able(now)].any(), name
    assert (found["obstruct"].other[able(now)] < 0.0).any()
    idle = again(now, merit=jnp.zeros_like(now.state.merit))
    assert not judged(idle)["obstruct"].other.any()


@pytest.mark.parametrize("weight", [-0.9, 0.0, 0.5, 0.9])
def test_an_empathic_mover_weighs_only_its_own_payoff_where_the_other_loses_none(weight: float) -> None:
    """Score = (1 − w)(own − effort) − dread, so that nobody bears more for the sake of another who feels nothing."""
    now = without_contests(moment(1))
    outlook = now.outlook._replace(caring=jnp.full_like(now.outlook.caring, weight))
    values = np.asarray(_scores(now.state, now.world, outlook))
    found, effort = judged(now), np.asarray(now.world.parameters.effort)
    for name in ("cultivate", "shun", "denounce"):
        score, value = found[name], values[MOVES.index(name)]
        expected = (1.0 - weight) * (score.own - effort) - score.dread
        np.testing.assert_allclose(value[able(now)], expected[able(now)], rtol=1e-5, atol=1e-7)


_scores = quickly(choosing.score_moves)


def test_harm_is_in_proportion_to_what_is_lost() -> None:
    """Twice the merit to lose is twice the harm; what half believe moves half as many; what one holds a tenth of is a tenth of the loss."""
    now = moment(2)
    outlook = now.outlook
    harm = judged(now)["obstruct"].other
    double = _judge(now.state._replace(merit=2.0 * now.state.merit), now.world, outlook)["obstruct"].other
    np.testing.assert_allclose(np.asarray(double)[able(now)], 2.0 * harm[able(now)], rtol=1e-5)
    heard = moves.credence(now.state, outlook)
    lost = welfare.deserted(now.world, outlook, heard)
    np.testing.assert_allclose(welfare.deserted(now.world, outlook, 0.5 * heard), 0.5 * lost, rtol=1e-5, atol=1e-9)
    calm = with_constants(now.world, foresight=0.0)
    held = outlook._replace(share=outlook.share * 0.1)
    np.testing.assert_allclose(welfare.deserted(calm, held, heard), 0.1 * welfare.deserted(calm, outlook, heard), rtol=1e-5, atol=1e-9)
    np.testing.assert_allclose(welfare.made_focal(held, heard[0]), 0.1 * welfare.made_focal(outlook, heard[0]), rtol=1e-5, atol=1e-9)


def test_nobody_is_sheltered_who_has_nothing_to_fear() -> None:
    """Standing by somebody is worth something against others alone, and the less, the surer one's side was."""
    now = moment(2)
    outlook = now.outlook
    gained = np.asarray(welfare.sheltered(outlook))
    alone = np.asarray(turned(outlook.attacker)) > 0.0
    assert (gained >= 0.0).all()
    assert (gained[able(now) & ~alone] > 0.0).any()
    assert not gained[alone].any()
    assert (gained <= np.asarray(outlook.share * own(outlook.share)[:, None] * jnp.sum(outlook.danger, axis=1)[None]) + 1e-7).all()


# one unit


def seen_alike(now: Moment) -> Moment:
    """Return a moment in which all see the same: everybody on show, with the same estimates, by the same theory of mind."""
    world, mind = now.world, now.world.mind
    world = world._replace(
        mind=mind._replace(display=jnp.ones_like(mind.display)),
        depth=jnp.broadcast_to(world.depth[:, :1], world.depth.shape),
        precision=jnp.broadcast_to(world.precision[:1], world.precision.shape),
    )
    return again(now, world, estimate=jnp.broadcast_to(now.state.estimate[:1], now.state.estimate.shape))


def test_where_all_see_alike_the_others_loss_is_what_it_would_reckon_itself() -> None:
    """All others turning from somebody costs what their favour is worth to him, as he values it, not as the actor values his own."""
    now = seen_alike(moment(3))
    everyone = now.outlook.pairs
    lost = np.asarray(welfare.deserted(now.world, now.outlook, everyone))
    favour = np.asarray(moves.worth(now.outlook) * now.outlook.here[:, None])
    others_favour = favour.sum(axis=1)[None] - np.swapaxes(favour, 0, 1)
    np.testing.assert_allclose(lost[able(now)], others_favour[able(now)], rtol=1e-4, atol=1e-7)
    assert np.ptp(others_favour[able(now)]) > 1e-3
    seen_otherwise = np.asarray(welfare.deserted(now.world, moment(3).outlook, everyone))
    assert not np.allclose(seen_otherwise[able(now)], others_favour[able(now)], rtol=1e-2)


def test_a_strike_is_worth_to_its_target_what_it_would_be_to_a_challenger_with_the_ends_changed_over() -> None:
    now = seen_alike(moment(3))
    p = now.world.parameters
    even = now.outlook._replace(wins=0.5 * (1.0 + now.outlook.wins - turned(now.outlook.wins)))
    score = moves.REGISTRY["strike"].score(now.state, now.world, even)
    policy = p.policy_weight * moves.distance(now.state, now.world)
    struck = np.asarray(welfare.struck(now.world, even, policy))
    np.testing.assert_allclose(struck[able(now)], np.asarray(turned(jnp.asarray(score.own)))[able(now)], rtol=1e-4, atol=1e-6)


def test_between_two_who_hold_everything_work_undone_only_changes_hands() -> None:
    """What one loses the other wins, so that at w = ½ nothing is left of it but effort and dread."""
    now = without_contests(moment(4))
    two = jnp.arange(now.on.shape[0])[:, None] < 2
    alone = jnp.where(two[None] & two[:, None], now.state.estimate, 0.0)
    now = again(now, estimate=alone)
    score = judged(now)["obstruct"]
    between = able(now)[:2, :2] & ~np.eye(2, dtype=bool)[:, :, None]
    assert between.any()
    assert (score.own[:2, :2][between] > 0.0).any()
    np.testing.assert_allclose(score.other[:2, :2][between], -score.own[:2, :2][between], rtol=1e-4, atol=1e-7)
    outlook = now.outlook._replace(caring=jnp.full_like(now.outlook.caring, 0.5))
    values = np.asarray(_scores(now.state, now.world, outlook))[MOVES.index("obstruct")]
    left = -0.5 * np.asarray(now.world.parameters.effort) - score.dread
    np.testing.assert_allclose(values[:2, :2][between], left[:2, :2][between], rtol=1e-4, atol=1e-7)
    assert (values[:2, :2][between] > 0.5 * choice.NEVER).all()


# the switch


@pytest.mark.parametrize(("off", "left"), [((), True), (("empathy",), True), (("empathy", "grievance"), False), (("grievance",), True)])
def test_without_empathy_revenge_is_left(off: tuple[str, ...], left: bool) -> None:
    """What is left without empathy is what grievances take away, and nothing without both."""
    now = moment(5)
    world = now.world._replace(on=now.world.on | {name: jnp.zeros_like(now.world.on[name]) for name in off})
    weight = np.asarray(caring(now.state, world))
    assert bool(weight.any()) == left
    if off == ("empathy",):
        revenge = -np.asarray(world.mind.vengefulness[:, None] * now.state.grievance)
        np.testing.assert_allclose(weight, revenge, rtol=1e-6, atol=1e-9)
        assert (weight < 0.0).any()
