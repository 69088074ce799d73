"""Scenarios, results and verdicts as HTML for notebooks: the tables of the terminal, and the figure that says most."""

from __future__ import annotations

import html as escaping
import io
from collections.abc import Mapping
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.text import Text

from virtu.scenario import AnyScenario
from virtu.scenario.displayed import Answer
from virtu.show import figures, reasons, report, tables, windows
from virtu.show.report import Draw, figure
from virtu.show.results import table

WIDTH = 100
"""Columns of a table."""

PRE = "overflow-x:auto;line-height:1.3;font-family:ui-monospace,Menlo,Consolas,'DejaVu Sans Mono',monospace"
PAPER = "background:#ffffff;color:#1f2933;max-width:760px;padding:8px"
"""Figures are drawn for a light page."""


def html(thing: Any) -> str:
    """Return a scenario, or the answer of a function of virtu, as HTML in which all text is escaped.

    Parameters
    ----------
    thing : Scenario, StreetScenario or Answer
        What is shown.
    """
    if not isinstance(thing, Answer):
        return _printed(_scenario(thing))
    if thing.kind == "verdict":
        return f"<p><strong>{escaping.escape(str(thing['word']))}</strong>: {escaping.escape(str(thing['sentence']))}</p>"
    draw = _figure(thing)
    return _printed(table(thing, thing.kind)) + ("" if draw is None else _drawn(draw))


def _printed(shown: RenderableType) -> str:
    console = Console(record=True, file=io.StringIO(), width=WIDTH, force_jupyter=False, force_terminal=True, color_system="truecolor")
    console.print(shown)
    return console.export_html(inline_styles=True, code_format=f'<pre style="{PRE}">{{code}}</pre>')


def _drawn(draw: Draw) -> str:
    drawn = figure(draw)
    title, caption = (escaping.escape(text) for text in (drawn.title, drawn.caption))
    return f'<div style="{PAPER}"><strong>{title}</strong><br><small>{caption}</small><br>{drawn.wide}</div>'


def _figure(result: Mapping[str, Any]) -> Draw | None:
    """Return the figure that says most of a result, None where its tables say all."""
    kind = result.kind if isinstance(result, Answer) else ""
    if kind == "run" and "arena" not in result:
        return lambda width: figures.on_top(result, width)
    if kind == "comparison":
        return report.compared(result)["effects"]
    if kind == "why":
        return lambda width: reasons.attribution(result, width)
    return (lambda width: windows.window(result, width)) if kind == "when" else None


def _scenario(one: AnyScenario) -> Group:
    """Return a scenario as tables: what it is about, and who is in it."""
    columns: list[tables.Column] = [("", "name"), ("begins as", "word"), ("", "label")]
    rows = [tables.Row([name, str(getattr(actor, "entry", "")), actor.role]) for name, actor in one.actors.items()]
    note = Text(f"hash {one.sha256[:12]}", style="dim")
    return Group(tables.scenarios([one]), tables.tabulated("People", columns, rows), note)
