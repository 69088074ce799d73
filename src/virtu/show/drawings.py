"""All figures of a result that is kept, by name, as files of their own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from virtu.errors import InputError, Place, did_you_mean
from virtu.record import directory, store
from virtu.scenario import loads
from virtu.show import calibration_report, fit_report, forecast_report, infer_report, reasons, report, sweep_report, windows
from virtu.show.arenas import shown
from virtu.show.figures import save
from virtu.show.report import Draw

FORMATS = ("png", "svg", "pdf")

RESULTS = ("why", "when", "forecast", "fit", "calibration", "inference")
"""Kinds of results that are kept as one JSON file in a folder."""


def of(place: Path) -> dict[str, Draw]:
    """Return the figures of what a folder holds, by name.

    Parameters
    ----------
    place : Path
        The folder that ``--out`` named: of a run, a comparison or a sweep, or with ``why.json``, ``when.json``, ``forecast.json``,
        ``fit.json``, ``calibration.json`` or ``inference.json``.

    Returns
    -------
    dict
        Functions that take a width in pixels and return a chart of Altair, in the order of the report.

    Raises
    ------
    InputError
        If the folder holds no result, or one that is unfinished or damaged.
    """
    if directory.is_run(place):
        return _recorded(place)
    kind = next((kind for kind in RESULTS if (place / f"{kind}.json").is_file()), None)
    if kind is None:
        known = ", ".join(f"{name}.json" for name in RESULTS)
        raise InputError("there are no results here", f"name a folder that --out named; it holds run.json, {known}", Place(str(place)))
    path = place / f"{kind}.json"
    result, again = directory.read_json(path, "run it again"), ("run it again", Place(str(path)))
    if not result:
        raise InputError(f"{path.name} is damaged: it holds no result", *again)
    try:
        return _of_result(kind, result)
    except (KeyError, TypeError, AttributeError) as error:
        raise InputError(f"{path.name} is damaged: {error} is not as it should be", *again) from None


def write(drawn: Mapping[str, Draw], names: Sequence[str], form: str, folder: Path, width: int) -> list[Path]:
    """Write figures to files.

    Parameters
    ----------
    drawn : mapping
        From `of`.
    names : sequence of str
        Which; all where there are none.
    form : str
        png (with twice the pixels), svg or pdf.
    folder : Path
        Where to; made with its parents.
    width : int
        Width of the drawing in pixels, 200 to 4000; parts of a figure are put below one another where it is narrow.

    Returns
    -------
    list of Path
        The files, each named after its figure; those there before are replaced.

    Raises
    ------
    InputError
        If there is no such figure or format, or the width is out of range.
    RunError
        If the disk refuses.
    """
    if form not in FORMATS:
        raise InputError(f"unknown format {form!r}", did_you_mean(form, FORMATS))
    if not 200 <= width <= 4000:
        raise InputError(f"the width must lie between 200 and 4000 pixels, found {width}")
    for name in names:
        if name not in drawn:
            raise InputError(f"there is no figure {name!r} of this result", did_you_mean(name, drawn))
    return [save(drawn[name](width), folder / f"{_as_file(name)}.{form}") for name in names or drawn]


def _as_file(name: str) -> str:
    return "".join(letter if letter.isalnum() or letter in "-_." else "-" for letter in name)[:120]


def _recorded(place: Path) -> dict[str, Draw]:
    about = store.checked(place)
    told = about["summary"]
    if about["kind"] == "comparison":
        return report.compared(told)
    if about["kind"] == "sweep":
        return _named({one["measure"]: sweep_report.drawings(told, one) for one in told["measures"]})
    run = store.read(place)
    return shown(told).drawings(run.dataset, told, loads(run.scenario_text, "the scenario of the run"))


def _of_result(kind: str, result: Mapping[str, Any]) -> dict[str, Draw]:
    if kind == "forecast":
        return _named({name: forecast_report.drawings(result, name) for name in result["issues"]})
    if kind == "why":
        return {"attribution": lambda width: reasons.attribution(result, width)}
    if kind == "when":
        return {"window": lambda width: windows.window(result, width)}
    told = {"fit": fit_report, "calibration": calibration_report, "inference": infer_report}
    return told[kind].drawings(result)


def _named(groups: Mapping[str, Mapping[str, Draw]]) -> dict[str, Draw]:
    """Return the figures of several measures or issues; where there are several, with their names."""
    alone = len(groups) == 1
    return {name if alone else f"{name}-{group}": draw for group, drawn in groups.items() for name, draw in drawn.items()}
