"""What the terminal shows: rich renderables of a run, a comparison, published numbers beside ours, and the list of scenarios.

They fit in 100 columns, stay in one line a row wherever names allow, and are plain text where the output is no terminal.
Names go in as text, never as markup.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, TypeAlias

from rich import box
from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.measure import Measurement
from rich.segment import Segment
from rich.style import Style
from rich.table import Table
from rich.text import Text

from virtu.scenario.arenas import AnyScenario
from virtu.scenario.schema import COLLECTIVE
from virtu.show import account, effects, wording

BAR = 28
"""Width of a full bar, columns."""

LONGEST_NAME = 26
MOST_COLUMNS = 5
"""Most measures of single persons beside each other."""

VERDICTS: dict[str, str] = {"helped": "green", "hurt": "red", "only felt good": "yellow", "only felt bad": "yellow"}
EIGHTHS = " ▏▎▍▌▋▊▉"


Column: TypeAlias = tuple[str, Literal["name", "label", "bar", "number", "word"]]
"""Heading and kind of a column."""


@dataclass(frozen=True)
class Bar:
    """A bar of a share 0 … 1, in eighths of a column, or in ``#`` where the output knows no blocks."""

    share: float
    style: str = "cyan"

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Yield the bar."""
        full, part = divmod(round(self.share * BAR * 8), 8)
        text = "#" * round(self.share * BAR) if options.ascii_only else "█" * full + EIGHTHS[part].strip()
        yield Segment(text.ljust(BAR), Style.parse(self.style))

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        """Return the width, always that of a full bar."""
        return Measurement(BAR, BAR)


def run(summary: Mapping[str, Any]) -> Group:
    """Return a run: who ends on top, the measures with their units, the comparison with the record, and where things are.

    Parameters
    ----------
    summary : mapping
        What ``virtu run --json`` prints.
    """
    parts: list[RenderableType] = [head(summary), on_top(summary)]
    parts += measures(summary)
    parts += _personal(summary)
    parts += _check(summary)
    return Group(*parts, *footer(summary))


def head(summary: Mapping[str, Any]) -> Text:
    """Return what was run, in a line."""
    return Text.assemble((str(summary["scenario"]), "bold"), (f" · {account.design(summary)}", "dim"))


def comparison(comparison: Mapping[str, Any]) -> Group:
    """Return a comparison: one table an arm with its verdict, the outcome first.

    Parameters
    ----------
    comparison : mapping
        What ``virtu compare --json`` prints.
    """
    outcome, others, left_out = effects.chosen(comparison)
    head = f" · {wording.counted(comparison['histories'])} histories, each without and with the move · seed {comparison['seed']}"
    parts: list[RenderableType] = [Text.assemble((str(comparison["scenario"]), "bold"), (head, "dim"))]
    for arm in comparison["arms"]:
        parts += _arm(arm, [outcome, *others], comparison.get("unit", "tick"))
    if account.stopped(comparison):
        parts.append(Text(account.stopped(comparison)))
    if left_out:
        parts.append(Text(f"{left_out} more measures with --json.", style="dim"))
    return Group(*parts)


def validation(result: Mapping[str, Any]) -> Group:
    """Return published numbers beside ours: a table for each family, what could not be computed and why, and the counts.

    Parameters
    ----------
    result : mapping
        What ``virtu validate --json`` prints.
    """
    rows, gaps = result["rows"], result["gaps"]
    parts = [part for family in dict.fromkeys(row["family"] for row in rows) for part in _family(family, rows)]
    if gaps:
        columns: list[Column] = [("family", "word"), ("number or table", "label"), ("reason", "label")]
        parts.append(tabulated("Not computed", columns, [Row([wording.words(gap["family"]), gap["id"], gap["reason"]]) for gap in gaps]))
    counts = (f"{result['passed']} of {len(rows)} numbers are within their tolerance", f"{result['failed']} are not", f"{len(gaps)} gaps")
    return Group(*parts, Text(f"\n{', '.join(counts)}.", style="bold"), Text("Sources and all notes with --json.", style="dim"))


def scenarios(found: Iterable[AnyScenario]) -> Table:
    """Return the list of scenarios: name and arena, persons, time, title and summary.

    Parameters
    ----------
    found : iterable of Scenario or StreetScenario
        The scenarios.
    """
    rows = []
    for one in found:
        about = Text(one.title)
        if one.summary:
            about.append(f"\n{' '.join(one.summary.split())}", style="dim")
        time = Text(f"{one.ticks} {one.calendar.unit}s").append(f"\nfrom {one.calendar.start}" if one.calendar.start else "", style="dim")
        name = Text(one.scenario, style="bold").append(f"\n{one.arena}", style="not bold dim")
        rows.append(Row([name, str(len(one.actors)), time, about], last=True))
    return tabulated(None, [("scenario", "word"), ("persons", "number"), ("time", "word"), ("", "label")], rows)


class Row(NamedTuple):
    """A row of a table: its cells, its style, and whether a gap follows."""

    cells: Sequence[RenderableType]
    style: str = ""
    last: bool = False


def _family(family: str, numbers: Sequence[Mapping[str, Any]]) -> list[RenderableType]:
    """Return the table of a family, and below it the notes on what is out of tolerance."""
    mine = [row for row in numbers if row["family"] == family]
    rows = [
        Row(
            [
                row["id"],
                wording.tolerated(row["ours"], row["tolerance"]),
                wording.printed(row["published"]),
                wording.rough(row["difference"], plus=True),
                wording.rough(row["tolerance"]),
                Text("yes", "green") if row["pass"] else Text("no", "red"),
            ]
        )
        for row in mine
    ]
    columns: list[Column] = [("", "label"), ("ours", "number"), ("published", "number"), ("difference", "number"), ("tolerance", "number")]
    heading = f"{wording.words(family)}: {sum(row['pass'] for row in mine)} of {len(mine)} within tolerance"
    notes = [Text(f"{row['id']}: {row['note']}", style="dim") for row in mine if row["note"] and not row["pass"]]
    return [tabulated(heading, [*columns, ("within", "word")], rows), *notes]


def on_top(summary: Mapping[str, Any], title: str = "Who ends on top") -> Table:
    """Return how often each ends on top, with intervals; those who never do share a line."""
    shares = summary["on_top"]
    ranked = sorted(shares.items(), key=lambda item: (item[0] == COLLECTIVE, -item[1]["mean"]))
    first = max(shares, key=lambda name: shares[name]["mean"])
    never = [name for name, share in ranked if not share["mean"] and name != COLLECTIVE]
    rows = []
    for name, share in ranked:
        if name not in never:
            bar = Bar(share["mean"], "cyan" if name == first else "bright_black")
            cells = [wording.person(name), bar, wording.share(share["mean"]), wording.share_interval(share)]
            rows.append(Row(cells, "bold" if name == first else ""))
    table = tabulated(title, [("", "name"), ("", "bar"), ("share", "number"), ("95 % interval", "number")], rows)
    if never:
        # One line for all of them: rows of zeros say nothing.
        table.caption, table.caption_justify = Text(f"never: {', '.join(never)}"), "left"
    return table


def measures(summary: Mapping[str, Any]) -> list[RenderableType]:
    """Return the measures of the whole run, with intervals and units."""
    rows = [Row(row) for row in account.measures(summary)]
    columns: list[Column] = [("", "label"), ("mean", "number"), ("95 % interval", "number"), ("unit", "word")]
    return [tabulated("Measures", columns, rows)] if rows else []


def _personal(summary: Mapping[str, Any]) -> list[RenderableType]:
    """Return the measures of single persons, a few columns a table."""
    headings, people = account.personal(summary, brief=True)
    tables: list[RenderableType] = []
    for start in range(0, len(headings), MOST_COLUMNS):
        part = slice(start, start + MOST_COLUMNS)
        rows = [Row([name, *cells[part]]) for name, cells in people if any(cells[part])]
        columns: list[Column] = [("", "name"), *((heading, "number") for heading in headings[part])]
        tables.append(tabulated(None if start else "Person by person", columns, rows))
    return tables


def _check(summary: Mapping[str, Any]) -> list[RenderableType]:
    check = summary.get("history_check")
    if not check:
        return []
    agree = {True: Text("yes", "green"), False: Text("no", "red"), None: Text("never falls", "red")}
    rows = [Row([*row[:5], agree[row.agrees]]) for row in account.exits(summary)]
    columns: list[Column] = [("", "name"), ("record", "word"), ("falls in", "number"), ("median", "word"), ("95 % of dates", "word")]
    parts: list[RenderableType] = [tabulated("Beside the record", [*columns, ("agrees", "word")], rows)] if rows else []
    if check.get("record_on_top"):
        share = wording.share(account.on_record(check))
        parts.append(Text(f"On record on top: {wording.person(check['record_on_top'])}, as in {share} of the histories."))
    said = [account.order(summary), check.get("note")]
    return parts + [Text(str(line), style="dim") for line in said if line]


def footer(summary: Mapping[str, Any]) -> list[RenderableType]:
    """Return how long a run took, and where its record and report are."""
    timing, stopped = summary["timing"], account.stopped(summary)
    rate = f"{wording.counted(round(timing['histories_per_s']))} histories a second"
    said = [Text(f"\n{stopped}")] if stopped else []
    lines = [*said, Text(f"\nran {timing['run_s']:.1f} s ({rate}), compiled {timing['compile_s']:.1f} s", style="dim")]
    places = [(what, summary.get(what)) for what in ("record", "report")]
    return [*lines, *(Text(f"{what}:\u00a0{place}", overflow="fold") for what, place in places if place)]


def _arm(arm: Mapping[str, Any], names: Sequence[str], tick: str) -> list[RenderableType]:
    verdict = arm["verdict"]
    style = VERDICTS.get(verdict["word"], "")
    heading = Text.assemble("\n", (wording.doing(arm["do"]), "bold"))
    judged = Text(str(verdict["sentence"]), f"bold {style}".strip())
    effect = account.effects(arm["effects"], names, tick)
    rows = [Row(row[:-1], "" if place else "bold", last=not place) for place, row in enumerate(effect)]
    columns: list[Column] = [("", "label"), ("change", "number"), ("95 % interval", "number"), ("unit", "word")]
    table = tabulated(None, [*columns, ("same", "number"), ("more", "number"), ("less", "number")], rows)
    said = " ".join(filter(None, (account.felt(arm["felt"]), account.horizon(arm["pairing_horizon"]), account.shams(arm))))
    return [heading, judged, table, Text(said, style="dim")]


def tabulated(title: str | None, columns: Sequence[Column], rows: Sequence[Row]) -> Table:
    """Return a table in which only names are cut and only labels and headings of numbers wrap."""
    table = Table(
        title=Text(f"\n{title}", style="bold") if title else None,
        title_justify="left",
        box=box.SIMPLE_HEAD,
        padding=(0, 1, 0, 0),
        pad_edge=False,
        show_edge=False,
        header_style="dim",
    )
    for place, (heading, kind) in enumerate(columns):
        widths = [cell_len(str(row.cells[place])) for row in rows if isinstance(row.cells[place], str)]
        table.add_column(
            Text(heading),
            justify="right" if kind == "number" else "left",
            no_wrap=kind in ("name", "word"),
            overflow="ellipsis",
            min_width=None if kind in ("name", "label") else max([*widths, 0 if kind == "number" else cell_len(heading)]),
            max_width=LONGEST_NAME if kind == "name" else None,
        )
    for row in rows:
        table.add_row(*(Text(cell) if isinstance(cell, str) else cell for cell in row.cells), style=row.style, end_section=row.last)
    return table
