"""The most typical history, told as a dated log of moves in plain sentences.

Typical means: among the histories with the commonest outcome, the one whose falls lie nearest to the median dates. One
history is an illustration, never a result; the report says so.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from virtu.show import wording

if TYPE_CHECKING:
    import pyarrow as pa
    import xarray as xr
    from pyarrow.dataset import Dataset as Log

MOST_LINES = 80
SAME_AGAIN, LONGEST_RUN = 6, 12
"""Moves of little weight that an actor repeats within so many ticks, over so many at most, are told in one line."""

MOST_NAMES = 3
"""Most targets named in a line."""

ROUTINE = ("bide", "cultivate")
"""Moves too common to tell."""

FALL = "falls"
"""The word that stands for a move in the row of a fall."""

SENTENCES: dict[str, tuple[int, str]] = {
    FALL: (5, "{actor} falls"),
    "strike": (4, "{actor} strikes at {target}"),
    "threaten_to_resign": (3, "{actor} offers to resign"),
    "rescue": (3, "{actor} comes to the rescue of {target}"),
    "denounce": (2, "{actor} denounces {target}"),
    "obstruct": (2, "{actor} obstructs {target}"),
    "shun": (1, "{actor} shuns {target}"),
    "protect": (1, "{actor} takes {target} under protection"),
    "praise": (1, "{actor} praises {target}"),
}
"""Weight of a move in the telling, and its sentence."""

OTHER = 3
"""Weight of an event without a sentence of its own."""

MINOR, LEAST = 2, 1
"""Weight up to which moves are put together, and weight of what changes little."""

ENDINGS: dict[tuple[str, str], str] = {
    ("strike", "carried"): " and wins",
    ("strike", "failed"): " and fails",
    ("threaten_to_resign", "refused"): " and is asked to stay",
    ("threaten_to_resign", "accepted"): ", and the offer is accepted",
}

DONE = ("", "done")
"""Outcomes that say no more than that the move was made."""

UNHEARD = "held back"
"""Outcome of a strike or an offer to resign that gave way to another in the same tick; such a one changes nothing."""

GRADES: dict[str, str] = {
    "demoted": "is demoted",
    "candidate": "is reduced to candidate",
    "out_of_forum": "loses the seat",
    "office": "loses the seat and keeps an office",
    "out_of_office": "loses seat and offices",
    "out": "loses seat and offices",
    "dead": "dies",
}

CAUSES: dict[str, str] = {
    "strike": " after a strike{by}",
    "failed_strike": " after a failed strike",
    "resignation": " after the resignation was accepted",
    "purge": " in a purge{by}",
    "natural_death": " of natural causes",
    "intervention": " by the intervention asked for",
}


class Line(NamedTuple):
    """One line of the log: tick, date, sentence, weight in the telling, number of events it stands for."""

    tick: int
    date: str
    text: str
    weight: int
    times: int


class Story(NamedTuple):
    """The log of a history: its lines in order of time, and how many events of which move were left out."""

    lines: list[Line]
    left_out: dict[str, int]


def typical(dataset: xr.Dataset, among: np.ndarray | None = None) -> int:
    """Return the most typical history.

    Parameters
    ----------
    dataset : xarray.Dataset
        Results with ``on_top (history)`` and ``fall_tick (history, actor)``.
    among : numpy.ndarray, optional
        Histories to choose from, such as those whose events were kept; all by default.

    Returns
    -------
    int
        The history (value of the coordinate) with the commonest outcome whose first falls are nearest to the medians of those
        with that outcome, by the sum of distances in ticks; a person who never falls counts as falling at the end. Of equally
        near histories, the first.
    """
    histories = dataset["history"].values
    on_top = dataset["on_top"].values
    outcomes, counts = np.unique(on_top, return_counts=True)
    common = np.flatnonzero(on_top == outcomes[counts.argmax()])
    chosen = common if among is None else common[np.isin(histories[common], among)]
    if among is not None and not len(chosen):
        chosen = np.flatnonzero(np.isin(histories, among))
    falls = dataset["fall_tick"].transpose("history", "actor").values
    falls = np.where(falls < 0, dataset.sizes["tick"], falls)
    distance = np.abs(falls[chosen] - np.median(falls[common], axis=0)).sum(axis=1)
    return int(histories[chosen[distance.argmin()]])


def as_log(events: pa.Table | Log) -> Log:
    """Return a log of events as one that is read where it lies, block by block."""
    import pyarrow as pa
    from pyarrow import dataset

    return dataset.dataset(events) if isinstance(events, pa.Table) else events


def logged(log: Log) -> np.ndarray:
    """Return the numbers of the histories of which a log tells, ascending."""
    # One part after the other: read together, as many parts lie in memory as the reader sees fit.
    found = [np.unique(part.to_table(columns=["history"])["history"].to_numpy()) for part in log.get_fragments()]
    return np.unique(np.concatenate(found)) if found else np.empty(0, np.int32)


def told(events: pa.Table | Log, history: int, most: int = MOST_LINES) -> Story:
    """Return the log of one history; where there are too many lines, the weightiest and those that stand for most events.

    Parameters
    ----------
    events : pyarrow.Table or pyarrow.dataset.Dataset
        The log of events.
    history : int
        Which history.
    most : int
        Most lines.
    """
    from pyarrow.compute import field

    rows = sorted(as_log(events).to_table(filter=field("history") == history).to_pylist(), key=lambda row: row["tick"])
    left_out = Counter(row["move"] for row in rows if row["move"] in ROUTINE)
    runs = _runs([row for row in rows if row["move"] not in ROUTINE])
    ranked = sorted(range(len(runs)), key=lambda place: (-_weight(runs[place][0]), -len(runs[place])))
    left_out.update(event["move"] for place in ranked[most:] for event in runs[place])
    return Story([_line(runs[place]) for place in sorted(ranked[:most])], dict(left_out.most_common()))


def sentence(event: Mapping[str, Any]) -> str:
    """Return one event as a sentence without its date or full stop."""
    actor, move, target, outcome = (str(event[key] or "") for key in ("actor", "move", "target", "outcome"))
    if move == FALL:
        return actor + _fall(actor, target, *outcome.partition(":")[::2])
    if outcome == UNHEARD:
        ending = ", but another question is heard first"
    else:
        ending = ENDINGS.get((move, outcome), "" if outcome in DONE else f" ({wording.words(outcome)})")
    if move not in SENTENCES:
        return " ".join(filter(None, (actor, wording.words(move), target))) + ending
    return SENTENCES[move][1].format(actor=actor, target=target) + ending


def _fall(actor: str, whose: str, grade: str, cause: str) -> str:
    """Return what is said of a fall after the name: how far down, why, and through whom."""
    by = f" by {whose}" if whose and whose != actor else ""
    down = GRADES.get(grade, f"falls ({wording.words(grade)})" if grade else "falls")
    why = CAUSES[cause].format(by=by) if cause in CAUSES else f" ({wording.words(cause)})" if cause not in ("", "none") else ""
    return f" {down}{why}"


def _weight(event: Mapping[str, Any]) -> int:
    if event["outcome"] == UNHEARD:
        return LEAST
    return SENTENCES[event["move"]][0] if event["move"] in SENTENCES else OTHER


def _runs(rows: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """Return the events; those of little weight that an actor repeats soon, on whomever, are put together."""
    runs: list[list[dict[str, Any]]] = []
    latest: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    for row in rows:
        key = (row["actor"], row["move"], row["outcome"])
        run = latest.get(key)
        if run and _weight(row) <= MINOR and row["tick"] - run[-1]["tick"] <= SAME_AGAIN and row["tick"] - run[0]["tick"] <= LONGEST_RUN:
            run.append(row)
        else:
            latest[key] = [row]
            runs.append(latest[key])
    return runs


def _line(run: list[dict[str, Any]]) -> Line:
    first, last = run[0], run[-1]
    until = wording.when(str(last["date"])).replace(" ", wording.NO_BREAK)
    again = f", {len(run)} times until {until}" if len(run) > 1 else ""
    text = sentence(first | {"target": _targets(run)}) + again
    return Line(first["tick"], str(first["date"]), text, _weight(first), len(run))


def _targets(run: list[dict[str, Any]]) -> str:
    """Return the targets of a run as a list in a sentence, the most frequent first."""
    names = [name for name, _ in Counter(event["target"] or "" for event in run).most_common()]
    named = names if len(names) <= MOST_NAMES + 1 else [*names[:MOST_NAMES], f"{len(names) - MOST_NAMES} others"]
    return named[0] if len(named) == 1 else f"{', '.join(named[:-1])} and {named[-1]}"
