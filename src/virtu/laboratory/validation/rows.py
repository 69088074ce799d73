"""What a family of validation yields: a number set beside its source, or the reason why it could not be computed."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple


class Row(NamedTuple):
    """One published number and ours."""

    id: str  # small letters, hyphens and dots, such as "k-tom.payoff.0-v-1"
    ours: float
    published: float
    tolerance: float  # largest absolute difference that passes, in the unit of the number
    source: str  # author, year, place; "derived" where this project worked it out, "memory" where the page was not at hand
    note: str = ""  # unit, and why the tolerance is what it is where it is not the last printed digit


class Gap(NamedTuple):
    """A row that could not be computed."""

    id: str
    reason: str


def table(data: Path | None, path: str) -> Path | Gap:
    """Return a published table, or the gap that its absence leaves.

    Parameters
    ----------
    data : Path, optional
        Folder of published tables.
    path : str
        Path of the table inside it, such as ``"minds/bruhin2019-choices-session1.csv"``.
    """
    if data is None:
        return Gap(path, "needs published tables: name their folder with --data")
    found = data / path
    return found if found.is_file() else Gap(path, f"there is no {path} in the folder of published tables")
