"""Civil violence: compiled steps against plain loops, the closed form, the table of outbursts, and what the rules forbid."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import kstest

from virtu.classics import civil_violence as model
from virtu.classics.civil_violence import Groups, Rules, Unrest, active_fraction, arrest_probability, in_sight, outbursts, simulate
from virtu.classics.keyed_draws import below, uniform
from virtu.errors import InputError
from virtu.laboratory.validation import street

from .reference import civil_violence as plain
from .reference.civil_violence import Town

SMALL = Rules(height=12, width=15, vision=3, cop_vision=2.5, legitimacy=0.75, longest_term=6)
PEOPLES = Groups(0.4, 0.1, 20)
TIGHT = Rules(height=3, width=4, density=0.5, cops=0.1, legitimacy=0.2, vision=2, cop_vision=2, longest_term=200)
FERTILE = Groups(share=1.0, birth=0.9, longest_life=0)

CASES: list[tuple[Rules, int, Groups | None]] = [
    (SMALL, 25, None),
    (SMALL, 40, PEOPLES),
    (SMALL._replace(sight="Euclidean", order="act, move", turns="shuffled", jailed="in place", rounding="even"), 25, None),
    (SMALL._replace(sight="Euclidean", order="act, move", turns="shuffled", jailed="in place", rounding="round"), 40, PEOPLES),
    (SMALL._replace(order="act", rounding="none", deterrence=0.5), 20, None),
    (Rules(height=6, width=6, density=0.92, cops=0.06, vision=5, cop_vision=5, legitimacy=0.3, longest_term=1), 20, None),
    (TIGHT, 60, FERTILE),
]
"""Rules, steps and groups of histories lived through twice; the last fills the jails until there are twice as many people as cells."""


def _plain(rules: Rules, steps: int, seed: int, groups: Groups | None, town: type[Town] = Town) -> Unrest:
    history = town(rules, seed, groups)
    rows = [history.step(step, (rules.legitimacy, rules.legitimacy)) for step in range(steps)]
    peoples = 1 if groups is None else 2
    return Unrest(*(np.array([row[name] for row in rows]).T[:peoples] for name in Unrest._fields))


@pytest.mark.parametrize(("rules", "steps", "groups"), CASES)
def test_compiled_steps_equal_plain_loops(rules: Rules, steps: int, groups: Groups | None) -> None:
    """Every count of every step is the same, bit for bit, and there is something to count."""
    compiled, looped = simulate(rules, steps, 3, groups), _plain(rules, steps, 3, groups)
    for one, other in zip(compiled, looped, strict=True):
        np.testing.assert_array_equal(one, other)
    assert compiled.active.sum() > 0


class Blind(Town):
    """A town in which nobody counts himself among the actives."""

    def rebels(self, who: int, legitimacy: float) -> bool:
        cells = self.in_sight(self.place(who), self.rules.vision, self.rules.sight)
        return not any(self.people[self.standing[cell]].group == 2 for cell in cells if cell in self.standing)


class Merciful(Town):
    """A town whose cops never look."""

    def cop(self, who: int, turn: int, step: int) -> None:
        del who, turn, step


@pytest.mark.parametrize("town", [Blind, Merciful])
def test_a_wrong_town_is_found_out(town: type[Town]) -> None:
    """The comparison sees another rule."""
    right, wrong = simulate(SMALL, 15, 3), _plain(SMALL, 15, 3, None, town)
    assert (right.active != wrong.active).any()


def test_more_people_than_cells() -> None:
    """Places for people are added when jails and births need them."""
    assert simulate(TIGHT, 60, 3, FERTILE).living.sum(axis=0).max() > 2 * TIGHT.height * TIGHT.width


def _failures() -> set[str]:
    return {row.id for row in [*street._outbursts(), *street._active_shares()] if not abs(row.ours - row.published) <= row.tolerance}


@pytest.mark.slow
def test_the_table_of_outbursts_comes_out() -> None:
    """For each rounding, outbursts, mean and greatest number of actives are within sampling error; so are the closed forms."""
    assert _failures() == set()


def test_another_rounding_fails_the_table(monkeypatch: pytest.MonkeyPatch) -> None:
    """A model that rounds down whatever it is told, and one without cops' effect on the active share, are seen."""
    monkeypatch.setattr(street, "STREET_SEEDS", (0,))
    monkeypatch.setattr(model, "ROUNDINGS", ("round", "floor", "even", "none"))
    monkeypatch.setattr(model, "active_fraction", lambda arrest: active_fraction(arrest, threshold=0.11))
    expected = {"epstein.floor.outbursts", "epstein.floor.mean", "epstein.round.outbursts", "epstein.round.mean"}
    assert expected | {"epstein.active-share.0", "epstein.active-share.0.8997"} <= _failures()


@given(st.floats(0.0, 1.5), st.floats(0.0, 1.0), st.floats(0.0, 0.5))
def test_the_active_share_is_the_area_above_the_threshold(arrest: float, legitimacy: float, threshold: float) -> None:
    """It is the share of a fine grid of hardship and aversion that rebels."""
    middle = (np.arange(400) + 0.5) / 400
    rebels = middle[:, None] * (1 - legitimacy) - middle * arrest > threshold
    assert float(active_fraction(arrest, legitimacy, threshold)) == pytest.approx(rebels.mean(), abs=0.005)


def test_without_cops_the_active_share_is_the_closed_form() -> None:
    """On a large lattice without cops a share q(0) is active; with a chance of arrest that all share, q(P)."""
    alone = simulate(Rules(height=150, width=150, cops=0.0, turns="shuffled"), 1, 0)
    assert alone.active[0, 0] / alone.living[0, 0] == pytest.approx(float(active_fraction(0.0)), abs=0.012)
    # Whoever sees many more cops than actives reckons with P = 1, rounded or not.
    feared = simulate(Rules(height=60, width=60, density=0.3, cops=0.7, k=1e6, vision=2.5, turns="shuffled"), 1, 0, legitimacy=0.5)
    first = feared.active[0, 0] + feared.arrested[0, 0]
    assert first / feared.living[0, 0] == pytest.approx(float(active_fraction(1.0, 0.5)), abs=0.05)


def test_arrest_probability_of_each_rounding() -> None:
    """One cop to one active is .9; halves go up or to the even number; rounded down, a cop short is none."""
    assert float(arrest_probability(1, 1)) == pytest.approx(0.8997, abs=5e-5)
    assert arrest_probability([1, 3, 5], 2, rounding="round").tolist() == arrest_probability([1, 2, 3], 1).tolist()
    assert arrest_probability([1, 3, 5], 2, rounding="even").tolist() == arrest_probability([0, 2, 2], 1).tolist()
    assert arrest_probability([1, 3, 5], 2, rounding="floor").tolist() == arrest_probability([0, 1, 2], 1).tolist()


@pytest.mark.parametrize(
    ("sight", "vision", "cells"), [("von Neumann", 7, 112), ("Euclidean", 7, 148), ("Euclidean", 1.7, 8), ("von Neumann", 1.7, 4)]
)
def test_what_is_in_sight(sight: str, vision: float, cells: int) -> None:
    """The diamond and the disc have their cells, the same number to either side; on a small torus each cell is seen once."""
    down, right = in_sight(Rules(), vision, sight)
    assert len(down) == cells
    seen = set(zip(down.tolist(), right.tolist(), strict=True))
    assert seen == {(-a % 40, -b % 40) for a, b in seen}
    assert len(in_sight(Rules(height=5, width=4), 7, sight)[0]) == 19


def test_draws_are_even_and_apart() -> None:
    """Draws of neighbouring seeds, sites, steps, turns and slots are uniform and have nothing to do with one another."""
    places = [(seed, site, step, turn) for seed in range(6) for site in range(4) for step in range(8) for turn in range(20)]
    keys = [np.uint64(plain.fold(plain.key_of(seed, site, step), turn)) for seed, site, step, turn in places]
    draws = np.array([[uniform(key, slot) for slot in range(3)] for key in keys])
    assert float(np.asarray(kstest(draws.ravel(), "uniform"))[1]) > 1e-3
    assert len(np.unique(draws)) == draws.size
    near = np.corrcoef(np.column_stack([draws[:-1], draws[1:]]).T) - np.eye(6)
    assert np.abs(near).max() < 4 / np.sqrt(len(draws))
    counts = np.bincount([below(key, 0, 7) for key in keys], minlength=7)
    assert ((counts - len(keys) / 7) ** 2).sum() / (len(keys) / 7) < 22.5  # p = .001 with six degrees of freedom


def test_a_seed_is_a_history() -> None:
    """The same seed, 0 included, gives the same history, a longer one begins with the shorter, and another seed gives another."""
    one, longer, other = (simulate(Rules(), steps, seed).active for steps, seed in ((30, 0), (40, 0), (30, 1)))
    np.testing.assert_array_equal(one, longer[:, :30])
    assert (one != other).any()


def test_model_one_keeps_its_people() -> None:
    """Nobody is born or dies; who is in jail is not active; arrests fill jails that terms empty."""
    found = simulate(Rules(), 300, 1)
    assert (found.living == 1120).all()
    assert found.killed.sum() == 0
    assert (found.active + found.jailed <= found.living).all()
    assert (np.diff(found.jailed) <= found.arrested[:, 1:]).all()
    assert found.jailed.max() > 100


def test_legitimacy_that_falls_sets_off_what_its_level_would() -> None:
    """A sudden loss of legitimacy raises the actives at once; a path that never moves is the rule's own."""
    path = np.where(np.arange(60) < 30, 0.9, 0.6)
    found = simulate(Rules(), 60, 2, legitimacy=path).active[0]
    assert found[:30].max() == 0
    assert found[30] > 100
    np.testing.assert_array_equal(simulate(Rules(), 20, 2, legitimacy=0.82).active, simulate(Rules(), 20, 2).active)


def test_peoples_kill_only_where_they_deny_each_other() -> None:
    """Who grants the other group its right to exist kills nobody; where one denies it, the other dies out; cops slow it down."""
    rules = Rules(legitimacy=1.0, vision=1.7, cop_vision=1.7, sight="Euclidean", longest_term=15)
    assert simulate(rules, 100, 0, Groups()).killed.sum() == 0
    one_sided = simulate(rules._replace(cops=0.0), 150, 0, Groups(), legitimacy=[[0.5], [1.0]])
    assert one_sided.killed[0].sum() == 0
    assert one_sided.living[1, -1] == 0 < one_sided.living[0, -1]
    mutual = [simulate(rules._replace(cops=cops, legitimacy=0.8), 40, 0, Groups()).living[:, -1].min() for cops in (0.0, 0.15)]
    assert mutual[1] > mutual[0]


def test_lives_end() -> None:
    """Without births a people is gone once the longest life is over, about half of it after half that time."""
    living = simulate(Rules(legitimacy=1.0, cops=0.0), 201, 0, Groups(birth=0.0, longest_life=200)).living.sum(axis=0)
    assert living[-1] == 0 < living[197]
    assert living[99] / living[0] == pytest.approx(0.5, abs=0.05)


def test_outbursts_are_counted_once() -> None:
    """Rises above the level count, staying there does not."""
    assert outbursts([[60, 70, 10, 51, 50, 90, 90], [0, 50, 0, 0, 0, 0, 0]]).tolist() == [3, 0]


REFUSED: list[tuple[Callable[[], object], str]] = [
    (lambda: simulate(Rules(rounding="up"), 1, 0), "rounding must be one of"),  # pyright: ignore[reportArgumentType]
    (lambda: simulate(Rules(sight="square"), 1, 0), "sight must be one of"),  # pyright: ignore[reportArgumentType]
    (lambda: simulate(Rules(density=0.9, cops=0.2), 1, 0), "do not fit"),
    (lambda: simulate(Rules(density=-0.1), 1, 0), "density must be"),
    (lambda: simulate(Rules(legitimacy=1.2), 1, 0), "legitimacy must be"),
    (lambda: simulate(Rules(vision=0.0), 1, 0), "visions above 0"),
    (lambda: simulate(Rules(), 0, 0), "at least 1"),
    (lambda: simulate(Rules(longest_term=-1), 1, 0), "longest term"),
    (lambda: simulate(Rules(), 1, -1), "seed must be"),
    (lambda: simulate(Rules(), 1, 0, Groups(birth=2.0)), "chance of birth"),
    (lambda: simulate(Rules(), 3, 0, legitimacy=[0.1, 0.2]), "does not fit"),
    (lambda: simulate(Rules(), 1, 0, legitimacy=[2.0]), "at each step"),
    (lambda: arrest_probability(1, 0), "at least 1 active"),
    (lambda: active_fraction(-0.1), "P of at least 0"),
]


@pytest.mark.parametrize(("call", "message"), REFUSED)
def test_what_cannot_be_answered_is_refused(call: Callable[[], object], message: str) -> None:
    """Each fault is named."""
    with pytest.raises(InputError, match=message):
        call()
