"""How a game ended: its score beside that of the same history without the player, and what everybody believed."""

from __future__ import annotations

from typing import Any

import numpy as np

from virtu.laboratory.arenas import arena_of
from virtu.laboratory.compare import outcome_of
from virtu.laboratory.events import events
from virtu.laboratory.play import Playthrough
from virtu.scenario.vocabulary import Status

SCORES = ("on_top", "share", "satisfaction", "time_in_forum", "fell", "trusted", "backing", "hostile_moves", "attacked", "brought_down")
"""Measures of the seat that are told, beside the outcome of the scenario."""


def reckoning(game: Playthrough) -> dict[str, Any]:
    """Return how a game stands, or ended.

    Parameters
    ----------
    game : Playthrough
        Of which at least one tick has been played.

    Returns
    -------
    dict
        Ready for JSON: scenario, seat, seed, history, ticks (played), over, do; on_top and on_top_without: who leads, None for nobody;
        scores: each measure, unit, yours, without (the same history with the seat left to the model) and difference; moves: see
        `Playthrough.made`; beliefs: of all in office, strongest first, name, strength, believed (mean of the others of the forum, None
        where there are none), as the seat sees it (seen, None where it is gone), and how far they trust the seat (trusts). One history
        is an illustration: what a move did on average is asked with `virtu.compare`.

    Raises
    ------
    InputError
        If nothing has been played yet.
    """
    yours, without = game.played(), game.without()
    arena = arena_of(game.scenario)
    mine, model = arena.measured(yours), arena.measured(without)
    names = dict.fromkeys([outcome_of(None, game.scenario), *(f"{name}:{game.seat}" for name in SCORES)])
    scores = [
        {
            "measure": name,
            "unit": mine[name][1],
            "yours": float(mine[name][0][0]),
            "without": float(model[name][0][0]),
            "difference": float(mine[name][0][0] - model[name][0][0]),
        }
        for name in names
    ]
    leaders = [_leader(game, int(one.on_top.values[0])) for one in (yours, without)]
    return {
        "scenario": game.scenario.scenario,
        "seat": game.seat,
        "seed": game.seed,
        "history": game.history,
        "ticks": game.tick,
        "over": game.over,
        "do": list(game.do),
        "on_top": leaders[0],
        "on_top_without": leaders[1],
        "scores": scores,
        "moves": game.made,
        "beliefs": _beliefs(game),
    }


def log(game: Playthrough) -> list[dict[str, Any]]:
    """Return all that has happened in a game, routine included: tick, date, actor, move, target, outcome; nothing before its first tick."""
    rows = events(game.played(), routine=True).to_pylist() if game.past else []
    return [{key: value for key, value in row.items() if key != "history"} for row in rows]


def _leader(game: Playthrough, person: int) -> str | None:
    return game.scenario.person_names[person] if person >= 0 else None


def _beliefs(game: Playthrough) -> list[dict[str, Any]]:
    close = game.past[-1].close
    here = np.flatnonzero((close.person >= 0) & (close.status <= int(Status.OFFICE)))
    seat = next((place for place in here if close.person[place] == game.number), None)
    found = []
    for place in sorted(here, key=lambda place: -close.strength[place]):
        watching = [one for one in here if one != place and close.status[one] <= int(Status.CANDIDATE)]
        found.append(
            {
                "name": game.scenario.person_names[int(close.person[place])],
                "strength": float(close.strength[place]),
                "believed": float(np.mean(close.estimate[watching, place])) if watching else None,
                "seen": float(close.estimate[seat, place]) if seat is not None else None,
                "trusts": float(close.trust[place, seat]) if seat is not None and seat != place else None,
            }
        )
    return found
