"""Which column holds what: the value of each quantity, its margin or the ends of its range."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple, TypeAlias

from virtu.errors import Fault, did_you_mean
from virtu.scenario.stakeholders.headings import WORDS, Heading, misspelt, understood
from virtu.scenario.tables.grid import Grid

Columns: TypeAlias = dict[str, int]
"""Columns of a quantity by part: ``value``, ``margin``, ``sd``, ``low``, ``high``."""

LEAVE_OUT = "a column whose heading starts with # is left out"
MEASURED = ("capability", "position", "salience")


class Layout(NamedTuple):
    """The columns of a table; what is missing is empty and has been reported."""

    actor: int | None
    about: int | None
    capability: Columns
    issues: tuple[str, ...]
    position: tuple[Columns, ...]  # one an issue
    salience: tuple[Columns, ...]  # one an issue; the same for all where the table has one column
    headings: tuple[Heading, ...]


def layout(grid: Grid) -> tuple[Layout, list[Fault]]:
    """Return the columns of a table, and what is wrong with its headings."""
    line = grid.lines[grid.heading]
    headings = _settled([understood(text, column) for column, text in enumerate(line.cells)])
    grouped: dict[tuple[str, str], Columns] = {}
    faults = [*_unknown(grid, headings)]
    for heading in headings:
        parts = grouped.setdefault((heading.kind, heading.key if heading.kind in ("position", "salience") else ""), {})
        if heading.kind in (*MEASURED, "actor") and parts.setdefault(heading.part, heading.column) != heading.column:
            first = line.cells[parts[heading.part]]
            faults.append(_fault(grid, heading.column, f"the column {heading.text!r} holds the same as {first!r}", LEAVE_OUT))
        elif heading.kind == "about":
            parts.setdefault("value", heading.column)
    faults += [fault for (kind, _), parts in grouped.items() if kind in MEASURED for fault in _partial(grid, parts)]
    grouped = {what: parts for what, parts in grouped.items() if "value" in parts}
    issues = {heading.key: heading.issue for heading in headings if ("position", heading.key) in grouped and heading.kind == "position"}
    actor, about = (grouped.get((kind, ""), {}).get("value") for kind in ("actor", "about"))
    saliences = {key: parts for (kind, key), parts in grouped.items() if kind == "salience"}
    found = Layout(
        actor=actor,
        about=about,
        capability=grouped.get(("capability", ""), {}),
        issues=tuple(label or "position" for label in issues.values()),
        position=tuple(grouped["position", key] for key in issues),
        salience=tuple(_salience(key, list(issues), saliences) for key in issues),
        headings=tuple(headings),
    )
    return found, [*faults, *_missing(grid, found), *_strange_saliences(grid, headings, list(issues), saliences)]


def _settled(headings: Sequence[Heading]) -> list[Heading]:
    """Return the headings with bare margins given to the quantity on their left, and columns named by an issue taken for positions."""
    found: list[Heading] = []
    for heading in headings:
        left = next((one for one in reversed(found) if one.part == "value" and one.kind in (*MEASURED, "unknown")), None)
        bare = not heading.kind and left is not None
        found.append(heading._replace(kind=left.kind, issue=left.issue) if bare and left else heading)
    if found and not any(one.kind == "actor" for one in found) and not found[0].text:
        found[0] = found[0]._replace(kind="actor")
    cared_for = {one.key for one in found if one.kind == "salience" and one.key}
    named = not any(one.kind == "position" for one in found)

    def is_issue(one: Heading) -> bool:
        return one.kind == "unknown" and (one.key in cared_for or (named and not misspelt(one)))

    return [one._replace(kind="position") if is_issue(one) else one for one in found]


def _salience(key: str, issues: list[str], saliences: dict[str, Columns]) -> Columns:
    """Return the salience of an issue: its own, the one for all issues, or the only one of a table with one issue."""
    if len(issues) == len(saliences) == 1:
        return next(iter(saliences.values()))
    return saliences.get(key) or saliences.get("", {})


def _unknown(grid: Grid, headings: Sequence[Heading]) -> Iterator[Fault]:
    known = [name for names in WORDS.values() for name in names]
    for heading in headings:
        if heading.kind in ("unknown", ""):
            hint = did_you_mean(heading.text, known) if misspelt(heading) else LEAVE_OUT
            yield _fault(grid, heading.column, f"unknown column {heading.text!r}", hint)


def _partial(grid: Grid, parts: Columns) -> Iterator[Fault]:
    """Yield what is wrong with how the uncertainty of a quantity is given."""
    stated, column = parts.keys() - {"value"}, min(parts.values())
    if "value" not in parts:
        yield _fault(grid, column, "a margin or range has no column of values", "name it as the column of values is named, with ± behind")
    elif stated and stated not in ({"margin"}, {"sd"}, {"low", "high"}):
        yield _fault(
            grid, column, f"uncertainty is given by {', '.join(sorted(stated))}", "give a ± column, or one for low and one for high"
        )


def _missing(grid: Grid, found: Layout) -> Iterator[Fault]:
    wanted = {
        "actors": (found.actor is not None, "name it actor, stakeholder or name"),
        "capabilities": (bool(found.capability), "name it capability, power, influence, resources or weight"),
        "positions": (bool(found.position), "name it position, or with several issues: tax position, trade position"),
    }
    for what, (there, hint) in wanted.items():
        if not there:
            yield _fault(grid, None, f"the table has no column of {what}", hint)


def _strange_saliences(grid: Grid, headings: Sequence[Heading], issues: list[str], saliences: dict[str, Columns]) -> Iterator[Fault]:
    if len(issues) == len(saliences) == 1:
        return
    for key, parts in saliences.items():
        if key and key not in issues:
            column = min(parts.values())
            yield _fault(grid, column, f"{headings[column].text!r} cares about an issue without positions", did_you_mean(key, issues))


def _fault(grid: Grid, column: int | None, message: str, hint: str) -> Fault:
    return Fault(message, grid.place(grid.lines[grid.heading], column), hint)
