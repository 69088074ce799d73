"""What somebody wrote, beside what the person did: one noisy measurement of empathy, and not a source of its own.

A text is heard as a score t of unit variance among people, whose correlation with empathic concern is r. Let z be a person's empathy, the
mean of the two weights, in standard deviations from the mean of the prior. Then t = r z + √(1 − r²) ε: x = t/r measures z with
reliability r², and for a normal z of unit variance the posterior mean lies the share r² of the way from the prior mean to x,

    E[z | t] = z₀ + r² (x − z₀),   Var[z | t] = 1 − r².

After choices have narrowed z to a variance v < 1 the share is smaller, v r²/(v r² + 1 − r²) < r². Draws from the posterior given the
choices are weighed by the chance of t; where they are so far from normal that their mean would move by more than the share r² of the
way, the text counts for less, until it does not. Since |t| is at most 2.5, a text alone could move nobody by more than 2.5 r.

That the concern people feel on reading the news, as they rate it themselves, is the weight on others' payoffs in a choice is an assumption
that favours the text: r is what it can be at most.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
from scipy.special import softmax

from virtu.errors import InputError
from virtu.inference import text
from virtu.inference.posterior import Posterior
from virtu.inference.priors import EMPATHY
from virtu.inference.text import Heard, Model
from virtu.scenario.choices import read
from virtu.scenario.choices.columns import Column

HALVINGS = 30
"""Halvings by which the weight of a text is found that moves a mean by no more than it may."""

TITLES = (Column("person", "whose list it is", "name"), Column("title", "what stands on it, a title a line", "name"))

COMMON = frozenset(text.shipped().words[:60])
"""Words so common that two titles may share them without having anything in common."""


def moved(found: Posterior, person: int, said: Heard, model: Model, seed: int) -> tuple[Posterior, dict[str, Any]]:
    """Let a text count in the posterior of its author.

    Parameters
    ----------
    found : Posterior
        Given the choices alone.
    person : int
        Index of the author.
    said : Heard
        What the text says.
    model : Model
        That heard it.
    seed : int
        Of the draws that are kept.

    Returns
    -------
    Posterior
        The same but for the author: draws, chances of types and effective number.
    dict
        What is told of it: words, r with its interval, share (at most r²) and way (from the mean given the choices to what the text says),
        and the means before and after.

    Raises
    ------
    InputError
        If the game leaves no weight of empathy to be learnt.
    """
    before, values = (_empathy(found, drawn) for drawn in (found.before, found.value[person]))
    mean, spread = float(before.mean()), float(before.std())
    reliability, says = model.r**2, mean + spread * said.score / model.r
    z = (values - mean) / spread
    height = -0.5 * (said.score - model.r * z) ** 2 / (1.0 - reliability)
    way = says - float(values.mean())
    order, power = np.argsort(values), 1.0
    weight, chosen = _weighed(height, power, order)
    for halving in range(HALVINGS):
        shift = float(values[chosen].mean() - values.mean())
        if abs(shift) <= reliability * abs(way) and shift * way >= 0.0:
            break
        power = 0.0 if halving == HALVINGS - 1 else 0.5 * power
        weight, chosen = _weighed(height, power, order)
    chosen = np.random.default_rng(seed).permutation(chosen)
    told = {
        "words": said.words,
        "r": model.r,
        "low": model.low,
        "high": model.high,
        "people": model.people,
        "at_most": reliability,
        "says": says,
        "cut": said.cut,
        "before": float(values.mean()),
        "after": float(values[chosen].mean()),
    }
    return _taken(found, person, chosen, float(1.0 / (weight**2).sum() / len(weight))), told


def _empathy(found: Posterior, drawn: np.ndarray) -> np.ndarray:
    """Return the mean of the two weights of empathy, shape (S,) from values (S, d)."""
    names, fixed = found.prior.names, found.prior.fixed
    if not any(name in names for name in EMPATHY):
        raise InputError("a text measures nothing that this game leaves to be learnt", "its weights of empathy must be open to be learnt")
    parts = [drawn[:, names.index(name)] if name in names else np.full(len(drawn), fixed[name]) for name in EMPATHY]
    return np.mean(parts, axis=0).astype(np.float64)


def _weighed(height: np.ndarray, power: float, order: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return weights of draws by a power of a density, and indices of draws of equal weight, spaced evenly along the order.

    So means of the draws are hardly rougher than those of the weights.
    """
    weight = softmax(power * height)
    places = np.searchsorted(np.cumsum(weight[order]), (np.arange(len(weight)) + 0.5) / len(weight))
    return weight, order[np.minimum(places, len(weight) - 1)]


def _taken(found: Posterior, person: int, chosen: np.ndarray, worth: float) -> Posterior:
    """Return a posterior with other draws of one person."""
    point, value, kind, effective = (part.copy() for part in (found.point, found.value, found.kind, found.effective))
    rise = _types(found, found.point[person][chosen]) / np.maximum(_types(found, found.point[person]), 1e-12)
    kind[person] = kind[person] * rise / np.sum(kind[person] * rise)
    point[person], value[person] = found.point[person][chosen], found.value[person][chosen]
    effective[person] *= worth
    return found._replace(point=point, value=value, kind=kind, effective=effective)


def _types(found: Posterior, point: np.ndarray) -> np.ndarray:
    """Return the mean chance of each type over coordinates, shape (C,) from (S, d)."""
    away = point[:, None] - found.prior.centres
    return softmax(np.log(found.prior.shares) - 0.5 * (away**2).sum(axis=2), axis=1).mean(axis=0)


def overlaps(path: Path | str, people: Sequence[str]) -> list[dict[str, Any]]:
    """Return what reading lists have in common, by pair of people; of anybody's traits they say nothing.

    Parameters
    ----------
    path : Path or str
        CSV or an Excel workbook with the columns person and title.
    people : sequence of str
        Whose lists are compared.

    Returns
    -------
    list of dict
        Of each pair: people, counts of titles, titles they share, and the shares of titles and of words that both have of those that
        either has (Jaccard 1912), the commonest words left out.

    Raises
    ------
    InputError
        If the table is at fault, or fewer than two of the people have a list.
    """
    lists: dict[str, dict[str, str]] = {}
    for row in read(path, TITLES, "table of reading lists").rows:
        lists.setdefault(row.values["person"], {})[" ".join(text.words(row.values["title"]))] = row.values["title"]
    known = [name for name in people if name in lists]
    if len(known) < 2:
        raise InputError(f"{len(known)} of the people of the table of choices have a reading list", "lists are compared by pairs of people")
    return [_overlap(one, other, lists) for one, other in combinations(known, 2)]


def _overlap(one: str, other: str, lists: dict[str, dict[str, str]]) -> dict[str, Any]:
    mine, yours = lists[one], lists[other]
    said = [{word for title in titles for word in title.split()} - COMMON for titles in (mine, yours)]
    return {
        "people": [one, other],
        "counts": [len(mine), len(yours)],
        "shared": [mine[title] for title in mine if title in yours],
        "titles": _jaccard(set(mine), set(yours)),
        "words": _jaccard(*said),
    }


def _jaccard(one: set[str], other: set[str]) -> float:
    return len(one & other) / max(len(one | other), 1)
