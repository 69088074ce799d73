"""Addresses that ask a question: what is done, judged by what, in how many histories of which seed, of which content of a scenario."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple
from urllib.parse import quote, urlencode

from starlette.datastructures import QueryParams

from virtu.errors import InputError
from virtu.show.lab.desk import Ask, Card, Game

HISTORIES = 200
MOST_DONE, LONGEST_DONE = 20, 2_000
"""Interventions in an address, and characters of each."""

MOST_MOVES = 1_000
"""Moves in the address of a game."""


class Asked(NamedTuple):
    """What an address asks, and the content of the scenario it was asked of, empty where it does not say."""

    ask: Ask
    sha256: str


def address(card: Card, ask: Ask) -> str:
    """Return the address that asks a question."""
    words = [("hash", card.scenario.sha256), ("seed", str(ask.seed)), ("histories", str(ask.histories))]
    words += [("outcome", ask.outcome)] if ask.outcome else []
    return f"/s/{quote(card.key)}?{urlencode([*words, *(('do', one) for one in ask.do)])}"


def game_address(card: Card, game: Game) -> str:
    """Return the address at which a game goes on."""
    words = [("hash", card.scenario.sha256), ("seat", game.seat), ("seed", str(game.seed)), ("history", str(game.history))]
    words += [] if game.at is None else [("at", str(game.at))]
    return f"/p/{quote(card.key)}?{urlencode([*words, *(('do', one) for one in game.do)])}"


def game_of(query: QueryParams, whole: Callable[[str], int]) -> Game | None:
    """Return the game of an address, None where it names no seat.

    Raises
    ------
    InputError
        If a number is none, or there is too much of it.
    """
    if not query.get("seat"):
        return None
    do, at = tuple(query.getlist("do")), query.get("at")
    if len(do) > MOST_MOVES or any(len(one) > LONGEST_DONE for one in do):
        raise InputError(f"the address of a game may hold {MOST_MOVES:,} moves of {LONGEST_DONE:,} characters each")
    seed, history = (whole(query.get(name, "0")[:40]) for name in ("seed", "history"))
    return Game(query["seat"][:LONGEST_DONE], seed, history, do, None if at is None else whole(at[:40]))


def asked(query: QueryParams, whole: Callable[[str], int]) -> Asked:
    """Return what the words of an address ask.

    Parameters
    ----------
    query : QueryParams
        Its words.
    whole : callable
        Reads a whole number.

    Raises
    ------
    InputError
        If one is no number, or there is too much of it.
    """
    do = tuple(query.getlist("do"))
    if len(do) > MOST_DONE or any(len(one) > LONGEST_DONE for one in do):
        raise InputError(f"an address may hold {MOST_DONE} things to do of {LONGEST_DONE:,} characters each")
    ask = Ask(
        do, query.get("outcome", "")[:LONGEST_DONE], whole(query.get("histories", str(HISTORIES))[:40]), whole(query.get("seed", "0")[:40])
    )
    return Asked(ask, query.get("hash", ""))
