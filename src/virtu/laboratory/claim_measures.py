"""Measures that only claims need: of who falls in which order, and of what acts tell of a person."""

from __future__ import annotations

from collections.abc import Callable, Mapping
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

MOST_SPREADS = 3.0
"""Standard deviations at which a feature is cut: a move that hardly anybody makes would otherwise count for all others together."""

NEVER = np.iinfo(np.int64).max
"""Tick of a fall that does not happen."""


class Strike(NamedTuple):
    """The first strike of a history that was settled."""

    history: int
    tick: int
    striker: int
    target: int
    carried: bool


def _first_strikes(dataset: xr.Dataset) -> list[Strike]:
    """The first settled strike of each history that has one; one a tick is settled at most."""
    carried, failed = (dataset.outcome.values == OUTCOMES.index(word) for word in ("carried", "failed"))
    settled = (carried | failed) & (dataset.move.values == MOVES.index("strike"))
    found: list[Strike] = []
    for history, strikes in enumerate(settled):
        ticks, strikers = np.nonzero(strikes)
        if ticks.size:
            at = (history, ticks[0], strikers[0])
            found.append(Strike(history, int(ticks[0]), int(strikers[0]), int(dataset.target.values[at]), bool(carried[at])))
    return found


def _falls(dataset: xr.Dataset) -> np.ndarray:
    """Tick of each person's first fall, `NEVER` without one, −1 for those who die, of whom nothing is counted."""
    fall, dies = dataset.fall_tick.values.astype(np.int64), dataset.fall_cause.values == CAUSES.index("natural_death")
    return np.where(dies, -1, np.where(fall < 0, NEVER, fall))


def partners_next(dataset: xr.Dataset) -> np.ndarray:
    """Whether the next to fall after the first strike that was settled had sided with its winner, less the share of such partners.

    Those who could be next are the others who were asked to side. 0 where no strike was settled, nobody was asked, or none of them fell
    after; natural deaths do not count. Above 0, partners are next more often than their number says; shape (histories,).
    """
    found, falls, sides = np.zeros(dataset.sizes["history"]), _falls(dataset), dataset.side.values
    for strike in _first_strikes(dataset):
        found[strike.history] = _partners(strike, sides[strike.history, strike.tick], falls[strike.history])
    return found


def _partners(strike: Strike, side: np.ndarray, falls: np.ndarray) -> float:
    with_winner = side * (1 if strike.carried else -1)
    asked = side != 0
    asked[[strike.striker, strike.target]] = False
    later = asked & (falls > strike.tick) & (falls < NEVER)
    if not later.any():
        return 0.0
    following = later & (falls == falls[later].min())
    return float((with_winner[following] > 0).mean() - (with_winner[asked] > 0).mean())


def falls_as_foretold(dataset: xr.Dataset) -> np.ndarray:
    """How far falls come in the order that the ultimate ruling coalition foretells, −1 … 1.

    The coalition is that of the true strengths of the forum before the first settled strike (Acemoglu, Egorov & Sonin 2008, α = ½). Of all
    pairs of somebody outside and somebody inside it, the share in which the first falls before the second, less the share in which it
    falls after; who never falls does so last. 0 where no strike was settled or all rule; shape (histories,).
    """
    status, strength, falls = dataset.status.values, dataset.strength.values, _falls(dataset)
    found = np.zeros(dataset.sizes["history"])
    for strike in _first_strikes(dataset):
        history, before = strike.history, max(strike.tick - 1, 0)
        power = np.nan_to_num(strength[history, before])
        seated = (status[history, before] >= 0) & (status[history, before] <= int(Status.CANDIDATE)) & (power > 0.0)
        found[history] = _concordance(power, seated, np.where(falls[history] < strike.tick, -1, falls[history]))
    return found


def _concordance(power: np.ndarray, seated: np.ndarray, falls: np.ndarray) -> float:
    members = np.flatnonzero(seated)
    ruling = members[list(ruling_coalition([float(power[one]) for one in members]).coalitions[0])]
    outside = np.setdiff1d(members, ruling)
    first, last = (group[falls[group] >= 0] for group in (outside, ruling))
    if not first.size or not last.size:
        return 0.0
    return float(np.sign(falls[last][None, :] - falls[first][:, None]).mean())


MEASURES: dict[str, tuple[str, Of]] = {
    "partners_next": ("share", partners_next),
    "falls_as_foretold": ("share", falls_as_foretold),
}
"""By name, with unit; of the organisation."""

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
    A prediction from acts that tell nothing is a little worse than none, so it is compared with one from the acts of other histories: the
    value of a history is (squared error with others' acts − squared error with its own)/variance, and 0 on average where acts tell nothing.

    Parameters
    ----------
    seen : numpy.ndarray
        From `acts`, shape (features, n).
    trait : numpy.ndarray
        True values, shape (n,); where all are the same there is nothing to know, and all values are 0.
    """
    if trait.size < FOLDS or trait.std() == 0.0:
        return np.zeros(trait.size)
    others = np.roll(seen, trait.size // 2, axis=1)
    return (_errors(others, trait) - _errors(seen, trait)) / trait.var()


def _errors(seen: np.ndarray, trait: np.ndarray) -> np.ndarray:
    """Squared errors of the prediction of a trait, shape (n,)."""
    fold = np.arange(trait.size) % FOLDS
    found = np.zeros(trait.size)
    for out in range(FOLDS):
        learn, test = fold != out, fold == out
        centre, spread = seen[:, learn].mean(axis=1, keepdims=True), seen[:, learn].std(axis=1, keepdims=True)
        scaled = np.clip((seen - centre) / np.where(spread > 0.0, spread, 1.0), -MOST_SPREADS, MOST_SPREADS)
        mean = trait[learn].mean()
        slope = np.linalg.solve(scaled[:, learn] @ scaled[:, learn].T + RIDGE * np.eye(len(seen)), scaled[:, learn] @ (trait[learn] - mean))
        found[test] = (trait[test] - mean - slope @ scaled[:, test]) ** 2
    return found


def of_chunk(dataset: xr.Dataset, name: str, usual: Mapping[str, np.ndarray]) -> np.ndarray:
    """Return a measure of the histories of a chunk: one of the arena's, one of `MEASURES`, or the acts of a person.

    Parameters
    ----------
    dataset : xarray.Dataset
        The histories.
    name : str
        Of the measure.
    usual : mapping
        The measures of the arena, by name.

    Raises
    ------
    KeyError
        If there is no such measure.
    """
    if name in MEASURES:
        return MEASURES[name][1](dataset)
    if name.startswith(f"{KNOWN}:"):
        return acts(dataset, person_and_trait(name)[0])
    return usual[name]


def person_and_trait(name: str) -> tuple[str, str]:
    """Return the person and the trait of ``known_from_acts:PERSON.TRAIT``."""
    person, _, trait = name.partition(":")[2].rpartition(".")
    return person, trait
