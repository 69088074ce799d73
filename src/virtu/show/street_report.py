"""The page of a run of the street: tables of what it found, and what it rests on."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from virtu.scenario.street_schema import StreetScenario
from virtu.show import account, series, street_account, street_figures, street_series, survival_figure, wording
from virtu.show.report import Draw, figure, places, write_page
from virtu.show.typical import as_log

if TYPE_CHECKING:
    import pyarrow as pa
    import xarray as xr
    from pyarrow.dataset import Dataset as Log


def drawings(dataset: xr.Dataset, summary: Mapping[str, Any], scenario: StreetScenario) -> dict[str, Draw]:
    """Return the figures of a run by name; arguments as of `virtu.show.report.drawings`."""
    drawn = series.drawn(dataset)
    true, seen = street_series.intensity(drawn)
    shares, clashes = street_series.support(drawn), street_series.incidents(drawn)
    pair = street_series.closest_to_running_away(drawn, scenario)
    return {
        "intensity": lambda width: street_figures.intensity(true, seen, width),
        "incidents": lambda width: street_figures.incidents(clashes, width),
        "supported": lambda width: street_figures.support(shares, width),
        "stability": lambda width: street_figures.stability(pair, width),
        **survival_figure.drawings(summary),
    }


def write(path: Path | str, dataset: xr.Dataset, events: pa.Table | Log, summary: Mapping[str, Any], scenario: StreetScenario) -> Path:
    """Write the report of a run; arguments, result and errors as in `virtu.show.report.write`."""
    dates = dataset["date"].values.astype(str)
    names, rows = street_account.camps(summary)
    changed, default = account.changed_and_default(scenario)
    page = {
        "scenario": scenario,
        "summary": summary,
        "design": account.design(summary),
        "first": wording.when(dates[0]),
        "last": wording.when(dates[-1]),
        "opening": street_account.opening(summary, scenario.title),
        "rulers": [(name, wording.share(one["mean"]), wording.share_interval(one)) for name, one in summary["on_top"].items()],
        "support": street_account.support(summary),
        "survival": None,
        **{name: figure(draw) for name, draw in drawings(dataset, summary, scenario).items()},
        "stopped": account.stopped(summary),
        "measures": account.measures(summary),
        "camps": names,
        "of_camps": rows,
        "findings": street_account.findings(summary),
        "ruler_on_record": street_account.ruler_on_record(summary),
        "check_note": (summary.get("history_check") or {}).get("note"),
        "assumed": {name: account.assumed(scenario, name) for name in scenario.actors},
        "changed": changed,
        "default": default,
        "logged": wording.counted(as_log(events).count_rows()),
        "places": places(scenario),
        "command": account.run_command(summary, scenario),
        "versions": summary["versions"],
        "whole": json.dumps(json.loads(scenario.canonical), indent=1, ensure_ascii=False),
    }
    return write_page(Path(path), "street.html.j2", page)
