r"""Two sides that arm, or grow more militant, against each other: what feeds on fear, tires of itself and has a grudge.

Richardson (1960), Arms and Insecurity, chapters 2-3. With defence coefficients k, l, fatigue α, β and grievances g, h,

    dx/dt = k b₁ y - α x + g,    dy/dt = l b₂ x - β y + h.

The bias b is this project's addition: each side sees the other's level times b, so b = 1 is Richardson. The system rests at one point, and
goes there from anywhere iff αβ > b₁ b₂ k l; otherwise it runs away, at the rate `growth`. Feedback is positive, so that nothing oscillates:
the larger root is real. Three ways through time agree where they should: the exact solution, by the exponential of the matrix; Euler's
steps, both sides at once; and turns, in which each side answers the level the other has just reached. Turns with a full answer (a step of
1/α) have the same boundary of stability.

Shergill, Bays, Frith & Wolpert (2003), "Two eyes for an eye: the neuroscience of force escalation", Science 301, 187: two people press each
other's finger in turn, each told to press as hard as he was pressed. As one's own force feels weaker than it is, each answer is 38 % up.
This is turn-taking without grievance and with k b/α = 1.38: `tit_for_tat`.

Who learns that the other side is less hostile than he thought answers less. From the share by which an answer falls at once, the other side
still being what it is, follows the strength of the answer: `reaction_of` (derived). What falls in the end, when both have learnt it, is
`correction`.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.linalg import expm

from virtu.errors import InputError

LARGEST_POWER = 600.0
"""Growth times time beyond which levels are no longer told apart from infinity."""


class ArmsRace(NamedTuple):
    """Races of two sides; each field of shape (…, 2), the last axis for the sides; time in any unit."""

    reaction: np.ndarray  # k and l: how each answers a level of the other, a unit of time, ≥ 0
    fatigue: np.ndarray  # α and β, a unit of time, > 0
    grievance: np.ndarray  # g and h: growth without any threat, a unit of time, any number
    bias: np.ndarray  # b: how many times the other's true level each sees, ≥ 0


class Correction(NamedTuple):
    """Levels after a correction relative to those before, each of shape (…, 2)."""

    at_once: np.ndarray  # of a side that has learnt the truth and answers a level of the other not yet changed
    alone: np.ndarray  # in the end, of a side that is the only one to have learnt it
    both: np.ndarray  # in the end, when both have


def arms_race(reaction: npt.ArrayLike, fatigue: npt.ArrayLike, grievance: npt.ArrayLike = 0.0, bias: npt.ArrayLike = 1.0) -> ArmsRace:
    """Return races after a look at their parameters.

    Parameters
    ----------
    reaction, fatigue, grievance, bias : array_like
        As the fields of `ArmsRace`; of shape (…, 2), or a number for both sides.

    Raises
    ------
    InputError
        If a parameter is out of range.
    """
    parts = [np.asarray(part, float) for part in (reaction, fatigue, grievance, bias)]
    try:
        k, a, g, b = np.broadcast_arrays(*parts, np.empty(2))[:4]
    except ValueError as error:
        raise InputError(f"shapes {[part.shape for part in parts]} do not fit (…, 2)", "the last axis is for the two sides") from error
    if k.shape[-1] != 2:
        raise InputError(f"needs two sides along the last axis, not {k.shape[-1]}")
    if not (np.all(k >= 0) and np.all(b >= 0) and np.all(a > 0) and np.all(np.isfinite(g))):
        raise InputError("needs reaction and bias of at least 0, fatigue above 0 and a finite grievance")
    return ArmsRace(k, a, g, b)


def _answers(race: ArmsRace) -> np.ndarray:
    return race.reaction * race.bias


def stable(race: ArmsRace) -> np.ndarray:
    """Return whether each race comes to rest, αβ > b₁ b₂ k l, shape (…,).

    Parameters
    ----------
    race : ArmsRace
        Of shape (…, 2).
    """
    return race.fatigue.prod(axis=-1) > _answers(race).prod(axis=-1)


def growth(race: ArmsRace) -> np.ndarray:
    """Return the larger root, shape (…,): below 0 the rate at which a race comes to rest, above 0 that at which it runs away.

    Parameters
    ----------
    race : ArmsRace
        Of shape (…, 2).
    """
    total, apart = race.fatigue.sum(axis=-1), np.diff(race.fatigue, axis=-1)[..., 0]
    return (np.sqrt(apart**2 + 4 * _answers(race).prod(axis=-1)) - total) / 2


def critical_bias(race: ArmsRace) -> np.ndarray:
    """Return the bias, the same for both, from which a race runs away, √(αβ/(k l)), shape (…,); infinite where a side never answers.

    Parameters
    ----------
    race : ArmsRace
        Of shape (…, 2); its own bias is not used.
    """
    answers = race.reaction.prod(axis=-1)
    return np.where(answers > 0, np.sqrt(race.fatigue.prod(axis=-1) / np.where(answers > 0, answers, 1.0)), np.inf)


def fixed_point(race: ArmsRace) -> np.ndarray:
    """Return the levels at which nothing changes, shape (…, 2), whether races go there or away from there.

    Parameters
    ----------
    race : ArmsRace
        Of shape (…, 2).

    Raises
    ------
    InputError
        If some race is exactly on the boundary αβ = b₁ b₂ k l, where there is no such point, or a line of them.
    """
    determinant = race.fatigue.prod(axis=-1) - _answers(race).prod(axis=-1)
    if not np.all(determinant != 0):
        raise InputError("there is no single fixed point where αβ = b₁ b₂ k l", "look at `growth` for races on the boundary and beyond")
    other = race.fatigue[..., ::-1] * race.grievance + _answers(race) * race.grievance[..., ::-1]
    return other / determinant[..., None]


def path(race: ArmsRace, start: npt.ArrayLike, times: npt.ArrayLike) -> np.ndarray:
    """Return the exact levels, shape (…, times, 2).

    Parameters
    ----------
    race : ArmsRace
        Of shape (…, 2).
    start : array_like
        (…, 2) levels at time 0.
    times : array_like
        (times,) ≥ 0.

    Raises
    ------
    InputError
        If a race has run beyond what a number can hold.
    """
    begin, when = np.asarray(start, float), np.atleast_1d(np.asarray(times, float))
    if when.ndim != 1 or not np.all(when >= 0):
        raise InputError("needs times of at least 0, along one axis")
    _within(np.max(growth(race)) * np.max(when, initial=0.0))
    shape = np.broadcast_shapes(race.reaction.shape, begin.shape)[:-1]
    # The constant drift becomes a third level that stays 1, so that a race on the boundary needs no inverse.
    system = np.zeros((*shape, 1, 3, 3))
    system[..., 0, [0, 1], [0, 1]] = -race.fatigue
    system[..., 0, [0, 1], [1, 0]] = _answers(race)
    system[..., 0, :2, 2] = race.grievance
    state = np.concatenate([np.broadcast_to(begin, (*shape, 2)), np.ones((*shape, 1))], axis=-1)
    return (expm(system * when[:, None, None]) @ state[..., None, :, None])[..., :2, 0]


def euler(race: ArmsRace, start: npt.ArrayLike, step: float, steps: int) -> np.ndarray:
    """Return levels by Euler's steps, both sides at once, shape (…, steps + 1, 2).

    Parameters
    ----------
    race : ArmsRace
        Of shape (…, 2).
    start : array_like
        (…, 2) levels at time 0.
    step : float
        Of time, > 0; steps above 2 over the sum of fatigue and growth overshoot ever more.
    steps : int
        ≥ 0.
    """
    _steps(step, steps)
    levels = _begin(race, start)
    found = [levels]
    for _ in range(steps):
        with np.errstate(over="ignore", invalid="ignore"):
            levels = levels + step * _drift(race, levels)
        found.append(levels)
    return _finite(found)


def take_turns(race: ArmsRace, start: npt.ArrayLike, turns: int, step: float | None = None) -> np.ndarray:
    """Return levels after each turn, the first side moving first and each answering what the other has just done, shape (…, turns + 1, 2).

    Parameters
    ----------
    race : ArmsRace
        Of shape (…, 2).
    start : array_like
        (…, 2) levels at the beginning.
    turns : int
        ≥ 0.
    step : float, optional
        Time a turn takes, > 0; full answers by default, a level at which the side whose turn it is would stay.
    """
    _steps(1.0 if step is None else step, turns)
    levels = _begin(race, start)
    found = [levels]
    for turn in range(turns):
        with np.errstate(over="ignore", invalid="ignore"):
            moved = levels + (1 / race.fatigue if step is None else step) * _drift(race, levels)
        levels = np.where(np.arange(2) == turn % 2, moved, levels)
        found.append(levels)
    return _finite(found)


def tit_for_tat(first: npt.ArrayLike, factor: npt.ArrayLike = 1.38, turns: int = 8) -> np.ndarray:
    """Return the force of each turn when each answers the last one times a factor, shape (…, turns + 1).

    Parameters
    ----------
    first : array_like
        (…,) force that starts it, ≥ 0 in any unit.
    factor : array_like
        (…,) > 0; the default is the mean over pairs of people.
    turns : int
        Answers, ≥ 0.
    """
    force, times = np.broadcast_arrays(np.asarray(first, float), np.asarray(factor, float))
    if turns < 0 or not (np.all(force >= 0) and np.all(times > 0)):
        raise InputError("needs a force of at least 0, a factor above 0 and at least 0 turns")
    _within(np.log(np.max(times)) * turns)
    return force[..., None] * times[..., None] ** np.arange(turns + 1)


def reaction_of(cut: npt.ArrayLike, bias: npt.ArrayLike, fatigue: npt.ArrayLike = 1.0) -> np.ndarray:
    """Return the reaction k of two sides alike, at rest, of which one answers less by a share as soon as it learns the truth.

    At rest α x = k b x + g; with the other still at x, the answer to its true level is k x/α + g/α = x (1 - k (b - 1)/α).

    Parameters
    ----------
    cut : array_like
        Share by which the answer falls, 0 … 1.
    bias : array_like
        b > 1 before the correction.
    fatigue : array_like
        α > 0.

    Raises
    ------
    InputError
        If a quantity is out of range, or the two sides could not have been at rest (k b ≥ α).
    """
    share, b, a = np.broadcast_arrays(np.asarray(cut, float), np.asarray(bias, float), np.asarray(fatigue, float))
    if not (np.all((share >= 0) & (share <= 1)) and np.all(b > 1) and np.all(a > 0)):
        raise InputError("needs a cut in [0, 1], a bias above 1 and fatigue above 0")
    k = a * share / (b - 1)
    if not np.all(k * b < a):
        raise InputError("two sides that answer so strongly would not have been at rest", "a cut must stay below 1 - 1/b")
    return k


def correction(race: ArmsRace) -> Correction:
    """Return what learning the truth (b = 1) does to levels at rest.

    Parameters
    ----------
    race : ArmsRace
        Of shape (…, 2), stable, and stable after the correction; with levels above 0 at rest.
    """
    truth = race._replace(bias=np.ones_like(race.bias))
    alone = [race._replace(bias=np.where(np.arange(2) == side, 1.0, race.bias)) for side in range(2)]
    if not all(np.all(stable(one)) for one in (race, truth, *alone)):
        raise InputError("only races that come to rest, before and after, have levels to compare", "look at `stable`")
    before = fixed_point(race)
    if not np.all(before > 0):
        raise InputError("needs levels above 0 at rest", "a race without grievance rests at 0")
    answer = (race.reaction * before[..., ::-1] + race.grievance) / race.fatigue
    ends = np.stack([fixed_point(one)[..., side] for side, one in enumerate(alone)], axis=-1)
    return Correction(answer / before, ends / before, fixed_point(truth) / before)


def _drift(race: ArmsRace, levels: np.ndarray) -> np.ndarray:
    return _answers(race) * levels[..., ::-1] - race.fatigue * levels + race.grievance


def _begin(race: ArmsRace, start: npt.ArrayLike) -> np.ndarray:
    begin = np.asarray(start, float)
    return np.broadcast_to(begin, np.broadcast_shapes(race.reaction.shape, begin.shape))


def _steps(step: float, steps: int) -> None:
    if steps < 0 or not step > 0:
        raise InputError("needs a step above 0 and at least 0 steps")


def _finite(levels: list[np.ndarray]) -> np.ndarray:
    if not np.isfinite(levels[-1]).all():
        raise InputError("levels grew beyond what a number can hold", "take fewer steps, or smaller ones, or look at `growth`")
    return np.stack(levels, axis=-2)


def _within(power: float) -> None:
    if power > LARGEST_POWER:
        raise InputError(f"levels could reach e^{power:.0f}, beyond what a number can hold", "take less time, or look at `growth`")
