"""What the model of a scenario consists of, read off the code that runs: entities, schedule, submodels, constants, measures.

`describe` gathers it as plain data; `virtu.show.odd` puts it into words in the order of the ODD protocol. Nothing is written down twice:
fields are described by the comments beside them, phases and moves by their documentation, constants by the vocabulary.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable, Mapping
from typing import Any

from virtu.laboratory import interventions
from virtu.laboratory.arenas import arena_of
from virtu.laboratory.intervention_kinds import Intervention
from virtu.scenario import AnyScenario, bibliography
from virtu.scenario.vocabulary import traits

FIELD = re.compile(r"^    (\w+): .*?  # (.+)$", re.MULTILINE)
"""A field of a named tuple with the comment beside it."""

SECTIONS = re.compile(r"\n(?:Parameters|Returns|Raises)\n-")
"""Where the lists of a documentation begin."""


def describe(scenario: AnyScenario, do: Iterable[str] = ()) -> dict[str, Any]:
    """Return what the model of a scenario consists of, ready for JSON.

    Parameters
    ----------
    scenario : Scenario or StreetScenario
        Whose people, constants and record are described.
    do : iterable of str
        What is done to it throughout; mechanisms that are off are left out of the works used.

    Returns
    -------
    dict
        scenario, title, summary, outcome, calendar; entities and concepts (name and text); space (text); state and setup (name and meaning
        of each field); schedule (number, name, documentation); chance (sites); moves; traits; parameters (value, default, range, unit,
        meaning); mechanisms; measures; works.

    Raises
    ------
    InputError
        If something that is done is at fault.
    """
    done = interventions.parse_all(do, scenario)
    of_arena = arena_of(scenario).description
    off = switched_off(done)
    outcome = scenario.outcome.model_dump()
    return {
        "scenario": scenario.scenario,
        "title": scenario.title,
        "summary": scenario.summary,
        "outcome": ":".join(str(part) for part in outcome.values() if part),
        "ticks": scenario.ticks,
        "unit": scenario.calendar.unit,
        "first": scenario.date_of(0),
        "last": scenario.date_of(scenario.ticks - 1),
        "do": [str(one) for one in done],
        "recorded": of_arena.recorded(scenario),
        "entities": of_arena.entities(scenario),
        "space": of_arena.SPACE,
        "concepts": [*of_arena.CONCEPTS, *CONCEPTS],
        "state": fields(of_arena.STATE),
        "setup": fields(of_arena.SETUP),
        "schedule": [{"number": number, "name": name, "text": documentation(phase)} for number, name, phase in of_arena.PHASES],
        "chance": list(of_arena.SITES),
        "moves": [{"name": name, "text": documentation(move)} for name, move in of_arena.MOVES.items()],
        "traits": [{"name": name, **trait._asdict()} for name, trait in traits().items()],
        "parameters": [
            {"name": name, "value": scenario.parameters.get(name, knob.default), **knob._asdict()}
            for name, knob in of_arena.parameters().items()
        ],
        "mechanisms": [{"name": name, "on": name not in off} for name in of_arena.MECHANISMS],
        "measures": of_arena.measures(),
        "works": works(scenario, done),
    }


CONCEPTS: tuple[Mapping[str, str], ...] = (
    {
        "name": "Stochasticity",
        "text": "Every random number is a function of seed, history, decision, tick and name, so that two arms share their chance.",
    },
    {"name": "Observation", "text": "The measures below, each with a 95 % interval over histories."},
)
"""Design concepts that both arenas share."""


def works(scenario: AnyScenario, done: Iterable[Intervention]) -> list[dict[str, Any]]:
    """Return what a scenario uses of published works: part of the model and keys, for each use."""
    listed = list(done)
    deeds = {str(one).split()[0] for one in listed}
    return [{"part": use.part, "works": list(use.works)} for use in bibliography.uses(scenario, switched_off(listed), deeds)]


def switched_off(done: Iterable[Intervention]) -> set[str]:
    """Return the mechanisms that are off from beginning to end."""
    words = (str(one).split() for one in done)
    return {found[1] for found in words if len(found) == 2 and found[0] == "off"}


def fields(kind: type) -> list[dict[str, str]]:
    """Return name and meaning of each field of a named tuple, as the comments beside them say it."""
    return [{"name": name, "text": text} for name, text in FIELD.findall(inspect.getsource(kind))]


def documentation(function: object) -> str:
    """Return the documentation of a function without its lists of parameters and results."""
    return SECTIONS.split(inspect.getdoc(function) or "", maxsplit=1)[0].strip()
