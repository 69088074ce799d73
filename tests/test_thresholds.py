"""Cascades over thresholds and the purge under imprecise information: published figures, step-by-step play and limits."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from virtu.classics import thresholds as model
from virtu.classics.purge_limit import purge_limit
from virtu.classics.thresholds import (
    cascade,
    cascade_among_friends,
    normal_crowd,
    normal_equilibrium,
    revolution,
    revolutionary_thresholds,
    rounds,
)
from virtu.errors import InputError, RunError
from virtu.laboratory.validation import thresholds as published
from virtu.laboratory.validation.rows import Row

Crowds = st.lists(st.integers(0, 12), min_size=1, max_size=12)


def _failures() -> list[str]:
    rows = [row for row in published.rows(None) if isinstance(row, Row)]
    return [row.id for row in rows if abs(row.ours - row.published) > row.tolerance]


def test_every_published_row_passes() -> None:
    """Granovetter's, Kuran's and the purge's figures come out."""
    assert _failures() == []


def test_wrong_models_fail_the_published_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who waits for one person more, a mean off by a tenth, and a purge blind to its precision are all seen."""
    monkeypatch.setattr(published, "cascade", lambda crowd: cascade(np.asarray(crowd) + 1))
    monkeypatch.setattr(published, "revolution", lambda crowd: revolution(np.asarray(crowd) + 0.1))
    monkeypatch.setattr(published, "normal_equilibrium", lambda n, mean, sd: normal_equilibrium(n, mean + 0.1, sd))
    monkeypatch.setattr(published, "purge_limit", lambda e, r, pi: purge_limit(e, r, 0.95 * pi))
    assert len(_failures()) == len(list(published.rows(None)))


@given(Crowds)
def test_equals_step_by_step_play(crowd: list[int]) -> None:
    """The end is the one that people joining round after round reach, and it is a rest point."""
    end = int(cascade(crowd))
    steps = rounds(crowd)
    assert steps[-1] == end
    assert steps == sorted(set(steps))
    assert sum(threshold <= end for threshold in crowd) == end


@given(Crowds, st.integers(0, 11), st.randoms(use_true_random=False))
def test_lower_thresholds_never_shrink_a_crowd(crowd: list[int], who: int, chance: st.DrawFn) -> None:
    """Someone readier to join never leaves fewer in the end; and names do not matter."""
    readier = list(crowd)
    readier[who % len(crowd)] = 0
    assert cascade(readier) >= cascade(crowd)
    shuffled = list(crowd)
    chance.shuffle(shuffled)  # pyright: ignore[reportAttributeAccessIssue]
    assert cascade(shuffled) == cascade(crowd)


def test_many_crowds_at_once() -> None:
    """A table of crowds gives what each gives alone."""
    crowds = np.random.default_rng(0).integers(0, 20, (3, 50, 20))
    found = cascade(crowds)
    assert found.shape == (3, 50)
    assert [int(cascade(crowd)) for crowd in crowds.reshape(-1, 20)] == found.ravel().tolist()
    assert len(np.unique(found)) > 3


@settings(max_examples=60)
@given(Crowds)
def test_friends_who_count_alike_are_strangers(crowd: list[int]) -> None:
    """Where all count the same, shares of the others are numbers of them."""
    members = len(crowd)
    joined = cascade_among_friends(np.array(crowd) / max(members - 1, 1), np.ones((members, members)))
    assert joined.sum() == cascade(crowd)


def test_a_friend_tips_the_balance() -> None:
    """Granovetter's friends: one who needs half joins his friend's side, the friend counting twice, and stays out among strangers."""
    shares = np.array([0.0, 0.5, 2.0, 2.0])
    strangers = np.ones((4, 4))
    friends = strangers.copy()
    friends[1, 0] = 2.0
    assert cascade_among_friends(shares, strangers).tolist() == [True, False, False, False]
    assert cascade_among_friends(shares, friends).tolist() == [True, True, False, False]
    assert cascade_among_friends([np.inf, 0.0], np.zeros((2, 2))).tolist() == [False, True]


def test_normal_thresholds_turn_over() -> None:
    """The equilibrium is a rest point of the distribution, and jumps between 12.20 and 12.25; a crowd of a hundred jumps later."""
    spreads = np.array([5.0, 12.20, 12.25, 20.0])
    found = normal_equilibrium(100, 25.0, spreads)
    assert found[1] == pytest.approx(5.48, abs=0.005)
    assert found[2] == pytest.approx(100.0, abs=0.005)
    joining = np.array([float((normal_crowd(100_000, 25.0, sd) <= at).mean()) for sd, at in zip(spreads, found, strict=True)])
    np.testing.assert_allclose(100 * joining, found, atol=0.01)
    assert cascade(normal_crowd(100, 25.0, [12.50, 12.55])).tolist() == [5, 100]


def test_a_climb_that_creeps_is_not_passed_off_as_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the steps run out before the climb ends, that is an error."""
    monkeypatch.setattr(model, "MOST_STEPS", 3)
    with pytest.raises(RunError, match="no equilibrium"):
        normal_equilibrium(100, 25.0, 12.2)


def test_a_regime_falls_by_surprise() -> None:
    """One person's change of heart turns a tenth into nine tenths; what was hidden is then in the open."""
    before = np.array(published.KURAN_CROWD) / 100
    after = before.copy()
    after[1] = 0.1
    found = revolution([before, after])
    np.testing.assert_allclose(found.open, [0.1, 0.9])
    np.testing.assert_allclose(found.first, [0.1, 0.1])
    np.testing.assert_allclose(found.hidden, [0.9, 0.1])


def test_thresholds_from_hearts() -> None:
    """Who opposes as much as it costs starts alone; harsher punishment raises thresholds; supporters never join."""
    assert revolutionary_thresholds([0.0, 1.0, 2.0, 5.0], 2.0).tolist() == [2.0, 0.5, 0.0, 0.0]
    mild, harsh = revolutionary_thresholds([0.5, 1.0], 2.0), revolutionary_thresholds([0.5, 1.0], 4.0)
    assert (harsh > mild).all()
    supporters = revolution(revolutionary_thresholds([0.0, 0.0, 9.0, 1.0], 2.0))
    assert (supporters.open, supporters.hidden) == (0.25, 0.25)


@given(st.floats(0.0, 1.0), st.floats(0.0, 0.99), st.floats(0.0, 1.0))
def test_a_purge_ends_where_it_should(enemies: float, tolerated: float, above_lot: float) -> None:
    """What is taken is guilty or innocent, what is left of the enemies is the share tolerated, and nobody falls without need."""
    precision = enemies + (1 - enemies) * above_lot
    purge = purge_limit(enemies, tolerated, precision)
    assert 0 <= purge.taken <= 1 + 1e-9
    assert purge.guilty + purge.innocent == pytest.approx(purge.taken)
    assert purge.guilty + purge.missed == pytest.approx(enemies)
    if enemies <= tolerated:
        assert purge.taken == 0
    else:
        assert float(purge.missed) == pytest.approx(tolerated * (1 - float(purge.taken)), abs=1e-9)


def test_worse_information_takes_more_innocents() -> None:
    """The less precise, the more are taken and the more of them are innocent; by lot, everyone."""
    purge = purge_limit(0.1, 0.05, np.array([0.9, 0.5, 0.2, 0.1]))
    assert (np.diff(purge.innocent) > 0).all()
    assert purge.taken[-1] == pytest.approx(1.0)


REFUSED: list[tuple[Callable[[], object], str]] = [
    (lambda: cascade([]), "at least one person"),
    (lambda: cascade([1.0, np.nan]), "missing"),
    (lambda: cascade_among_friends([0.1, 0.2], np.ones((3, 3))), "2 by 2"),
    (lambda: cascade_among_friends([0.1, 0.2], -np.ones((2, 2))), "at least 0"),
    (lambda: normal_equilibrium(100, 25.0, 0.0), "spread above 0"),
    (lambda: normal_crowd(0, 25.0, 1.0), "at least one person"),
    (lambda: revolutionary_thresholds([-1.0], 1.0), "at least 0"),
    (lambda: purge_limit(1.1, 0.0, 1.0), "share of enemies"),
    (lambda: purge_limit(0.1, 1.0, 0.5), "tolerated"),
    (lambda: purge_limit(0.5, 0.1, [0.6, 0.4]), "drawing lots"),
    (lambda: purge_limit(np.nan, 0.1, 0.5), "share of enemies"),
]


@pytest.mark.parametrize(("call", "message"), REFUSED)
def test_what_cannot_be_answered_is_refused(call: Callable[[], object], message: str) -> None:
    """Each fault is named."""
    with pytest.raises(InputError, match=message):
        call()
