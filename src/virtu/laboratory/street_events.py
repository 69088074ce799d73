"""The log of a run of the street: shots, answers of the elite, changes of ruler; with routine every week's incidents and victims too."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import xarray as xr

from virtu.scenario.street_vocabulary import ANSWERS, RULERS

if TYPE_CHECKING:
    import pyarrow as pa

BLOCK = 500
"""Histories logged at a time, which bounds memory."""

MOVES: tuple[str, ...] = ("incidents", "victims", "fires", *ANSWERS, "takes over", "runs away")
"""Words for what is done, in the order in which they stand within a tick; the answers are those of the elite."""

OUTCOMES: tuple[str, ...] = ("", "first shot", "contained", "not contained", "bargain", "revolt")
"""What became of it: a camp's first shot, what a bargain led to, and what a change of ruler came from."""

ELITE, COALITION, OUTSIDER = range(len(RULERS))
NOBODY = -1


class Lines(NamedTuple):
    """Lines of a kind, shape (lines,) each; actor and target are numbers among the rulers, then the camps, −1 for none."""

    history: np.ndarray
    tick: np.ndarray
    actor: np.ndarray
    move: np.ndarray
    target: np.ndarray
    outcome: np.ndarray
    number: np.ndarray  # incidents, people, shots; −1 where nothing is counted


def events(dataset: xr.Dataset, routine: bool) -> pa.Table:
    """Return the log of a run of the street; see `virtu.laboratory.events`."""
    import pyarrow as pa

    starts = range(0, dataset.sizes["history"], BLOCK)
    return pa.concat_tables(_log(dataset.isel(history=slice(start, start + BLOCK)), routine) for start in starts)


def _log(dataset: xr.Dataset, routine: bool) -> pa.Table:
    import pyarrow as pa

    kinds = [*_shots(dataset), *_answers(dataset, routine), *_rulers(dataset), *(_everyday(dataset) if routine else ())]
    lines = Lines(*(np.concatenate(parts) for parts in zip(*kinds, strict=True)))
    order = np.lexsort((lines.actor, lines.move, lines.tick, lines.history))
    lines = Lines(*(part[order] for part in lines))
    names = [*RULERS, *map(str, dataset.camp.values), ""]

    def words(codes: np.ndarray, known: list[str]) -> pa.Array:
        return pa.DictionaryArray.from_arrays(pa.array((codes % len(known)).astype(np.int16)), pa.array(known, pa.string()))

    return pa.table(
        {
            "history": pa.array(dataset.history.values[lines.history].astype(np.int32)),
            "tick": pa.array(lines.tick.astype(np.int32)),
            "date": words(lines.tick, [str(date) for date in dataset.date.values]),
            "actor": words(lines.actor, names),
            "move": words(lines.move, list(MOVES)),
            "target": words(lines.target, names),
            "outcome": words(lines.outcome, list(OUTCOMES)),
            "number": pa.array(lines.number, pa.int64(), mask=lines.number < 0),
        }
    )


def _lines(
    found: tuple[np.ndarray, ...],
    actor: np.ndarray | int,
    move: np.ndarray | str,
    target: np.ndarray | int = NOBODY,
    outcome: np.ndarray | int = 0,
    number: np.ndarray | int = -1,
) -> Lines:
    """Return lines at places of histories and ticks; what is the same for all of them may be given once."""
    history, tick = found[:2]
    code = MOVES.index(move) if isinstance(move, str) else move
    rest = (np.broadcast_to(np.asarray(part), history.shape).astype(np.int64) for part in (actor, code, target, outcome, number))
    return Lines(history, tick, *rest)


def _by_camp(dataset: xr.Dataset, name: str) -> np.ndarray:
    return dataset[name].transpose("history", "tick", "camp").values


def _of_camps(values: np.ndarray, move: str, first: np.ndarray | None = None) -> Lines:
    """Return a line for each tick and camp at which there is something to count, shape of both (H, T, F)."""
    found = np.nonzero(values > 0)
    return _lines(found, len(RULERS) + found[2], move, outcome=0 if first is None else first[found], number=values[found])


def _shots(dataset: xr.Dataset) -> Iterator[Lines]:
    shots = _by_camp(dataset, "shots")
    before = np.cumsum(shots > 0, axis=1) - (shots > 0)
    yield _of_camps(shots, "fires", np.where(before == 0, OUTCOMES.index("first shot"), 0))


def _everyday(dataset: xr.Dataset) -> Iterator[Lines]:
    yield _of_camps(_by_camp(dataset, "incidents"), "incidents")
    yield _of_camps(_by_camp(dataset, "victims"), "victims")


def _answers(dataset: xr.Dataset, routine: bool) -> Iterator[Lines]:
    """Yield the answers of the elite; repression is aimed at the camp on which it has grown most, a bargain at the outsider."""
    answer = dataset.answer.transpose("history", "tick").values
    told = answer >= (ANSWERS.index("ignore") if routine else ANSWERS.index("concede"))
    found = np.nonzero(told)
    given = answer[found].astype(np.int64)
    grown = np.diff(_by_camp(dataset, "repression"), axis=1, prepend=0.0)[found].argmax(axis=1)
    deals = given == ANSWERS.index("bargain")
    target = np.where(given == ANSWERS.index("repress"), len(RULERS) + grown, np.where(deals, OUTSIDER, NOBODY))
    ruler = dataset.ruler.transpose("history", "tick").values[found]
    came = np.select([ruler == COALITION, ruler == OUTSIDER], [OUTCOMES.index("contained"), OUTCOMES.index("not contained")], 0)
    yield _lines(found, ELITE, MOVES.index(ANSWERS[0]) + given, target, np.where(deals, came, 0))


def _rulers(dataset: xr.Dataset) -> Iterator[Lines]:
    """Yield changes of ruler, and the ticks at which histories ran away."""
    ruler = dataset.ruler.transpose("history", "tick").values.astype(np.int64)
    before = np.concatenate([np.full_like(ruler[:, :1], ELITE), ruler[:, :-1]], axis=1)
    found = np.nonzero(ruler != before)
    cause = np.where(ruler[found] >= len(RULERS), OUTCOMES.index("revolt"), OUTCOMES.index("bargain"))
    yield _lines(found, ruler[found], "takes over", before[found], cause)
    ran = dataset.ran_away.transpose("history", "tick").values
    yield _lines(np.nonzero(np.diff(ran.astype(np.int8), axis=1, prepend=0) > 0), NOBODY, "runs away")
