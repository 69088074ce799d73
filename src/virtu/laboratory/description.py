"""What the model of a scenario consists of, read off the code that runs: entities, schedule, submodels, constants, measures.

`describe` gathers it as plain data; `virtu.show.odd` puts it into words in the order of the ODD protocol. Nothing is written down twice:
fields are described by the comments beside them, phases and moves by their documentation, constants by the vocabulary.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable
from typing import Any

from virtu.laboratory import interventions
from virtu.laboratory.interventions import Intervention, ShareExperience, Switch, Train
from virtu.organisation import measures, moves, state
from virtu.organisation.phases import DRAWN, PHASES
from virtu.scenario import Scenario, bibliography
from virtu.scenario.vocabulary import MECHANISMS, MOVES, parameters, traits

FIELD = re.compile(r"^    (\w+): .*?  # (.+)$", re.MULTILINE)
"""A field of a named tuple with the comment beside it."""

VERBS: dict[type[Intervention], str] = {Train: "train", ShareExperience: "share_experience"}
"""First words of the interventions that bring works of their own."""


def describe(scenario: Scenario, do: Iterable[str] = ()) -> dict[str, Any]:
    """Return what the model of a scenario consists of, ready for JSON.

    Parameters
    ----------
    scenario : Scenario
        Whose people, posts, constants and record are described.
    do : iterable of str
        What is done to it throughout; mechanisms that are off are left out of the works used.

    Returns
    -------
    dict
        scenario, persons, posts, groups, issues, calendar; state, setup (name and meaning of each field); schedule (number, name,
        documentation); sites of chance by phase; moves; traits; parameters (value, default, unit, meaning); mechanisms; measures; works.

    Raises
    ------
    InputError
        If something that is done is at fault.
    """
    done = interventions.parse_all(do, scenario)
    off = switched_off(done)
    return {
        "scenario": scenario.scenario,
        "title": scenario.title,
        "summary": scenario.summary,
        "outcome": scenario.outcome.model_dump(),
        "ticks": scenario.ticks,
        "unit": scenario.calendar.unit,
        "first": scenario.date_of(0),
        "last": scenario.date_of(scenario.ticks - 1),
        "do": [str(one) for one in done],
        "persons": _persons(scenario),
        "posts": [{"name": post.label or key, "holder": post.holder, "weight": post.weight} for key, post in scenario.posts.items()],
        "groups": [{"name": group.label or key, "count": group.count, "weight": group.weight} for key, group in scenario.groups.items()],
        "issues": [issue.label or key for key, issue in scenario.issues.items()],
        "seats": {"forum": scenario.forum.seats, "candidates": scenario.forum.candidates},
        "founder": scenario.founder.actor if scenario.founder else None,
        "recorded_exits": len(scenario.record.exits) if scenario.record else 0,
        "state": fields(state.State),
        "setup": fields(state.Setup),
        "schedule": [{"number": number, "name": name, "text": documentation(phase)} for number, name, phase in PHASES],
        "chance": [site for drawn in DRAWN.values() for sites in drawn.values() for site in sites],
        "moves": [{"name": name, "text": documentation(moves.REGISTRY[name].effect)} for name in MOVES],
        "traits": [{"name": name, **trait._asdict()} for name, trait in traits().items()],
        "parameters": [
            {"name": name, "value": scenario.parameters.get(name, knob.default), **knob._asdict()} for name, knob in parameters().items()
        ],
        "mechanisms": [{"name": name, "on": name not in off} for name in MECHANISMS],
        "measures": [{"name": one.name, "unit": one.unit, "text": one.doc, "personal": one.personal} for one in measures.MEASURES.values()],
        "works": works(scenario, done),
    }


def works(scenario: Scenario, done: Iterable[Intervention]) -> list[dict[str, Any]]:
    """Return what a scenario uses of published works: part of the model and keys, for each use."""
    listed = list(done)
    deeds = {VERBS[type(one)] for one in listed if type(one) in VERBS}
    return [{"part": use.part, "works": list(use.works)} for use in bibliography.uses(scenario, switched_off(listed), deeds)]


def switched_off(done: Iterable[Intervention]) -> set[str]:
    """Return the mechanisms that are off from beginning to end."""
    return {one.mechanism for one in done if isinstance(one, Switch) and one.state == "off" and one.since is None and one.until is None}


def fields(kind: type) -> list[dict[str, str]]:
    """Return name and meaning of each field of a named tuple, as the comments beside them say it."""
    return [{"name": name, "text": text} for name, text in FIELD.findall(inspect.getsource(kind))]


def documentation(function: object) -> str:
    """Return the documentation of a function without its lists of parameters and results."""
    return re.split(r"\n(?:Parameters|Returns|Raises)\n-", inspect.getdoc(function) or "", maxsplit=1)[0].strip()


def _persons(scenario: Scenario) -> list[dict[str, Any]]:
    return [{"name": name, "role": actor.role, "entry": actor.entry} for name, actor in scenario.actors.items()]
