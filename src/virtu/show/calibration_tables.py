"""What the terminal shows of a calibration: the answer first, then what is known of the inputs, and fact by fact."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text

from virtu.show import calibration_words as words
from virtu.show import wording
from virtu.show.tables import Column, Row, tabulated


def calibration(result: Mapping[str, Any]) -> Group:
    """Return a calibration.

    Parameters
    ----------
    result : mapping
        What ``virtu fit SCENARIO --targets FACTS --json`` prints.
    """
    first, *rest = words.answer(result)
    head = Text.assemble((str(result["scenario"]), "bold"), (f" · {result['targets']} · {words.design(result)}", "dim"))
    parts: list[RenderableType] = [head, Text(f"\n{first}", "bold"), *(Text(line) for line in rest)]
    parts += [_rows("What is free", words.INPUT_HEADS, words.inputs(result)), Text(words.ABOUT_INPUTS, "dim")]
    parts += [_rows("Facts", words.FACT_HEADS, words.facts(result)), Text(words.ABOUT_FACTS, "dim")]
    parts += [Text(line, "dim") for line in words.notes(result)]
    parts += [Text(f"{name}:\u00a0{result[name]}", overflow="fold") for name in ("report", "draws") if result.get(name)]
    return Group(*parts)


def proposals(result: Mapping[str, Any]) -> Group:
    """Return a round of a calibration, point by point; ``virtu show`` prints it."""
    heads = (*result["free"], *result["quantities"])
    rows = [
        (*map(wording.number, point), *map(wording.number, values))
        for point, values in zip(result["points"], result["values"], strict=True)
    ]
    head = f"{result['scenario']} · a round of a calibration · {wording.counted(result['histories'])} histories at each point"
    return Group(Text(head, "bold"), _rows("Points", heads, rows))


def _rows(title: str, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> RenderableType:
    columns: list[Column] = [(head.lower() if head in words.FACT_HEADS + words.INPUT_HEADS else head, "number") for head in heads]
    if heads[0] in (words.INPUT_HEADS[0], words.FACT_HEADS[0]):
        columns[0] = (heads[0].lower(), "label")
    return tabulated(title, columns, [Row(list(row)) for row in rows])
