"""What if? A question is put together, asked, and answered with a verdict."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from nicegui import ui

from virtu.errors import InputError
from virtu.show import account, effects, wording
from virtu.show.lab import furniture
from virtu.show.lab.address import address
from virtu.show.lab.desk import Ask, Card, Desk, Errand, Form, Slot
from virtu.show.lab.drawing import short


class Question:
    """The panel in which a question is asked of a scenario.

    Parameters
    ----------
    desk : Desk
        What may be asked for.
    card : Card
        The scenario.
    ask : Ask
        What the panel shows first.
    visitor : str
        Who asks.
    """

    def __init__(self, desk: Desk, card: Card, ask: Ask, visitor: str) -> None:
        self.desk, self.card, self.visitor = desk, card, visitor
        self.done = list(ask.do)
        self.errand: Errand | None = None
        self.held: dict[str, Any] = {}
        furniture.words("Choose what would have been different. The same people meet the same luck, with it and without.", tag="p")
        with ui.element("div").classes("lab-questions"):
            for said, text in desk.suggested(card.scenario):
                ui.button(short(said, 90), on_click=partial(self._suggested, text)).props("outline no-caps")
        self.chosen = ui.element("div")
        with ui.expansion("Something else, or several things together", value=bool(self.done)).classes("w-full"):
            self._builder()
        self._design(ask)
        ui.button("Ask", on_click=self.ask).props("no-caps").mark("ask")
        self.below = ui.element("div")
        self._show_done()

    def _builder(self) -> None:
        forms = {form.name: form for form in self.desk.forms(self.card.scenario)}
        shapes = {name: form.shape for name, form in forms.items()}
        with ui.element("div").classes("lab-row"):
            kind = ui.select(shapes, label="What is done", value=next(iter(shapes))).classes("w-72").mark("kind")
        about, slots = ui.element("p").classes("note"), ui.element("div").classes("lab-row")
        with ui.element("div").classes("lab-row"):
            since = ui.input("From (date or tick)").mark("since")
            until = ui.input("Until").mark("until")
            add = ui.button("Add", on_click=lambda: self._add(forms[kind.value], since.value or "", until.value or ""))
            add.props("outline no-caps").mark("add")
        self.complaint = ui.label().classes("faults").props('role="alert"')
        self.complaint.set_visibility(False)

        def fill() -> None:
            form = forms[kind.value]
            about.clear()
            slots.clear()
            self.held = {}
            with about:
                ui.label(f"{form.says}. Without a date, throughout." if form.slots else form.says)
            with slots:
                for slot in form.slots:
                    self._slot(slot)

        kind.on_value_change(fill)
        fill()

    def _slot(self, slot: Slot) -> None:
        label = slot.noun[:1].upper() + slot.noun[1:] + (" (may be left out)" if slot.optional else "")

        def keep(event: Any) -> None:
            self.held[slot.field] = event.value

        if not slot.words:
            ui.input(label, on_change=keep).props('inputmode="decimal"').mark(slot.field)
            return
        options = [*([slot.none] if slot.none else []), *slot.words]
        found = ui.select(options, label=label, with_input=len(options) > 8, multiple=slot.several, clearable=slot.optional, on_change=keep)
        found.classes("w-56").mark(slot.field)

    def _add(self, form: Form, since: str, until: str) -> None:
        try:
            text = self.desk.written(self.card.scenario, form.name, self.held, since.strip(), until.strip())
            self.desk.told(self.card.scenario, [*self.done, text])
        except InputError as error:
            self.complaint.set_text(furniture.complaint(error))
            self.complaint.set_visibility(True)
            return
        self.complaint.set_visibility(False)
        self.done.append(text)
        self._show_done()

    def _show_done(self) -> None:
        self.chosen.clear()
        with self.chosen:
            for number, text in enumerate(self.done):
                with ui.element("div").classes("lab-row"):
                    furniture.words(text, tag="code")
                    remove = ui.button("Remove", on_click=partial(self._remove, number)).props("flat dense no-caps")
                    remove.props["aria-label"] = f"Remove {text}"

    def _remove(self, number: int) -> None:
        del self.done[number]
        self._show_done()

    def _design(self, ask: Ask) -> None:
        outcomes = {name: wording.measure(name) for name in self.desk.outcomes(self.card.scenario)}
        try:
            stated = self.desk.outcome(self.card.scenario, ask.outcome)
        except InputError as error:
            stated = self.desk.outcome(self.card.scenario, "")
            furniture.faults("The address names another outcome.", error)
        with ui.element("div").classes("lab-row"):
            self.outcome = ui.select(outcomes, label="Judged by", value=stated, with_input=True).classes("w-72").mark("outcome")
            self.histories = ui.input("Histories", value=str(ask.histories)).props('inputmode="numeric"').classes("w-28").mark("histories")
            self.seed = ui.input("Seed", value=str(ask.seed)).props('inputmode="numeric"').classes("w-28").mark("seed")

    def _suggested(self, text: str) -> None:
        self.done = [text]
        self._show_done()
        self.ask()

    def ask(self) -> None:
        """Ask what stands in the panel."""
        if self.errand is not None:
            self.errand.cancel()
        self.below.clear()
        with self.below:
            try:
                ask = self._asked()
                self.errand = self.desk.compare(self.card, ask, self.visitor)
            except InputError as error:
                furniture.faults("This cannot be asked.", error)
                return
            furniture.watch(self.errand, lambda found: self._answer(ask, found))

    def _asked(self) -> Ask:
        if not self.done:
            raise InputError("nothing is done yet", "choose one of the questions, or add something to do")
        histories = self.desk.whole(self.histories.value or "")
        return Ask(tuple(self.done), str(self.outcome.value or ""), histories, self.desk.whole(self.seed.value or ""))

    def _answer(self, ask: Ask, found: Mapping[str, Any]) -> None:
        with self.below:
            answer(self.card, ask, found)


def answer(card: Card, ask: Ask, found: Mapping[str, Any]) -> None:
    """Show what a comparison found: the verdict, the distributions, how to ask the same again."""
    comparison = found["comparison"]
    (arm,) = comparison["arms"]
    outcome, others, _ = effects.chosen(comparison)
    rows = [account.effect(name, arm["effects"][name], comparison["unit"]) for name in (outcome, *others)]
    said = "; ".join(arm["said"])
    furniture.fragment(
        "verdict",
        verdict=arm["verdict"]["sentence"],
        said=said[:1].upper() + said[1:],
        felt=account.felt(arm["felt"]),
        horizon=account.horizon(arm["pairing_horizon"]),
        drawn=found["figures"],
        rows=rows,
    )
    furniture.heading("The same again", 3)
    with ui.element("p"):
        ui.link("Address of this question", address(card, ask))
    named = f"{comparison['scenario']}.yaml" if card.uploaded else comparison["scenario"]
    furniture.copyable("Copy the command", account.compare_command({**comparison, "scenario": named}))
