"""What is done to a stakeholder table in an arm: ``salience UK = 0.2``, ``capability UK * 2``, ``position UK.tax + 1``, ``drop Belgium``.

Numbers are in the unit of the table. What is set is taken to be certain; what is multiplied or moved keeps its range. With several
issues a position or a salience names its issue after a point. An actor is dropped by taking away its capability.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from virtu.errors import InputError, Place, did_you_mean
from virtu.scenario.stakeholders import Quantity, Scale, Stakeholders, has_weight

OPTION = "--do"
FORMS = "salience NAME = 0.2; capability NAME * 2; position NAME + 1; drop NAME; nothing"
MOST = 1e12
"""Capabilities are below this, as in a table."""

VERBS = {"salience": "salience", "importance": "salience", "capability": "capability", "power": "capability", "position": "position"}
NOTHING = "nothing"

_CHANGE = re.compile(
    r"(?P<target>.+?)\s*(?P<sign>[=*+-])\s*(?P<number>[-+−]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]{1,2})?)\s*(?P<percent>%?)",
    re.ASCII,
)


class Change(NamedTuple):
    """One number of the table and what becomes of it."""

    kind: str  # "capability", "position" or "salience"
    actor: int
    issue: int
    sign: str  # =, *, + or −
    number: float


def changed(table: Stakeholders, texts: Iterable[str]) -> Stakeholders:
    """Return the table of an arm.

    Parameters
    ----------
    table : Stakeholders
        The table as it is.
    texts : iterable of str
        What is done, one after the other; semicolons part several in one text.

    Raises
    ------
    InputError
        If a text is not understood, or leads out of the range of a number or to nobody who counts.
    """
    for text in texts:
        for statement in text.split(";"):
            table = _done(table, " ".join(statement.split()))
    for issue, name in enumerate(table.issues):
        if sum(has_weight(table, actor, issue) for actor in range(len(table.actors))) < 2:
            raise _wrong(f"after {'; '.join(texts)!r} fewer than two actors have capability and salience on {name!r}", "leave two at least")
    return table


def _done(table: Stakeholders, statement: str) -> Stakeholders:
    verb, _, rest = statement.partition(" ")
    if statement == NOTHING:
        return table
    if verb == "drop":
        actor = _found(rest, table.actors, "actor")
        return _set(table, Change("capability", actor, 0, "=", 0.0))
    if verb not in VERBS:
        known = (*VERBS, "drop", NOTHING)
        message = f"unknown change {verb!r}" if verb else "a change is missing"
        raise _wrong(message, did_you_mean(verb, known) if verb else f"write {FORMS}")
    return _set(table, _change(table, VERBS[verb], rest))


def _change(table: Stakeholders, kind: str, rest: str) -> Change:
    found = _CHANGE.fullmatch(rest)
    if found is None:
        raise _wrong(f"cannot read {kind + ' ' + rest!r}", f"write {FORMS}")
    number = float(found["number"].replace("−", "-")) / (100.0 if found["percent"] else 1.0)
    if kind == "salience" and found["sign"] != "*" and not found["percent"]:
        number /= table.full_salience
    return Change(kind, *_target(table, kind, found["target"]), found["sign"], number)


def _target(table: Stakeholders, kind: str, text: str) -> tuple[int, int]:
    """Return actor and issue that a text names."""
    if kind == "capability" or len(table.issues) == 1 or text.casefold() in map(str.casefold, table.actors):
        actor = _found(text, table.actors, "actor")
        if kind != "capability" and len(table.issues) > 1:
            named = " or ".join(f"{table.actors[actor]}.{issue}" for issue in table.issues[:3])
            raise _wrong(f"the {kind} of {table.actors[actor]!r} differs by issue", f"name the issue, as in {named}")
        return actor, 0
    name, _, issue = text.rpartition(".")
    return _found(name or text, table.actors, "actor"), _found(issue, table.issues, "issue")


def _found(text: str, names: Sequence[str], what: str) -> int:
    text = text.strip().strip('"')
    places = {name.casefold(): place for place, name in enumerate(names)}
    if text.casefold() not in places:
        raise _wrong(f"no {what} is called {text!r}", did_you_mean(text, names))
    return places[text.casefold()]


def _set(table: Stakeholders, change: Change) -> Stakeholders:
    """Return the table with one change made."""

    def after(old: Quantity) -> Quantity:
        value, *ends = (_made(change, one) for one in old)
        _check(table, change, value)
        return Quantity(value, min(ends), max(ends))

    if change.kind == "capability":
        return table._replace(capability=_replaced(table.capability, change.actor, after))
    rows: tuple[tuple[Quantity, ...], ...] = getattr(table, change.kind)
    row = _replaced(rows[change.actor], change.issue, after)
    return table._replace(**{change.kind: (*rows[: change.actor], row, *rows[change.actor + 1 :])})


def _made(change: Change, old: float) -> float:
    """Return what becomes of a number."""
    return {"=": change.number, "*": old * change.number, "+": old + change.number, "-": old - change.number}[change.sign]


def _replaced(row: tuple[Quantity, ...], place: int, after: Callable[[Quantity], Quantity]) -> tuple[Quantity, ...]:
    return (*row[:place], after(row[place]), *row[place + 1 :])


def _check(table: Stakeholders, change: Change, value: float) -> None:
    who, scale = table.actors[change.actor], table.scale[change.issue]
    if change.kind == "capability" and not 0.0 <= value < MOST:
        raise _wrong(f"the capability of {who!r} would be {value:g}", f"it is 0 or more and below {MOST:g}")
    if change.kind == "salience" and not 0.0 <= value <= 1.0:
        full = table.full_salience
        raise _wrong(f"the salience of {who!r} would be {value * full:g}", f"it lies between 0 and {full:g}")
    if change.kind == "position" and not scale.low <= value <= scale.high:
        raise _wrong(f"the position of {who!r} would be {value:g}, outside the scale {_ends(scale)}", "give a wider scale with --scale")


def _ends(scale: Scale) -> str:
    return f"{scale.low:g}:{scale.high:g}"


def _wrong(message: str, hint: str) -> InputError:
    return InputError(message, hint, Place(OPTION))
