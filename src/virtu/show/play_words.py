"""A game in words: what the seat knows, what it can do, what came of it; the terminal and the page say the same."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from virtu.show import account, typical, wording

KNOWN = ("", "stands as", "strength", "trusts you", "you trust", "owes you", "you owe", "means harm", "you would win")
"""Headings of the table of the others."""

OPEN = ("move", "made by the model", "seems worth", "leads to", "futures")
"""Headings of the table of moves."""

HUNDREDTHS = 100.0

MOST_OPTIONS = 15
"""Moves shown at first."""

RESULTS = ("", "yours", "without you", "difference", "unit")
BELIEFS = ("", "true strength", "others believed", "you believed", "trusts you")


def move(name: str, target: str | None) -> str:
    """Return a move as words, such as ``strike Stalin``."""
    return f"{wording.words(name)} {target}" if target else wording.words(name)


def standing(told: Mapping[str, Any]) -> list[str]:
    """Return where a game stands, in sentences.

    Parameters
    ----------
    told : mapping
        What ``virtu play --json`` prints.
    """
    view = told["view"]
    if view is None:
        return ["The game is over." if told["made"] or told["tick"] else f"{told['seat']} has no choice in this history."]
    posts = f", {', '.join(view['posts'])}" if view["posts"] else ""
    first = f"{wording.when(view['date'])}, {told['unit']} {view['tick'] + 1} of {told['ticks']}. "
    first += f"You are {told['seat']} ({view['standing']}{posts}), of strength {wording.number(view['strength'])}."
    return [first, f"You give the likeliest attack on you a chance of {wording.share(view['threat'])} this {told['unit']}."]


def known(view: Mapping[str, Any]) -> list[list[str]]:
    """Return everybody else in office as the seat sees them, a row each; see `KNOWN`."""
    return [
        [
            one["name"],
            ", ".join([one["standing"], *one["posts"]]),
            wording.number(one["strength"]),
            wording.number(one["trusts"], 2),
            wording.number(one["trusted"], 2),
            wording.share(one["owes"], 0),
            wording.share(one["owed"], 0),
            wording.share(one["hostile"], 0),
            wording.share(one["beaten"], 0),
        ]
        for one in view["others"]
    ]


def heard(view: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return what the seat learnt of since its last choice, as dates and sentences."""
    return [(wording.when(row["date"]), f"{typical.sentence(row)}.") for row in view["told"]]


def options(moves: Sequence[Mapping[str, Any]], most: int | None = MOST_OPTIONS) -> list[list[str]]:
    """Return moves that are open, a row each, see `OPEN`; those of a hint with what they may lead to."""
    return [
        [
            move(one["move"], one["target"]),
            wording.share(one["chance"]),
            wording.signed(wording.number(one["worth"], 3)),
            _effect(one.get("effect")),
            str(one.get("futures", "")),
        ]
        for one in moves[:most]
    ]


def _effect(effect: Mapping[str, Any] | None) -> str:
    if effect is None:
        return ""
    return wording.estimate({name: None if value is None else HUNDREDTHS * value for name, value in effect.items()}, plus=True)


def advised(hints: Mapping[str, Any], unit: str) -> str:
    """Return what the numbers of a hint mean, in a paragraph."""
    measure, ticks = wording.measure(hints["outcome"]), hints["ticks"]
    points = "in hundredths" if hints["unit"] == "share" else f"in hundredths of {wording.unit(hints['unit'], unit) or 'a unit'}"
    length = f"{ticks} {unit}s" if ticks > 1 else f"this {unit} alone"
    said = f"“Leads to”: the change of “{measure}” over {length}, {points}, against waiting, with 95 % interval, in futures "
    said += "that meet the same chance. They begin from what is true, not only from what you know. "
    return said + "Of many moves the best looks better than it is; and it is the model that plays on after the move."


def results(reckoning: Mapping[str, Any], unit: str) -> list[list[str]]:
    """Return the score of a game beside that of the same history without the player, a row each; see `RESULTS`."""
    return [
        [
            wording.measure(one["measure"]),
            *(_value(one[name], one["unit"]) for name in ("yours", "without")),
            wording.signed(_value(one["difference"], one["unit"])),
            wording.unit(one["unit"], unit),
        ]
        for one in reckoning["scores"]
    ]


def _value(value: float, unit: str) -> str:
    return wording.share(value) if unit == "share" else wording.number(value)


def ended(reckoning: Mapping[str, Any]) -> str:
    """Return who leads, with the player and without, in a sentence."""
    whom = [reckoning[name] or "nobody" for name in ("on_top", "on_top_without")]
    tense = "ends" if reckoning["over"] else "is by now"
    if whom[0] == whom[1]:
        return f"{whom[0][:1].upper()}{whom[0][1:]} {tense} on top, as in the same history without you."
    return f"{whom[0][:1].upper()}{whom[0][1:]} {tense} on top; in the same history without you it is {whom[1]}."


def chosen(reckoning: Mapping[str, Any]) -> list[list[str]]:
    """Return the moves made by hand, each beside what the model would have done then: date, move, move of the model."""
    return [[wording.when(one["date"]), move(one["move"], one["target"]), move(*one["instead"])] for one in reckoning["moves"]]


def beliefs(reckoning: Mapping[str, Any]) -> list[list[str]]:
    """Return true and believed strength of everybody in office, a row each; see `BELIEFS`."""
    return [
        [one["name"], *(wording.number(one[name]) for name in ("strength", "believed", "seen")), wording.number(one["trusts"], 2)]
        for one in reckoning["beliefs"]
    ]


def happened(log: Iterable[Mapping[str, Any]], routine: Sequence[str] = typical.ROUTINE) -> list[tuple[str, str]]:
    """Return what happened in a game as dates and sentences, moves of every day left out."""
    return [(wording.when(row["date"]), f"{typical.sentence(row)}.") for row in log if row["move"] not in routine]


def command(told: Mapping[str, Any], scenario: str) -> str:
    """Return the command line that gives the same game again.

    Parameters
    ----------
    told : mapping
        What ``virtu play --json`` prints.
    scenario : str
        Name or file of the scenario.
    """
    done = [word for one in told["do"] for word in ("--do", one)]
    end = ["--to-end"] if told["over"] else ["--at", str(told["tick"])]
    options = ["--seat", told["seat"], "--seed", str(told["seed"]), "--history", str(told["history"]), "--ticks", str(told["ticks"])]
    return shlex.join(["virtu", "play", scenario, *options, *done, *end])


def again(told: Mapping[str, Any], scenario: str) -> str:
    """Return the command line that asks what the moves of a game do on average, in many histories."""
    given = {
        "arms": [{"do": told["do"]}],
        "histories": 1000,
        "seed": told["seed"],
        "scenario": scenario,
        "outcome": f"share:{told['seat']}",
    }
    return account.compare_command(given)
