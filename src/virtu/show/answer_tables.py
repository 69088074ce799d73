"""What the terminal shows of questions: why, when, what if it varied, and the claims."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Group
from rich.text import Text

from virtu.show import reasons
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


def _report(result: Mapping[str, Any]) -> list[Text]:
    return [Text(f"report:\u00a0{result['report']}", overflow="fold")] if result.get("report") else []
