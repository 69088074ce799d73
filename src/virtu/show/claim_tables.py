"""What the terminal shows of claims."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text

from virtu.show import claim_words, wording
from virtu.show.tables import Column, Row, tabulated

STYLES = {"supported": "green", "reversed": "red", "mixed": "yellow", "no effect": "", "does not apply": "dim", "rises": "", "falls": ""}

MOST_IN_FULL = 4
"""Most claims of which the contrasts beside the deciding ones are shown too."""


def claims(result: Mapping[str, Any]) -> Group:
    """Return claims with their verdicts: a line for each claim, and below it one for each contrast that decides on it.

    Parameters
    ----------
    result : mapping
        What ``virtu claims --json`` prints.
    """
    rows, full = result["rows"], len(result["rows"]) <= MOST_IN_FULL
    columns: list[Column] = [
        ("", "word"),
        ("claim, and what is expected of a contrast", "label"),
        ("effect", "number"),
        ("95 % interval", "number"),
        ("same", "number"),
        ("points", "number"),
        ("verdict", "word"),
    ]
    told = [line for row in rows for line in _claim(row, full)]
    notes = [
        f"{claim_words.RULE}",
        "same: share of histories in which nothing changed; points: share of parameter points with the same sign.",
        "" if full else f"What is not decisive is shown with --only for up to {MOST_IN_FULL} claims, and with --json.",
    ]
    parts: list[RenderableType] = [
        Text.assemble(("claims", "bold"), (f" · {claim_words.design(result)}", "dim")),
        tabulated(None, columns, told),
        Text(f"\n{claim_words.counted(rows)}. {claim_words.steady(rows)}".rstrip(), "bold"),
        *(Text(note, "dim") for note in notes if note),
        *(Text(f"page:\u00a0{result['page']}", overflow="fold") for _ in [0] if result.get("page")),
    ]
    return Group(*parts)


def _claim(row: Mapping[str, Any], full: bool) -> list[Row]:
    word = row["verdict"]
    shown = [claim_words.line(one) for one in row["contrasts"] if full or not one["beside"]]
    head = Row([row["id"], Text(row["claim"], "bold"), "", "", "", "", Text(word, f"bold {STYLES[word]}".strip())], last=not shown)
    if row.get("reason"):
        return [head, Row(["", row["reason"], "", "", "", "", ""], "dim", last=True)]
    return [head, *(_contrast(one, number == len(shown)) for number, one in enumerate(shown, 1))]


def _contrast(line: claim_words.Line, last: bool) -> Row:
    effect = [line.change, line.interval, line.unchanged, line.same_sign]
    unit = line.unit.replace(" ", wording.NO_BREAK)
    said = f"{line.expected} {line.says}{f' ({unit})' if unit else ''}"
    return Row(["", said, *effect, Text(line.verdict, STYLES[line.verdict])], "dim" if line.beside else "", last)
