"""What the columns of a table of choices hold, game by game."""

from __future__ import annotations

from typing import Literal, NamedTuple, TypeAlias

Kind: TypeAlias = Literal["name", "number", "word", "payoffs"]


class Column(NamedTuple):
    """What a column holds."""

    name: str  # its heading, however its letters and signs are written
    about: str  # for the user
    kind: Kind = "number"
    needed: bool = True  # whether there must be one; a cell of a column that need not be there may be empty
    low: float = float("-inf")  # least and greatest number
    high: float = float("inf")
    words: tuple[str, ...] = ()  # all there are


_PERSON = Column("person", "who chose", "name")

GAMES: dict[str, tuple[Column, ...]] = {
    "dictator": (
        _PERSON,
        Column("own_1", "payoff of the person in the first allocation"),
        Column("other_1", "payoff of the other in the first allocation"),
        Column("own_2", "payoff of the person in the second allocation"),
        Column("other_2", "payoff of the other in the second allocation"),
        Column("chosen", "allocation chosen", "word", words=("1", "2")),
        Column("kindness", "how kind the other had been to the person before, 0 to 1", needed=False, low=0.0, high=1.0),
        Column("grievance", "how much the other had harmed the person before, 0 to 1", needed=False, low=0.0, high=1.0),
    ),
    "matching-pennies": (
        _PERSON,
        Column("own", "choice of the person", "word", words=("0", "1")),
        Column("other", "choice of the opponent", "word", words=("0", "1")),
        Column("seat", "whether the person wins when the two differ or when they are alike", "word", False, words=("differ", "alike")),
    ),
    "matrix": (
        _PERSON,
        Column("own", "payoffs of the person, row by row, as '3 0; 5 1'", "payoffs"),
        Column("other", "payoffs of the other in the same cells", "payoffs"),
        Column("chosen", "number of the row chosen, from 1"),
    ),
    "trust": (
        Column("investor", "who sends", "name"),
        Column("trustee", "who returns", "name"),
        Column("sent", "sum sent", low=0.0),
        Column("returned", "sum returned", low=0.0),
        Column("endowment", "what the investor had; the most that was sent by default", needed=False, low=0.0),
        Column("multiplier", "what is sent arrives as so much; 3 by default", needed=False, low=1.0, high=100.0),
        Column("purse", "what the trustee had; 0 by default", needed=False, low=0.0),
        Column("last", "1 where both know that it is their last round", "word", False, words=("0", "1")),
    ),
}
"""Columns of a table of each game, one line a choice or a round, in the order in which they were made."""
