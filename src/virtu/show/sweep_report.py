"""The report of a sweep: one HTML file with the answer, the figures, the tables, and how to get it again."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from virtu.scenario.arenas import AnyScenario
from virtu.show import discovery_words, wording
from virtu.show import sweep_figures as figures
from virtu.show import sweep_words as words
from virtu.show.answer_report import common
from virtu.show.report import figure, write_page


def write(path: Path | str, result: Mapping[str, Any], scenario: AnyScenario) -> Path:
    """Write the report of a sweep.

    Parameters
    ----------
    path : Path or str
        The HTML file; replaced when it exists.
    result : mapping
        What ``virtu sweep --json`` prints.
    scenario : Scenario
        What was run.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    RunError
        If the disk refuses.
    """
    page = common(scenario, result, words.command(result)) | {
        "title": words.title(result),
        "design": words.design(result),
        "answers": [words.answer(result, one) for one in result["measures"]],
        "measures": [_measured(result, one) for one in result["measures"]],
        "found": [
            {"rule": one["rule"], "answer": discovery_words.answer(one), "rows": discovery_words.rows(one)}
            for one in result.get("discovery", ())
        ],
        "about_boxes": discovery_words.ABOUT,
        "inputs": [{**one, "range": f"{one['low']:g} to {one['high']:g}"} for one in result["design"]["inputs"]],
    }
    return write_page(Path(path), "sweep.html.j2", page)


def _measured(result: Mapping[str, Any], measured: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the page says of one measure."""
    has_map = len(result["design"]["inputs"]) > 1
    has_indices = bool(words.index_names(measured))
    return {
        "name": wording.measure(measured["measure"]),
        "variance": words.variance(measured),
        "main": figure(lambda width: figures.main_effects(result, measured, width)),
        "map": figure(lambda width: figures.phase_map(result, measured, width)) if has_map else None,
        "indices": figure(lambda width: figures.indices(result, measured, width)) if has_indices else None,
        "why_not": "" if has_indices else words.about_indices(measured),
        "heads": words.index_names(measured),
        "rows": words.lines(result, measured),
    }
