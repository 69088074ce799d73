"""Strength by hand, who is on top, and what a fall takes away."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
import pytest

from virtu.organisation.seats import fall, on_top, standing
from virtu.organisation.state import NOBODY
from virtu.scenario.vocabulary import CAUSES, Status

from .stage import ADA, BEN, CLEO, DAN, EVE, HISTORIES, SECRETARY, stage


def place_values(*values: float) -> np.ndarray:
    """Return one number per place, the last for the empty one, with an axis of histories."""
    return np.array([*values, 0.0], np.float32)[:, None]


def test_strength_by_hand() -> None:
    """γ = seats and posts + merit + legitimacy + what dependents owe, in the forum and outside it."""
    owed = np.zeros((6, 6, 1), np.float32)
    owed[BEN, ADA], owed[BEN, CLEO], owed[EVE, CLEO] = 0.5, 0.25, 1.0
    before = stage().but(dependence=owed, merit=place_values(0.1, 0, 0, 0.4, 0), legitimacy=place_values(0, 0, 2.0, 0, 0))
    found = standing(before.setup, before.state)
    weight = [2.0, 1.5, 1.0, 1.0, 0.3, 0.0]  # a seat is 1, a candidate's .3; secretary 1, treasurer .5
    public = [2.1, 1.5, 3.0, 1.4, 0.3, 0.0]
    clients = 2 * 0.25 * 0.5  # two officials of .25 owe Ada half of it
    backing = [0.5 * 1.5 + clients, 0.0, 0.25 * 1.5 + 0.3, 0.0, 0.0, 0.0]
    for part, expected in (
        (found.weight, weight),
        (found.public, public),
        (found.backing, backing),
        (found.owed, [0, 1.125, 0, 0, 0.3, 0]),
    ):
        np.testing.assert_allclose(part, np.tile(np.array(expected)[:, None], HISTORIES), atol=1e-6)
    np.testing.assert_allclose(found.strength, found.public + found.backing)


def test_who_is_out_has_no_strength() -> None:
    """Merit and legitimacy count in office only."""
    before = stage().but(merit=place_values(1, 1, 1, 1, 1), status=np.array([0, int(Status.OUT), int(Status.OFFICE), 0, 1, -1])[:, None])
    strength = standing(before.setup, before.state).strength
    assert float(strength[BEN, 0]) == 0.0
    assert float(strength[CLEO, 0]) == 1.0  # merit alone, as the seat is gone and the usher's post weighs nothing


@pytest.mark.parametrize(
    ("strength", "margin", "leader"),
    [
        ((3.0, 2.0, 1.0), 0.1, 0),
        ((2.0, 3.0, 1.0), 0.5, 1),
        ((2.0, 2.9, 1.0), 0.5, None),
        ((2.0, 2.0, 1.0), 0.0, None),
        ((0.0, 0.0, 0.0), 0.0, None),
        ((1.0, 1.0, 1.0), 0.1, None),
        ((0.0, 0.0, 0.1), 10.0, 2),
    ],
)
def test_a_tie_is_nobodys_lead(strength: tuple[float, ...], margin: float, leader: int | None) -> None:
    """The lead must be alone and pass the margin, whatever the order of the places."""
    for shift in range(3):
        found = np.asarray(on_top(jnp.roll(jnp.array(strength), shift)[:, None], jnp.float32(margin)))[:, 0]
        assert list(np.flatnonzero(found)) == ([] if leader is None else [(leader + shift) % 3])


def test_a_fall_takes_posts_and_out_of_office_takes_all() -> None:
    """Whoever falls loses his posts; out of office also merit, bonds and clients; who stands lower already is left alone."""
    owed = np.zeros((6, 6, 1), np.float32)
    owed[BEN, ADA], owed[ADA, CLEO] = 0.5, 0.5
    before = stage().but(dependence=owed, merit=place_values(1, 1, 1, 1, 1))
    who = jnp.zeros((6, HISTORIES), bool).at[jnp.array([ADA, EVE])].set(True)
    nobody = jnp.full(HISTORIES, NOBODY, jnp.int32)

    def fallen(grade: Status) -> tuple[np.ndarray, ...]:
        state, info = fall(before.state, before.info, who, jnp.full(who.shape, int(grade)), "purge", nobody)
        assert list(np.asarray(info.fall[:, 0])) == [int(grade), -1, -1, -1, int(grade) if grade > Status.CANDIDATE else -1, -1]
        assert int(info.cause[ADA, 0]) == CAUSES.index("purge")
        assert (state.fallen[ADA] & (state.status[ADA] == int(grade)) & (state.status[DAN] == 0)).all()
        return tuple(np.asarray(part)[..., 0] for part in (state.holder, state.merit, state.patron, state.dependence))

    holder, merit, patron, dependence = fallen(Status.CANDIDATE)
    assert list(holder) == [NOBODY, BEN, CLEO]
    assert list(merit) == [1, 1, 1, 1, 1, 0]
    assert list(patron) == [ADA, ADA, NOBODY, NOBODY]
    assert dependence[BEN, ADA] == dependence[ADA, CLEO] == 0.5
    holder, merit, patron, dependence = fallen(Status.OUT)
    assert holder[SECRETARY] == NOBODY
    assert list(merit) == [0, 1, 1, 1, 0, 0]
    assert list(patron) == [NOBODY] * 4
    assert not dependence.any()
