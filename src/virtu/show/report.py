"""One HTML file that says what a run or a comparison found: no network, no script, nothing beside it.

Figures are drawn twice, for a wide and for a narrow page, and the page shows the one that fits; their text stays text. All
text of the scenario is escaped.
"""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from virtu.record.export import replacing
from virtu.scenario.arenas import AnyScenario
from virtu.scenario.schema import COLLECTIVE, Scenario
from virtu.show import account, effects, figures, series, survival_figure, wording
from virtu.show.typical import ROUTINE, as_log, logged, told, typical

if TYPE_CHECKING:
    import pyarrow as pa
    import xarray as xr
    from pyarrow.dataset import Dataset as Log

WIDE, SMALL = 732, 340
"""Widths of the two drawings of a figure, pixels."""

KEPT = frozenset(
    ("width", "height", "viewBox", "transform", "d", "fill", "stroke", "opacity", "x1", "x2", "y1", "y2", "x", "y", "dx", "dy")
)
"""Attributes of a drawing that are kept, with those that start with font, text, fill or stroke."""

SVG = "http://www.w3.org/2000/svg"


Draw: TypeAlias = Callable[[int], Any]
"""Draws a figure for a width in pixels."""


class Figure(NamedTuple):
    """A figure as the page shows it: title and caption as text, and two drawings."""

    title: str
    caption: str
    wide: str
    narrow: str


def write(path: Path | str, dataset: xr.Dataset, events: pa.Table | Log, summary: Mapping[str, Any], scenario: Scenario) -> Path:
    """Write the report of a run.

    Parameters
    ----------
    path : Path or str
        The HTML file; replaced when it exists.
    dataset : xarray.Dataset
        The histories; those of a run that is kept are read block by block.
    events : pyarrow.Table or pyarrow.dataset.Dataset
        The log of events; may be empty.
    summary : mapping
        What ``virtu run --json`` prints.
    scenario : Scenario
        The scenario that was run.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    RunError
        If the disk refuses.
    """
    return write_page(Path(path), "report.html.j2", _run_page(dataset, events, summary, scenario))


def write_comparison(path: Path | str, comparison: Mapping[str, Any], scenario: AnyScenario, versions: Mapping[str, str]) -> Path:
    """Write the report of a comparison.

    Parameters
    ----------
    path : Path or str
        The HTML file; replaced when it exists.
    comparison : mapping
        What ``virtu compare --json`` prints.
    scenario : Scenario or StreetScenario
        The scenario the moves were tried in.
    versions : mapping
        Software by name, with its version.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    RunError
        If the disk refuses.
    """
    outcome, others, _ = effects.chosen(comparison)
    page = {
        "scenario": scenario,
        "places": places(scenario),
        "comparison": comparison,
        "outcome": wording.measure(outcome),
        "histories": wording.counted(comparison["histories"]),
        "stopped": account.stopped(comparison),
        "arms": [_arm(arm, [outcome, *others], comparison.get("unit", "tick")) for arm in comparison["arms"]],
        **{name: figure(draw) for name, draw in compared(comparison).items()},
        "command": account.compare_command(comparison),
        "versions": versions,
    }
    return write_page(Path(path), "comparison.html.j2", page)


def write_page(path: Path, template: str, page: Mapping[str, Any]) -> Path:
    """Write a page of a template; its values are escaped.

    Parameters
    ----------
    path : Path
        The HTML file; replaced when it exists.
    template : str
        Name of a file of `virtu.show.templates`.
    page : mapping
        What the template names; a name it has and the page does not is an error.

    Raises
    ------
    RunError
        If the disk refuses.
    """
    html = rendered(template, page)
    with replacing(path) as partial:
        partial.write_text(html, encoding="utf-8")
    return path


def rendered(template: str, page: Mapping[str, Any]) -> str:
    """Return a template of `virtu.show.templates` filled in; all values are escaped, and a name that the page lacks is an error."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    shelf = Environment(
        loader=PackageLoader("virtu.show"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    return shelf.get_template(template).render(page)


def drawings(dataset: xr.Dataset, summary: Mapping[str, Any], scenario: Scenario) -> dict[str, Draw]:
    """Return the figures of a run by name; arguments as of `write`."""
    drawn, who = series.drawn(dataset), series.winner(dataset)
    bands = series.strength_bands(drawn)
    estimates: dict[str, Draw] = {"estimates": lambda width: figures.believed_and_true(drawn, who, width)} if who else {}
    return {
        "on_top": lambda width: figures.on_top(summary, width),
        "strength": lambda width: figures.strength(bands, width),
        **estimates,
        "dependence": lambda width: figures.dependence(dataset, width),
        "falls": lambda width: figures.falls(dataset, scenario.record, width),
        **survival_figure.drawings(summary),
    }


def compared(comparison: Mapping[str, Any]) -> dict[str, Draw]:
    """Return the figures of a comparison by name, from what ``virtu compare --json`` prints."""
    return {"effects": lambda width: figures.comparison(comparison, width)}


def _run_page(dataset: xr.Dataset, events: pa.Table | Log, summary: Mapping[str, Any], scenario: Scenario) -> dict[str, Any]:
    """Return everything the page of a run shows."""
    changed, default = account.changed_and_default(scenario)
    dates = dataset["date"].values.astype(str)
    return {
        "scenario": scenario,
        "summary": summary,
        "design": account.design(summary),
        "first": wording.when(dates[0]),
        "last": wording.when(dates[-1]),
        "opening": account.opening(dataset, summary, scenario),
        "estimates": None,
        "survival": None,
        **{name: figure(draw) for name, draw in drawings(dataset, summary, scenario).items()},
        "exits": account.exits(summary),
        "order": account.order(summary),
        "check_note": (summary.get("history_check") or {}).get("note"),
        "stopped": account.stopped(summary),
        "measures": account.measures(summary),
        "personal": account.personal(summary),
        "assumed": {name: account.assumed(scenario, name) for name in scenario.actors},
        "changed": changed,
        "default": default,
        "places": places(scenario),
        "command": account.run_command(summary, scenario),
        "versions": summary["versions"],
        "whole": json.dumps(json.loads(scenario.canonical), indent=1, ensure_ascii=False),
        **_typical_history(dataset, as_log(events), summary),
    }


def _typical_history(dataset: xr.Dataset, log: Log, summary: Mapping[str, Any]) -> dict[str, Any]:
    """Return the story of the most typical history of those whose events were kept, and what it is typical of."""
    if not log.count_rows():
        return {"story": None, "told_of": "", "left_out": ""}
    history = typical(dataset, logged(log))
    on_top = int(dataset["on_top"].sel(history=history))
    ending = str(dataset["actor"].values[on_top]) if on_top >= 0 else COLLECTIVE
    share = wording.share(summary["on_top"][ending]["mean"])
    outcome = "nobody leads at the end" if on_top < 0 else f"{ending} ends on top"
    said = (
        f"History {wording.counted(history)} of {wording.counted(summary['histories'])} (counted from 0). In it {outcome}, as in "
        f"{share} of all histories; of these, its first losses of seats lie nearest to the median dates."
    )
    story = told(log, history)
    return {"story": story, "told_of": said, "left_out": left_out(story.left_out)}


def left_out(counts: Mapping[str, int]) -> str:
    """Return how many moves of each kind a story leaves out, those of every day last."""
    routine = {move: count for move, count in counts.items() if move in ROUTINE}
    rest = {move: count for move, count in counts.items() if move not in ROUTINE}
    parts = [f"{wording.counted(count)} × {wording.words(move)}" for group in (rest, routine) for move, count in group.items()]
    return ", ".join(parts)


def _arm(arm: Mapping[str, Any], drawn: Sequence[str], tick: str) -> dict[str, Any]:
    """Return what the page says of one arm: verdict, felt effect, horizon, and one row a measure, those drawn first."""
    rest = [name for name in arm["effects"] if name not in drawn]
    return {
        "doing": wording.doing(arm["do"]),
        "verdict": arm["verdict"]["sentence"],
        "felt": account.felt(arm["felt"]),
        "horizon": account.horizon(arm["pairing_horizon"]),
        "shams": account.shams(arm),
        "rows": account.effects(arm["effects"], drawn, tick),
        "rest": account.effects(arm["effects"], rest, tick),
    }


def places(scenario: AnyScenario) -> dict[str, int]:
    """Return the number under which each source is cited."""
    return {key: number for number, key in enumerate(scenario.sources, start=1)}


def figure(draw: Draw) -> Figure:
    """Return a figure as the page shows it, drawn for both widths by a function that takes a width in pixels."""
    wide, narrow = (draw(width).to_dict(validate=False) for width in (WIDE, SMALL))
    return Figure(" ".join(wide["title"]["text"]), " ".join(wide["title"]["subtitle"]), _drawing(wide), _drawing(narrow))


def _drawing(chart: dict[str, Any]) -> str:
    """Return a figure as SVG to stand in a page, its title left to the page."""
    import altair as alt
    import vl_convert

    bare = {key: value for key, value in chart.items() if key != "title"} | {"background": "transparent"}
    version = ".".join(alt.SCHEMA_VERSION.removeprefix("v").split(".")[:2])
    drawn = ET.fromstring(vl_convert.vegalite_to_svg(json.dumps(bare), vl_version=version))
    for element in drawn.iter():
        element.tag = element.tag.removeprefix(f"{{{SVG}}}")
        element.attrib = {key: _short(key, value) for key, value in element.attrib.items() if _is_kept(key)}
    return ET.tostring(drawn, encoding="unicode")


def _is_kept(attribute: str) -> bool:
    return attribute in KEPT or attribute.startswith(("font-size", "font-weight", "text-anchor", "fill-", "stroke-"))


def _short(attribute: str, value: str) -> str:
    """Return the value with coordinates rounded to a hundredth of a pixel, which halves the file."""
    return re.sub(r"(\.\d\d)\d+", r"\1", value) if attribute in ("d", "transform") else value
