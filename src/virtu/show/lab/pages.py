"""The pages of the laboratory, and their addresses."""

from __future__ import annotations

from nicegui import ui
from starlette.requests import Request

from virtu.errors import InputError
from virtu.show.lab import furniture
from virtu.show.lab.address import Asked, asked
from virtu.show.lab.desk import Card, Desk
from virtu.show.lab.histories import Histories
from virtu.show.lab.question import Question
from virtu.show.lab.start import start


def open_pages(desk: Desk) -> None:
    """Give the pages their addresses.

    Parameters
    ----------
    desk : Desk
        What they may ask for.
    """

    @ui.page("/")
    def first() -> None:
        start(desk)

    @ui.page("/s/{key}")
    def scenario(key: str, request: Request) -> None:
        try:
            card, question = desk.find(key), asked(request.query_params, desk.whole)
        except InputError as error:
            furniture.furnish("virtu lab")
            furniture.faults("This address leads nowhere.", error)
            return
        _scenario(desk, card, question)


def _scenario(desk: Desk, card: Card, question: Asked) -> None:
    found, visitor = card.scenario, ui.context.client.id
    furniture.furnish(f"{found.title[:80]} · virtu lab")
    with ui.element("main"):
        furniture.heading(found.title, 1)
        if found.summary:
            furniture.words(found.summary, tag="p")
        if question.sha256 and question.sha256 != found.sha256:
            said = f"the scenario is not the one this question was asked of: its content was {question.sha256[:12]}…"
            furniture.faults("The numbers will differ.", InputError(said, f"now it is {found.sha256[:12]}…"))
        with ui.tabs().props("align=left no-caps") as tabs:
            what, histories = ui.tab("What if?"), ui.tab("Histories")
        with ui.tab_panels(tabs, value=what, animated=False, keep_alive=True).classes("w-full"):
            with ui.tab_panel(what):
                panel = Question(desk, card, question.ask, visitor)
            with ui.tab_panel(histories):
                runs = Histories(desk, card, visitor)

    def leave() -> None:
        for errand in filter(None, (panel.errand, runs.errand, runs.closer)):
            errand.cancel()

    ui.context.client.on_delete(leave)
