"""The log of a run of the organisation: who made which move on whom, what became of it, and who fell."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from virtu.organisation.state import OUTCOMES
from virtu.scenario.choices import log
from virtu.scenario.choices.log import FALLS
from virtu.scenario.vocabulary import CAUSES, MOVES, Status

if TYPE_CHECKING:
    import pyarrow as pa

GRADES = dict(enumerate(log.GRADES, int(Status.CANDIDATE)))
"""What a new status is called when somebody falls to it."""

FALL_OUTCOMES = [f"{grade}:{cause}" for grade in GRADES.values() for cause in CAUSES]


BLOCK = 500
"""Histories logged at a time, which bounds memory."""


def events(dataset: xr.Dataset, routine: bool) -> pa.Table:
    """Return the log of a run of the organisation; see `virtu.laboratory.events`."""
    import pyarrow as pa

    starts = range(0, dataset.sizes["history"], BLOCK)
    return pa.concat_tables(_log(dataset.isel(history=slice(start, start + BLOCK)), routine) for start in starts)


def _log(dataset: xr.Dataset, routine: bool) -> pa.Table:
    import pyarrow as pa

    columns, falls = _moves(dataset, routine), _falls(dataset)
    joined = {key: np.concatenate([columns[key], falls[key]]) for key in columns}
    order = np.lexsort((joined["move"] == len(MOVES), joined["tick"], joined["history"]))
    joined = {key: values[order] for key, values in joined.items()}
    names = [*map(str, dataset.actor.values), ""]

    def words(codes: np.ndarray, known: list[str]) -> pa.Array:
        return pa.DictionaryArray.from_arrays(pa.array(codes.astype(np.int16)), pa.array(known, pa.string()))

    return pa.table(
        {
            "history": pa.array(dataset.history.values[joined["history"]].astype(np.int32)),
            "tick": pa.array(joined["tick"].astype(np.int32)),
            "date": words(joined["tick"], [str(date) for date in dataset.date.values]),
            "actor": words(joined["actor"], names),
            "move": words(joined["move"], [*MOVES, FALLS]),
            "target": words(joined["target"] % len(names), names),
            "outcome": words(joined["outcome"], [*OUTCOMES, *FALL_OUTCOMES]),
        }
    )


def _moves(dataset: xr.Dataset, routine: bool) -> dict[str, np.ndarray]:
    status, move = dataset.status.values, dataset.move.values
    told = (status >= 0) & (status <= int(Status.CANDIDATE))
    if not routine:
        told &= ~np.isin(move, [MOVES.index("bide"), MOVES.index("cultivate")])
    # Whoever struck and fell for it is no longer in the forum when the tick ends, but did move.
    told |= (dataset.outcome.values > 0) & (move > MOVES.index("cultivate"))
    history, tick, actor = np.nonzero(told)
    return {
        "history": history,
        "tick": tick,
        "actor": actor,
        "move": move[history, tick, actor].astype(np.int64),
        "target": dataset.target.values[history, tick, actor].astype(np.int64),
        "outcome": dataset.outcome.values[history, tick, actor].astype(np.int64),
    }


def _falls(dataset: xr.Dataset) -> dict[str, np.ndarray]:
    history, actor = np.nonzero(dataset.fall_tick.values >= 0)
    grade = dataset.fall_grade.values[history, actor]
    cause = dataset.fall_cause.values[history, actor]
    kind = np.searchsorted(list(GRADES), grade) * len(CAUSES) + cause
    return {
        "history": history,
        "tick": dataset.fall_tick.values[history, actor].astype(np.int64),
        "actor": actor,
        "move": np.full(history.shape, len(MOVES)),
        "target": dataset.fall_by.values[history, actor].astype(np.int64),
        "outcome": kind + len(OUTCOMES),
    }
