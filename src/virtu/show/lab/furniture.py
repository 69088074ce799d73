"""What all parts of the page share: its look, how errors and errands are shown, and text that is only ever text."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from nicegui import ui

from virtu.errors import Fault, ScenarioError, VirtuError
from virtu.show import wording
from virtu.show.lab.desk import Errand
from virtu.show.report import rendered

BEAT = 0.5
"""Seconds between two looks at an errand."""


def furnish(title: str, *, home: bool = True) -> None:
    """Give a page its look, its title and the bar at its top."""
    ui.page_title(title)
    ui.colors(primary="#0072b2")
    ui.dark_mode(None)
    ui.query("html").props("lang=en")
    ui.add_css(rendered("lab.css.j2", {}))
    with ui.element("header").classes("lab-bar"):
        ui.link("virtu lab", "/")
        if home:
            ui.link("All scenarios", "/")


def heading(text: str, level: int) -> None:
    """Add a heading."""
    with ui.element(f"h{level}"):
        words(text)


def words(text: str, *, tag: str = "span") -> Any:
    """Add a text, which is never read as markup, and whose direction is its own."""
    with ui.element(tag) as element:
        element.props["dir"] = "auto"
        ui.label(text).style("display: inline")
    return element


def fragment(part: str, **page: Any) -> Any:
    """Add a part of the page's template, filled in; its values are escaped there, and the browser is given nothing that runs."""
    return ui.html(rendered("lab.html.j2", {"part": part, **page}))


def drawn(svg: str = "") -> Any:
    """Add a drawing that was built as a tree."""
    return ui.html(svg)


def faults(heading: str, error: VirtuError) -> None:
    """Show all that is wrong with an input, each with line, column and hint."""
    found = error.faults if isinstance(error, ScenarioError) else [Fault(error.message, error.where, error.hint)]
    fragment("faults", heading=heading, faults=found)


def complaint(error: VirtuError) -> str:
    """Return an error as one sentence."""
    return f"{error.message}{f' ({error.hint})' if error.hint else ''}"


def watch(errand: Errand, found: Callable[[Mapping[str, Any]], None]) -> None:
    """Show how far an errand is, with rate and time left, and a button that stops it; then hand over what it found."""
    with ui.element("div").classes("lab-progress") as box:
        said = ui.label(progress(errand)).props('role="status" aria-live="polite"')
        bar = ui.linear_progress(value=0, show_value=False).props('aria-label="Share of the histories that are played"')
        stop = ui.button("Cancel", on_click=errand.cancel).props("outline dense no-caps")

    def look() -> None:
        said.set_text(progress(errand))
        bar.set_value(errand.done / errand.total if errand.total else 0)
        if not errand.over:
            return
        beat.cancel()
        bar.set_visibility(False)
        stop.set_visibility(False)
        with box:
            if errand.state == "failed":
                fragment("faults", heading="It could not be done.", faults=[Fault(fault) for fault in errand.faults])
        if errand.result is not None:
            said.set_visibility(False)
            found(errand.result)

    beat = ui.timer(BEAT, look)


def progress(errand: Errand) -> str:
    """Return how far an errand is, in a sentence."""
    if errand.state == "waiting":
        return "Waiting for a run of somebody else to end."
    if errand.state == "cancelled":
        return f"Cancelled after {errand.elapsed:.0f} s."
    if errand.state == "failed":
        return f"Failed after {errand.elapsed:.0f} s."
    counted = f"{wording.counted(errand.done)} of {wording.counted(errand.total)} histories" if errand.total and errand.done else ""
    rate = f"{errand.rate:,.0f} a second" if errand.rate else ""
    left = f"about {errand.left:.0f} s left" if errand.left else ""
    stage = errand.stage[:1].upper() + errand.stage[1:]
    return ", ".join(filter(None, (stage, counted, rate, left, f"{errand.elapsed:.0f} s so far"))) + "."


def copyable(label: str, text: str) -> None:
    """Show a text that is to be copied, with a button that does so."""
    with ui.element("div").classes("lab-row"):
        ui.button(label, on_click=lambda: (ui.clipboard.write(text), ui.notify("Copied."))).props("outline dense no-caps")
    with ui.element("pre").classes("command").props('tabindex="0"'):
        ui.label(text)
