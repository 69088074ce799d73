"""The report of an inference from choices: one HTML file with the answer, the figures, a table for each person, and how to get it again."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from virtu.show import infer_figures as figures
from virtu.show import infer_words as words
from virtu.show.report import Draw, figure, write_page


def drawings(result: Mapping[str, Any]) -> dict[str, Draw]:
    """Return the figures of an inference by name."""
    found: dict[str, Draw] = {
        "densities": lambda width: figures.densities(result, width),
        "chart": lambda width: figures.chart(result, width),
    }
    if len(result["densities"]) > 1:
        found["correlations"] = lambda width: figures.correlations(result, width)
    return found


def write(path: Path | str, result: Mapping[str, Any]) -> Path:
    """Write the report of an inference.

    Parameters
    ----------
    path : Path or str
        The HTML file; replaced when it exists.
    result : mapping
        What ``virtu infer --json`` prints.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    RunError
        If the disk refuses.
    """
    page = {
        "title": Path(result["table"]).name,
        "design": words.design(result),
        "answer": words.answer(result),
        "correlations": None,
        **{name: figure(draw) for name, draw in drawings(result).items()},
        "heads": words.TRAIT_HEADS,
        "people": {name: words.rows(result, name) for name in result["people"]},
        "chances": {name: words.chances(one) for name, one in result["people"].items()},
        "trade_offs": {name: [words.trade_off(pair) for pair in one["trade_offs"]] for name, one in result["people"].items()},
        "about_intervals": words.ABOUT_INTERVALS,
        "probes": words.probes(result),
        "line_heads": words.LINE_HEADS,
        "lines": words.lines(result),
        "prior": {name: value for name, value in result["prior"].items() if "fixed" not in value},
        "notes": words.notes(result),
        "command": words.command(result),
        "seed": result["seed"],
        "versions": result["versions"],
    }
    return write_page(Path(path), "infer.html.j2", page)
