"""What the columns of a stakeholder table are called, and which is which.

A heading is cut into words. The first of the words below that occurs in it says what the column holds; one more may say that it
holds a margin or an end of the range. What is left of a heading of positions or saliences names the issue: ``Policy Position``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import get_close_matches
from typing import NamedTuple

WORDS: dict[str, tuple[str, ...]] = {
    "about": ("description", "note", "notes", "comment", "comments", "remark", "remarks", "source", "sources"),
    "position": ("position", "pos", "preference", "pref", "stance", "ideal"),
    "salience": ("salience", "saliency", "sal", "importance", "priority", "attention", "interest"),
    "capability": (
        *("capability", "capabilities", "power", "influence", "resources", "resource", "weight", "clout", "strength", "votes"),
        "cap",
    ),
    "actor": ("actor", "stakeholder", "name", "player", "party", "member", "country", "state", "organisation", "organization", "group"),
}
"""Words for what a column holds, those that decide first at the top."""

PARTS: dict[str, tuple[str, ...]] = {
    "margin": ("±", "uncertainty", "margin"),
    "sd": ("sd", "stdev", "sigma"),
    "low": ("low", "lower", "min", "minimum"),
    "high": ("high", "upper", "max", "maximum"),
}
"""Words for a column that says how sure the values of another are."""

NOISE = frozenset(("of", "the", "on", "in", "score", "value", "level", "point", "points", "rating", "estimate", "best", "guess"))
"""Words that say nothing."""

NEAR = 0.8
"""Likeness from which on a word of a heading is taken for a misspelt one."""

_UNIT = re.compile(r"[(\[]\s*(?:%|[\d.,]+\s*(?:-|–|:|to)\s*[\d.,]+ ?%?)\s*[)\]]")
_WORD = re.compile(r"[^\W\d_]+|\d+|±")


class Heading(NamedTuple):
    """One heading, understood."""

    text: str  # as written
    kind: str  # a key of WORDS, "left out" or "unknown"; empty for a mere margin or end of a range
    part: str  # "value" or a key of PARTS
    issue: str  # what is left, as written; empty where nothing is
    column: int  # 0-based

    @property
    def key(self) -> str:
        """The issue, however it is written."""
        return self.issue.casefold()


def understood(text: str, column: int) -> Heading:
    """Return what a heading says."""
    plain = " ".join(text.split())
    if not plain or plain.startswith("#"):
        return Heading(plain, "left out", "value", "", column)
    words = _WORD.findall(_UNIT.sub(" ", re.sub(r"\+ ?/? ?-", "±", plain)))
    part, words = _taken(words, PARTS)
    kind, left = _taken(words, WORDS)
    issue = [word for word in left if word.casefold() not in NOISE and (kind not in WORDS or word.casefold() not in WORDS["actor"])]
    if kind == "actor" and issue:
        kind, issue = "unknown", [word for word in words if word.casefold() not in NOISE]
    if not kind and (words or not part):
        kind = "unknown"
    return Heading(plain, kind, part or "value", " ".join(issue) or (plain if kind == "unknown" else ""), column)


def _taken(words: Sequence[str], known: dict[str, tuple[str, ...]]) -> tuple[str, list[str]]:
    """Return the meaning of the first known word that occurs, and the words without it; nothing and all words where none does."""
    lower = [word.casefold() for word in words]
    for meaning, names in known.items():
        for name in names:
            if name in lower:
                place = lower.index(name)
                return meaning, [*words[:place], *words[place + 1 :]]
    return "", list(words)


def recognised(cells: Sequence[str]) -> int:
    """Return how many different things the cells of a line name, if they are headings."""
    kinds = {understood(cell, column).kind for column, cell in enumerate(cells)}
    return len(kinds & (WORDS.keys() - {"about"}))


def misspelt(heading: Heading) -> bool:
    """Return whether an unknown heading looks like a known one with a slip."""
    known = [name for names in WORDS.values() for name in names]
    words = [word.casefold() for word in _WORD.findall(heading.text) if len(word) > 3]
    return any(get_close_matches(word, known, n=1, cutoff=NEAR) for word in words)
