"""Arms races: published rests, exact solution against the equation itself, turns, and what a correction does."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from virtu.classics import arms_race as model
from virtu.classics.arms_race import (
    ArmsRace,
    arms_race,
    correction,
    critical_bias,
    euler,
    fixed_point,
    growth,
    path,
    reaction_of,
    stable,
    take_turns,
    tit_for_tat,
)
from virtu.errors import InputError
from virtu.laboratory.validation import street

Positive = st.floats(0.1, 3.0)
Pair = st.tuples(Positive, Positive)


@st.composite
def races(draw: st.DrawFn) -> ArmsRace:
    """Draw a race that is not on the boundary of stability."""
    reaction, fatigue, grievance, bias = (draw(Pair) for _ in range(4))
    race = arms_race(reaction, fatigue, grievance, bias)
    return race if abs(growth(race)) > 0.05 else arms_race(reaction, fatigue, grievance, 0.1)


def _failures() -> set[str]:
    rows = [*street._escalation(), *street._overestimation()]
    return {row.id for row in rows if not abs(row.ours - row.published) <= row.tolerance}


def test_every_published_row_passes() -> None:
    """Escalation by touch, Richardson's rests and boundary, and the calibrated correction come out."""
    assert _failures() == set()


def test_wrong_models_fail_the_published_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    """A turn too few, a bias that counts once for both, and a reaction read off the level in the end are all seen."""
    monkeypatch.setattr(model, "tit_for_tat", lambda first, factor, turns: tit_for_tat(first, factor, turns - 1))
    monkeypatch.setattr(model, "_answers", lambda race: race.reaction * np.sqrt(race.bias))
    monkeypatch.setattr(model, "reaction_of", lambda cut, bias: cut / (bias - 1 + cut))
    monkeypatch.setattr(model, "critical_bias", lambda race: critical_bias(race) ** 2)
    expected = {"tit-for-tat", "richardson.bias-1.99.rest", "richardson.bias-2.01.runs-away", "richardson.critical-bias"}
    assert expected <= _failures()
    assert {"overestimation.least.reaction", "overestimation.most.loop-gain"} <= _failures()


@given(races())
def test_the_boundary_divides_rest_from_running_away(race: ArmsRace) -> None:
    """Stable races end at the fixed point from far away, unstable ones leave it, by growth, turns and formula alike."""
    assert stable(race) == (growth(race) < 0) == (critical_bias(race) > np.sqrt(race.bias.prod()))
    rest = fixed_point(race)
    assert np.allclose(race.reaction * race.bias * rest[::-1] + race.grievance, race.fatigue * rest)
    time = 12 / abs(float(growth(race)))
    off = np.abs(path(race, rest + 1.0, [time])[0] - rest)
    assert (off < 1e-3).all() if stable(race) else (off > 1e3).all()
    turns = np.abs(take_turns(race, rest + 1.0, 12) - rest).max(axis=-1)
    assert (turns[-1] < turns[2]) == stable(race)


@given(races(), Pair, st.floats(0.1, 2.0), st.floats(0.1, 2.0))
def test_the_exact_path_solves_the_equation(race: ArmsRace, start: tuple[float, float], one: float, more: float) -> None:
    """Its slope is the right-hand side, time can be cut in two, and finer Euler steps come nearer in proportion."""
    early, late, there = path(race, start, [one - 1e-5, one + 1e-5, one])
    slope = race.reaction * race.bias * there[::-1] - race.fatigue * there + race.grievance
    np.testing.assert_allclose((late - early) / 2e-5, slope, rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(path(race, there, [more]), path(race, start, [one + more]), rtol=1e-8)
    coarse, fine = (euler(race, start, one / steps, steps)[-1] - there for steps in (200, 400))
    assert np.abs(fine).max() <= 0.6 * np.abs(coarse).max() + 1e-9


def test_on_the_boundary_levels_grow_in_a_straight_line() -> None:
    """Where answers just make up for fatigue, grievance adds up, and there is no rest."""
    race = arms_race(1.0, 1.0, 0.1)
    np.testing.assert_allclose(path(race, 1.0, [0.0, 5.0, 10.0])[:, 0], [1.0, 1.5, 2.0])
    with pytest.raises(InputError, match="no single fixed point"):
        fixed_point(race)


@given(races(), Pair)
def test_sides_have_no_names(race: ArmsRace, start: tuple[float, float]) -> None:
    """Swapped sides swap results; seeing double is answering double."""
    swapped = ArmsRace(*(part[::-1] for part in race))
    np.testing.assert_allclose(path(swapped, start[::-1], [0.7]), path(race, start, [0.7])[:, ::-1])
    plain = race._replace(reaction=race.reaction * race.bias, bias=np.ones(2))
    np.testing.assert_allclose(fixed_point(plain), fixed_point(race))


def test_many_races_at_once() -> None:
    """A table of races gives what each gives alone, along every way through time."""
    rng = np.random.default_rng(0)
    table = arms_race(*rng.uniform(0.2, 1.0, (4, 3, 5, 2)))
    found = [path(table, 1.0, [0.5, 2.0]), euler(table, 1.0, 0.1, 7), take_turns(table, 1.0, 5), fixed_point(table)[..., None, :]]
    for place in np.ndindex(3, 5):
        one = ArmsRace(*(part[place] for part in table))
        alone = [path(one, 1.0, [0.5, 2.0]), euler(one, 1.0, 0.1, 7), take_turns(one, 1.0, 5), fixed_point(one)[None]]
        for many, single in zip(found, alone, strict=True):
            np.testing.assert_allclose(many[place], single)


def test_tit_for_tat_is_turn_taking_without_grievance() -> None:
    """Full answers 1.38 times what was seen give the forces in turn; short turns give the exact path."""
    race = arms_race(1.0, 1.0, 0.0, 1.38)
    turns = take_turns(race, (0.0, 0.25), 8)
    np.testing.assert_allclose(turns[np.arange(1, 9), np.arange(8) % 2], tit_for_tat(0.25)[1:])
    grudge = arms_race((0.3, 0.4), (1.0, 0.7), 0.2)
    np.testing.assert_allclose(take_turns(grudge, 1.0, 20_000, step=1e-4)[-1], path(grudge, 1.0, [1.0])[0], rtol=1e-3)


@given(st.floats(0.01, 0.6), st.floats(1.2, 6.0))
def test_a_correction_never_raises_levels(share: float, bias: float) -> None:
    """The cut that calibrates is the fall at once; the other side's answer deepens it, and most when both have learnt."""
    cut = share * (1 - 1 / bias)
    found = correction(arms_race(reaction_of(cut, bias), 1.0, 0.1, bias))
    np.testing.assert_allclose(found.at_once, 1 - cut)
    assert (found.both < found.alone).all()
    assert (found.alone < found.at_once).all()


def test_a_runaway_is_told_from_a_number() -> None:
    """What no number can hold is an error, not an infinity; before that it is a number."""
    wild = arms_race(3.0, 1.0, 0.1)
    assert np.isfinite(path(wild, 1.0, [200.0])).all()
    for run in (lambda: path(wild, 1.0, [400.0]), lambda: euler(wild, 1.0, 1.0, 2000), lambda: take_turns(wild, 1.0, 2000)):
        with pytest.raises(InputError, match="what a number can hold"):
            run()


REFUSED: list[tuple[Callable[[], object], str]] = [
    (lambda: arms_race(-1.0, 1.0), "at least 0"),
    (lambda: arms_race(1.0, 0.0), "fatigue above 0"),
    (lambda: arms_race(1.0, 1.0, np.nan), "finite grievance"),
    (lambda: arms_race([1.0, 1.0, 1.0], 1.0), "do not fit"),
    (lambda: path(arms_race(0.5, 1.0), 0.0, [-1.0]), "times of at least 0"),
    (lambda: euler(arms_race(0.5, 1.0), 0.0, 0.0, 3), "step above 0"),
    (lambda: take_turns(arms_race(0.5, 1.0), 0.0, -1), "at least 0 steps"),
    (lambda: tit_for_tat(-1.0), "force of at least 0"),
    (lambda: reaction_of(0.34, 1.0), "bias above 1"),
    (lambda: reaction_of(0.9, 2.0), "would not have been at rest"),
    (lambda: correction(arms_race(0.5, 1.0, 0.1, 2.5)), "come to rest"),
    (lambda: correction(arms_race(0.5, 1.0, 0.0, 1.5)), "above 0 at rest"),
]


@pytest.mark.parametrize(("call", "message"), REFUSED)
def test_what_cannot_be_answered_is_refused(call: Callable[[], object], message: str) -> None:
    """Each fault is named."""
    with pytest.raises(InputError, match=message):
        call()
