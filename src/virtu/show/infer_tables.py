"""What the terminal shows of an inference from choices: the answer first, then a table of traits for each person."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text

from virtu.show import infer_words as words
from virtu.show.tables import Column, Row, tabulated

MOST_LINES = 40
"""Most lines of a log that are shown; all are in the JSON."""

MOST_PEOPLE = 8
"""Most people whose traits are shown one by one; all are in the JSON."""


def inference(result: Mapping[str, Any]) -> Group:
    """Return an inference.

    Parameters
    ----------
    result : mapping
        What ``virtu infer --json`` prints.
    """
    people = list(result["people"])
    parts: list[RenderableType] = [Text(str(result["table"]), style="bold"), Text(words.design(result), style="dim"), Text()]
    parts += [Text(line) for line in words.answer(result)[:MOST_PEOPLE]]
    for name in people[:MOST_PEOPLE]:
        parts += [_traits(result, name), *(Text(f"  {line}") for line in words.chances(result["people"][name]))]
    if len(people) > MOST_PEOPLE:
        parts.append(Text(f"\nThe first {MOST_PEOPLE} of {len(people)} people; all with --json."))
    parts.append(Text(f"\n{words.ABOUT_INTERVALS}", style="dim"))
    if result["next"]:
        columns: list[Column] = [("probe", "label"), ("bits", "number")]
        parts.append(
            tabulated("What to ask next, and what it is expected to tell", columns, [Row(list(row)) for row in words.probes(result)])
        )
    if words.lines(result):
        heads: list[Column] = [(head.lower(), "name" if head == "Move" else "number") for head in words.LINE_HEADS]
        title = "How likely each line was, as its maker chose, and in how many histories it could be"
        parts.append(tabulated(title, heads, [Row(list(row)) for row in words.lines(result)[:MOST_LINES]]))
    parts += [Text(line, style="dim") for line in words.notes(result)]
    parts += [Text(f"{what}:\u00a0{result[what]}", overflow="fold") for what in ("report", "draws") if result.get(what)]
    return Group(*parts)


def _traits(result: Mapping[str, Any], name: str) -> RenderableType:
    columns: list[Column] = [(head.lower(), "name" if place == 0 else "number") for place, head in enumerate(words.TRAIT_HEADS)]
    return tabulated(
        f"{name}, {words.counted(result, result['people'][name]['choices'])}", columns, [Row(list(row)) for row in words.rows(result, name)]
    )
