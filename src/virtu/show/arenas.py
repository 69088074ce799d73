"""How results of each arena are shown: one value an arena, chosen by what a result says of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from rich.console import Group

from virtu.show import report, street_report, street_tables, tables
from virtu.show.report import Draw


class Shown(NamedTuple):
    """What shows the results of an arena."""

    run: Callable[[Mapping[str, Any]], Group]  # a run in the terminal, from what ``virtu run --json`` prints
    comparison: Callable[[Mapping[str, Any]], Group]  # the same of ``virtu compare``
    report: Callable[[Path, Any, Any, Mapping[str, Any], Any], Path]  # writes the page of a run: path, dataset, events, summary, scenario
    drawings: Callable[[Any, Mapping[str, Any], Any], dict[str, Draw]]  # figures of a run by name: dataset, summary, scenario
    compared: Callable[[Path, Mapping[str, Any], Any, Mapping[str, str]], Path]  # of a comparison: path, comparison, scenario, versions


SHOWN: dict[str, Shown] = {
    "organisation": Shown(tables.run, tables.comparison, report.write, report.drawings, report.write_comparison),
    "street": Shown(street_tables.run, tables.comparison, street_report.write, street_report.drawings, report.write_comparison),
}
"""All arenas by the name that results give; those of the organisation, which came first, give none."""


def shown(result: Mapping[str, Any]) -> Shown:
    """Return what shows a result, such as the summary of a run."""
    return SHOWN[result.get("arena", "organisation")]
