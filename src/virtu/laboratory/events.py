"""The log of a run: who did what to whom, and what became of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import xarray as xr

from virtu.laboratory.arenas import arena_that_made

if TYPE_CHECKING:
    import pyarrow as pa


def events(dataset: xr.Dataset, routine: bool = False) -> pa.Table:
    """Return the log of a run.

    Parameters
    ----------
    dataset : xarray.Dataset
        From `simulate`.
    routine : bool
        Whether to keep what happens every day; in the organisation the two moves of biding and cultivating, a third of all.

    Returns
    -------
    pyarrow.Table
        history, tick, date, actor, move, target ("" for none), outcome; by history, then tick. In the organisation with a line for each
        first loss of standing: the move "falls", the outcome "grade:cause", and as target whoever brought it about.
    """
    return arena_that_made(dataset).events(dataset, routine)
