"""A run kept on disk: its record, and the report beside it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa

    from virtu.scenario import AnyScenario


def keep(out: Path, dataset: Any, summary: dict[str, Any], scenario: AnyScenario, log: pa.Table | None = None) -> dict[str, str]:
    """Write record and report; return where they are.

    Parameters
    ----------
    out : Path
        The directory.
    dataset : xarray.Dataset
        The histories.
    summary : dict
        What ``virtu run --json`` prints.
    scenario : Scenario or StreetScenario
        The scenario that was run.
    log : pyarrow.Table, optional
        The log of events where it is known already.
    """
    from virtu.laboratory.events import events
    from virtu.record import store
    from virtu.show.arenas import shown

    log = events(dataset) if log is None else log
    page = out.parent / f"{out.name}.report.html.partial"
    where = {"record": str(out), "report": str(out / "report.html")}
    text = scenario.text if scenario.extends is None else scenario.canonical
    store.write(out, dataset, log, summary | where, text)
    shown(summary).report(page, dataset, log, summary | where, scenario)
    page.replace(out / "report.html")
    return where
