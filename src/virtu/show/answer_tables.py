"""What the terminal shows of questions: why, when, what if it varied, and the claims."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Group
from rich.text import Text

from virtu.show import reasons, windows, wording
from virtu.show.tables import Column, Row, tabulated


def why(result: Mapping[str, Any]) -> Group:
    """Return an attribution: what each factor contributes, the most important first, and their sum.

    Parameters
    ----------
    result : mapping
        What ``virtu why --json`` prints.
    """
    head = Text.assemble((str(result["scenario"]), "bold"), (f" · {reasons.design(result)}", "dim"))
    found = reasons.reasons(result)
    rows = [Row(row, "bold" if row.factor == reasons.SUM else "", last=number == len(found) - 2) for number, row in enumerate(found)]
    columns: list[Column] = [("factor", "label"), ("neutral means", "label"), ("contribution", "number"), ("95 % interval", "number")]
    table = tabulated("What made the difference", [*columns, ("unit", "word")], rows)
    return Group(
        head, Text(f"\n{reasons.answer(result)}", "bold"), table, Text(f"Intervals: {result['intervals']}.", "dim"), *_report(result)
    )


def when(result: Mapping[str, Any]) -> Group:
    """Return the window of a move: its effect by the moment at which it is made.

    Parameters
    ----------
    result : mapping
        What ``virtu when --json`` prints.
    """
    head = Text.assemble((str(result["scenario"]), "bold"), (f" · {windows.design(result)}", "dim"))
    found = windows.moments(result)
    forced = any(row.made for row in found)
    rows = [Row(row if forced else row[:-1], "bold" if row.matters else "dim") for row in found]
    columns: list[Column] = [
        ("made in", "word"),
        ("", "word"),
        ("change", "number"),
        ("95 % interval", "number"),
        ("all at once", "number"),
    ]
    made: list[Column] = [("made", "number")] if forced else []
    title = f"{wording.measure(result['outcome'])}: change, {wording.points(result['outcome_unit'], result['unit'])}"
    note = Text(f"Bold: {result['rule'].replace('the last of these moments at which', 'moments at which')}.", "dim")
    return Group(
        head,
        Text(f"\n{windows.answer(result)}", "bold"),
        tabulated(title, [*columns, ("same", "number"), *made], rows),
        note,
        *_report(result),
    )


def _report(result: Mapping[str, Any]) -> list[Text]:
    return [Text(f"report:\u00a0{result['report']}", overflow="fold")] if result.get("report") else []
