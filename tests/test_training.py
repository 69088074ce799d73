"""Training and shared experience: the size of what they do, whom they leave alone, and that arms stay paired."""

from __future__ import annotations

import json
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from virtu import chance, scenario
from virtu.laboratory.interventions import agenda, parse_all, room_needed
from virtu.minds import empathy
from virtu.organisation import build, phases, training
from virtu.organisation.state import Agenda
from virtu.scenario.vocabulary import Parameters, Traits, parameters
from virtu.testing import quickly

from .reference.training import AHEAD, BEHIND, DEVIATION

MANY = 20_000
NAMES = ("Ann", "Bob", "Cid", "Dee")
ANN, BOB, CID, DEE = range(4)
SLOTS = jnp.array([chance.code(name) for name in NAMES], jnp.uint32)[:, None]
DEFAULTS = Parameters(**{name: jnp.float32(knob.default) for name, knob in parameters().items()})

SMALL = scenario.loads(
    json.dumps(
        {
            "scenario": "small",
            "title": "Small",
            "calendar": {"ticks": 6},
            "forum": {"seats": 2, "candidates": 2},
            "actors": {name: {"entry": "forum" if number < 2 else "candidate"} for number, name in enumerate(NAMES)},
        }
    )
)


def given(text: str) -> Agenda:
    """Return what is done at the last tick."""
    plan = agenda(SMALL, parse_all([text], SMALL))
    return Agenda(*(part if name in phases.LISTS else part[-1][..., None] for name, part in plan._asdict().items()))


PERSONS = jnp.broadcast_to(jnp.arange(len(NAMES), dtype=jnp.int32)[:, None], (len(NAMES), MANY))


def after(change: Any, text: str, value: float, **constants: float) -> Traits:
    """Return the minds of people who were alike in everything, after training or a shared experience."""
    minds = Traits(*jnp.full((len(Traits._fields), len(NAMES), MANY), value, jnp.float32))
    p = DEFAULTS._replace(**{name: jnp.float32(value) for name, value in constants.items()})
    slots = jnp.broadcast_to(SLOTS, PERSONS.shape)
    return jax.tree.map(np.asarray, jax.jit(change)(minds, PERSONS, slots, given(text), p, chance.history_keys(5, jnp.arange(MANY))))


def bonded(text: str, **constants: float) -> tuple[np.ndarray, np.ndarray]:
    """Return how much the weights behind and ahead are raised, shape (persons, persons, histories), in standard deviations."""
    minds = after(training.bond, text, 0.25, **constants)
    assert all((part == 0.25).all() for name, part in minds._asdict().items() if name not in training.BONDED)
    return (minds.empathy_behind - np.float32(0.25)) / BEHIND, (minds.empathy_ahead - np.float32(0.25)) / AHEAD


def test_effects_are_measured_in_the_spread_of_the_default_population() -> None:
    """The standard deviations are those of the priors, worked out another way, and none is 0."""
    known = {name: deviation for name, (deviation, _, _) in DEVIATION.items()} | {"empathy_behind": BEHIND, "empathy_ahead": AHEAD}
    assert set(known) == {*training.TRAINED, *training.BONDED}
    for name, deviation in known.items():
        assert training.deviation(name) == pytest.approx(deviation, rel=1e-5)


def test_training_has_the_published_effect_and_often_none() -> None:
    """Mean .15 and SD .3, normal; a third of people lose, a quarter gain or lose less than a tenth; depth and precision go together."""
    minds = after(training.train, "train all", 1.0)
    gains = [(getattr(minds, name) - 1.0) / deviation for name, (deviation, _, _) in DEVIATION.items()]
    np.testing.assert_allclose(*gains, atol=1e-4)
    size = gains[0].size
    assert gains[0].mean() == pytest.approx(0.15, abs=4 * 0.3 * size**-0.5)
    assert gains[0].std() == pytest.approx(0.3, abs=4 * 0.3 * (2 * size) ** -0.5)
    assert (gains[0] < 0).mean() == pytest.approx(0.3085, abs=4 * (0.3085 * 0.6915 / size) ** 0.5)
    assert (np.abs(gains[0]) < 0.1).mean() == pytest.approx(0.2314, abs=4 * (0.2314 * 0.7686 / size) ** 0.5)
    apart = np.corrcoef(gains[0])[np.triu_indices(len(NAMES), 1)]
    assert np.abs(apart).max() < 4 * MANY**-0.5
    assert all((part == 1.0).all() for name, part in minds._asdict().items() if name not in training.TRAINED)


def test_training_leaves_others_alone_and_stays_in_range() -> None:
    """Of two trained, the other two keep every bit; no trait leaves its range; no gain depends on who else is trained or when."""
    depth = after(training.train, "train Bob; train Dee", 1.0).theory_of_mind_depth
    assert (depth[[ANN, CID]] == 1.0).all()
    assert (depth[[BOB, DEE]] != 1.0).mean() > 0.99
    np.testing.assert_array_equal(depth[BOB], after(training.train, "train all @ t2", 1.0).theory_of_mind_depth[BOB])
    assert after(training.train, "train all", 0.05).theory_of_mind_depth.min() == 0.0
    assert after(training.train, "train all", 4.9).theory_of_mind_depth.max() == 5.0
    for text in ("nothing", "train all @ ..t4"):
        assert all((part == 1.0).all() for part in after(training.train, text, 1.0))


def test_a_shared_experience_has_the_published_effect_within_the_group() -> None:
    """Mean .48 and SD .3 in both weights, the same towards all who share it; towards outsiders, and of outsiders, not a bit."""
    for lift in bonded("share_experience Ann Bob Cid"):
        inside = lift[:3, :3]
        assert inside.mean() == pytest.approx(0.48, abs=4 * 0.3 * (3 * MANY) ** -0.5)
        assert inside[:, 0].std() == pytest.approx(0.3, abs=4 * 0.3 * (6 * MANY) ** -0.5)
        assert (inside < 0).mean() == pytest.approx(0.0548, abs=0.005)
        np.testing.assert_array_equal(inside, np.broadcast_to(inside[:, :1], inside.shape))
        assert not lift[DEE].any()
        assert not lift[:, DEE].any()
    for text in ("nothing", "share_experience all @ ..t4"):
        assert not np.any(bonded(text))


def test_groups_are_apart_and_no_experience_counts_twice() -> None:
    """Two groups care each for its own; who is in both cares for both; the effect is the person's, whoever the others are."""
    alone, both = bonded("share_experience Ann Bob"), bonded("share_experience Ann Bob; share_experience Cid Dee; share_experience Ann Bob")
    np.testing.assert_array_equal(both[0][ANN, BOB], alone[0][ANN, BOB])
    assert not both[0][:2, 2:].any()
    assert both[0][CID, DEE].all()
    chain = bonded("share_experience Ann Bob; share_experience Bob Cid")[1]
    np.testing.assert_array_equal(chain[BOB, [ANN, CID]], np.broadcast_to(alone[1][BOB, ANN], (2, MANY)))
    assert not chain[ANN, CID].any()


def test_spill_over_reaches_outsiders_in_proportion() -> None:
    """With a spill-over of −½ those who share an experience feel half as much less for outsiders, who feel as before."""
    lift, _ = bonded("share_experience Ann Bob", sharing_spill=-0.5)
    np.testing.assert_allclose(lift[ANN, CID], -0.5 * lift[ANN, BOB], atol=1e-5)
    assert not lift[CID:].any()


def test_weights_towards_single_persons_are_those_towards_all_where_they_are_equal() -> None:
    """The weight of caring takes both shapes, and a raise towards one changes that pair alone."""
    random = np.random.default_rng(3)
    behind, ahead, warm, sore = (jnp.asarray(random.uniform(-0.3, 0.3, (4, 5)), jnp.float32) for _ in range(4))
    pairs = [jnp.asarray(random.uniform(-1, 1, (4, 4, 5)), jnp.float32) for _ in range(3)]
    plain = empathy.weight(behind, ahead, warm, sore, *pairs)
    wide = [jnp.broadcast_to(one[:, None], (4, 4, 5)) for one in (behind, ahead)]
    np.testing.assert_array_equal(empathy.weight(wide[0], wide[1], warm, sore, *pairs), plain)
    raised = empathy.weight(wide[0].at[1, 2].add(0.1), wide[1].at[1, 2].add(0.1), warm, sore, *pairs)
    assert np.argwhere((np.asarray(raised) != np.asarray(plain)).any(axis=2)).tolist() == [[1, 2]]


HISTORIES, LATE = 64, 3
CARELESS, BLIND = "off empathy", "off theory_of_mind"
VOID = "parameter training_effect = 0; parameter training_spread = 0; parameter sharing_effect = 0; parameter sharing_spread = 0"
BOTH = "train all; share_experience all"
LATER = [f"train all @ t{LATE}", f"share_experience Ann Bob @ t{LATE}"]
ARMS = ["", "nothing", *LATER, CARELESS, f"{CARELESS}; share_experience all", BLIND, f"{BLIND}; train all", VOID, f"{VOID}; {BOTH}"]


@pytest.fixture(scope="module")
def runs() -> dict[str, Any]:
    """Run each arm, the baseline by the empty text, with one compiled program; gives traces."""
    setup, sets = build.setup(SMALL), {text: parse_all([text] if text else [], SMALL) for text in ARMS}
    room = max(room_needed(SMALL, done) for done in sets.values())
    run = quickly(lambda setup, plan: phases.histories(setup, plan, chance.history_keys(3, jnp.arange(HISTORIES)))[1])
    plans = {text: agenda(SMALL, done, room=room) for text, done in sets.items()}
    assert len({tuple((part.shape, part.dtype) for part in plan) for plan in plans.values()}) == 1
    return {text: jax.tree.map(np.asarray, run(setup, plan)) for text, plan in plans.items()}


def differing(one: Any, other: Any) -> np.ndarray:
    """Return at which ticks two traces differ in any bit of any history."""
    return np.any([(a != b).reshape(len(a), -1).any(axis=1) for a, b in zip(map(_bits, one), map(_bits, other), strict=True)], axis=0)


def _bits(part: np.ndarray) -> np.ndarray:
    return part.view(np.int32) if part.dtype == np.float32 else part


@pytest.mark.slow
@pytest.mark.parametrize(
    "pair", [("", "nothing"), (CARELESS, f"{CARELESS}; share_experience all"), (BLIND, f"{BLIND}; train all"), (VOID, f"{VOID}; {BOTH}")]
)
def test_what_can_change_nothing_changes_no_bit(runs: dict[str, Any], pair: tuple[str, str]) -> None:
    """The sham, training where nobody reads, bonds where nobody cares, and effects of size 0 leave every history as it was."""
    assert not differing(runs[pair[0]], runs[pair[1]]).any()


@pytest.mark.slow
@pytest.mark.parametrize("text", LATER)
def test_arms_are_the_same_until_it_begins_and_differ_afterwards(runs: dict[str, Any], text: str) -> None:
    apart = differing(runs[""], runs[text])
    assert not apart[:LATE].any()
    assert apart[LATE:].any()
