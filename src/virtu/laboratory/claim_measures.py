"""Measures that only claims need: of who falls in which order, and of what acts tell of a person."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import NamedTuple, TypeAlias

import numpy as np
import xarray as xr

from virtu.classics.ruling_coalition import ruling_coalition
from virtu.organisation.state import OUTCOMES
from virtu.scenario.vocabulary import CAUSES, MOVES, Status

Of: TypeAlias = Callable[[xr.Dataset], np.ndarray]

FOLDS = 5
"""Parts into which histories are divided, each predicted from the others."""

RIDGE = 1.0
"""Penalty on standardised coefficients, small against hundreds of histories."""


class Strike(NamedTuple):
    """The first strike of a history that was settled."""

    tick: int
    striker: int
    target: int
    carried: bool


def _first_strikes(dataset: xr.Dataset) -> list[Strike | None]:
    """The first settled strike of each history, None where there is none; one a tick is settled at most."""
    carried, failed = (dataset.outcome.values == OUTCOMES.index(word) for word in ("carried", "failed"))
    settled = (carried | failed) & (dataset.move.values == MOVES.index("strike"))
    found: list[Strike | None] = []
    for number, strikes in enumerate(settled):
        ticks, strikers = np.nonzero(strikes)
        if ticks.size:
            at = (number, ticks[0], strikers[0])
            found.append(Strike(int(ticks[0]), int(strikers[0]), int(dataset.target.values[at]), bool(carried[at])))
        else:
            found.append(None)
    return found


def _dies(dataset: xr.Dataset) -> np.ndarray:
    """Who dies a natural death, shape (histories, persons) bool."""
    return dataset.fall_cause.values == CAUSES.index("natural_death")


def partners_next(dataset: xr.Dataset) -> np.ndarray:
    """Whether the next to fall after the first strike that was settled had sided with its winner, less the share of such partners.

    Those who could be next are the others who were asked to side. 0 where no strike was settled, nobody was asked, or none of them fell
    after; natural deaths do not count. Above 0, partners are next more often than their number says; shape (histories,).
    """
    fall = np.where(_dies(dataset), -1, dataset.fall_tick.values)
    sides = dataset.side.values
    strikes = zip(_first_strikes(dataset), sides, fall, strict=True)
    return np.array([0.0 if strike is None else _partners(strike, side[strike.tick], ticks) for strike, side, ticks in strikes])


def _partners(strike: Strike, side: np.ndarray, fall: np.ndarray) -> float:
    with_winner = side * (1 if strike.carried else -1)
    asked = side != 0
    asked[[strike.striker, strike.target]] = False
    later = asked & (fall > strike.tick)
    if not later.any():
        return 0.0
    following = later & (fall == fall[later].min())
    return float((with_winner[following] > 0).mean() - (with_winner[asked] > 0).mean())


def ruling_coalition_left(dataset: xr.Dataset) -> np.ndarray:
    """Share of the ultimate ruling coalition that is in the forum at the horizon, less that of the others who were in the forum with it.

    The coalition is that of true strengths before the first settled strike (Acemoglu, Egorov & Sonin 2008, α = ½); who dies a natural
    death is left out of the count. 0 where no strike was settled, or one of the two groups is empty; shape (histories,).
    """
    status, strength, dies = dataset.status.values, dataset.strength.values, _dies(dataset)
    seated = (status >= 0) & (status <= int(Status.CANDIDATE))
    found = np.zeros(len(status))
    for number, strike in enumerate(_first_strikes(dataset)):
        if strike is not None:
            before = max(strike.tick - 1, 0)
            found[number] = _left(strength[number, before], seated[number, before], seated[number, -1], dies[number])
    return found


def _left(strength: np.ndarray, seated: np.ndarray, left: np.ndarray, dies: np.ndarray) -> float:
    members = np.flatnonzero(seated)
    ruling = members[list(_ruling(tuple(round(float(value), 3) for value in strength[members])))]
    groups = [group[~dies[group]] for group in (ruling, np.setdiff1d(members, ruling))]
    return float(left[groups[0]].mean() - left[groups[1]].mean()) if all(group.size for group in groups) else 0.0


@lru_cache(maxsize=4096)
def _ruling(powers: tuple[float, ...]) -> tuple[int, ...]:
    """Positions of the ruling coalition; of several equally strong ones the first. Those without strength rule nothing."""
    strong = [place for place, power in enumerate(powers) if power > 0.0]
    found = ruling_coalition([powers[place] for place in strong]).coalitions[0]
    return tuple(strong[place] for place in found)


MEASURES: dict[str, tuple[str, Of]] = {
    "partners_next": ("share", partners_next),
    "ruling_coalition_left": ("share", ruling_coalition_left),
}
"""By name, with unit."""

KNOWN = "known_from_acts"
"""Name of the measure of how well a trait can be told from acts; written ``known_from_acts:PERSON.TRAIT``."""


def acts(dataset: xr.Dataset, person: str) -> np.ndarray:
    """Return what an outsider sees of a person's acts: how often each move was made a tick in the forum, and how long it sat there.

    Returns
    -------
    numpy.ndarray
        Shape (moves + 1, histories).
    """
    mine = dataset.sel(actor=person)
    there = (mine.status.values >= 0) & (mine.status.values <= int(Status.CANDIDATE))
    ticks = np.maximum(there.sum(axis=1), 1)
    rates = [((mine.move.values == code) & there).sum(axis=1) / ticks for code in range(len(MOVES))]
    return np.stack([*rates, np.log(ticks)])


def known(seen: np.ndarray, trait: np.ndarray) -> np.ndarray:
    """Return by how much acts narrow what is known of a trait, history by history: their mean is the share of variance explained.

    Each fifth of the histories is predicted by ridge regression from the others, so that what is learnt is tested where it was not learnt.
    The value of a history is (squared error of the mean − squared error of the prediction)/variance.

    Parameters
    ----------
    seen : numpy.ndarray
        From `acts`, shape (features, n).
    trait : numpy.ndarray
        True values, shape (n,), not all the same.
    """
    fold = np.arange(trait.size) % FOLDS
    gain = np.zeros(trait.size)
    for out in range(FOLDS):
        learn, test = fold != out, fold == out
        centre, spread = seen[:, learn].mean(axis=1, keepdims=True), seen[:, learn].std(axis=1, keepdims=True)
        scaled = (seen - centre) / np.where(spread > 0.0, spread, 1.0)
        mean = trait[learn].mean()
        slope = np.linalg.solve(scaled[:, learn] @ scaled[:, learn].T + RIDGE * np.eye(len(seen)), scaled[:, learn] @ (trait[learn] - mean))
        predicted = mean + slope @ scaled[:, test]
        gain[test] = (trait[test] - mean) ** 2 - (trait[test] - predicted) ** 2
    return gain / trait.var()


def of_chunk(dataset: xr.Dataset, name: str, known_already: Mapping[str, np.ndarray]) -> np.ndarray:
    """Return a measure of the histories of a chunk: one of the arena's, one of `MEASURES`, or the acts of a person.

    Raises
    ------
    KeyError
        If there is no such measure.
    """
    if name in MEASURES:
        return MEASURES[name][1](dataset)
    if name.startswith(f"{KNOWN}:"):
        return acts(dataset, person_and_trait(name)[0])
    return known_already[name]


def person_and_trait(name: str) -> tuple[str, str]:
    """Return the person and the trait of ``known_from_acts:PERSON.TRAIT``."""
    person, _, trait = name.partition(":")[2].rpartition(".")
    return person, trait
