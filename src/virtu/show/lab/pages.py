"""The pages of the laboratory, and their addresses."""

from __future__ import annotations

from nicegui import ui
from starlette.requests import Request

from virtu.errors import InputError
from virtu.scenario.schema import Scenario
from virtu.show.lab import furniture
from virtu.show.lab.address import Asked, asked, game_of
from virtu.show.lab.desk import Card, Desk
from virtu.show.lab.histories import Histories
from virtu.show.lab.play import Play, take_seat
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

    @ui.page("/p/{key}")
    def play(key: str, request: Request) -> None:
        try:
            card, game = desk.find(key), game_of(request.query_params, desk.whole)
        except InputError as error:
            furniture.furnish("virtu lab")
            furniture.faults("This address leads nowhere.", error)
            return
        furniture.furnish(f"{card.scenario.title[:80]} · a seat · virtu lab")
        with ui.element("main"):
            furniture.heading(card.scenario.title, 1)
            _another_content(card, request.query_params.get("hash", ""))
            take_seat(desk, card) if game is None else Play(desk, card, game, ui.context.client.id)


def _another_content(card: Card, sha256: str) -> None:
    """Say so where an address was made of another content of the scenario."""
    found = card.scenario.sha256
    if sha256 and sha256 != found:
        said = f"the scenario is not the one this address was made of: its content was {sha256[:12]}…"
        furniture.faults("The numbers will differ.", InputError(said, f"now it is {found[:12]}…"))


def _scenario(desk: Desk, card: Card, question: Asked) -> None:
    found, visitor = card.scenario, ui.context.client.id
    furniture.furnish(f"{found.title[:80]} · virtu lab")
    with ui.element("main"):
        furniture.heading(found.title, 1)
        if found.summary:
            furniture.words(found.summary, tag="p")
        _another_content(card, question.sha256)
        if isinstance(found, Scenario):
            ui.link("Take a seat and play", f"/p/{card.key}")
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
