"""The two arenas: for each the models of its files, how they are checked, and what editors are told of them."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any, NamedTuple, TypeAlias

from virtu.errors import Fault, InputError, did_you_mean
from virtu.scenario import checks, street_checks
from virtu.scenario.nodes import Node
from virtu.scenario.schema import Scenario
from virtu.scenario.street_schema import StreetScenario
from virtu.scenario.street_vocabulary import street_parameters
from virtu.scenario.vocabulary import Knob, parameters, traits

AnyScenario: TypeAlias = Scenario | StreetScenario

USUAL = "organisation"
"""The arena of a file that names none."""


class Arena(NamedTuple):
    """What a kind of scenario is read with."""

    model: type[AnyScenario]
    cross_faults: Callable[[Node], Iterator[Fault]]
    parameters: Callable[[], Mapping[str, Knob]]


ARENAS: dict[str, Arena] = {
    USUAL: Arena(Scenario, checks.cross_faults, parameters),
    "street": Arena(StreetScenario, street_checks.cross_faults, street_parameters),
}
"""All arenas by the word that files use."""


def arena(name: str) -> Arena:
    """Return what a kind of scenario is read with.

    Parameters
    ----------
    name : str
        One of `ARENAS`.

    Raises
    ------
    InputError
        If there is no such arena.
    """
    if name not in ARENAS:
        raise InputError(f"unknown arena {name[:80]!r}", did_you_mean(name[:80], ARENAS))
    return ARENAS[name]


@cache
def _schema(name: str) -> dict[str, Any]:
    chosen = arena(name)
    schema = chosen.model.model_json_schema()
    fields = schema["properties"]
    levels = [fields["population"]]
    levels += [part["properties"]["traits"] for part in schema["$defs"].values() if "traits" in part.get("properties", {})]
    for where in levels:
        value = where.pop("additionalProperties")
        described = {trait: f"{known.doc}; {known.low:g} to {known.high:g}, {known.unit}" for trait, known in traits().items()}
        where["properties"] = {trait: {**value, "description": text} for trait, text in described.items()}
        where["additionalProperties"] = False
    fields["parameters"]["additionalProperties"] = False
    fields["parameters"]["properties"] = {
        knob: {"type": "number", "minimum": known.low, "maximum": known.high, "description": f"{known.doc}; {known.unit}"}
        for knob, known in chosen.parameters().items()
    }
    required = schema.pop("required")
    schema["required"] = ["scenario"]
    schema["anyOf"] = [{"required": required}, {"required": ["extends"]}]
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def json_schema(name: str = USUAL) -> dict[str, Any]:
    """Return the JSON schema of the scenario files of an arena, for editors.

    Fields, ranges, and what each trait and parameter means.

    Parameters
    ----------
    name : str
        One of `ARENAS`.

    Raises
    ------
    InputError
        If there is no such arena.
    """
    return copy.deepcopy(_schema(name))
