"""Say in plain words, with the place, what the models of the schema find wrong with a tree."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeAlias

from pydantic import ValidationError

from virtu.errors import Fault, Place, did_you_mean
from virtu.scenario.nodes import Node, label, quoted

_KEY = "[key]"
_LONGEST_WORD = 40
_NO_COERCION = {"string_type": "put it in quotes", "float_type": "remove the quotes", "int_type": "remove the quotes"}
_EMPTY_MAPPING = "write {} for one with nothing in it; null only removes what an extended scenario has"

_Detail: TypeAlias = dict[str, Any]


def faults_of(error: ValidationError, root: Node, schema: _Detail) -> Iterator[Fault]:
    """Yield the faults of a tree that does not fit the schema.

    Parameters
    ----------
    error : pydantic.ValidationError
        What validating the values of the tree raised.
    root : Node
        The tree, for the places.
    schema : dict
        JSON schema of the files of its arena, for the hints.
    """
    for found in error.errors(include_url=False):
        fault = _fault(found["type"], tuple(found["loc"]), found["input"], found.get("ctx", {}), root, schema)
        if fault is not None:
            yield fault


def _fault(kind: str, path: tuple[str | int, ...], value: Any, context: _Detail, root: Node, schema: _Detail) -> Fault | None:
    if kind == "default_factory_not_called":
        return None
    if kind == "missing":
        parts, place = _walk(root, path[:-1])
        return _missing(parts, path[-1], place, schema)
    if kind == "extra_forbidden":
        parts, place = _walk(root, (*path, _KEY))
        word = str(path[-1])[:_LONGEST_WORD]
        return Fault(f"unknown field {word!r} in {label(parts[:-1])}", place, did_you_mean(word, _fields(parts[:-1], schema)))
    parts, place = _walk(root, path)
    subject = f"the name {label(parts[-1:])!r}" if path[-1:] == (_KEY,) else label(parts)
    return Fault(f"{subject} {_RULES.get(kind, _unfit)(value, context)}", place, _hint(kind, value, context))


def _walk(root: Node, path: Sequence[str | int]) -> tuple[list[str | int], Place]:
    """Follow a path of pydantic as far as the tree goes; steps that pydantic adds to what was written are passed over."""
    node, place, key_place = root, root.place, root.place
    walked: list[str | int] = []
    for part in path:
        if part == _KEY:
            place = key_place
        elif isinstance(part, int) and part < len(node.each()):
            node = node.each()[part]
            walked, place = [*walked, part], node.place
        elif isinstance(part, str) and part in node.items():
            key_place, node = node.keys[part], node.items()[part]
            walked, place = [*walked, part], node.place
    return walked, place


def _missing(parts: list[str | int], last: str | int, place: Place, whole: _Detail) -> Fault:
    if isinstance(last, int):
        return Fault(f"{label(parts)} needs {last + 1} or more values, found {last}", place)
    described = next((schema["description"] for schema in _schemas([*parts, last], whole) if "description" in schema), "")
    return Fault(f"{label(parts)} needs {last}", place, described)


def _unfit(value: Any, _: _Detail) -> str:
    return f"is not as it should be, found {quoted(value)}"


def _must(rule: str) -> Callable[[Any, _Detail], str]:
    return lambda value, context: f"must {rule.format(**context)}, found {quoted(value)}"


_RULES: dict[str, Callable[[Any, _Detail], str]] = {
    "plain": lambda value, context: context["message"],
    "string_type": _must("be text"),
    "float_type": _must("be a number"),
    "int_type": _must("be a whole number"),
    "bool_type": _must("be true or false"),
    "dict_type": _must("be a mapping"),
    "model_type": _must("be a mapping"),
    "tuple_type": _must("be a list"),
    "literal_error": _must("be {expected}"),
    "finite_number": _must("be a finite number"),
    "greater_than": _must("be above {gt:g}"),
    "less_than": _must("be below {lt:g}"),
    "greater_than_equal": _must("be at least {ge:g}"),
    "less_than_equal": _must("be at most {le:g}"),
    "string_pattern_mismatch": _must("be small letters, digits and single hyphens between them"),
    "string_too_short": lambda value, context: "must not be empty",
    "string_too_long": lambda value, context: f"must have at most {context['max_length']} characters, found {len(value)}",
    "too_short": lambda value, context: f"needs at least {context['min_length']} entries, found {len(value)}",
    "too_long": lambda value, context: f"may have at most {context['max_length']} entries, found {len(value)}",
}


def _hint(kind: str, value: Any, context: _Detail) -> str:
    if kind == "plain":
        return context["hint"]
    if kind == "literal_error" and isinstance(value, str):
        return did_you_mean(value[:_LONGEST_WORD], re.findall(r"'([^']*)'", context["expected"]))
    if kind == "bool_type" and value in ("yes", "no", "on", "off"):
        return f"in YAML 1.2 {value} is text"
    if kind in ("dict_type", "model_type"):
        return _EMPTY_MAPPING if value is None else ""
    if kind in ("float_type", "int_type") and not (isinstance(value, str) and re.fullmatch(r"[-+.\d]+(e[-+]?\d+)?", value)):
        return ""
    return "" if value is None else _NO_COERCION.get(kind, "")


def _expanded(schema: _Detail, whole: _Detail) -> Iterator[_Detail]:
    yield schema
    choices = [*schema.get("anyOf", []), *schema.get("oneOf", [])]
    if "$ref" in schema:
        choices.append(whole["$defs"][schema["$ref"].rsplit("/", 1)[-1]])
    for choice in choices:
        yield from _expanded(choice, whole)


def _schemas(parts: Sequence[str | int], whole: _Detail) -> list[_Detail]:
    found = [whole]
    for part in parts:
        steps = [_step(schema, part) for start in found for schema in _expanded(start, whole)]
        found = [step for step in steps if step]
    return found


def _step(schema: _Detail, part: str | int) -> _Detail | None:
    inner = schema.get("items") if isinstance(part, int) else schema.get("properties", {}).get(part) or schema.get("additionalProperties")
    return inner if isinstance(inner, dict) else None


def _fields(parts: Sequence[str | int], whole: _Detail) -> set[str]:
    return {name for start in _schemas(parts, whole) for schema in _expanded(start, whole) for name in schema.get("properties", {})}
