"""A history in which one seat is played by a person: what that seat may know, what it can do, and how it ended.

A game is a scenario, a seed, the number of a history, and a list of forced moves; where it stands is a function of these and nothing else.
The histories are those of every run, so a game in which nothing is forced is the history itself; only notes of it may be rounded
otherwise, by 1e-7.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import jax
import numpy as np
import xarray as xr

from virtu.errors import InputError, did_you_mean
from virtu.laboratory import interventions, sight, steps
from virtu.laboratory.arenas import scenario_of
from virtu.laboratory.closeup import CloseUp
from virtu.laboratory.events import events
from virtu.laboratory.intervention_checks import flaws
from virtu.laboratory.intervention_kinds import span
from virtu.laboratory.interventions import ForceMove, Intervention
from virtu.laboratory.sight import STANDINGS, Option, View
from virtu.laboratory.simulate import check_arguments
from virtu.laboratory.steps import Choice, Steps, Tick
from virtu.minds.choice import NEVER
from virtu.scenario import AnyScenario, Scenario
from virtu.scenario.displayed import Answer
from virtu.scenario.vocabulary import MOVES, Parameters, Status

ATTENTIVE = 0.5
"""Attention from which on a seat notices that it is obstructed."""

ROOM = 1
"""Entries that the lists of an agenda have at least, so that games with a ban or without share their program."""


class Playthrough:
    """One history, in which a person chooses the moves of one seat; made by `play`.

    Parameters
    ----------
    scenario : Scenario
        Of the organisation.
    seat : str
        Whose moves are chosen.
    seed, history : int
        Which history.
    ticks : int
        Length of the history.
    done : sequence of Intervention
        What is done beside the moves of the seat.
    """

    def __init__(self, scenario: Scenario, seat: str, seed: int, history: int, ticks: int, done: Sequence[Intervention]) -> None:
        self.scenario, self.seat, self.seed, self.history, self.ticks = scenario, seat, seed, history, ticks
        self.done = tuple(done)
        self.forced: dict[int, ForceMove] = {}
        self.instead: dict[int, tuple[str, str | None]] = {}
        self.steps = Steps(scenario, ticks)
        self.opening = self.steps.open(seed, history)
        self.number = scenario.person_names.index(seat)
        self.past: list[Tick] = []
        self.ahead: Tick | None = None
        self.agenda = self._agenda((*self.done, *self.forced.values()))
        self._go_on()

    @property
    def tick(self) -> int:
        """The tick at which the game stands; `ticks` where it is over."""
        return len(self.past)

    @property
    def over(self) -> bool:
        """Whether nothing is left to choose."""
        return self.tick >= self.ticks

    @property
    def do(self) -> tuple[str, ...]:
        """All that is done, as text: with scenario, seed and number of the history, the whole game."""
        return tuple(str(one) for one in (*self.done, *self.forced.values()))

    @property
    def choice(self) -> Choice:
        """What stands before the choice at this tick.

        Raises
        ------
        InputError
            If the game is over.
        """
        if self.ahead is None:
            raise InputError("the game is over", "undo a tick, or look at how it ended")
        return self.ahead.choice

    @property
    def made(self) -> list[dict[str, Any]]:
        """The moves made by hand, each with what the mind in the seat would have done at that moment: tick, date, move, target, instead."""
        return [
            {"tick": tick, "date": self.scenario.date_of(tick), "move": one.move, "target": one.target, "instead": self.instead[tick]}
            for tick, one in self.forced.items()
        ]

    @property
    def place(self) -> int:
        """The place of the seat, in arrays by place."""
        return int(np.flatnonzero(self.choice.person == self.number)[0])

    def view(self) -> View:
        """Return all that the seat may know now.

        Raises
        ------
        InputError
            If the game is over.
        """
        now, row = self.choice, self.place
        return View(
            tick=self.tick,
            date=self.scenario.date_of(self.tick),
            standing=STANDINGS[int(now.status[row])],
            posts=sight.posts(now, self.number, self.scenario),
            strength=float(now.estimate[row, row]),
            threat=float(now.hazard[row].max()),
            others=sight.others(now, row, self.scenario),
            options=self.options(),
            told=tuple(self._told()),
        )

    def told(self) -> dict[str, Any]:
        """Return where the game stands, ready for JSON: which game it is, and the view of the seat, None where the game is over."""
        view = None
        if not self.over:
            seen = self.view()
            parts = {"others": [one._asdict() for one in seen.others], "options": [one._asdict() for one in seen.options]}
            view = {**seen._asdict(), **parts}
        return {
            "scenario": self.scenario.scenario,
            "seat": self.seat,
            "seed": self.seed,
            "history": self.history,
            "ticks": self.ticks,
            "unit": self.scenario.calendar.unit,
            "do": list(self.do),
            "made": self.made,
            "tick": self.tick,
            "over": self.over,
            "view": view,
        }

    def options(self) -> tuple[Option, ...]:
        """Return the moves that can be made now, those first that the mind in the seat would most likely make.

        Raises
        ------
        InputError
            If the game is over.
        """
        return sight.options(self.choice, self.place, self.scenario)

    def make(self, move: str, target: str | None = None) -> None:
        """Make a move, and go on to the next choice.

        Parameters
        ----------
        move : str
            One of the ten.
        target : str, optional
            On whom; None for moves without a target.

        Raises
        ------
        InputError
            If the game is over, or the move cannot be made now; the message says why.
        """
        made = ForceMove(self.seat, move, target, since=self.tick, until=self.tick)
        self._check(made)
        self.instead[self.tick] = self._own_move()
        self._force({**self.forced, self.tick: made})
        self._take(self._step(self.agenda, self.past))
        self._go_on()

    def leave(self, until: int | None = None) -> None:
        """Leave the choice to the mind in the seat, as the model would make it, and go on.

        Parameters
        ----------
        until : int, optional
            Tick before which all choices are left to it; only this one by default, all that are left where it is `ticks`.
        """
        last = self.tick + 1 if until is None else until
        while self.ahead is not None and self.tick < last:
            self._take(self.ahead)
            self._go_on()

    def undo(self, tick: int | None = None) -> None:
        """Go back to an earlier choice, and forget what was chosen from then on.

        Parameters
        ----------
        tick : int, optional
            At which; by default that of the last move made by hand.

        Raises
        ------
        InputError
            If the seat had no choice before that tick.
        """
        to = max(self.forced, default=-1) if tick is None else tick
        if not 0 <= to <= self.tick:
            raise InputError("there is nothing to undo" if tick is None else f"tick {tick} has not been played", "no move was made by hand")
        self._force({at: one for at, one in self.forced.items() if at < to})
        del self.past[to:]
        self._go_on()

    def played(self) -> xr.Dataset:
        """Return what has been played as a dataset of one history, as a run has it.

        Raises
        ------
        InputError
            If nothing has been played yet.
        """
        if not self.past:
            raise InputError("nothing has been played yet", "make a move first")
        return self._dataset(self.past)

    def without(self) -> xr.Dataset:
        """Return the same history with all moves of the seat left to the mind in it, up to the tick at which the game stands.

        Raises
        ------
        InputError
            If nothing has been played yet.
        """
        first = min(self.forced, default=self.tick)
        past, agenda = list(self.past[:first]), self._agenda(self.done)
        while len(past) < self.tick:
            past.append(self._step(agenda, past))
        return self._dataset(past) if past else self.played()

    def close_up(self) -> CloseUp:
        """Return what has been played as a close-up, tick by tick; see `virtu.laboratory.closeup`."""
        return jax.tree.map(lambda *parts: np.stack(parts), *(one.close for one in self.past))

    def __repr__(self) -> str:
        """Say which game it is and where it stands."""
        where = "over" if self.over else self.scenario.date_of(self.tick)
        return f"<Playthrough {self.scenario.scenario}: {self.seat}, seed {self.seed}, history {self.history}, {where}>"

    def _repr_html_(self) -> str:
        """Show in a notebook where the game stands."""
        return Answer("game", self.told())._repr_html_()

    # from tick to tick

    def _agenda(self, done: Sequence[Intervention]) -> Any:
        room = interventions.room_needed(self.scenario, done, self.ticks)
        return interventions.agenda(self.scenario, done, self.ticks, max(room, ROOM))

    def _force(self, forced: dict[int, ForceMove]) -> None:
        self.agenda = self._agenda((*self.done, *forced.values()))
        self.forced = forced

    def _step(self, agenda: Any, past: Sequence[Tick]) -> Tick:
        before = steps.side_by_side(past[-1].state) if past else self.opening.state
        return steps.alone(self.steps.step(agenda, self.opening, before, len(past)))

    def _take(self, one: Tick) -> None:
        self.past.append(one)
        self.ahead = None

    def _go_on(self) -> None:
        """Play on to the next tick at which the seat has a choice, or to the end."""
        self.ahead = None
        while not self.over:
            found = self._step(self.agenda, self.past)
            place = np.flatnonzero(found.choice.person == self.number)
            if len(place) and found.choice.acts[place[0]] > 0.0:
                self.ahead = found
                return
            self._take(found)

    # what is known

    def _own_move(self) -> tuple[str, str | None]:
        """The move that the mind in the seat is about to make."""
        if self.ahead is None:
            raise InputError("the game is over")
        move = MOVES[int(self.ahead.trace.move[self.place])]
        return move, sight.aimed(self.choice, move, int(self.ahead.trace.target[self.place]), self.scenario)

    def _told(self) -> Iterator[dict[str, Any]]:
        """Yield what happened since the last choice of the seat, as far as it was seen there."""
        if not self.past:
            return
        since = next((tick for tick in reversed(range(self.tick)) if self._chose(self.past[tick])), 0)
        for row in events(self._dataset(self.past), routine=True).to_pylist():
            if row["tick"] >= since and self._knows(row):
                yield {key: value for key, value in row.items() if key != "history"}

    def _chose(self, one: Tick) -> bool:
        return bool(((one.choice.person == self.number) & (one.choice.acts > 0.0)).any())

    def _knows(self, event: dict[str, Any]) -> bool:
        at = self.past[event["tick"]].choice
        return sight.knows(event, self.seat, bool((at.attention[at.person == self.number] >= ATTENTIVE).any()))

    # what cannot be

    def _check(self, made: ForceMove) -> None:
        now, row = self.choice, self.place
        flaw = next(flaws(made, self.scenario, self.ticks), None)
        if flaw is not None:
            raise InputError(flaw.message, flaw.hint)
        number = MOVES.index(made.move)
        place = row if made.target is None else self._place_of(now, made.target)
        if now.score[number, row, place] > 0.5 * NEVER:
            return
        raise InputError(f"{self.seat} cannot {made.move.replace('_', ' ')} {made.target or ''}".strip() + self._why(made, now, row, place))

    def _place_of(self, now: Choice, name: str) -> int:
        there = (now.person == self.scenario.person_names.index(name)) & (now.status <= int(Status.OFFICE))
        if not there.any():
            raise InputError(f"{name} holds no office in {self.scenario.date_of(self.tick)}", "name somebody who does")
        return int(np.flatnonzero(there)[0])

    def _why(self, made: ForceMove, now: Choice, row: int, place: int) -> str:
        if now.banned[MOVES.index(made.move), row, place]:
            return ": it is forbidden by what is done"
        if made.move == "rescue":
            if not now.fallen[place]:
                return ": only who was pushed down and still holds an office can be rescued"
            needed = Parameters(*self.agenda.parameter[self.tick]).rescue_share
            seen = now.estimate[row] * (now.status <= int(Status.OFFICE)) * (now.person >= 0)
            return f": it takes {needed:.0%} of all strength, and {self.seat} has {seen[row] / max(seen.sum(), 1e-9):.0%}"
        return ": it is not open now"

    # datasets

    def _dataset(self, past: Sequence[Tick]) -> xr.Dataset:
        traces, states = (jax.tree.map(lambda part: part[..., None], [getattr(one, name) for one in past]) for name in ("trace", "state"))
        found = steps.dataset(self.scenario, self.agenda, traces, states)
        told = {"arena": "organisation", "scenario": self.scenario.scenario, "seed": self.seed, "ticks": len(past), "do": list(self.do)}
        return found.assign_coords(history=[self.history]).assign_attrs(told, histories=1, unit=self.scenario.calendar.unit)


def play(
    scenario: AnyScenario | str | Path,
    seat: str,
    seed: int = 0,
    history: int = 0,
    do: Iterable[str] = (),
    ticks: int | None = None,
    *,
    at: int | None = None,
) -> Playthrough:
    """Take a seat in one history of a run, and choose its moves.

    Main arguments
    --------------
    scenario : Scenario, str or Path
        A scenario of the organisation, the name of a shipped one, or the path of a file.
    seat : str
        Whose moves are chosen.
    seed, history : int
        Which history: its number in a run of that seed.
    do : iterable of str
        What is done. Moves of the seat, such as ``"move Kamenev praise Stalin @ t3"``, are those chosen so far; what else there is
        is done as in a run.
    ticks : int, optional
        Length; the scenario's own by default.

    Other arguments
    ---------------
    at : int, optional
        Tick at which the game is to stand, or the next after it at which the seat has a choice; by default the first after the last move
        in `do`. Choices for which `do` has no move are left to the mind in the seat.

    Returns
    -------
    Playthrough
        At the first choice that is open.

    Raises
    ------
    InputError
        If an argument is at fault, or a move cannot be made when its tick comes; the message says why.
    """
    found = scenario_of(scenario)
    if not isinstance(found, Scenario):
        raise InputError(f"{found.scenario} cannot be played", "seats are those of the organisation; in the street there are none")
    length = found.ticks if ticks is None else ticks
    check_arguments(history + 1, seed, length)
    _check_seat(found, seat)
    given = interventions.parse_all(do, found, length)
    moves = [one for one in given if _is_choice(one, seat, found, length)]
    game = Playthrough(found, seat, seed, history, length, [one for one in given if one not in moves])
    for one in sorted(moves, key=lambda one: span(one, found, length).start):
        _replay(game, one, span(one, found, length).start)
    if at is not None:
        if not 0 <= at <= length:
            raise InputError(f"at must be a tick from 0 to {length}, found {at}")
        game.leave(until=at)
    return game


def _is_choice(one: Intervention, seat: str, scenario: Scenario, ticks: int) -> bool:
    return isinstance(one, ForceMove) and one.person == seat and len(span(one, scenario, ticks)) == 1


def _replay(game: Playthrough, one: Any, tick: int) -> None:
    game.leave(until=tick)
    if game.tick != tick or game.over:
        raise InputError(f"{game.seat} has no choice in {game.scenario.date_of(tick)}, in '{one}'", "leave it out")
    try:
        game.make(one.move, one.target)
    except InputError as error:
        raise InputError(f"{error.message}, in '{one}'", error.hint) from None


def _check_seat(scenario: Scenario, seat: str) -> None:
    if seat not in scenario.person_names:
        raise InputError(f"there is no {seat[:80]!r} in {scenario.scenario}", did_you_mean(seat[:80], scenario.person_names))
    if scenario.actors[seat].entry == "none":
        raise InputError(f"{seat} never has a place in {scenario.scenario}", "choose somebody who sits in the forum or may be called to it")
