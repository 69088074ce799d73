"""The ten moves pass the battery users run on their own, and the battery sees every kind of broken move."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any, TypeAlias

import jax
import jax.numpy as jnp
import pytest

from virtu.organisation.moves import ORDERED, REGISTRY, Change, Move, Score
from virtu.organisation.outlook import Outlook
from virtu.organisation.state import State, World, others, turned
from virtu.testing import check_move, moment

Effect: TypeAlias = Callable[[State, World, Outlook, jax.Array], Any]

CALLS = count()


@pytest.mark.parametrize("move", ORDERED, ids=lambda move: move.name)
def test_move_passes_the_battery(move: Move) -> None:
    """Each of the ten moves does what every move must do."""
    check_move(move)


def broken(effect: Effect, *, local: bool = True) -> Move:
    """Return a move whose effect is at fault."""
    return REGISTRY["cultivate"]._replace(name="broken", effect=effect, local=local)


def misjudged(score: Callable[[State, World, Outlook], Any]) -> Move:
    """Return a move whose score is at fault."""
    return REGISTRY["cultivate"]._replace(name="broken", score=score)


FAULTS: dict[str, tuple[str, Move]] = {
    "not a change": ("must be a Change", broken(lambda state, world, outlook, on: on)),
    "not a score": ("must be a Score", misjudged(lambda state, world, outlook: outlook.wins)),
    "shape": ("must have the shape", broken(lambda state, world, outlook, on: Change(trust=jnp.zeros((3, *on.shape))))),
    "shape of merit": ("merit of its change must have the shape", broken(lambda state, world, outlook, on: Change(merit=on))),
    "precision": ("must be float32", broken(lambda state, world, outlook, on: Change(trust=on.astype(jnp.int32)))),
    "allowed": ("allowed of its score must be bool", misjudged(lambda state, world, outlook: Score(own=0.0, allowed=outlook.pairs))),
    "not a number": ("not always a number", broken(lambda state, world, outlook, on: Change(trust=on / state.grievance))),
    "infinite score": ("own of its score is not", misjudged(lambda state, world, outlook: Score(own=jnp.log(outlook.pairs)))),
    "remembers": ("asked again", broken(lambda state, world, outlook, on: Change(trust=on * next(CALLS)))),
    "moody": ("asked again", misjudged(lambda state, world, outlook: Score(own=float(next(CALLS))))),
    "idle": ("where nobody makes it", broken(lambda state, world, outlook, on: Change(trust=0.1 * outlook.pairs))),
    "bystanders": ("of bystanders", broken(lambda state, world, outlook, on: Change(trust=-0.1 * outlook.pairs * jnp.max(on)))),
    "bystander's merit": (
        "declared local, but changes merit",
        broken(lambda state, world, outlook, on: Change(merit=jnp.ones_like(state.merit) * jnp.max(on))),
    ),
    "order of places": (
        "depends on the order",
        broken(lambda state, world, outlook, on: Change(trust=turned(on) * jnp.arange(on.shape[0], dtype=jnp.float32)[:, None, None])),
    ),
    "first of equals": (
        "depends on the order",
        misjudged(lambda state, world, outlook: Score(own=jnp.cumsum(outlook.share, axis=0))),
    ),
    "negative debts": ("dependence stays", broken(lambda state, world, outlook, on: Change(dependence=-2.0 * turned(on)))),
    "boundless estimate": ("estimates stay", broken(lambda state, world, outlook, on: Change(estimate=200.0 * on))),
    "boundless claim": ("beliefs stay", broken(lambda state, world, outlook, on: Change(claim=1000.0 * turned(on)))),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_battery_sees_a_broken_move(fault: str) -> None:
    """A move with one thing wrong fails, and the message says what."""
    message, move = FAULTS[fault]
    with jax.debug_infs(False), pytest.raises(AssertionError, match=message):
        check_move(move, seeds=range(1))


def test_declared_rightly() -> None:
    """The moves that are not local do reach bystanders: declared local, they would fail."""
    for move in ORDERED:
        if not move.local:
            with pytest.raises(AssertionError, match="bystanders"):
                check_move(move._replace(local=True))


def test_moments_are_worth_checking_in() -> None:
    """In every history somebody can make a move on somebody, some persons are out, and moments differ by their seed."""
    now, other = moment(0), moment(1)
    assert (now.on.sum(axis=(0, 1)) == 1.0).all()
    assert (now.on * others(now.on.shape[0]) == now.on).all()
    assert 0.0 < float(now.outlook.here.mean()) < 1.0
    assert not (now.state.trust == other.state.trust).all()
    assert (moment(0).state.trust == now.state.trust).all()
