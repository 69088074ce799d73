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
from virtu.show.report import Draw, figure, write_page


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


def drawings(result: Mapping[str, Any], measured: Mapping[str, Any]) -> dict[str, Draw]:
    """Return the figures of one measure of a sweep by name: main, map and indices, those that there are."""
    found: dict[str, Draw] = {"main": lambda width: figures.main_effects(result, measured, width)}
    if len(result["design"]["inputs"]) > 1:
        found["map"] = lambda width: figures.phase_map(result, measured, width)
    if words.index_names(measured):
        found["indices"] = lambda width: figures.indices(result, measured, width)
    return found


def _measured(result: Mapping[str, Any], measured: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the page says of one measure."""
    drawn = drawings(result, measured)
    return {
        "name": wording.measure(measured["measure"]),
        "variance": words.variance(measured),
        **{name: figure(drawn[name]) if name in drawn else None for name in ("main", "map", "indices")},
        "why_not": "" if "indices" in drawn else words.about_indices(measured),
        "heads": words.index_names(measured),
        "rows": words.lines(result, measured),
    }
