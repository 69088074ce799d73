"""What the terminal shows of a run of the street; see `virtu.show.tables`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text

from virtu.show import street_account
from virtu.show.tables import Bar, Column, Row, footer, head, measures, on_top, tabulated


def run(summary: Mapping[str, Any]) -> Group:
    """Return a run: who rules at the end, whom the people support, the measures, the comparison with the record, and where things are.

    Parameters
    ----------
    summary : mapping
        What ``virtu run --json`` prints.
    """
    parts: list[RenderableType] = [head(summary), on_top(summary, "Who rules at the end"), _support(summary)]
    return Group(*parts, *measures(summary), _camps(summary), *_check(summary), *footer(summary))


def _support(summary: Mapping[str, Any]) -> RenderableType:
    rows = [Row([one.option, Bar(one.share, "bright_black"), one.mean, one.interval]) for one in street_account.support(summary)]
    columns: list[Column] = [("", "name"), ("", "bar"), ("of the people", "number"), ("95 % interval", "number")]
    return tabulated("Whom the people support at the end", columns, rows)


def _camps(summary: Mapping[str, Any]) -> RenderableType:
    names, rows = street_account.camps(summary)
    columns: list[Column] = [("", "label"), *((name, "number") for name in names), ("unit", "word")]
    table = tabulated("Camp by camp", columns, [Row([label, *cells, unit]) for label, cells, unit in rows])
    table.caption, table.caption_justify = Text("± half of the 95 % interval"), "left"
    return table


def _check(summary: Mapping[str, Any]) -> list[RenderableType]:
    agree = {True: Text("yes", "green"), False: Text("no", "red"), None: Text("–", "dim")}
    rows = [Row([*row[:-1], agree[row.agrees]]) for row in street_account.findings(summary)]
    columns: list[Column] = [("", "label"), ("at", "label"), ("record", "number"), ("median", "number"), ("95 % of histories", "number")]
    parts: list[RenderableType] = [tabulated("Beside the record", [*columns, ("unit", "word"), ("within", "word")], rows)] if rows else []
    check = summary.get("history_check") or {}
    said = [street_account.ruler_on_record(summary), check.get("note")]
    return parts + [Text(str(line), style="dim") for line in said if line]
