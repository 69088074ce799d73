"""Addresses that ask a question: what is done, judged by what, in how many histories of which seed, of which content of a scenario."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple
from urllib.parse import quote, urlencode

from starlette.datastructures import QueryParams

from virtu.errors import InputError
from virtu.show.lab.desk import Ask, Card

HISTORIES = 200
MOST_DONE, LONGEST_DONE = 20, 2_000
"""Interventions in an address, and characters of each."""


class Asked(NamedTuple):
    """What an address asks, and the content of the scenario it was asked of, empty where it does not say."""

    ask: Ask
    sha256: str


def address(card: Card, ask: Ask) -> str:
    """Return the address that asks a question."""
    words = [("hash", card.scenario.sha256), ("seed", str(ask.seed)), ("histories", str(ask.histories))]
    words += [("outcome", ask.outcome)] if ask.outcome else []
    return f"/s/{quote(card.key)}?{urlencode([*words, *(('do', one) for one in ask.do)])}"


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
