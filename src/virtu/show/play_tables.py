"""A game in the terminal: where it stands, what is known and can be done, and how it ended."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text

from virtu.show import play_words
from virtu.show.tables import Column, Row, tabulated


def game(told: Mapping[str, Any]) -> Group:
    """Return a game.

    Parameters
    ----------
    told : mapping
        What ``virtu play --json`` prints.
    """
    parts: list[RenderableType] = [Text(line) for line in play_words.standing(told)]
    if told["view"] is not None:
        parts += _open(told)
    elif "reckoning" in told:
        parts += _ended(told)
    return Group(*parts, Text(f"\n{play_words.command(told, told['scenario'])}", style="dim"))


def _open(told: Mapping[str, Any]) -> list[RenderableType]:
    view, hints = told["view"], told.get("hints")
    parts: list[RenderableType] = [Text(f"{date}  {said}", style="dim") for date, said in play_words.heard(view)]
    parts.append(_table("Who is where, as you see it", play_words.KNOWN, play_words.known(view)))
    parts.append(_table("What you can do", play_words.OPEN, play_words.options(hints["moves"] if hints else view["options"])))
    left = len(view["options"]) - play_words.MOST_OPTIONS
    parts += [Text(f"{left} more moves with --json.", style="dim")] if left > 0 else []
    return parts + ([Text(play_words.advised(hints, told["unit"]), style="dim")] if hints else [])


def _ended(told: Mapping[str, Any]) -> list[RenderableType]:
    end = told["reckoning"]
    parts: list[RenderableType] = [Text(play_words.ended(end), style="bold")]
    parts.append(_table("Score", play_words.RESULTS, play_words.results(end, told["unit"])))
    if end["moves"]:
        parts.append(_table("Your moves", ("", "yours", "what the model would have done"), play_words.chosen(end)))
    parts.append(_table("What was believed at the end", play_words.BELIEFS, play_words.beliefs(end)))
    parts += [Text(f"{date}  {said}") for date, said in play_words.happened(told["log"])]
    return [*parts, Text("One history is an illustration. What these moves do on average:", style="dim"), _again(told)]


def _again(told: Mapping[str, Any]) -> Text:
    return Text(play_words.again(told, told["scenario"]), style="dim")


def _table(title: str, headings: tuple[str, ...], rows: list[list[str]]) -> RenderableType:
    columns: list[Column] = [(heading, "number" if place else "label") for place, heading in enumerate(headings)]
    return tabulated(title, columns, [Row(row) for row in rows])
