"""The first page: a scenario to choose, or a file to bring."""

from __future__ import annotations

import asyncio
from typing import Any

from nicegui import events, ui

from virtu.errors import VirtuError
from virtu.scenario.nodes import LARGEST_FILE
from virtu.show import wording
from virtu.show.lab import furniture
from virtu.show.lab.desk import Card, Desk
from virtu.show.lab.drawing import short

LONGEST_SUMMARY = 150


def start(desk: Desk) -> None:
    """Build the first page."""
    furniture.furnish("virtu lab", home=False)
    with ui.element("main"):
        furniture.heading("Who ends on top, and did a move help?", 1)
        furniture.words("Choose a scenario, then ask what would have been different. Everything runs on this machine.", tag="p")
        furniture.heading("Scenarios", 2)
        with ui.element("div").classes("lab-cards"):
            for card in desk.cards():
                _card(card)
        furniture.heading("Your own", 2)
        furniture.words(
            "A scenario is a YAML file; virtu new NAME writes one to begin with. It is read as data, never run, and kept only until the "
            f"page is stopped. At most {LARGEST_FILE // 1_000_000} MB.",
            tag="p",
        )
        _upload(desk)


def _card(card: Card) -> None:
    found = card.scenario
    with ui.link(target=f"/s/{card.key}").classes("lab-card"):
        ui.label(short(found.title, 120)).classes("title").props('dir="auto"')
        first, last = (wording.when(found.date_of(tick)) for tick in (0, found.ticks - 1))
        span = f"{first} to {last}" if found.calendar.start else f"{found.ticks} {found.calendar.unit}s"
        about = f"{found.arena.capitalize()} · {len(found.actors)} people · {span}"
        ui.label(f"{about} · your file" if card.uploaded else about).classes("about")
        ui.label(short(found.summary, LONGEST_SUMMARY)).classes("about").props('dir="auto"')


def _upload(desk: Desk) -> None:
    async def take(event: events.UploadEventArguments) -> None:
        below.clear()
        data = await event.file.read()
        try:
            card = await asyncio.to_thread(desk.admit, data, event.file.name)
        except VirtuError as error:
            with below:
                furniture.faults(f"{short(event.file.name, 80)} cannot be used as it is.", error)
            return
        ui.navigate.to(f"/s/{card.key}")

    def refuse(_: Any) -> None:
        below.clear()
        with below:
            furniture.words(f"The file was not taken: it must be one YAML file of at most {LARGEST_FILE:,} bytes.", tag="p")

    # The framework's own box has buttons without names, so it stays hidden behind one that has.
    box = ui.upload(auto_upload=True, max_file_size=LARGEST_FILE, on_upload=take, on_rejected=refuse)
    box.props('accept=".yaml,.yml"').style("display: none").mark("upload")
    ui.button("Choose a file …", on_click=lambda: box.run_method("pickFiles")).props("outline no-caps")
    below = ui.element("div")
