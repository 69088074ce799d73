"""What each move may lead to: short futures from where a game stands, with the same chance for every move.

A future begins at the choice: the others choose, and all that follows happens, by chance that is drawn anew, so that a hint tells nothing
of what chance holds ready in the game itself. Traits and ties are those of the game, though, and the seat does not know them all: a hint
is what an observer who sees everything would advise. After the move the mind in the seat chooses as the model does.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import jax
import numpy as np

from virtu.errors import InputError
from virtu.laboratory import steps
from virtu.laboratory.arenas import arena_of
from virtu.laboratory.compare import outcome_of
from virtu.laboratory.play import Playthrough
from virtu.laboratory.sight import Option
from virtu.laboratory.steps import LANES
from virtu.record import statistics
from virtu.scenario.vocabulary import MOVES

TICKS, SECONDS, FUTURES = 6, 20.0, 512
"""Ticks that a future lasts, seconds that are taken for all of them, and most futures of a move."""

TOGETHER = 16
"""Futures of a move in one pass of the program; so many lanes a move."""

BASE = "bide"
"""The move that the others are measured against: to wait."""

Progress: TypeAlias = Callable[[int, int], None]
"""Called with the futures played, and those that are played at most."""


def hints(
    game: Playthrough,
    outcome: str | None = None,
    ticks: int = TICKS,
    seconds: float = SECONDS,
    futures: int = FUTURES,
    *,
    progress: Progress | None = None,
    stop: Callable[[], bool] = lambda: False,
) -> dict[str, Any]:
    """Return what every move that is open may lead to, against waiting.

    Main arguments
    --------------
    game : Playthrough
        Not over.
    outcome : str, optional
        Measure by which moves are judged, such as ``"on_top:Stalin"``, over the ticks of a future; the seat's share of strength by default.
    ticks : int
        Ticks that a future lasts, the present one included, at least 1; fewer where the game ends before.
    seconds : float
        Time after which no further futures are begun; with few of them a move may have none.
    futures : int
        Most futures of a move.

    Other arguments
    ---------------
    progress : callable, optional
        Called with the futures played and those asked for.
    stop : callable, optional
        Asked before every tick; where it says True, what is there by then is returned.

    Returns
    -------
    dict
        Ready for JSON: seat, tick, date, outcome, unit, ticks, against, seconds, stopped; moves: each move, target, worth, chance (see
        `virtu.laboratory.sight.Option`), futures, and effect (mean, low, high of the paired difference to waiting, None where there are
        none), the best first. Intervals are 95 % for each move alone: the best of many looks better than it is.

    Raises
    ------
    InputError
        If the game is over, or an argument is at fault.
    """
    _check(ticks, seconds, futures)
    named = outcome_of(outcome or f"share:{game.seat}", game.scenario)
    options = sorted(game.options(), key=lambda one: (one.move != BASE, -one.chance))
    rollout = _Futures(game, named, min(ticks, game.ticks - game.tick), stop)
    started, found = time.monotonic(), [list[np.ndarray]() for _ in options]
    groups = [range(first, min(first + LANES // TOGETHER, len(options))) for first in range(0, len(options), LANES // TOGETHER)]
    passes = [(first, group) for first in range(0, futures, TOGETHER) for group in groups]
    for number, (first, group) in enumerate(passes):
        if time.monotonic() - started > seconds:
            break
        values = rollout.values([options[at] for at in group], first)
        if values is None:
            break
        for at, some in zip(group, values, strict=True):
            found[at].append(some)
        if progress is not None:
            progress(number + 1, len(passes))
    told = [
        _told(option, np.concatenate([[], *some]), np.concatenate([[], *found[0]])) for option, some in zip(options, found, strict=True)
    ]
    return {
        "seat": game.seat,
        "tick": game.tick,
        "date": game.scenario.date_of(game.tick),
        "outcome": named,
        "unit": arena_of(game.scenario).measures()[named.partition(":")[0]].unit,
        "ticks": rollout.ticks,
        "against": BASE,
        "seconds": time.monotonic() - started,
        "stopped": stop(),
        "moves": sorted(told, key=lambda one: -np.inf if one["effect"] is None else one["effect"]["mean"], reverse=True),
    }


def _check(ticks: int, seconds: float, futures: int) -> None:
    if ticks < 1 or futures < 2 or not seconds > 0:
        raise InputError(
            f"hints need a tick, two futures and some time at least, found {ticks} ticks, {futures} futures and {seconds:g} seconds"
        )


def _told(option: Option, arm: np.ndarray, base: np.ndarray) -> dict[str, Any]:
    count = min(len(arm), len(base))
    effect = None
    if count:
        paired = statistics.paired(base[:count], arm[:count])
        effect = {name: paired[name] for name in ("mean", "low", "high")}
    return {**option._asdict(), "futures": count, "effect": effect}


class _Futures:
    """Futures from where a game stands, several moves side by side."""

    def __init__(self, game: Playthrough, outcome: str, ticks: int, stop: Callable[[], bool]) -> None:
        self.game, self.outcome, self.ticks, self.stop = game, outcome, ticks, stop
        self.before = steps.side_by_side(game.past[-1].state) if game.past else game.opening.state
        word = hashlib.sha256(f"hints {game.seed} {game.history} {game.tick}".encode()).digest()
        self.seed = int.from_bytes(word[:8], "big")

    def values(self, options: Sequence[Option], first: int) -> list[np.ndarray] | None:
        """Return the outcome after each of some moves, shape (futures,) each; None where it was stopped."""
        game = self.game
        numbers = (first + np.arange(LANES) % TOGETHER).astype(np.int32)
        afresh = steps.other_chance(game.opening.key, self.seed, numbers)
        later = game.opening._replace(key=afresh)
        state, traces, states = self.before, [], []
        for tick in range(game.tick, game.tick + self.ticks):
            if self.stop():
                return None
            now = tick == game.tick
            forced = self._forced(options) if now else None
            done = game.steps.step(game.agenda, game.opening if now else later, state, tick, forced, afresh)
            state = done.state
            traces.append(jax.tree.map(np.asarray, done.trace))
            states.append(state)
        dataset = steps.dataset(game.scenario, game.agenda, traces, states, game.tick)
        measured = arena_of(game.scenario).measured(dataset)[self.outcome][0]
        return [measured[at * TOGETHER : (at + 1) * TOGETHER] for at in range(len(options))]

    def _forced(self, options: Sequence[Option]) -> np.ndarray:
        names = self.game.scenario.person_names
        forced = np.full((2, len(names), LANES), -1, np.int32)
        for at, option in enumerate(options):
            lanes = slice(at * TOGETHER, (at + 1) * TOGETHER)
            forced[0, self.game.number, lanes] = MOVES.index(option.move)
            forced[1, self.game.number, lanes] = -1 if option.target is None else names.index(option.target)
        return forced
