"""The report of a fitted process of incidents: one HTML file with the answer, the figures, all tables, and how to get it again."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from virtu.show import fit_figures as figures
from virtu.show import fit_words as words
from virtu.show.report import Draw, figure, write_page

ALL = 500
"""Most pieces of background there can be: all are in the report."""


def drawings(result: Mapping[str, Any]) -> dict[str, Draw]:
    """Return the figures of a fit by name."""
    return {
        "periods": lambda width: figures.periods(result, width),
        "branching": lambda width: figures.branching(result, width),
        "pieces": lambda width: figures.pieces(result, width),
        "residuals": lambda width: figures.residuals(result, width),
    }


def write(path: Path | str, result: Mapping[str, Any]) -> Path:
    """Write the report of a fit.

    Parameters
    ----------
    path : Path or str
        The HTML file; replaced when it exists.
    result : mapping
        What ``virtu fit --json`` prints.

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
        **{name: figure(draw) for name, draw in drawings(result).items()},
        "rows": words.rows(result),
        "about_intervals": words.ABOUT_INTERVALS,
        "reach": words.reach(result),
        "sides": result["sides"],
        "backgrounds": words.backgrounds(result, ALL),
        "criteria_heads": words.CRITERIA_HEADS,
        "criteria": words.criteria(result),
        "about_criteria": words.about_criteria(result),
        "severity_heads": words.SEVERITY_HEADS,
        "severities": words.severities(result),
        "about_severities": words.about_severities(result) if result["severity"] is not None else "",
        "residual_heads": words.RESIDUAL_HEADS,
        "residual_rows": words.residuals(result),
        "fitting": words.fitting(result),
        "snippet": words.snippet(result),
        "notes": result["notes"],
        "command": words.command(result),
        "seed": result["seed"],
        "versions": result["versions"],
    }
    return write_page(Path(path), "fit.html.j2", page)
