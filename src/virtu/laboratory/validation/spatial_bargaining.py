"""The spatial bargain against the reference log of the KTAB program: every number it prints of 27 turns among 13 actors."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import takewhile
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from virtu.classics.spatial_bargaining import History, bargain, read_table
from virtu.classics.spatial_bargaining.histories import FIRST_MOVES
from virtu.laboratory.validation.rows import Gap, Row, table

TABLE = "ktab/SOE-Pol-Comp.csv"
LOG = "ktab/20170530_ref-SOE-Pol-Comp.txt"
SOURCE = "KTAB reference log 20170530, SOE-Pol-Comp"
TIE = 1e-12
"""Difference of chances below which two options are equally likely."""
HEADINGS: dict[str, str] = {
    "value": r"Raw actor-pos value matrix",
    "risk": r"Inferred risk attitudes",
    "utility": r"Risk-aware actor-pos utility matrix",
    "estimate": r"Estimate by (\d+) of risk-aware utility matrix",
    "worth": r"u_im:",
    "coalitions": r"Coalition strengths of",
    "pairs": r"Probability Opt_i > Opt_j",
    "support": r"Probability Opt_i $",
    "position": r"postn (\d+) ",
}
"""What stands above a block of numbers; what is caught says whose they are."""
LINES: dict[str, str] = {
    "iteration": r"Starting Model::run iteration (\d+)",
    "spread": r"RMS change in .*: +(\S+)",
    "target": r"In turn \d+ actor (\d+) has most advantageous target (\d+) worth (\S+)",
    "no-target": r"In turn \d+ Actor (\d+) has no advantageous targets",
    "unlikely": r"turn \d+ , i (\d+) , j \d+ , bestEU worth (\S+) , piiJ +(\S+)",
    "expected": r"Est by +(\d+) of prob (\S+) that \[ *(\d+)> *\d+\], with expected gain to +(\d+) of (\S+)",
    "offer": r"Bargain \[\d+, (\d+):\d+\] from (\d+)'s perspective",
    "compromise": r"Power-weighted compromise \[\d+, (\d+):\d+\]",
    "asked": r" +(?:\d+|compromise) proposes (\d+) adopt: +(\S+) +(\S+)",
    "queue": r"Bargains involving actor +(\d+): (.*)",
    "election": r"Doing scalarPCE for the \d+ bargains of actor (\d+)",
    "chosen": r"Chosen bargain \( Deterministic \): \d+ (\d+) out of (\d+)",
    "moves": r"sDist \[ *\d+, *(\d+)\] = (\S+)",
    "fraction": r"Fractional change compared to first step: (\S+)",
    "path": r"(.+), (\w+) Position: (.*)",
    "winning": r"(.+), prob : (.*)",
}
"""Lines that carry numbers themselves, or say whose the next ones are."""
NUMBERS = re.compile(r"( *[+-]?\d+(\.\d+)?)+ *")


class Entry(NamedTuple):
    """One block or line of the log."""

    kind: str
    turn: int
    state: int  # of the positions that are judged
    owner: tuple[int, ...]  # actors that it is about, in the order of the log
    printed: tuple[str, ...]


def rows(data: Path | None) -> Iterator[Row | Gap]:
    """Yield, for each kind of number in the log, the one that lies furthest from ours in units of its last digit."""
    given, log = table(data, TABLE), table(data, LOG)
    if isinstance(given, Gap) or isinstance(log, Gap):
        yield from (one for one in (given, log) if isinstance(one, Gap))
        return
    yield from compared(bargain(read_table(given), compatible=True), log)


def compared(history: History, log: Path) -> Iterator[Row]:
    """Yield a row for the number of turns, and one for each kind of number in the log, where the turns agree.

    Parameters
    ----------
    history : History
        The bargain of the log's table.
    log : Path
        The reference log.
    """
    entries = list(read_log(log, history))
    last = max(entry.turn for entry in entries) + 1
    yield Row("turns", float(len(history.moved)), float(last), 0.0, SOURCE, "turns until the bargain settles")
    if len(history.moved) != last:
        return
    kinds: dict[str, list[tuple[float, float, float]]] = {}
    for entry in entries:
        ours = np.ravel(OURS[entry.kind](history, entry)).tolist()
        kinds.setdefault(entry.kind, []).extend(zip(ours, map(float, entry.printed), map(half_digit, entry.printed), strict=True))
    for kind, numbers in kinds.items():
        ours, published, tolerance = max(numbers, key=lambda one: abs(one[0] - one[1]) / one[2])
        yield Row(kind, ours, published, tolerance, SOURCE, f"furthest of {len(numbers)} printed numbers, in units of the last digit")


def half_digit(printed: str) -> float:
    """Return half a unit of the last digit of a printed number, and a little for numbers that lie on the edge."""
    mantissa, _, power = printed.partition("E")
    decimals = len(mantissa.partition(".")[2])
    return 0.5 * 10.0 ** (int(power or 0) - decimals) * (1 + 1e-6) + 1e-12


def read_log(log: Path, history: History) -> Iterator[Entry]:
    """Yield the numbers of the log with whose they are, in its order.

    Parameters
    ----------
    log : Path
        The reference log.
    history : History
        Only the names in its table count.
    """
    now: dict[str, Any] = {"turn": -1, "state": -1, "queue": {}, "names": history.table.names, "dimensions": history.table.dimensions}
    for kind, caught, numbers in _in_order(log.read_text(encoding="utf-8").splitlines()):
        if kind in CHANGES:
            now |= CHANGES[kind](now, caught)
        if kind in OWNERS:
            owner, printed = OWNERS[kind](now, caught)
            yield Entry(kind, now["turn"], now["state"], owner, tuple(numbers or printed))


def _in_order(lines: list[str]) -> Iterator[tuple[str, tuple[str, ...], list[str]]]:
    """Yield kind, what is caught, and the numbers below; what an election is about after whose it is, not before."""
    patterns = {kind: re.compile(pattern) for kind, pattern in (HEADINGS | LINES).items()}
    held: list[tuple[str, tuple[str, ...], list[str]]] = []
    for number, line in enumerate(lines):
        for kind, pattern in patterns.items():
            if match := pattern.match(line):
                below = _below(lines, number + 1) if kind in HEADINGS else []
                held.append((kind, match.groups(), below))
        if held and held[-1][0] != "worth":
            yield from reversed(held)
            held = []


def _below(lines: list[str], first: int) -> list[str]:
    rows = takewhile(NUMBERS.fullmatch, lines[first:])
    return [number for row in rows for number in row.split()]


def _options(now: dict[str, Any], caught: tuple[str, ...]) -> dict[str, Any]:
    """Return the options of an actor: 0 for its own position, 1 + i for the bargain of i."""
    pairs = re.findall(r"\[\d+, (\d+):(\d+)\]", caught[1])
    return {"queue": now["queue"] | {int(caught[0]): tuple(0 if one == other else 1 + int(one) for one, other in pairs)}}


def _queue(now: dict[str, Any], caught: tuple[str, ...]) -> tuple[tuple[int, ...], tuple[str, ...]]:
    return (now["actor"], *now["queue"][now["actor"]]), caught


CHANGES: dict[str, Callable[[dict[str, Any], tuple[str, ...]], dict[str, Any]]] = {
    "iteration": lambda now, caught: {"turn": int(caught[0]) - 1},
    "value": lambda now, caught: {"state": now["state"] + 1},
    "utility": lambda now, caught: {"eyes": -1},
    "estimate": lambda now, caught: {"eyes": int(caught[0])},
    "offer": lambda now, caught: {"offer": (int(caught[0]), int(caught[1]))},
    "compromise": lambda now, caught: {"offer": (int(caught[0]), -1)},
    "queue": _options,
    "election": lambda now, caught: {"actor": int(caught[0])},
}
"""What a line says about those that follow."""

OWNERS: dict[str, Callable[[dict[str, Any], tuple[str, ...]], tuple[tuple[int, ...], tuple[str, ...]]]] = {
    "value": lambda now, caught: ((), ()),
    "risk": lambda now, caught: ((), ()),
    "utility": lambda now, caught: ((), ()),
    "estimate": lambda now, caught: ((now["eyes"],), ()),
    "spread": lambda now, caught: ((now["eyes"],), caught),
    "target": lambda now, caught: ((int(caught[0]),), caught[1:]),
    "no-target": lambda now, caught: ((int(caught[0]),), ("-1",)),
    "unlikely": lambda now, caught: ((int(caught[0]),), caught[1:]),
    "expected": lambda now, caught: ((int(caught[2]), int(caught[0]), int(caught[3])), (caught[1], caught[4])),
    "asked": lambda now, caught: ((*now["offer"], int(caught[0])), caught[1:]),
    "worth": _queue,
    "coalitions": _queue,
    "pairs": _queue,
    "support": _queue,
    "chosen": _queue,
    "position": lambda now, caught: ((int(caught[0]),), ()),
    "moves": lambda now, caught: ((int(caught[0]),), caught[1:]),
    "fraction": lambda now, caught: ((), caught),
    "path": lambda now, caught: ((now["names"].index(caught[0]), now["dimensions"].index(caught[1])), tuple(caught[2].split())),
    "winning": lambda now, caught: ((now["names"].index(caught[0]),), tuple(caught[1].split())),
}
"""Whose the numbers of an entry are, and those that stand in its own line."""


def _utility(history: History, entry: Entry, eyes: int) -> np.ndarray:
    """Return the utility of each position to each actor: as it is (−1) or as somebody estimates it."""
    found = history.assessment
    risk = found.risk[entry.state] if eyes < 0 else found.regard[entry.state, eyes]
    return np.asarray((1 - found.distance[entry.state]) * (1 + risk[:, None] * found.distance[entry.state]))


def _spread(history: History, entry: Entry) -> float:
    """Return how far utilities lie from values, or estimated from true ones."""
    true = _utility(history, entry, -1)
    other = 1 - history.assessment.distance[entry.state] if entry.owner[0] < 0 else _utility(history, entry, entry.owner[0])
    return float(np.linalg.norm(true - other) / len(true))


def _expected(history: History, entry: Entry) -> tuple[float, float]:
    made, (initiator, eyes, whose) = history.accounts.challenges, entry.owner
    own = (made.chance, made.gain, made.cost)
    chance, gain, cost = own if eyes == initiator else (made.seen_chance, made.seen_gain, made.seen_cost)
    place = (entry.turn, initiator)
    return float(chance[place]), float((gain if whose == initiator else cost)[place])


def _asked(history: History, entry: Entry) -> np.ndarray:
    initiator, eyes, whose = entry.owner
    told = history.accounts
    offer = told.compromise if eyes < 0 else told.proposal if eyes == initiator else told.counter
    return 100 * np.asarray(offer[whose != initiator])[entry.turn, initiator]


def _strength(history: History, entry: Entry) -> np.ndarray:
    options = list(entry.owner[1:])
    return np.asarray(history.accounts.strength)[entry.turn][np.ix_(options, options)]


def _pairs(history: History, entry: Entry) -> np.ndarray:
    strength = _strength(history, entry)
    return strength / (strength + strength.T)


def _chosen(history: History, entry: Entry) -> tuple[int, int]:
    """Return the place of the likeliest option in the queue, and how many there are.

    Of two equal bargains the program takes the one that a thread of its own queued first, so that the order is taken from the log.
    """
    actor, *options = entry.owner
    support = np.asarray(history.accounts.support)[entry.turn, actor, options]
    return 1 + int(np.argmax(support > support.max() - TIE)), len(options)


OURS: dict[str, Callable[[History, Entry], Any]] = {
    "value": lambda history, entry: 1 - history.assessment.distance[entry.state],
    "risk": lambda history, entry: history.assessment.risk[entry.state],
    "utility": lambda history, entry: _utility(history, entry, -1),
    "estimate": lambda history, entry: _utility(history, entry, entry.owner[0]),
    "spread": _spread,
    "target": lambda history, entry: [one[entry.turn, entry.owner[0]] for one in history.accounts.challenges[0:3:2]],
    "no-target": lambda history, entry: history.accounts.challenges.target[entry.turn, entry.owner[0]],
    "unlikely": lambda history, entry: [one[entry.turn, entry.owner[0]] for one in history.accounts.challenges[2:0:-1]],
    "expected": _expected,
    "asked": _asked,
    "worth": lambda history, entry: history.accounts.worth[entry.turn][:, entry.owner[1:]],
    "coalitions": _strength,
    "pairs": _pairs,
    "support": lambda history, entry: history.accounts.support[entry.turn, entry.owner[0], entry.owner[1:]],
    "chosen": _chosen,
    "position": lambda history, entry: history.position[entry.turn + 1, entry.owner[0]],
    "moves": lambda history, entry: history.moved[entry.owner[0] - 1],
    "fraction": lambda history, entry: history.moved[entry.turn] / (history.moved[0] + FIRST_MOVES),
    "path": lambda history, entry: history.position[:, *entry.owner],
    "winning": lambda history, entry: history.chance[:, entry.owner[0]],
}
"""Our numbers, in the order of the log."""
