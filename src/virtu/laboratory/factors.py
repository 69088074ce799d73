"""Factors of an attribution: what can be as it is in the scenario, or neutral, and what neutral means for each.

============================ ======================================================================================
``trait Stalin.nerve``       the trait has the median of the population's prior, in every history
``parameter bandwagon``      the constant has the default of the model
``patronage``                the mechanism is off
any intervention             is what is done where the factor is neutral, such as ``post chair = Duarte``
============================ ======================================================================================

In the organisation:

============================ ======================================================================================
``post general-secretary``   nobody ever holds the post, so that nobody has its weight, or appoints by it
``tie Molotov -> Stalin trust``  nought at the start
``ties to Stalin``           all that the others there feel for Stalin and owe him at the start, nought; later entrants keep theirs
``ties of Stalin``           all that Stalin feels for them and owes them at the start, nought
============================ ======================================================================================

In the street:

============================ ======================================================================================
``tactic reds``              the camp calls nobody out
``flank reds``               its radical wing stays away
``shocks``                   nothing comes from outside
============================ ======================================================================================

Several interventions with semicolons between them are one factor. A factor may have a name: ``rivals' nerve: trait Kamenev.nerve = 0.9``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from virtu.errors import InputError, did_you_mean
from virtu.laboratory import interventions
from virtu.laboratory.arenas import arena_of
from virtu.laboratory.factor_kinds import Factor, bare, trait
from virtu.laboratory.interventions import SetParameter, SetTrait, Switch
from virtu.scenario import AnyScenario

_NAMED = re.compile(r"(?P<name>[^:\"@]*\S)\s*:\s+(?P<rest>.+)", re.DOTALL)
_BARE = re.compile(r"(?P<kind>\w+)\b[^=;@]*", re.DOTALL)
_FILLED = {"trait": "{} = 0", "parameter": "{} = 0"}
"""How a bare factor of any arena is completed so that the grammar reads it; the value is put in afterwards."""


def chosen(texts: Iterable[str], scenario: AnyScenario, ticks: int | None = None) -> list[Factor]:
    """Read factors from text.

    Parameters
    ----------
    texts : iterable of str
        Each a factor in one of the forms above.
    scenario : Scenario
        Whose persons, posts, camps and dates they name.
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


def usual(scenario: AnyScenario, who: str, ticks: int | None = None) -> list[Factor]:
    """Return the factors that are looked at for a person, or in the street for a camp, where none are chosen.

    What they are is said where they are put together: `organisation_factors` and `street_factors`.

    Parameters
    ----------
    scenario, ticks
        As in `chosen`.
    who : str
        The person or the camp.

    Raises
    ------
    InputError
        If there is no such person or camp.
    """
    factoring = arena_of(scenario).factoring
    known = factoring.whose(scenario)
    if who not in known:
        raise InputError(f"unknown {factoring.noun} {who!r}", did_you_mean(who, known))
    return factoring.usual(scenario, who, ticks)


def _read(text: str, scenario: AnyScenario, ticks: int | None) -> Factor:
    label = _NAMED.fullmatch(text)
    rest = label["rest"] if label else text
    factor = _neutral(rest, scenario, ticks)
    return factor._replace(name=label["name"].strip(), text=" ".join(text.split())) if label else factor


def _neutral(text: str, scenario: AnyScenario, ticks: int | None) -> Factor:
    arena, name = arena_of(scenario), " ".join(text.split())
    if name in arena.repertoire.words["mechanism"]:
        return bare(name, Switch(name), "off")
    group = arena.factoring.group(text, scenario, ticks)
    if group is not None:
        return group
    filled = {**_FILLED, **arena.factoring.filled}
    found = _BARE.fullmatch(text)
    is_bare = found is not None and found["kind"] in filled
    try:
        done = interventions.parse_all([filled[found["kind"]].format(text.strip()) if found and is_bare else text], scenario, ticks)
    except InputError as error:
        raise InputError(f"{error.message}, in the factor {text!r}", error.hint) from error
    if not is_bare:
        return Factor(name, tuple(done), "; ".join(interventions.describe(one, scenario) for one in done), name)
    (one,) = done
    if isinstance(one, SetTrait):
        return trait(scenario, one.person, one.trait)
    if isinstance(one, SetParameter):
        default = arena.repertoire.parameters()[one.parameter].default
        return bare(name, SetParameter(one.parameter, default), f"{default:g}, the default")
    return bare(name, one, arena.factoring.meanings[type(one)])


def _check_apart(one: Factor, other: Factor, scenario: AnyScenario, ticks: int | None) -> None:
    """Two factors must not set the same: a coalition holds either, both or neither."""
    try:
        interventions.agenda(scenario, (*one.neutral, *other.neutral), ticks)
    except InputError as error:
        raise InputError(f"the factors {one.name!r} and {other.name!r} cannot be neutral together: {error.message}", error.hint) from error
