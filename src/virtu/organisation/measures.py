"""What is measured of a history: one number per history, or one per history and person.

A measure is a function of a dataset of histories, registered with `measure`. Comparisons pair it history by history, so it must
be a number in every history: what never happened counts as the horizon, or as nought.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import xarray as xr

from virtu.organisation.state import NOBODY
from virtu.scenario.vocabulary import CAUSES, MOVES, Status


class Measure(NamedTuple):
    """A measure with its unit; `of` returns shape (histories,) or (histories, actors)."""

    name: str
    unit: str
    doc: str
    personal: bool  # one number per person, written ``name:person``
    of: Callable[[xr.Dataset], np.ndarray]


MEASURES: dict[str, Measure] = {}

BLOCK = 500
"""Histories measured at a time, which bounds memory."""


def measure(unit: str, personal: bool = False) -> Callable[[Callable[[xr.Dataset], np.ndarray]], Callable[[xr.Dataset], np.ndarray]]:
    """Register a measure under the name of the function it decorates.

    Parameters
    ----------
    unit : str
        Unit, such as ``"share"`` or ``"ticks"``.
    personal : bool
        Whether it is of a person: shape (histories, actors) rather than (histories,).
    """

    def register(function: Callable[[xr.Dataset], np.ndarray]) -> Callable[[xr.Dataset], np.ndarray]:
        doc = (function.__doc__ or "").strip().split("\n")[0]
        MEASURES[function.__name__] = Measure(function.__name__, unit, doc, personal, function)
        return function

    return register


def leaders(strength: np.ndarray, status: np.ndarray, person: np.ndarray, margins: np.ndarray) -> np.ndarray:
    """Return who is on top at each tick: the person of the forum who leads the second by the margin, or −1.

    Parameters
    ----------
    strength, status, person : numpy.ndarray
        By place, shape (H, T, F).
    margins : numpy.ndarray
        Lead that counts, by tick, shape (T,).

    Returns
    -------
    numpy.ndarray
        Shape (H, T), int16. A tie is nobody's lead.
    """
    seated = (person >= 0) & (status <= int(Status.CANDIDATE))
    held = np.where(seated, strength, 0.0)
    two = np.partition(held, -2, axis=2)[:, :, -2:] if held.shape[2] > 1 else np.pad(held, ((0, 0), (0, 0), (1, 0)))
    ahead = (two[:, :, 1] > two[:, :, 0]) & (two[:, :, 1] >= (1.0 + margins) * two[:, :, 0])
    best = np.take_along_axis(person, held.argmax(axis=2)[:, :, None], axis=2)[:, :, 0]
    return np.where(ahead, best, NOBODY).astype(np.int16)


def of_all(dataset: xr.Dataset) -> dict[str, tuple[np.ndarray, str]]:
    """Return all measures of a dataset by name, those of a person as ``name:person``, with their units."""
    starts = range(0, dataset.sizes["history"], BLOCK)
    blocks = [_of_block(dataset.isel(history=slice(start, start + BLOCK))) for start in starts]
    return {name: (np.concatenate([block[name][0] for block in blocks]), unit) for name, (_, unit) in blocks[0].items()}


def _of_block(dataset: xr.Dataset) -> dict[str, tuple[np.ndarray, str]]:
    found: dict[str, tuple[np.ndarray, str]] = {}
    for one in MEASURES.values():
        values = one.of(dataset).astype(np.float64)
        if not one.personal:
            found[one.name] = (values, one.unit)
        else:
            names = zip(dataset.actor.values, values.T, strict=True)
            found |= {f"{one.name}:{name}": (column, one.unit) for name, column in names}
    return found


def _persons(dataset: xr.Dataset) -> tuple[int, int]:
    return dataset.sizes["history"], dataset.sizes["actor"]


def _final(dataset: xr.Dataset) -> np.ndarray:
    return np.nan_to_num(dataset.strength.values[:, -1].astype(np.float64))


@measure("share", personal=True)
def on_top(dataset: xr.Dataset) -> np.ndarray:
    """1 where the person is on top at the horizon."""
    return dataset.on_top.values[:, None] == np.arange(dataset.sizes["actor"])


@measure("share")
def collective(dataset: xr.Dataset) -> np.ndarray:
    """1 where nobody is on top at the horizon."""
    return dataset.on_top.values == NOBODY


@measure("ticks")
def sole_rule(dataset: xr.Dataset) -> np.ndarray:
    """Unbroken time at the horizon for which whoever is on top has been there; 0 where nobody is."""
    since = dataset.sole_since.values
    return np.where(since >= 0, dataset.sizes["tick"] - since, 0)


@measure("share", personal=True)
def share(dataset: xr.Dataset) -> np.ndarray:
    """Share of all strength at the horizon."""
    strength = _final(dataset)
    return strength / np.maximum(strength.sum(axis=1, keepdims=True), 1e-9)


@measure("0–1")
def gini(dataset: xr.Dataset) -> np.ndarray:
    """Gini coefficient of strength at the horizon among those in office."""
    strength = np.sort(dataset.strength.values[:, -1].astype(np.float64), axis=1)
    count = np.isfinite(strength).sum(axis=1)
    strength = np.nan_to_num(strength)
    rank = np.arange(1, strength.shape[1] + 1)
    total = np.maximum(strength.sum(axis=1), 1e-9)
    count = np.maximum(count, 1)
    return 2.0 * (strength * rank).sum(axis=1) / (count * total) - (count + 1.0) / count


@measure("strength", personal=True)
def gap(dataset: xr.Dataset) -> np.ndarray:
    """Mean over time in office of others' estimate less true strength; negative is underestimated."""
    total, known = np.zeros(_persons(dataset)), np.zeros(_persons(dataset))
    for believed, strength in zip(dataset.believed.values.swapaxes(0, 1), dataset.strength.values.swapaxes(0, 1), strict=True):
        gaps = believed - strength
        known += np.isfinite(gaps)
        total += np.nan_to_num(gaps)
    return total / np.maximum(known, 1)


@measure("share", personal=True)
def fell(dataset: xr.Dataset) -> np.ndarray:
    """1 where the person lost standing, for whatever cause but natural death."""
    cause = dataset.fall_cause.values
    return (cause > 0) & (cause != CAUSES.index("natural_death"))


@measure("ticks", personal=True)
def time_in_forum(dataset: xr.Dataset) -> np.ndarray:
    """Time spent in the forum as member or candidate."""
    status = dataset.status.values
    return ((status >= 0) & (status <= int(Status.CANDIDATE))).sum(axis=1)


@measure("persons")
def falls(dataset: xr.Dataset) -> np.ndarray:
    """Number of persons who lost standing, for whatever cause but natural death."""
    return fell(dataset).sum(axis=1)


@measure("persons")
def struck_down(dataset: xr.Dataset) -> np.ndarray:
    """Number of persons whose first fall was a strike against them."""
    return (dataset.fall_cause.values == CAUSES.index("strike")).sum(axis=1)


@measure("people")
def purged(dataset: xr.Dataset) -> np.ndarray:
    """Persons and officials removed by purges."""
    return dataset.purged.values


@measure("people")
def innocents_purged(dataset: xr.Dataset) -> np.ndarray:
    """Of those purged, the ones who meant no harm."""
    return dataset.innocent.values


@measure("people")
def executors_purged(dataset: xr.Dataset) -> np.ndarray:
    """Persons purged after having carried out a purge."""
    executor = dataset.executor.values
    carried = (executor[:, :, None] == np.arange(dataset.sizes["actor"])).any(axis=1)
    return (carried & (dataset.fall_cause.values == CAUSES.index("purge"))).sum(axis=1)


@measure("strikes")
def strikes(dataset: xr.Dataset) -> np.ndarray:
    """Number of strikes made."""
    seated = dataset.status.values >= 0
    return ((dataset.move.values == MOVES.index("strike")) & seated).sum(axis=(1, 2))


HOSTILE = tuple(MOVES.index(name) for name in ("denounce", "obstruct", "shun", "strike"))
"""Moves that harm whoever they are aimed at."""


@measure("moves", personal=True)
def hostile_moves(dataset: xr.Dataset) -> np.ndarray:
    """Number of times the person denounced, obstructed, shunned or struck at somebody."""
    return (np.isin(dataset.move.values, HOSTILE) & (dataset.status.values >= 0)).sum(axis=1)


@measure("moves", personal=True)
def attacked(dataset: xr.Dataset) -> np.ndarray:
    """Number of times others denounced, obstructed, shunned or struck at the person."""
    history, tick, actor = np.nonzero(np.isin(dataset.move.values, HOSTILE) & (dataset.status.values >= 0))
    target = dataset.target.values[history, tick, actor].astype(np.intp)
    shape = _persons(dataset)
    return np.bincount((history * shape[1] + target)[target >= 0], minlength=shape[0] * shape[1]).reshape(shape)


@measure("moves")
def hostility(dataset: xr.Dataset) -> np.ndarray:
    """Number of times anybody denounced, obstructed, shunned or struck at somebody."""
    return hostile_moves(dataset).sum(axis=1)


@measure("persons", personal=True)
def brought_down(dataset: xr.Dataset) -> np.ndarray:
    """Number of others whose first loss of standing the person brought about."""
    by, persons = dataset.fall_by.values, np.arange(dataset.sizes["actor"])
    others = by != persons
    return ((by[:, :, None] == persons) & others[:, :, None]).sum(axis=1)


@measure("0–1")
def result(dataset: xr.Dataset) -> np.ndarray:
    """Mean result of the organisation: the competence of its seats, weighted by strength, and chance."""
    return dataset.result.values


@measure("payoff", personal=True)
def satisfaction(dataset: xr.Dataset) -> np.ndarray:
    """What the time felt worth to the person, per tick: believed standing and prospect, policy, care for others."""
    return dataset.satisfaction.values


@measure("strength", personal=True)
def backing(dataset: xr.Dataset) -> np.ndarray:
    """Mean strength that others owe to the person, over its time in office."""
    return dataset.backing.values


@measure("trust", personal=True)
def trusted(dataset: xr.Dataset) -> np.ndarray:
    """Mean trust that others of the forum have in the person, over its time in office."""
    return dataset.trusted.values


@measure("bits", personal=True)
def insight(dataset: xr.Dataset) -> np.ndarray:
    """How well the person tells friends from enemies, over its time in office: 0 is certainty, −1 a coin; a change is bits learnt."""
    return dataset.insight.values
