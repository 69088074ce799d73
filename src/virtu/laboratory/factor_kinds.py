"""What a factor of an attribution is, and the factors that are of both arenas."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from virtu.laboratory.intervention_kinds import Intervention, SetTrait, named
from virtu.scenario import AnyScenario
from virtu.scenario.distributions import quantiles
from virtu.scenario.vocabulary import traits


class Factor(NamedTuple):
    """Something that can be as it is or neutral."""

    name: str
    neutral: tuple[Intervention, ...]  # what is done where it is neutral
    meaning: str  # the same in a few words
    text: str  # as `factors.chosen` reads it


def bare(text: str, neutral: Intervention, meaning: str) -> Factor:
    """Return a factor that goes by its text."""
    return Factor(text, (neutral,), meaning, text)


def trait(scenario: AnyScenario, who: str, name: str) -> Factor:
    """Return a trait of a person, which is neutral at the median of the population's prior."""
    middle = median(scenario, name)
    return bare(f"trait {named(who)}.{name}", SetTrait(who, name, middle), f"{middle:g}, the population's median")


def outstanding(scenario: AnyScenario, who: str) -> list[Factor]:
    """Return the traits of a person whose median lies outside the middle half of the population's prior."""
    return [trait(scenario, who, name) for name in traits() if _stands_out(scenario, who, name)]


def median(scenario: AnyScenario, name: str) -> float:
    """Return the median of the prior that a trait has in the population of a scenario."""
    return _middle(_population(scenario, name))


def _population(scenario: AnyScenario, name: str) -> np.ndarray:
    known = traits()[name]
    prior = scenario.population[name].value if name in scenario.population else known.prior
    return quantiles(prior, known.low, known.high)


def _middle(values: np.ndarray) -> float:
    return round(float(values[len(values) // 2]), 6)


def _stands_out(scenario: AnyScenario, who: str, name: str) -> bool:
    known, population = traits()[name], _population(scenario, name)
    own = _middle(quantiles(scenario.trait_prior(who, name), known.low, known.high))
    low, high = (round(float(np.quantile(population, at)), 6) for at in (0.25, 0.75))
    return not low <= own <= high
