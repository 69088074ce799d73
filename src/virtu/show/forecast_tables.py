"""What the terminal shows of a forecast: the answer first, then the models on the scale, who decides, which input matters, what if."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import compress
from typing import Any

from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.measure import Measurement
from rich.segment import Segment
from rich.style import Style
from rich.text import Text

from virtu.show import forecast_words as words
from virtu.show import wording
from virtu.show.tables import Column, Row, tabulated

WIDTH = 30
"""Columns of a drawn scale."""

MOST_INPUTS = 8
"""Most rows of the tornado; all are in the JSON."""

MOST_ACTORS = 24
"""Most actors shown, those of most weight."""


@dataclass(frozen=True)
class Strip:
    """A scale with a range and a point on it, each as a share of its length."""

    point: float
    low: float | None
    high: float | None
    style: str = "cyan"

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Yield the strip."""
        ground, line, mark = (".", "-", "o") if options.ascii_only else ("·", "━", "●")
        at, low, high = (self._column(one) for one in (self.point, self.low, self.high))
        for column in range(WIDTH):
            inside = low is not None and high is not None and low <= column <= high
            text = mark if column == at else line if inside else ground
            yield Segment(text, Style.parse(self.style if text != ground else "bright_black"))

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        """Return the width, always that of the whole scale."""
        return Measurement(WIDTH, WIDTH)

    def _column(self, share: float | None) -> int | None:
        return None if share is None else min(WIDTH - 1, max(0, round(share * (WIDTH - 1))))


def forecast(result: Mapping[str, Any]) -> Group:
    """Return a forecast.

    Parameters
    ----------
    result : mapping
        What ``virtu forecast --json`` prints.
    """
    parts: list[RenderableType] = [Text(str(result["table"]), style="bold"), Text(words.design(result), style="dim")]
    several = len(result["issues"]) > 1
    for name, issue in result["issues"].items():
        parts += [Text(f"\n{name}", style="bold underline")] if several else []
        parts += [Text(f"\n{issue_answer}", style="bold" if first else "") for first, issue_answer in _sentences(issue)]
        parts += [_models(issue), *_rounds(issue), _deciding(issue), *_notes(issue), *_tornado(result, issue)]
        parts += _arms(result["arms"], name, issue)
    parts += [Text(f"\n{note}" if place == 0 else note, style="dim") for place, note in enumerate(result["notes"])]
    if result.get("report"):
        parts.append(Text(f"\nreport:\u00a0{result['report']}", overflow="fold"))
    return Group(*parts)


def _sentences(issue: Mapping[str, Any]) -> list[tuple[bool, str]]:
    first, *rest = words.answer(issue)
    return [(True, first), (False, " ".join(rest))]


def _models(issue: Mapping[str, Any]) -> RenderableType:
    """Return the forecasts, each with its range and its place on the scale, and its errors where the outcome is known."""
    scale, scores = issue["scale"], issue["scores"]
    drawn = issue["models"]["baseline"]["low"] is not None
    columns: list[Column] = [
        ("", "word"),
        ("forecast", "number"),
        ("95 % range", "number"),
        ("", "bar"),
        ("error", "number"),
        ("CRPS", "number"),
    ]
    kept = [True, True, drawn, True, bool(scores), bool(scores) and drawn]
    rows = []
    for model, label in words.MODELS.items():
        one = issue["models"][model]
        first = model == "baseline"
        errors = [words.place(one, scale) for one in scores["models"][model].values()] if scores else ["", ""]
        strip = _strip(one, scale, "cyan" if first else "bright_blue")
        cells = [label, words.place(one["point"], scale), words.span(one, scale), strip, *errors]
        rows.append(Row(list(compress(cells, kept)), "bold" if first else "", last=bool(scores) and model == "spatial_bargaining"))
    if scores:
        came = _strip({"point": scores["actual"], "low": None, "high": None}, scale, "green")
        rows.append(Row(list(compress(["outcome", words.place(scores["actual"], scale), "", came, "", ""], kept))))
    title = f"Forecasts on the scale from {words.ends(scale)}, {words.SOURCES[scale['source']]}"
    return tabulated(title, list(compress(columns, kept)), rows)


def _strip(one: Mapping[str, Any], scale: Mapping[str, Any], style: str) -> Strip:
    length = scale["high"] - scale["low"]
    point, low, high = (None if one[key] is None else (one[key] - scale["low"]) / length for key in ("point", "low", "high"))
    return Strip(point or 0.0, low, high, style)


def _rounds(issue: Mapping[str, Any]) -> list[RenderableType]:
    """Return the rounds of the expected-utility model in one table, and how models differ and bargains end."""
    scale, rounds = issue["scale"], issue["rounds"]
    columns: list[Column] = [("round", "word"), *((str(one["round"]), "number") for one in rounds)]
    rows = [Row([kind, *(words.place(one[kind]["point"], scale) for one in rounds)]) for kind in ("median", "mean")]
    said = [words.disagreement(issue), words.turns(issue), words.outside(issue)]
    notes = [Text(line, style="dim") for line in said if line]
    return [*notes, tabulated("Expected utility, round by round", columns, rows)]


def _deciding(issue: Mapping[str, Any]) -> RenderableType:
    """Return who decides: weight, power at a majority, the median, the ruling coalition, the last word."""
    scale, pivotal, coalition = issue["scale"], issue["pivotal"], issue["coalition"]
    drawn = issue["models"]["baseline"]["low"] is not None
    names = sorted(pivotal["actors"], key=lambda name: -pivotal["actors"][name]["share"])
    rows = []
    for name in names[:MOST_ACTORS]:
        one, word = pivotal["actors"][name], issue["last_word"]["actors"][name]
        holds = wording.share(one["holds_median"], 0) if drawn else "yes" if name in pivotal["median_holders"] else ""
        member = wording.share(coalition["inside"][name]["mean"], 0) if coalition["inside"] else ""
        inside = Text("in", "green") if name in coalition["members"] else Text("out", "red")
        rows.append(
            Row(
                [
                    name,
                    words.place(issue["positions"][name]["position"]["value"], scale),
                    wording.share(one["share"]),
                    wording.share(one["banzhaf"]["point"]),
                    wording.share(one["shapley_shubik"]["point"]),
                    holds,
                    Text.assemble(inside, f" {member}" if member else ""),
                    words.place(word["shift"]["point"], scale, plus=True),
                ]
            )
        )
    kinds = ("position", "weight", "Banzhaf", "Shapley–Shubik", "median", "coalition", "last word")
    columns: list[Column] = [("", "name"), *((kind, "number") for kind in kinds)]
    shown = tabulated("Who decides", columns, rows)
    if len(names) > MOST_ACTORS:
        shown.caption, shown.caption_justify = Text(f"{len(names) - MOST_ACTORS} more with less weight"), "left"
    return shown


def _notes(issue: Mapping[str, Any]) -> list[RenderableType]:
    indices = "Power indices: a majority is more than half of the weight."
    return [Text(line, style="dim") for line in (f"{indices} {words.coalition(issue)}", words.last_word(issue))]


def _tornado(result: Mapping[str, Any], issue: Mapping[str, Any]) -> list[RenderableType]:
    """Return the inputs that move the baseline most, with what they do to it and to the spatial bargain."""
    scale, found = issue["scale"], issue["tornado"]
    rows = []
    for row in found[:MOST_INPUTS]:
        moved = [f"{words.place(low, scale, plus=True)} / {words.place(high, scale, plus=True)}" for low, high in _both(row)]
        rows.append(Row([words.row_of(row), f"{wording.number(row['from'])} … {wording.number(row['to'])}", *moved]))
    columns: list[Column] = [("", "word"), ("from … to", "number"), ("baseline", "number"), ("spatial bargain", "number")]
    rest = f" {len(found) - MOST_INPUTS} more with --json." if len(found) > MOST_INPUTS else ""
    return [tabulated("Which input matters", columns, rows), Text(words.varied(result) + rest, style="dim")] if rows else []


def _both(row: Mapping[str, Any]) -> Sequence[Sequence[float]]:
    return [row["models"][model] for model in ("baseline", "spatial_bargaining")]


def _arms(arms: Sequence[Mapping[str, Any]], name: str, issue: Mapping[str, Any]) -> list[RenderableType]:
    """Return a table an arm: the change of every forecast."""
    scale, parts = issue["scale"], []
    heads = ("change", "mean of draws", "95 % of draws", "up", "down", "same")
    columns: list[Column] = [("", "word"), *((head, "number") for head in heads)]
    for arm in arms:
        rows = []
        for model, label in words.MODELS.items():
            one = arm["issues"][name][model]
            change = "exactly 0" if words.exact(one) else words.place(one["point"], scale, plus=True)
            shares = [wording.share(one[key], 0) for key in ("up", "down", "same")]
            cells = [label, change, words.place(one["mean"], scale, plus=True), words.span(one, scale), *shares]
            rows.append(Row(cells if one["low"] is not None else cells[:2], "bold" if model == "baseline" else ""))
        parts.append(tabulated(f"What if: {wording.doing(arm['do'])}", columns[: len(rows[0].cells)], rows))
    return parts
