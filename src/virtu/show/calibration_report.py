"""The report of a calibration: one HTML file with the answer, the figures, the tables, and how to get it again."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from virtu.scenario.arenas import AnyScenario
from virtu.show import calibration_figures as figures
from virtu.show import calibration_words as words
from virtu.show.answer_report import common
from virtu.show.report import figure, write_page


def write(path: Path | str, result: Mapping[str, Any], scenario: AnyScenario) -> Path:
    """Write the report of a calibration.

    Parameters
    ----------
    path : Path or str
        The HTML file; replaced when it exists.
    result : mapping
        What ``virtu fit SCENARIO --targets FACTS --json`` prints.
    scenario : Scenario
        What was fitted.

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
        "title": "fitted to facts",
        "design": words.design(result),
        "answers": words.answer(result),
        "densities": figure(lambda width: figures.densities(result, width)),
        "drawn": figure(lambda width: figures.facts(result, width)),
        "input_heads": words.INPUT_HEADS,
        "inputs": words.inputs(result),
        "about_inputs": words.ABOUT_INPUTS,
        "fact_heads": words.FACT_HEADS,
        "facts": words.facts(result),
        "about_facts": words.ABOUT_FACTS,
        "cited": [(one["measure"], one["source"]) for one in result["facts"] if one["source"]],
        "notes": words.notes(result),
    }
    return write_page(Path(path), "calibration.html.j2", page)
