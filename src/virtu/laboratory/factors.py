"""Factors of an attribution: what can be as it is in the scenario, or neutral, and what neutral means for each.

============================ ======================================================================================
``trait Stalin.nerve``       the trait has the median of the population's prior, in every history
``post general-secretary``   nobody ever holds the post, so that nobody has its weight, or appoints by it
``tie Molotov -> Stalin trust``  nought at the start
``ties to Stalin``           all that the others there feel for Stalin and owe him at the start, nought; later entrants keep theirs
``ties of Stalin``           all that Stalin feels for them and owes them at the start, nought
``patronage``                the mechanism is off
any intervention             is what is done where the factor is neutral, such as ``post chair = Duarte``
============================ ======================================================================================

Several interventions with semicolons between them are one factor. A factor may have a name: ``rivals' nerve: trait Kamenev.nerve = 0.9``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Literal, NamedTuple, TypeAlias

import numpy as np

from virtu.errors import InputError, did_you_mean
from virtu.laboratory import interventions
from virtu.laboratory.intervention_kinds import named
from virtu.laboratory.interventions import Appoint, Intervention, SetTie, SetTrait, Switch
from virtu.scenario import Scenario
from virtu.scenario.distributions import quantiles
from virtu.scenario.vocabulary import MECHANISMS, traits

VACANT = "held by nobody"

Kind: TypeAlias = Literal["trust", "dependence", "grievance", "kindness"]
TIES: tuple[Kind, ...] = ("trust", "dependence", "grievance", "kindness")

_NAMED = re.compile(r"(?P<name>[^:\"@]*\S)\s*:\s+(?P<rest>.+)", re.DOTALL)
_TIES = re.compile(r"ties\s+(?P<way>to|of)\s+(?P<person>.*\S)\s*", re.DOTALL)
_BARE = re.compile(r"(?P<kind>trait|post|tie)\b[^=;@]*", re.DOTALL)
_FILLED = {"trait": "{} = 0", "post": "{} = nobody", "tie": "{} = 0 @ 0"}
"""How a bare factor is completed so that the grammar reads it; the value of a trait is put in afterwards."""


class Factor(NamedTuple):
    """Something that can be as it is or neutral."""

    name: str
    neutral: tuple[Intervention, ...]  # what is done where it is neutral
    meaning: str  # the same in a few words
    text: str  # as `chosen` reads it


def chosen(texts: Iterable[str], scenario: Scenario, ticks: int | None = None) -> list[Factor]:
    """Read factors from text.

    Parameters
    ----------
    texts : iterable of str
        Each a factor in one of the forms above.
    scenario : Scenario
        Whose persons, posts and dates they name.
    ticks : int, optional
        Length of the run; the scenario's own by default.

    Raises
    ------
    InputError
        If one is at fault, or two neutralise the same.
    """
    found = [_read(text, scenario, ticks) for text in texts]
    for number, one in enumerate(found):
        for other in found[:number]:
            _check_apart(other, one, scenario, ticks)
    return found


def usual(scenario: Scenario, who: str, ticks: int | None = None) -> list[Factor]:
    """Return the factors that are looked at for a person where none are chosen.

    They are the traits that stand out, that is those whose median lies outside the middle half of the population's prior; each post held
    at the start; the ties of others to the person and of the person to others, as two; and the mechanisms from which the person's
    position draws: patronage for who appoints anybody, work for who keeps the records, the founder for who has access to one.

    Parameters
    ----------
    scenario, ticks
        As in `chosen`.
    who : str
        The person.

    Raises
    ------
    InputError
        If there is no such person.
    """
    if who not in scenario.actors:
        raise InputError(f"unknown person {who!r}", did_you_mean(who, scenario.actors))
    held = {key: post for key, post in scenario.posts.items() if post.holder == who}
    mechanisms = {
        "patronage": any(post.appoints for post in held.values()),
        "work": any(post.records for post in held.values()),
        "founder": scenario.founder is not None and who in (scenario.founder.actor, *scenario.founder.access),
    }
    found = [_trait(scenario, who, trait) for trait in traits() if _stands_out(scenario, who, trait)]
    found += [_bare(f"post {named(key)}", Appoint(key, None), VACANT) for key in held]
    found += [factor for way in ("to", "of") if (factor := _ties(scenario, way, who)).neutral]
    return found + [_bare(name, Switch(name), "off") for name, matters in mechanisms.items() if matters]


def _bare(text: str, neutral: Intervention, meaning: str) -> Factor:
    return Factor(text, (neutral,), meaning, text)


def _trait(scenario: Scenario, who: str, trait: str) -> Factor:
    middle = median(scenario, trait)
    return _bare(f"trait {named(who)}.{trait}", SetTrait(who, trait, middle), f"{middle:g}, the population's median")


def median(scenario: Scenario, trait: str) -> float:
    """Return the median of the prior that a trait has in the population of a scenario."""
    return _middle(_population(scenario, trait))


def _population(scenario: Scenario, trait: str) -> np.ndarray:
    known = traits()[trait]
    prior = scenario.population[trait].value if trait in scenario.population else known.prior
    return quantiles(prior, known.low, known.high)


def _middle(values: np.ndarray) -> float:
    return round(float(values[len(values) // 2]), 6)


def _stands_out(scenario: Scenario, who: str, trait: str) -> bool:
    known, population = traits()[trait], _population(scenario, trait)
    own = _middle(quantiles(scenario.trait_prior(who, trait), known.low, known.high))
    low, high = (round(float(np.quantile(population, at)), 6) for at in (0.25, 0.75))
    return not low <= own <= high


def _ties(scenario: Scenario, way: str, who: str) -> Factor:
    """All that is felt for a person, or by one, at the start, among those who are there by then."""
    pairs = sorted({pair for tie in scenario.ties for pair in _pairs(tie.from_, tie.to, tie.mutual)})
    there = [name for name, actor in scenario.actors.items() if actor.entry in ("forum", "candidate")]
    kinds = {pair: _kinds(scenario, pair) for pair in pairs if pair[way == "to"] == who and set(pair) <= set(there)}
    start = scenario.date_of(0)
    neutral = tuple(SetTie(*pair, kind, 0.0, since=start, until=start) for pair, found in kinds.items() for kind in found)
    text = f"ties {way} {named(who)}"
    return Factor(text, neutral, f"{len(neutral)} ties at the start, 0", text)


def _pairs(one: str, other: str, mutual: bool) -> Iterator[tuple[str, str]]:
    yield one, other
    if mutual:
        yield other, one


def _kinds(scenario: Scenario, pair: tuple[str, str]) -> list[Kind]:
    """Which kinds of tie a person has to another at the start."""
    ties = [tie for tie in scenario.ties if pair in _pairs(tie.from_, tie.to, tie.mutual)]
    return [kind for kind in TIES if any(getattr(tie, kind) for tie in ties)]


def _read(text: str, scenario: Scenario, ticks: int | None) -> Factor:
    label = _NAMED.fullmatch(text)
    rest = label["rest"] if label else text
    factor = _neutral(rest, scenario, ticks)
    return factor._replace(name=label["name"].strip(), text=" ".join(text.split())) if label else factor


def _neutral(text: str, scenario: Scenario, ticks: int | None) -> Factor:
    name = " ".join(text.split())
    if name in MECHANISMS:
        return _bare(name, Switch(name), "off")
    group = _TIES.fullmatch(text)
    if group:
        return _group(group["way"], group["person"].strip('"'), scenario)
    bare = _BARE.fullmatch(text)
    try:
        done = interventions.parse_all([_FILLED[bare["kind"]].format(text.strip()) if bare else text], scenario, ticks)
    except InputError as error:
        raise InputError(f"{error.message}, in the factor {text!r}", error.hint) from error
    if not bare:
        return Factor(name, tuple(done), "; ".join(interventions.describe(one, scenario) for one in done), name)
    (one,) = done
    if isinstance(one, SetTrait):
        return _trait(scenario, one.person, one.trait)
    return _bare(name, one, VACANT if isinstance(one, Appoint) else "0 at the start")


def _group(way: str, who: str, scenario: Scenario) -> Factor:
    if who not in scenario.actors:
        raise InputError(f"unknown person {who!r}, in the factor 'ties {way} {who}'", did_you_mean(who, scenario.actors))
    found = _ties(scenario, way, who)
    if not found.neutral:
        raise InputError(f"there are no ties {way} {who} at the start", "leave the factor out")
    return found


def _check_apart(one: Factor, other: Factor, scenario: Scenario, ticks: int | None) -> None:
    """Two factors must not set the same: a coalition holds either, both or neither."""
    try:
        interventions.agenda(scenario, (*one.neutral, *other.neutral), ticks)
    except InputError as error:
        raise InputError(f"the factors {one.name!r} and {other.name!r} cannot be neutral together: {error.message}", error.hint) from error
