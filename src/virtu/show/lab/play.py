"""A seat that is played: what it knows, its move, hints, and how the game ended."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from nicegui import ui

from virtu.errors import Fault, InputError
from virtu.scenario.schema import Scenario
from virtu.show import play_words, wording
from virtu.show.lab import furniture, moments
from virtu.show.lab.address import game_address
from virtu.show.lab.desk import Card, Desk, Game, Seat
from virtu.show.lab.histories import Moments

BEAT = 0.25
"""Seconds between two looks at a game."""

AHEAD = 6
"""Ticks that the futures of a hint last."""


def take_seat(desk: Desk, card: Card) -> None:
    """Let the visitor choose a seat, and a history to sit in."""
    found = card.scenario
    if not isinstance(found, Scenario):
        furniture.faults("There are no seats in the street.", InputError("it cannot be played", "choose a scenario of the organisation"))
        return
    furniture.words("Take the seat of one person and choose his moves; all others choose as the model does.", tag="p")
    seated = [name for name, actor in found.actors.items() if actor.entry in ("forum", "candidate")]
    row, below = ui.element("div").classes("lab-row"), ui.element("div")

    def begin() -> None:
        below.clear()
        try:
            game = Game(str(who.value or ""), desk.whole(seed.value or ""), desk.whole(history.value or ""), (), None)
        except InputError as error:
            with below:
                furniture.faults("This cannot be played.", error)
            return
        ui.navigate.to(game_address(card, game))

    with row:
        who = ui.select(seated, label="Seat", value=seated[0] if seated else None, with_input=len(seated) > 8).classes("w-56").mark("seat")
        seed = ui.input("Seed", value="0").props('inputmode="numeric"').classes("w-28").mark("seed")
        history = ui.input("History", value="0").props('inputmode="numeric"').classes("w-28").mark("history")
        ui.button("Begin", on_click=begin).props("no-caps").mark("begin")


class Play:
    """A game on a page of its own.

    Parameters
    ----------
    desk : Desk
        What may be asked for.
    card : Card
        The scenario, of the organisation.
    game : Game
        The game and where it stands.
    visitor : str
        Who plays.
    """

    def __init__(self, desk: Desk, card: Card, game: Game, visitor: str) -> None:
        self.desk, self.card, self.game, self.visitor = desk, card, game, visitor
        self.seat: Seat | None = None
        self.shown: Mapping[str, Any] | None = None
        self.hints: Mapping[str, Any] | None = None
        with ui.element("div").classes("lab-progress") as self.bar:
            self.said = ui.label().props('role="status" aria-live="polite"')
            self.share = ui.linear_progress(value=0, show_value=False).props('aria-label="How much is done"')
            self.stop = ui.button("Cancel", on_click=self._cancel).props("outline dense no-caps").mark("cancel")
        self.wrong = ui.element("div")
        self.board = ui.element("div")
        self.beat = ui.timer(BEAT, self._look)
        ui.context.client.on_delete(self._leave)
        self._sit()

    def _sit(self) -> None:
        self.wrong.clear()
        try:
            self.seat = self.desk.sit(self.card, self.game, self.visitor)
        except InputError as error:
            self.bar.set_visibility(False)
            with self.wrong:
                furniture.faults("This cannot be played.", error)
            return
        self.beat.active = True

    def _leave(self) -> None:
        if self.seat is not None:
            self.seat.cancel()

    def _cancel(self) -> None:
        """End hints with what is there; end anything else with the process, from which the game goes on at its address."""
        if self.seat is not None and self.seat.total:
            self.seat.enough()
        else:
            self._leave()

    def _ask(self, **act: Any) -> None:
        self.wrong.clear()
        if self.seat is None:
            return
        try:
            self.seat.ask(**act)
        except InputError as error:
            with self.wrong:
                furniture.faults("Not now.", error)
            return
        self.beat.active = True
        self._look()

    def _look(self) -> None:
        seat = self.seat
        if seat is None:
            self.beat.active = False
            return
        working = seat.state == "working"
        self.bar.set_visibility(working)
        self.board.set_visibility(not working)
        if working:
            self.said.set_text(f"{seat.stage[:1].upper()}{seat.stage[1:]}, {seat.elapsed:.0f} s so far.")
            self.share.set_visibility(bool(seat.total))
            self.share.set_value(seat.done / seat.total if seat.total else 0)
            return
        self.beat.active = False
        self._tell(seat)

    def _tell(self, seat: Seat) -> None:
        self.wrong.clear()
        with self.wrong:
            if seat.faults:
                heading = "It could not be played." if seat.over else "This cannot be done."
                furniture.fragment("faults", heading=heading, faults=[Fault(fault) for fault in seat.faults])
            if seat.state == "gone":
                furniture.words("The game was stopped. It goes on where it was.", tag="p")
                ui.button("Go on", on_click=self._sit).props("outline no-caps").mark("go-on")
        told = seat.told
        if told is None or told is self.shown:
            return
        self.shown, self.hints = told, told.get("hints")
        self.game = self.game._replace(do=tuple(told["do"]), at=told["tick"])
        ui.navigate.history.replace(game_address(self.card, self.game))
        self.board.clear()
        with self.board:
            self._draw(told)

    # the board

    def _draw(self, told: Mapping[str, Any]) -> None:
        with ui.element("div").classes("short").props('role="status"'):
            for line in play_words.standing(told):
                furniture.words(line, tag="p")
        if told["view"] is not None:
            self._news(told["view"])
            self._moves(told)
            furniture.heading("Who is where, as you see it", 2)
            furniture.fragment("table", name="The others", headings=play_words.KNOWN, rows=play_words.known(told["view"]))
        elif "reckoning" in told:
            self._ended(told)
        self._undo(told)
        furniture.heading("The same again", 3)
        with ui.element("p"):
            ui.link("Address of this game", game_address(self.card, self.game))
        furniture.copyable("Copy the command", play_words.command(told, self._named()))

    def _named(self) -> str:
        return f"{self.card.scenario.scenario}.yaml" if self.card.uploaded else self.card.scenario.scenario

    def _news(self, view: Mapping[str, Any]) -> None:
        furniture.heading("What you have heard", 2)
        log = [{"date": date, "text": said, "weight": 0} for date, said in play_words.heard(view)]
        with ui.element("div").classes("lab-log"):
            furniture.fragment("log", log=log, left_out="")

    def _moves(self, told: Mapping[str, Any]) -> None:
        view = told["view"]
        furniture.heading("Your move", 2)
        targets: dict[str, list[str]] = {}
        for one in view["options"]:
            targets.setdefault(one["move"], []).extend([one["target"]] if one["target"] else [])
        with ui.element("div").classes("lab-row"):
            first = view["options"][0]
            move = (
                ui.select({name: wording.words(name) for name in targets}, label="Move", value=first["move"]).classes("w-56").mark("move")
            )
            whom = ui.select(sorted(targets[first["move"]]), label="On whom", value=first["target"]).classes("w-56").mark("target")
            self._button("Make this move", lambda: self._ask(act="make", move=move.value, target=whom.value or None), "make")
        move.on_value_change(lambda: _aim(whom, sorted(targets[str(move.value)])))
        _aim(whom, sorted(targets[first["move"]]), first["target"])
        with ui.element("div").classes("lab-row"):
            self._button("Leave it to the model", lambda: self._ask(act="leave", all=False), "leave")
            self._button("Leave all the rest to the model", lambda: self._ask(act="leave", all=True), "rest")
            self._button("What may each move lead to?", lambda: self._ask(act="hints", outcome=None, ticks=AHEAD), "hints")
        moves = self.hints["moves"] if self.hints else view["options"]
        furniture.fragment("table", name="What you can do", headings=play_words.OPEN, rows=play_words.options(moves))
        if self.hints:
            furniture.words(play_words.advised(self.hints, told["unit"]), tag="p")
        left = len(moves) - play_words.MOST_OPTIONS
        if left > 0:
            with ui.expansion(f"{left} more moves").classes("w-full"):
                rows = play_words.options(moves, None)[play_words.MOST_OPTIONS :]
                furniture.fragment("table", name="More moves", headings=play_words.OPEN, rows=rows)

    def _undo(self, told: Mapping[str, Any]) -> None:
        if not told["made"]:
            return
        furniture.heading("Your moves so far", 2)
        for one in reversed(told["made"]):
            with ui.element("div").classes("lab-row"):
                said = f"{wording.when(one['date'])}: {play_words.move(one['move'], one['target'])}"
                furniture.words(said)
                back = self._button("Undo from here", _later(self._ask, one["tick"]), f"undo-{one['tick']}")
                back.props["aria-label"] = f"Undo from here: {said}"

    def _button(self, text: str, act: Callable[[], None], mark: str) -> Any:
        return ui.button(text, on_click=act).props("outline no-caps").mark(mark)

    # the end

    def _ended(self, told: Mapping[str, Any]) -> None:
        end, scenario = told["reckoning"], self.card.scenario
        furniture.words(play_words.ended(end), tag="p")
        furniture.fragment("table", name="Score", headings=play_words.RESULTS, rows=play_words.results(end, told["unit"]))
        if end["moves"]:
            furniture.heading("Your moves, and what the model would have done", 2)
            furniture.fragment("table", name="Your moves", headings=("", "yours", "the model's"), rows=play_words.chosen(end))
            furniture.words("One history is an illustration. What these moves do on average, in a thousand histories:", tag="p")
            furniture.copyable("Copy the question", play_words.again(told, self._named()))
        furniture.heading("What was believed at the end", 2)
        furniture.fragment("table", name="Beliefs", headings=play_words.BELIEFS, rows=play_words.beliefs(end))
        furniture.heading("The whole history, with nothing hidden", 2)
        if isinstance(scenario, Scenario):
            Moments(moments.read(Path(told["arrays"]), told["dates"], scenario))
        log = [{"date": date, "text": said, "weight": 0} for date, said in play_words.happened(told["log"])]
        with ui.element("div").classes("lab-log"):
            furniture.fragment("log", log=log, left_out="")


def _aim(whom: Any, names: list[str], value: str | None = None) -> None:
    """Offer the targets of a move, the first of them chosen."""
    whom.set_options(names, value=value or (names[0] if names else None))
    whom.set_visibility(bool(names))


def _later(ask: Callable[..., None], tick: int) -> Callable[[], None]:
    return lambda: ask(act="undo", tick=tick)
