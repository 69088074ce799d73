"""Numbers, dates and names of measures in words a person reads."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from virtu.scenario.schema import COLLECTIVE

COLLECTIVE_LABEL = "collective leadership"

MONTHS = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"]

MINUS = "−"
NO_BREAK = "\u00a0"


def share(value: float | None, digits: int = 1) -> str:
    """Return a share 0 … 1 as a percentage, such as ``43.2 %``, with a space that does not break."""
    return "–" if value is None else f"{100 * value:.{digits}f}\u00a0%".replace("-", MINUS)


def share_interval(value: Mapping[str, Any], digits: int = 1) -> str:
    """Return the bounds of a share's interval, such as ``40.1–46.3``; after percentages, so without the sign; empty where there is none."""
    if value["low"] is None or value["high"] is None:
        return ""
    return _between(*(f"{100 * value[key]:.{digits}f}".replace("-", MINUS) for key in ("low", "high")))


def number(value: float | None, decimals: int | None = None) -> str:
    """Return a number with so many decimals, or with three digits that count where none are asked for."""
    if value is None or not math.isfinite(value):
        return "–"
    if decimals is None:
        decimals = decimals_of(value)
    text = f"{value:,.{decimals}f}"
    return text.replace("-", MINUS) if any(digit in text for digit in "123456789") else text.lstrip("-")


def decimals_of(value: float) -> int:
    """Return how many decimals show three digits of a number that count."""
    return _decimals(abs(value), 2)


def interval(value: Mapping[str, Any]) -> str:
    """Return the bounds of an interval, such as ``0.41–0.46``; empty where there is none."""
    if value["low"] is None or value["high"] is None:
        return ""
    return _between(*(number(value[key], precision(value)) for key in ("low", "high")))


def mean(value: Mapping[str, Any]) -> str:
    """Return the mean, with as many decimals as its interval deserves."""
    return number(value["mean"], precision(value))


def precision(value: Mapping[str, Any]) -> int | None:
    """Return the decimals an interval deserves; None for a bare number.

    They show one digit of the half-width, or two where it starts with less than 3.55, as the Particle Data Group rounds.
    """
    low, high = value["low"], value["high"]
    return None if low is None or high is None or not high > low else _decimals((high - low) / 7.1 + 1e-12)


def estimate(value: Mapping[str, Any], *, plus: bool = False) -> str:
    """Return a mean with its interval, such as ``0.43 (0.41–0.46)``; an effect that is nothing in every history is ``exactly 0``."""
    if value["mean"] == value["low"] == value["high"] == 0:
        return "exactly 0"
    middle = signed(mean(value)) if plus else mean(value)
    return f"{middle} ({interval(value)})" if interval(value) else middle


def signed(text: str) -> str:
    """Return the number, already in words, with a plus where it is above nothing."""
    return text if text[:1] in (MINUS, "–") or not any(digit in text for digit in "123456789") else f"+{text}"


def printed(value: float) -> str:
    """Return a published number with the digits it was printed with, ten at most."""
    return f"{value:.10g}".replace("-", MINUS)


def tolerated(value: float | None, tolerance: float) -> str:
    """Return a number to the decimal after that at which a tolerance begins; one that must agree exactly with its digits, ten at most."""
    if value is None:
        return "–"
    if not tolerance:
        return printed(value)
    return f"{value:.{max(0, min(9, 1 - math.floor(math.log10(tolerance))))}f}".replace("-", MINUS)


def rough(value: float | None, *, plus: bool = False) -> str:
    """Return a number of any size with two digits that count, such as ``4.1e−05``."""
    if value is None:
        return "–"
    text = f"{value:.2g}".replace("-", MINUS)
    return signed(text) if plus else text


def counted(value: int) -> str:
    """Return a count with commas between thousands."""
    return f"{value:,}"


def when(text: str | None) -> str:
    """Return ``1922-04`` as ``April 1922``, ``1922-04-10`` as ``10 April 1922``, ``t12`` as ``tick 12``; ``–`` for none."""
    if not text:
        return "–"
    parts = text.split("-")
    if len(parts) in (2, 3) and all(part.isdigit() for part in parts) and 1 <= int(parts[1]) <= 12:
        day = f"{int(parts[2])} " if len(parts) == 3 else ""
        return f"{day}{MONTHS[int(parts[1]) - 1]} {parts[0]}"
    return f"tick {text[1:]}" if text.startswith("t") and text[1:].isdigit() else text


def person(name: str) -> str:
    """Return the name as shown; the key for nobody becomes collective leadership."""
    return COLLECTIVE_LABEL if name == COLLECTIVE else name


def words(identifier: str) -> str:
    """Return an identifier such as ``out_of_forum`` with spaces."""
    return identifier.replace("_", " ").strip()


def doing(do: Sequence[str]) -> str:
    """Return the interventions of an arm as one text."""
    return "; ".join(do)


MEASURES: dict[str, str] = {
    "on_top": "ends on top",
    "collective": "nobody leads at the end",
    "sole_rule": "time the last leader has led",
    "share": "share of strength",
    "gini": "inequality of strength (Gini)",
    "gap": "believed less true strength",
    "fell": "loses standing",
    "time_in_forum": "time in the forum",
    "falls": "persons who lose standing",
    "struck_down": "persons struck down",
    "purged": "people purged",
    "innocents_purged": "innocents purged",
    "executors_purged": "executors purged",
    "strikes": "strikes made",
    "hostile_moves": "hostile moves made",
    "attacked": "hostile moves suffered",
    "hostility": "hostile moves made by all",
    "brought_down": "persons brought down",
    "result": "results of the organisation",
    "satisfaction": "satisfaction",
    "backing": "strength owed by others",
    "trusted": "trust of the others",
    "insight": "telling friend from enemy",
    "first_shot": "time to the first shot",
    "fired_first": "fires first",
    "killed": "people killed",
    "injured": "people injured",
    "incidents": "incidents",
    "support": "support",
    "reasonableness": "reasonableness",
    "intensity": "intensity",
    "overestimate": "rivals overestimated",
    "turnout": "people in the street",
    "radical": "radicals among supporters",
    "seen_radical": "radicals as shown",
    "concessions": "concessions of the elite",
    "repression": "repression, in full",
    "rules": "rules",
    "order": "order (1 less disorder)",
    "felt": "felt effect",
    "ran_away": "histories that run away",
}
"""Measures in words; a measure of one person is called ``name:person``."""


def measure(name: str) -> str:
    """Return a measure in words, such as ``Stalin: ends on top``; one without words is written as it is called."""
    kind, _, whom = name.partition(":")
    label = MEASURES.get(kind, words(kind))
    return f"{person(whom)}: {label}" if whom else label


def unit(name: str, tick: str) -> str:
    """Return a unit in words: that of shares is in their sign, ticks are called what they are."""
    return "" if name == "share" else f"{tick}s" if name == "ticks" else name


def points(name: str, tick: str) -> str:
    """Return the unit of a difference; that of shares is the percentage point."""
    return "% points" if name == "share" else unit(name, tick)


def _between(low: str, high: str) -> str:
    """Join two bounds; a dash beside a minus sign is hard to read."""
    return f"{low} to {high}" if MINUS in low + high else f"{low}–{high}"


def _decimals(size: float, digits: int = 0) -> int:
    """Return how many decimals show a number of this size, at most four."""
    return 2 if size == 0 else max(0, min(4, digits - math.floor(math.log10(size))))
