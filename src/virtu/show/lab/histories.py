"""Histories of a scenario: all of them together, and one seen close."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nicegui import ui

from virtu.errors import InputError
from virtu.scenario.schema import Scenario
from virtu.show import account, wording
from virtu.show.lab import furniture, moments
from virtu.show.lab.desk import Card, Desk, Errand
from virtu.show.report import left_out

HISTORIES = 200
PACE = 0.4
"""Seconds a moment stays while a history is played."""


class Histories:
    """The panel in which histories are run and looked at; arguments as of `virtu.show.lab.question.Question`."""

    def __init__(self, desk: Desk, card: Card, visitor: str) -> None:
        self.desk, self.card, self.visitor = desk, card, visitor
        self.errand: Errand | None = None
        self.closer: Errand | None = None
        furniture.words("The same people, with the same traits to begin with, and other luck each time.", tag="p")
        with ui.element("div").classes("lab-row"):
            self.histories = ui.input("Histories", value=str(HISTORIES)).props('inputmode="numeric"').classes("w-28").mark("run-histories")
            self.seed = ui.input("Seed", value="0").props('inputmode="numeric"').classes("w-28").mark("run-seed")
            ui.button("Run", on_click=self.run).props("no-caps").mark("run")
        self.below = ui.element("div")

    def run(self) -> None:
        """Run as many histories as stand in the panel."""
        for errand in filter(None, (self.errand, self.closer)):
            errand.cancel()
        self.below.clear()
        with self.below:
            try:
                histories, seed = self.desk.whole(self.histories.value or ""), self.desk.whole(self.seed.value or "")
                self.errand = self.desk.run(self.card, histories, seed, self.visitor)
            except InputError as error:
                furniture.faults("This cannot be run.", error)
                return
            furniture.watch(self.errand, self._found)

    def _found(self, found: Mapping[str, Any]) -> None:
        summary = found["summary"]
        with self.below:
            furniture.fragment("opening", opening=found["opening"])
            furniture.heading("One history, seen close", 2)
            with ui.element("div").classes("lab-row"):
                said = f"History, 0 to {summary['histories'] - 1}"
                self.number = ui.input(said, value=str(found["typical"])).props('inputmode="numeric"').mark("history")
                ui.button("Show", on_click=self._another).props("outline no-caps").mark("show")
            furniture.words(f"History {found['typical']} is the most typical. One history is an illustration, not a result.", tag="p")
            self.close = ui.element("div")
            with self.close:
                self._show(found["close"])
            furniture.heading("All histories together", 2)
            furniture.fragment("figures", drawn=found["figures"])
            furniture.heading("The same again", 3)
            named = f"{summary['scenario']}.yaml" if self.card.uploaded else summary["scenario"]
            furniture.copyable("Copy the command", account.run_command({**summary, "scenario": named}, self.card.scenario))

    def _another(self) -> None:
        if self.closer is not None:
            self.closer.cancel()
        self.close.clear()
        with self.close:
            try:
                if self.errand is None:
                    raise InputError("there are no histories yet", "run some first")
                number = self.desk.whole(self.number.value or "")
                self.closer = self.desk.history(self.errand, number, self.visitor)
            except InputError as error:
                furniture.faults("There is no such history.", error)
                return
            furniture.watch(self.closer, self._seen)

    def _seen(self, found: Mapping[str, Any]) -> None:
        with self.close:
            self._show(found)

    def _show(self, found: Mapping[str, Any]) -> None:
        if isinstance(self.card.scenario, Scenario):
            history = moments.read(Path(found["arrays"]), found["dates"], self.card.scenario)
            Moments(history)
        else:
            furniture.fragment("figures", drawn=found["figures"])
        furniture.heading(f"What happens in history {found['history']}", 3)
        with ui.element("div").classes("lab-log"):
            furniture.fragment("log", log=found["log"], left_out=left_out(found["left_out"]))


class Moments:
    """A history of the organisation, moment by moment, with a slider and a button that plays it."""

    def __init__(self, history: moments.History) -> None:
        self.history, self.spots = history, moments.spots(history)
        last = history.ticks - 1
        with ui.element("div").classes("lab-row"):
            self.button = ui.button("Play", on_click=self._play_or_pause).props("outline no-caps").mark("play")
            self.date = ui.label().props('aria-live="off"').classes("text-bold").mark("date")
        self.slider = ui.slider(min=0, max=last, value=0, on_change=self._look).props('aria-label="Moment of the history"').mark("moment")
        with ui.element("div").classes("lab-moment"):
            with ui.element("div"):
                furniture.heading("People", 3)
                self._key()
                self.network = furniture.drawn()
            with ui.element("div"):
                furniture.heading("Who thinks what of whom", 3)
                furniture.words(
                    "Rows judge columns. Blue: taken for weaker than true; red: for stronger; full colour from twofold on.", tag="p"
                )
                self.opinions = furniture.drawn()
            with ui.element("div"):
                furniture.heading("The meeting", 3)
                self.said = ui.label()
                self.meeting = furniture.drawn()
                furniture.words("In order of speech. Blue: votes for; red: against; hollow: no vote. Size: voting strength.", tag="p")
        self.timer = ui.timer(PACE, self._next, active=False)
        self._look()

    def _key(self) -> None:
        said = "Disc: true strength. Ring: what the others believe it to be. Lines: who owes whom. "
        said += "Dark blue: has a seat; light blue: candidate; orange: office only."
        furniture.words(said, tag="p")

    def _play_or_pause(self) -> None:
        playing = not self.timer.active
        if playing and self._tick() >= self.history.ticks - 1:
            self.slider.set_value(0)
        self.timer.active = playing
        self.button.set_text("Pause" if playing else "Play")

    def _next(self) -> None:
        if self._tick() >= self.history.ticks - 1:
            self._play_or_pause()
            return
        self.slider.set_value(self._tick() + 1)

    def _tick(self) -> int:
        return int(self.slider.value or 0)

    def _look(self) -> None:
        tick = self._tick()
        self.date.set_text(wording.when(self.history.dates[tick]))
        self.network.set_content(moments.network(self.history, tick, self.spots))
        self.opinions.set_content(moments.opinions(self.history, tick))
        said, drawing = moments.meeting(self.history, tick)
        self.said.set_text(said)
        self.meeting.set_content(drawing)
