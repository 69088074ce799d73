"""What the terminal shows of a fitted process of incidents: the answer first, then parameters, pieces, severities, residuals, a snippet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text

from virtu.show import fit_words as words
from virtu.show.tables import Column, Row, tabulated

MOST_PIECES = 12
"""Most pieces of the background that are shown one by one; all are in the JSON."""


def fit(result: Mapping[str, Any]) -> Group:
    """Return a fit.

    Parameters
    ----------
    result : mapping
        What ``virtu fit --json`` prints.
    """
    first, *rest = words.answer(result)
    parts: list[RenderableType] = [Text(str(result["table"]), style="bold"), Text(words.design(result), style="dim")]
    parts += [Text(f"\n{first}", style="bold"), *(Text(line) for line in rest)]
    parts += [_answers(result), Text(words.ABOUT_INTERVALS, style="dim"), *_backgrounds(result)]
    parts += [_numbers("How many pieces", words.CRITERIA_HEADS, words.criteria(result), last="word")]
    parts += [Text(words.about_criteria(result), style="dim")]
    if result["severity"] is not None:
        parts += [_numbers("Severity", words.SEVERITY_HEADS, words.severities(result), first="name")]
        parts += [Text(words.about_severities(result), style="dim")]
    parts += [_numbers("Residuals", words.RESIDUAL_HEADS, words.residuals(result), first="name")]
    parts += [Text(f"\n{note}" if place == 0 else note, style="dim") for place, note in enumerate(result["notes"])]
    parts += [
        Text("\nAs a scenario of the street would have it:", style="bold"),
        *(Text(f"  {line}") for line in words.snippet(result).splitlines()),
    ]
    if result.get("report"):
        parts.append(Text(f"\nreport:\u00a0{result['report']}", overflow="fold"))
    return Group(*parts)


def _answers(result: Mapping[str, Any]) -> RenderableType:
    columns: list[Column] = [("", "label"), ("", "number"), ("95 % interval", "number")]
    return tabulated("Who answers whom", columns, [Row(list(row)) for row in words.rows(result)])


def _backgrounds(result: Mapping[str, Any]) -> list[RenderableType]:
    rows = words.backgrounds(result, MOST_PIECES)
    if not rows:
        return [Text(f"\n{words.reach(result)} All {result['pieces']} pieces with --json.")]
    columns: list[Column] = [("from", "word"), ("to", "word"), *((name, "number") for name in result["sides"])]
    return [tabulated(f"Background, incidents a {result['unit']}", columns, [Row(row) for row in rows])]


def _numbers(
    title: str, heads: Sequence[str], rows: Sequence[Sequence[str]], first: str = "number", last: str = "number"
) -> RenderableType:
    kinds = [first, *["number"] * (len(heads) - 2), last]
    columns: list[Column] = [
        (head, "name" if kind == "name" else "word" if kind == "word" else "number") for head, kind in zip(heads, kinds, strict=True)
    ]
    return tabulated(title, columns, [Row(list(row)) for row in rows])
