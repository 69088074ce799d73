"""Reports of questions, one HTML file each, in the look of all reports."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from virtu.scenario.arenas import AnyScenario
from virtu.scenario.schema import Scenario
from virtu.show import reasons, windows, wording
from virtu.show.report import figure, places, write_page


def write_why(path: Path | str, result: Mapping[str, Any], scenario: AnyScenario) -> Path:
    """Write the report of an attribution.

    Parameters
    ----------
    path : Path or str
        The HTML file; replaced when it exists.
    result : mapping
        What ``virtu why --json`` prints.
    scenario : Scenario
        The scenario it is about.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    RunError
        If the disk refuses.
    """
    page = common(scenario, result, reasons.command(result)) | {
        "title": f"Why: {wording.measure(result['measure'])}",
        "design": reasons.design(result),
        "answer": reasons.answer(result),
        "drawn": figure(lambda width: reasons.attribution(result, width)),
        "rows": reasons.reasons(result),
        "intervals": result["intervals"],
        "done": {one["factor"]: one["neutral"] for one in result["factors"]},
    }
    return write_page(Path(path), "why.html.j2", page)


def write_when(path: Path | str, result: Mapping[str, Any], scenario: Scenario) -> Path:
    """Write the report of the window of a move; arguments, result and errors as in `write_why`."""
    rows = windows.moments(result)
    page = common(scenario, result, windows.command(result)) | {
        "title": f"When: {wording.doing(result['move'])}",
        "design": windows.design(result),
        "answer": windows.answer(result),
        "drawn": figure(lambda width: windows.window(result, width)),
        "rows": rows,
        "unit": wording.points(result["outcome_unit"], result["unit"]),
        "forced": any(row.made for row in rows),
    }
    return write_page(Path(path), "when.html.j2", page)


def common(scenario: AnyScenario, result: Mapping[str, Any], command: str) -> dict[str, Any]:
    """Return what the page of every question says: what it is about, and how to get it again."""
    return {
        "scenario": scenario,
        "places": places(scenario),
        "seed": result["seed"],
        "command": command,
        "versions": result["versions"],
    }
